/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The host without a bus: runs the jobs of a recovery. What that is lies in change/. */

#include "recover.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "change/recovery.h"
#include "registry/refresh.h"
#include "store/store-journal.h"
#include "upkeep/upkeep.h"
#include "util/log.h"
#include "util/messages.h"

#define DATABASE STATE_DIRECTORY "/hostdriver.db"

typedef struct Recovery {
        sd_event *event;
        Upkeep *upkeep;
        JobObserver jobs;
        bool failed;
} Recovery;

static void recovery_done(Recovery *recovery)
{
        (void) upkeep_free(recovery->upkeep);
        (void) sd_event_unref(recovery->event);
}

/* --- what upkeep asks its owner, and tells ------------------------------------------------------------- */

/* If it fails, the former facts have to do. */
static int refresh(void *userdata)
{
        return registry_refresh(((Recovery *) userdata)->upkeep->registry);
}

/* Of the host's problems, that one alone is of interest here; the service tells the others. */
static void on_problem_added(void *userdata, const Problem *problem)
{
        if (strncmp(problem->code, "database-", strlen("database-")) == 0)
                log_warning("%s", problem->sentence);
}

static void on_removed(void *userdata, Job *job)
{
        Recovery *recovery = userdata;

        if (job->result == JOB_RESULT_DONE) {
                log_message(6, job->driver, MESSAGE_RECOVERED, "An interrupted change of %s is in force.",
                                job->driver);
                return;
        }
        /* What wasn't durable has gone: that's an end as good as the other. */
        if (strcmp(job->error, RECOVERY_TAKEN_BACK) == 0) {
                log_message(5, job->driver, MESSAGE_RECOVERED, "An interrupted change of %s was taken back.",
                                job->driver);
                return;
        }
        recovery->failed = true;
        log_message(3, job->driver, NULL, "An interrupted change of %s could not be dealt with: %s",
                        job->driver, job->error);
}

static int set_up(Recovery *recovery, HostRoot *root_taken)
{
        const UpkeepHost host = {
                .observer = { .problem_added = on_problem_added },
                .jobs = &recovery->jobs,
                .refresh = refresh,
                .reads_only = host_root_is_host(root_taken), /* it is early in the boot */
                .userdata = recovery,
        };
        HostRoot *root CLEANUP(host_root_freep) = root_taken;
        int r = sd_event_new(&recovery->event);

        recovery->jobs = (JobObserver){ .removed = on_removed, .userdata = recovery };
        return r < 0 ? r : upkeep_new(recovery->event, STEAL(root), &host, &recovery->upkeep);
}

/* What could not be ended stays in the journal: somebody else is at work, or it could not be taken back. */
static int nothing_left(const Recovery *recovery)
{
        JournalList list CLEANUP(journal_list_done) = { 0 };
        int r = store_journal_open_entries(recovery->upkeep->store, &list);

        return r < 0 ? r : list.count > 0 ? -EBUSY : 0;
}

static int run_jobs(Recovery *recovery)
{
        int r = host_root_is_running(recovery->upkeep->root) ? recovery_run_early(recovery->upkeep->changer)
                                                             : recovery_run(recovery->upkeep->changer);

        while (r >= 0 && changer_job_count(recovery->upkeep->changer) > 0)
                r = sd_event_run(recovery->event, UINT64_MAX);
        if (r < 0)
                return r;
        if (recovery->failed)
                return -EIO; /* it was told in a sentence */
        return host_root_is_running(recovery->upkeep->root) ? 0 : nothing_left(recovery);
}

/* Whoever never changed anything has no database, and gets none by this. */
static int remembers_anything(const HostRoot *root)
{
        int fd CLEANUP_FD = host_root_open(root, DATABASE, O_PATH);

        if (fd >= 0)
                return 1;
        return fd == -ENOENT ? 0 : fd;
}

static int complain(int r, const char *what)
{
        log_error("%s: %s.", what, strerror(-r));
        return r;
}

int recover(const Arguments *arguments)
{
        Recovery recovery CLEANUP(recovery_done) = { 0 };
        HostRoot *root CLEANUP(host_root_freep) = NULL;
        int r = host_root_new(arguments->root, arguments->kernel, &root);

        if (r < 0)
                return complain(r, "The root directory can't be used");
        r = remembers_anything(root);
        if (r < 0)
                return complain(r, DATABASE " can't be reached");
        if (r == 0)
                return 0;
        r = set_up(&recovery, STEAL(root));
        if (r < 0)
                return complain(r, "The journal can't be read");
        r = run_jobs(&recovery);
        return r < 0 && !recovery.failed ? complain(r, "The journal can't be dealt with") : r;
}
