/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Owns what a changer borrows. */

#include "sample-changer.h"

#include <glib.h>
#include <string.h>

#include "model/driver-derive.h"
#include "store/store-journal.h"
#include "store/store-open.h"
#include "store/store.h"

static void forget(SampleChanger *sample)
{
        for (size_t i = 0; i < sample->driver_count; i++)
                (void) driver_free(sample->drivers[i]);
        g_clear_pointer(&sample->drivers, g_free);
        sample->driver_count = 0;
        sample->facts = facts_free(sample->facts);
}

static void on_image(void *userdata, InitramfsImage *image)
{
        facts_put_image(((SampleChanger *) userdata)->facts, image);
}

static void on_refresh(void *userdata)
{
        SampleChanger *sample = userdata;
        Facts *facts;

        g_assert_cmpint(facts_read(sample->root, &sample->config, sample->facts, NULL, &facts), ==, 0);
        forget(sample);
        sample->facts = facts;
        sample->driver_count = sample->facts->catalogue->modules.count;
        sample->drivers = g_new0(Driver *, sample->driver_count + 1);
        for (size_t i = 0; i < sample->driver_count; i++)
                g_assert_cmpint(driver_derive(sample->facts, i, &sample->drivers[i]), ==, 0);
        sample->refreshed++;
}

static const Facts *on_facts(void *userdata)
{
        return ((SampleChanger *) userdata)->facts;
}

static const Driver *on_driver(void *userdata, const char *name)
{
        return sample_changer_driver(userdata, name);
}

static void on_added(void *userdata, Job *job)
{
        ((SampleChanger *) userdata)->added++;
}

static void on_removed(void *userdata, Job *job)
{
        SampleChanger *sample = userdata;

        g_assert_cmpint(job->state, ==, JOB_DONE);
        sample->removed++;
        sample->last_result = job->result;
        g_free(sample->last_error);
        g_free(sample->last_kind);
        sample->last_error = g_strdup(job->error);
        sample->last_kind = g_strdup(job->plan->operation->name);
}

void sample_changer_init(SampleChanger *sample, const char *path, const char *kernel)
{
        ChangerHost host = { .facts = on_facts,
                .driver = on_driver,
                .refresh = on_refresh,
                .image = on_image,
                .userdata = sample };
        g_autofree char *state = g_build_filename(path, "var/lib/hostdriver", NULL);

        *sample = (SampleChanger){
                .observer = { .added = on_added, .removed = on_removed, .userdata = sample }
        };
        g_assert_cmpint(g_mkdir_with_parents(state, 0700), ==, 0);
        g_assert_cmpint(host_root_new(path, kernel, &sample->root), ==, 0);
        g_assert_cmpint(config_read(sample->root, &sample->config), ==, 0);
        g_assert_cmpint(store_open(state, &sample->condition, NULL, &sample->store), ==, 0);
        g_assert_cmpint(sd_event_new(&sample->event), >=, 0);
        on_refresh(sample);
        g_assert_cmpint(changer_new(sample->event, sample->root, &sample->config, sample->store, &host,
                                        &sample->observer, &sample->changer),
                        ==, 0);
}

void sample_changer_done(SampleChanger *sample)
{
        sample->changer = changer_free(sample->changer);
        sample->event = sd_event_unref(sample->event);
        sample->store = store_free(sample->store);
        forget(sample);
        config_done(&sample->config);
        sample->root = host_root_free(sample->root);
        g_clear_pointer(&sample->last_error, g_free);
        g_clear_pointer(&sample->last_kind, g_free);
}

const Driver *sample_changer_driver(const SampleChanger *sample, const char *name)
{
        /* As the catalogue has them: in order. */
        size_t position = string_set_find(&sample->facts->catalogue->modules, name);

        return position < sample->driver_count ? sample->drivers[position] : NULL;
}

void sample_changer_refresh(SampleChanger *sample)
{
        on_refresh(sample);
}

void sample_changer_run(SampleChanger *sample)
{
        while (changer_job_count(sample->changer) > 0)
                g_assert_cmpint(sd_event_run(sample->event, UINT64_MAX), >=, 0);
}

int sample_changer_change(SampleChanger *sample, const ChangeTarget *targets, size_t count,
                const Request *options, uid_t uid, Job **ret_job, Refusal *refusal)
{
        Request request = *options;

        request.operation = &operation_table[*targets[0].version ? OPERATION_SELECT : OPERATION_DESELECT];
        request.targets = targets;
        request.target_count = count;
        return proposal_carry_out(sample->changer, &request, uid, ret_job, refusal);
}

typedef struct Verdict {
        bool given;
        int result;
        Refusal *refusal;
} Verdict;

static void on_verdict(int result, Job *job, const Refusal *refusal, void *userdata)
{
        Verdict *verdict = userdata;

        g_assert_false(verdict->given);
        g_assert_true((job != NULL) == (result >= 0));
        verdict->given = true;
        verdict->result = result;
        if (refusal->sentence)
                (void) refuse(verdict->refusal, refusal->kind, "%s", refusal->sentence);
}

int sample_changer_run_request(SampleChanger *sample, OperationId operation, const Request *request,
                uid_t uid, Job **ret_job, Refusal *refusal)
{
        Verdict verdict = { .refusal = refusal };
        Proposal proposal CLEANUP_PROPOSAL = { 0 };
        Request changed = *request;
        Enquiry *enquiry;
        Job *job;
        int r;

        changed.operation = &operation_table[operation];
        r = proposal_make(sample->changer, &changed, &proposal, refusal);
        if (r >= 0 && !proposal.waits)
                return proposal_commit(sample->changer, &proposal, uid, ret_job ? ret_job : &job, refusal);
        if (r >= 0)
                r = enquiry_begin(sample->changer, &changed, &proposal, uid, on_verdict, &verdict, &enquiry,
                                refusal);
        while (r >= 0 && !verdict.given)
                g_assert_cmpint(sd_event_run(sample->event, UINT64_MAX), >=, 0);
        return r < 0 ? r : verdict.result;
}

size_t sample_changer_open_entries(const SampleChanger *sample)
{
        JournalList list CLEANUP(journal_list_done) = { 0 };

        g_assert_cmpint(store_journal_open_entries(sample->store, &list), ==, 0);
        return list.count;
}
