/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An owner of upkeep that knows no more than how to refresh it. */

#include "sample-upkeep.h"

#include <string.h>

#include "change/proposal.h"

static int on_refresh(void *userdata)
{
        SampleUpkeep *fixture = userdata;

        fixture->refreshed++;
        return upkeep_refresh(fixture->upkeep);
}

static void on_removed(void *userdata, Job *job)
{
        SampleUpkeep *fixture = userdata;

        g_string_append_printf(
                        fixture->told, "%s:%s ", job->plan->operation->name, job_result_text(job->result));
        upkeep_job_ended(fixture->upkeep, job);
}

static void start(SampleUpkeep *fixture)
{
        const UpkeepHost host = {
                .jobs = &fixture->jobs,
                .refresh = on_refresh,
                .look_again = on_refresh,
                .userdata = fixture,
        };
        HostRoot *root;

        g_assert_cmpint(host_root_new(fixture->sample.dir.path, SAMPLE_KERNEL, &root), ==, 0);
        g_assert_cmpint(sd_event_new(&fixture->event), >=, 0);
        g_assert_cmpint(upkeep_new(fixture->event, root, &host, &fixture->upkeep), ==, 0);
        g_assert_cmpint(upkeep_start(fixture->upkeep, false), >=, 0);
}

static void stop(SampleUpkeep *fixture)
{
        fixture->upkeep = upkeep_free(fixture->upkeep);
        fixture->event = sd_event_unref(fixture->event);
}

void sample_upkeep_set_up(SampleUpkeep *fixture, gconstpointer data)
{
        sample_root_init_xenserver(&fixture->sample);
        fixture->told = g_string_new(NULL);
        fixture->jobs = (JobObserver){ .removed = on_removed, .userdata = fixture };
        start(fixture);
}

void sample_upkeep_tear_down(SampleUpkeep *fixture, gconstpointer data)
{
        stop(fixture);
        g_string_free(fixture->told, true);
        sample_root_done(&fixture->sample);
}

void sample_upkeep_restart(SampleUpkeep *fixture)
{
        stop(fixture);
        start(fixture);
}

void sample_upkeep_select(SampleUpkeep *fixture, const char *version)
{
        const ChangeTarget target = { "ice", version };
        const Request request = {
                .operation = &operation_table[OPERATION_SELECT], .targets = &target, .target_count = 1
        };
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        Job *job;
        int r = proposal_carry_out(fixture->upkeep->changer, &request, 0, &job, &refusal);

        g_assert_cmpstr(refusal.sentence, ==, NULL);
        g_assert_cmpint(r, ==, 0);
        sample_upkeep_wait(fixture, "select:done");
}

void sample_upkeep_wait(SampleUpkeep *fixture, const char *told)
{
        gint64 end = g_get_monotonic_time() + 60 * G_USEC_PER_SEC;

        while (strncmp(fixture->told->str, told, strlen(told)) != 0 ||
                        changer_job_count(fixture->upkeep->changer) > 0) {
                if (g_get_monotonic_time() > end)
                        g_error("\"%s\" was told, and not \"%s\"", fixture->told->str, told);
                g_assert_cmpint(sd_event_run(fixture->event, G_USEC_PER_SEC), >=, 0);
        }
        g_assert_cmpstr(g_strchomp(fixture->told->str), ==, told);
        g_string_truncate(fixture->told, 0);
}

void sample_upkeep_assert_quiet(SampleUpkeep *fixture)
{
        int r;

        while ((r = sd_event_run(fixture->event, G_USEC_PER_SEC)) > 0)
                ;
        g_assert_cmpint(r, ==, 0);
        g_assert_cmpstr(fixture->told->str, ==, "");
}

static const char *find_problem(const ProblemList *problems, const char *code)
{
        for (size_t i = 0; i < problems->count; i++)
                if (strcmp(problems->items[i].code, code) == 0)
                        return problems->items[i].sentence;
        return NULL;
}

const char *sample_upkeep_problem(const SampleUpkeep *fixture, const char *code)
{
        const DriverEntry *entry = registry_find(fixture->upkeep->registry, "ice");

        g_assert_nonnull(entry);
        return find_problem(&entry->value->problems, code);
}

const char *sample_upkeep_host_problem(const SampleUpkeep *fixture, const char *code)
{
        return find_problem(&fixture->upkeep->registry->state.problems, code);
}
