/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the service itself lacks, told for as long as it does: descriptors, watches, room for its database.
 * It repairs nothing; it looks again. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>

#include "bus/service.h"
#include "util/log.h"

#define RETRY_USEC (30 * 1000000ULL)

/* What the journal of a change and the end of another one take, with what SQLite adds. Bytes. */
#define STATE_ROOM (256 * 1024ULL)

static int on_retry(sd_event_source *source, uint64_t usec, void *userdata)
{
        (void) service_look_again(userdata);
        return 0;
}

/* Looks again, later. Without the timer it is done when something changes. */
static void retry_later(Service *service)
{
        int enabled = SD_EVENT_OFF, r;

        if (service->retry && sd_event_source_get_enabled(service->retry, &enabled) >= 0 &&
                        enabled != SD_EVENT_OFF)
                return;
        if (!service->retry)
                r = sd_event_add_time_relative(service->event, &service->retry, CLOCK_MONOTONIC, RETRY_USEC,
                                0, on_retry, service);
        else
                r = sd_event_source_set_time_relative(service->retry, RETRY_USEC);
        if (r >= 0)
                r = sd_event_source_set_enabled(service->retry, SD_EVENT_ONESHOT);
        if (r < 0)
                log_warning("What failed can't be tried again by itself: %s. Call Rescan().", strerror(-r));
}

static void set_problem(Service *service, Severity severity, const char *code, const char *sentence)
{
        if (registry_set_problem(service->registry, severity, code, sentence) < 0 && sentence)
                log_warning("%s", sentence);
}

static const char *advice(int r)
{
        switch (r) {
        case -EMFILE:
                return "Raise LimitNOFILE= of hostdriverd.service.";
        case -ENFILE:
                return "Raise fs.file-max, or end what has so many files open.";
        case -ENOMEM:
                return "Make room in the host's memory, or in what the service may have of it.";
        default:
                return "Remove the cause.";
        }
}

void service_tell_reading(Service *service, int r)
{
        char *sentence CLEANUP_FREE = NULL;

        if (r >= 0) {
                set_problem(service, SEVERITY_ERROR, "host-unreadable", NULL);
                return;
        }
        if (asprintf(&sentence,
                            "The host can't be read: %s. What is published is what it was before, and it is "
                            "tried again by itself. %s",
                            strerror(-r), advice(r)) < 0)
                sentence = NULL;
        set_problem(service, SEVERITY_ERROR, "host-unreadable",
                        sentence ?: "The host can't be read for lack of memory.");
        retry_later(service);
}

void service_tell_watching(Service *service, const char *limited)
{
        service->watch_limited = limited;
        set_problem(service, SEVERITY_WARNING, "watch-limited", limited);
        if (limited)
                retry_later(service);
}

/* Why nothing can be written to the file system of the state, as a sentence; NULL if it seems so. */
static int describe_state(const Service *service, bool *ret_read_only, char **ret)
{
        int fd CLEANUP_FD = host_root_open(service->root, STATE_DIRECTORY, O_PATH | O_DIRECTORY);
        struct statvfs st;
        unsigned long long room;
        int n = 0;

        /* That it isn't there, the database has told. */
        if (fd < 0 || fstatvfs(fd, &st) < 0)
                return 0;
        room = (unsigned long long) st.f_bavail * st.f_frsize;
        *ret_read_only = st.f_flag & ST_RDONLY;
        if (*ret_read_only)
                n = asprintf(ret,
                                "The file system of " STATE_DIRECTORY " is mounted read-only, so that every "
                                "change is refused. Look why in the kernel's log, and mount it writable.");
        else if (st.f_blocks > 0 && room < STATE_ROOM)
                n = asprintf(ret,
                                "The file system of " STATE_DIRECTORY " is full: %llu KiB are free, and a "
                                "change that needs more than that is refused. Remove what isn't needed there.",
                                room / 1024);
        else if (st.f_files > 0 && st.f_favail == 0)
                n = asprintf(ret, "The file system of " STATE_DIRECTORY
                                  " has no inodes left, so that a change "
                                  "may be refused. Remove files that aren't needed there.");
        return n < 0 ? -ENOMEM : 0;
}

void service_check_state(Service *service)
{
        char *sentence CLEANUP_FREE = NULL;
        bool read_only = false;

        if (describe_state(service, &read_only, &sentence) < 0)
                return;
        set_problem(service, SEVERITY_ERROR, "state-read-only", read_only ? sentence : NULL);
        set_problem(service, SEVERITY_ERROR, "state-full", read_only ? NULL : sentence);
}
