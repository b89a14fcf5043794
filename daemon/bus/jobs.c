/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Puts jobs on the bus and takes them off it, as the changer tells of them. */

#include "bus/jobs.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "bus/announce.h"
#include "util/log.h"
#include "util/messages.h"
#include "util/text-format.h"

static JobEntry *job_entry_free(JobEntry *entry)
{
        if (!entry)
                return NULL;
        (void) job_unref(entry->job);
        string_set_done(&entry->modules);
        free(entry->path);
        free(entry);
        return NULL;
}

DEFINE_CLEANUP(JobEntry, job_entry_free)

static int job_entry_new(Job *job, JobEntry **ret)
{
        JobEntry *entry CLEANUP(job_entry_freep) = calloc(1, sizeof(*entry));
        int r;

        if (!entry)
                return -ENOMEM;
        entry->job = job_ref(job);
        if (text_format(&entry->path, JOB_PREFIX "/%" PRIu32, job->id) < 0)
                return -ENOMEM;
        r = plan_modules(job->plan, &entry->modules);
        if (r < 0)
                return r;
        *ret = STEAL(entry);
        return 0;
}

/* The driver's Job property has changed for each of these modules that is a driver. */
static void announce_modules(const Jobs *jobs, const StringSet *modules)
{
        for (size_t i = 0; i < modules->count; i++)
                if (registry_find(jobs->upkeep->registry, modules->items[i]))
                        announce_driver_job(jobs->bus, modules->items[i]);
}

static int add(Jobs *jobs, Job *job)
{
        JobEntry *entry CLEANUP(job_entry_freep) = NULL;
        JobEntry **entries;
        int r;

        r = job_entry_new(job, &entry);
        if (r < 0)
                return r;
        entries = reallocarray(jobs->entries, jobs->count + 1, sizeof(JobEntry *));
        if (!entries)
                return -ENOMEM;
        jobs->entries = entries;
        entries[jobs->count++] = entry;
        announce_added(jobs->bus, entry->path);
        if (!job->dry_run)
                announce_modules(jobs, &entry->modules);
        announce_job_signal(jobs->bus, job->id, entry->path, job->driver, NULL);
        entry = NULL;
        return 0;
}

static void on_added(void *userdata, Job *job)
{
        int r;

        r = add(userdata, job);
        if (r < 0)
                log_error("Job %" PRIu32 " runs, but can't be shown: %s.", job->id, strerror(-r));
}

static void on_changed(void *userdata, Job *job, unsigned what)
{
        const Jobs *jobs = userdata;
        const JobEntry *entry = jobs_find(jobs, job->id);

        if (entry)
                announce_job(jobs->bus, entry->path, what);
}

static void log_result(const Job *job)
{
        const char *recovered = job->recovered ? ", recovered" : "", *kind = job->plan->operation->name;

        switch (job->result) {
        case JOB_RESULT_DONE:
                log_message(6, job->driver, job->recovered ? MESSAGE_RECOVERED : MESSAGE_CHANGE_DONE,
                                "Job %" PRIu32 " (%s%s) is done.", job->id, kind, recovered);
                return;
        case JOB_RESULT_FAILED:
                log_message(3, job->driver, MESSAGE_CHANGE_FAILED,
                                "Job %" PRIu32 " (%s%s) failed, and what it had changed was taken back: %s",
                                job->id, kind, recovered, job->error);
                return;
        case JOB_RESULT_CANCELED:
                log_message(5, job->driver, MESSAGE_CHANGE_CANCELED,
                                "Job %" PRIu32
                                " (%s%s) was canceled, and what it had changed was taken back.",
                                job->id, kind, recovered);
                return;
        case JOB_RESULT_NONE:
        default:
                return;
        }
}

static void on_removed(void *userdata, Job *job)
{
        Jobs *jobs = userdata;
        JobEntry *entry CLEANUP(job_entry_freep) = jobs_find(jobs, job->id);
        size_t position = 0;

        /* Nothing has happened, of which nobody else needs to know. */
        if (!job->dry_run) {
                if (!jobs->told || job->recovered)
                        log_result(job);
                upkeep_job_ended(jobs->upkeep, job);
        }
        if (!entry)
                return;
        announce_removed(jobs->bus, entry->path);
        while (jobs->entries[position] != entry)
                position++;
        jobs->count--;
        memmove(jobs->entries + position, jobs->entries + position + 1,
                        (jobs->count - position) * sizeof(JobEntry *));
        if (!job->dry_run)
                announce_modules(jobs, &entry->modules);
        announce_job_signal(jobs->bus, job->id, entry->path, job->driver, job_result_text(job->result));
}

JobEntry *jobs_find(const Jobs *jobs, uint32_t id)
{
        for (size_t i = 0; i < jobs->count; i++)
                if (jobs->entries[i]->job->id == id)
                        return jobs->entries[i];
        return NULL;
}

const char *jobs_path_of(const Jobs *jobs, const char *module)
{
        for (size_t i = 0; i < jobs->count; i++)
                if (!jobs->entries[i]->job->dry_run &&
                                string_set_contains(&jobs->entries[i]->modules, module))
                        return jobs->entries[i]->path;
        return "/";
}

int jobs_new(Jobs **ret)
{
        Jobs *jobs = calloc(1, sizeof(*jobs));

        if (!jobs)
                return -ENOMEM;
        jobs->observer = (JobObserver){ on_added, on_changed, on_removed, jobs };
        *ret = jobs;
        return 0;
}

void jobs_attach(Jobs *jobs, sd_bus *bus, Upkeep *upkeep)
{
        jobs->bus = bus;
        jobs->upkeep = upkeep;
}

Jobs *jobs_free(Jobs *jobs)
{
        if (!jobs)
                return NULL;
        for (size_t i = 0; i < jobs->count; i++)
                (void) job_entry_free(jobs->entries[i]);
        free(jobs->entries);
        free(jobs);
        return NULL;
}
