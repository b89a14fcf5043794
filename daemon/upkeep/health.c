/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the service itself lacks, told for as long as it does: descriptors, watches, room for its database.
 * It repairs nothing; it looks again. */

#include "upkeep/health.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/statvfs.h>

#include "util/log.h"
#include "util/text-format.h"

#define RETRY_USEC (30 * 1000000ULL)

/* What the journal of a change and the end of another one take, with what SQLite adds. Bytes. */
#define STATE_ROOM (256 * 1024ULL)

struct Health {
        sd_event *event;
        Registry *registry;
        int (*look_again)(void *userdata);
        void *userdata;
        sd_event_source *retry; /* NULL: nothing had to be tried again yet */
};

static int on_retry(sd_event_source *source, uint64_t usec, void *userdata)
{
        Health *health = userdata;

        (void) health->look_again(health->userdata);
        return 0;
}

/* Looks again, later. Without the timer it is done when something changes. */
static void retry_later(Health *health)
{
        int enabled = SD_EVENT_OFF, r;

        if (health->retry && sd_event_source_get_enabled(health->retry, &enabled) >= 0 &&
                        enabled != SD_EVENT_OFF)
                return;
        if (!health->retry)
                r = sd_event_add_time_relative(health->event, &health->retry, CLOCK_MONOTONIC, RETRY_USEC, 0,
                                on_retry, health);
        else
                r = sd_event_source_set_time_relative(health->retry, RETRY_USEC);
        if (r >= 0)
                r = sd_event_source_set_enabled(health->retry, SD_EVENT_ONESHOT);
        if (r < 0)
                log_warning("What failed can't be tried again by itself: %s. Call Rescan().", strerror(-r));
}

static void set_problem(Health *health, Severity severity, const char *code, const char *sentence)
{
        if (registry_set_problem(health->registry, severity, code, sentence) < 0 && sentence)
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

void health_tell_reading(Health *health, int r)
{
        char *sentence CLEANUP_FREE = NULL;

        if (r >= 0) {
                set_problem(health, SEVERITY_ERROR, "host-unreadable", NULL);
                return;
        }
        sentence = text_new("The host can't be read: %s. What is published is what it was before, and it is "
                            "tried again by itself. %s",
                        strerror(-r), advice(r));
        set_problem(health, SEVERITY_ERROR, "host-unreadable",
                        sentence ?: "The host can't be read for lack of memory.");
        retry_later(health);
}

void health_tell_watching(Health *health, const char *limited)
{
        set_problem(health, SEVERITY_WARNING, "watch-limited", limited);
        if (limited)
                retry_later(health);
}

/* Why nothing can be written to the file system of the state, as a sentence; NULL if it seems so. */
static int describe_state(const HostRoot *root, bool *ret_read_only, char **ret)
{
        int fd CLEANUP_FD = host_root_open(root, STATE_DIRECTORY, O_PATH | O_DIRECTORY);
        struct statvfs st;
        unsigned long long room;
        int r = 0;

        /* That it isn't there, the database has told. */
        if (fd < 0 || fstatvfs(fd, &st) < 0)
                return 0;
        room = (unsigned long long) st.f_bavail * st.f_frsize;
        *ret_read_only = st.f_flag & ST_RDONLY;
        if (*ret_read_only)
                r = text_format(ret,
                                "The file system of " STATE_DIRECTORY " is mounted read-only, so that every "
                                "change is refused. Look why in the kernel's log, and mount it writable.");
        else if (st.f_blocks > 0 && room < STATE_ROOM)
                r = text_format(ret,
                                "The file system of " STATE_DIRECTORY " is full: %llu KiB are free, and a "
                                "change that needs more than that is refused. Remove what isn't needed there.",
                                room / 1024);
        else if (st.f_files > 0 && st.f_favail == 0)
                r = text_format(ret, "The file system of " STATE_DIRECTORY
                                     " has no inodes left, so that a change "
                                     "may be refused. Remove files that aren't needed there.");
        return r;
}

void health_check_state(Health *health)
{
        char *sentence CLEANUP_FREE = NULL;
        bool read_only = false;

        if (describe_state(health->registry->root, &read_only, &sentence) < 0)
                return;
        set_problem(health, SEVERITY_ERROR, "state-read-only", read_only ? sentence : NULL);
        set_problem(health, SEVERITY_ERROR, "state-full", read_only ? NULL : sentence);
}

int health_new(sd_event *event, Registry *registry, int (*look_again)(void *userdata), void *userdata,
                Health **ret)
{
        Health *health = calloc(1, sizeof(*health));

        if (!health)
                return -ENOMEM;
        *health = (Health){ event, registry, look_again, userdata, NULL };
        *ret = health;
        return 0;
}

Health *health_free(Health *health)
{
        if (!health)
                return NULL;
        (void) sd_event_source_disable_unref(health->retry);
        free(health);
        return NULL;
}
