/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Gives a changer what it needs, without bus and registry, and runs its jobs. What recovery is lies in
 * change/. */

#include "recover.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "change/changer.h"
#include "host/facts.h"
#include "store/store-journal.h"
#include "store/store-open.h"
#include "store/store.h"
#include "util/log.h"
#include "util/messages.h"

#define STATE_DIRECTORY "/var/lib/hostdriver"
#define DATABASE STATE_DIRECTORY "/hostdriver.db"

typedef struct Recovery {
        sd_event *event;
        HostRoot *root;
        Config config;
        Store *store;
        Facts *facts;
        JobObserver observer;
        Changer *changer;
        bool failed;
} Recovery;

static void recovery_done(Recovery *recovery)
{
        (void) changer_free(recovery->changer);
        (void) facts_free(recovery->facts);
        (void) store_free(recovery->store);
        config_done(&recovery->config);
        (void) host_root_free(recovery->root);
        (void) sd_event_unref(recovery->event);
}

/* --- what the changer asks its owner ----------------------------------------------------------------- */

static const Facts *get_facts(void *userdata)
{
        return ((Recovery *) userdata)->facts;
}

/* A recovery has its plan, and asks for no driver. */
static const Driver *no_driver(void *userdata, const char *name)
{
        return NULL;
}

static void refresh(void *userdata)
{
        Recovery *recovery = userdata;
        Facts *facts;

        if (facts_read(recovery->root, &recovery->config, recovery->facts, NULL, &facts) < 0)
                return; /* the former ones have to do */
        (void) facts_free(recovery->facts);
        recovery->facts = facts;
}

static void keep_image(void *userdata, InitramfsImage *image)
{
        facts_put_image(((Recovery *) userdata)->facts, image);
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
        if (strcmp(job->error, CHANGER_TAKEN_BACK) == 0) {
                log_message(5, job->driver, MESSAGE_RECOVERED, "An interrupted change of %s was taken back.",
                                job->driver);
                return;
        }
        recovery->failed = true;
        log_message(3, job->driver, NULL, "An interrupted change of %s could not be dealt with: %s",
                        job->driver, job->error);
}

static int open_store(Recovery *recovery)
{
        char *directory CLEANUP_FREE = NULL, *detail CLEANUP_FREE = NULL;
        StoreCondition condition;
        int r = host_root_resolve(recovery->root, STATE_DIRECTORY, &directory);

        if (r >= 0)
                r = store_open(directory, &condition, &detail, &recovery->store);
        if (r >= 0 && detail)
                log_warning("%s", detail);
        return r;
}

static int set_up(Recovery *recovery)
{
        const ChangerHost host = {
                .facts = get_facts,
                .driver = no_driver,
                .refresh = refresh,
                .image = keep_image,
                .userdata = recovery,
        };
        int r = sd_event_new(&recovery->event);

        if (r >= 0)
                r = config_read(recovery->root, &recovery->config);
        if (r >= 0)
                r = facts_read(recovery->root, &recovery->config, NULL, NULL, &recovery->facts);
        if (r >= 0)
                r = open_store(recovery);
        recovery->observer = (JobObserver){ .removed = on_removed, .userdata = recovery };
        return r < 0 ? r
                     : changer_new(recovery->event, recovery->root, &recovery->config, recovery->store,
                                       &host, &recovery->observer, &recovery->changer);
}

/* What could not be ended stays in the journal: somebody else is at work, or it could not be taken back. */
static int nothing_left(const Recovery *recovery)
{
        JournalList list CLEANUP(journal_list_done) = { 0 };
        int r = store_journal_open_entries(recovery->store, &list);

        return r < 0 ? r : list.count > 0 ? -EBUSY : 0;
}

static int run_jobs(Recovery *recovery)
{
        int r = host_root_is_host(recovery->root) ? changer_recover_index(recovery->changer)
                                                  : changer_recover(recovery->changer);

        while (r >= 0 && changer_job_count(recovery->changer) > 0)
                r = sd_event_run(recovery->event, UINT64_MAX);
        if (r < 0)
                return r;
        if (recovery->failed)
                return -EIO; /* it was told in a sentence */
        return host_root_is_host(recovery->root) ? 0 : nothing_left(recovery);
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
        int r = host_root_new(arguments->root, arguments->kernel, &recovery.root);

        if (r < 0)
                return complain(r, "The root directory can't be used");
        r = remembers_anything(recovery.root);
        if (r < 0)
                return complain(r, DATABASE " can't be reached");
        if (r == 0)
                return 0;
        r = set_up(&recovery);
        if (r < 0)
                return complain(r, "The journal can't be read");
        r = run_jobs(&recovery);
        return r < 0 && !recovery.failed ? complain(r, "The journal can't be dealt with") : r;
}
