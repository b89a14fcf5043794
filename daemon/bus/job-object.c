/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The objects /org/hostdriver1/job/ID. */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bus/methods.h"
#include "bus/text.h"
#include "change/parts/describe.h"

static int get_number(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        const Job *job = ((JobEntry *) userdata)->job;
        uint32_t number = strcmp(property, "ID") == 0 ? job->id : job->uid;

        return sd_bus_message_append_basic(reply, 'u', &number);
}

static int get_text(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        const Job *job = ((JobEntry *) userdata)->job;
        const struct {
                const char *property, *value;
        } texts[] = {
                { "Kind", job->plan->operation->name },
                { "Driver", job->driver },
                { "State", job_state_text(job->state) },
                { "Step", job->step },
                { "Result", job_result_text(job->result) },
                { "Error", job->error },
        };
        size_t i = 0;

        while (strcmp(texts[i].property, property) != 0)
                i++;
        return text_append(reply, texts[i].value);
}

static int get_versions(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        const Plan *plan = ((JobEntry *) userdata)->job->plan;
        StringSet told CLEANUP_STRING_SET = { 0 };
        int r;

        /* A driver may be the subject in several releases. */
        r = sd_bus_message_open_container(reply, 'a', "(ss)");
        for (size_t i = 0; r >= 0 && i < plan->subject_count; i++) {
                r = string_set_add(&told, plan->subjects[i].driver);
                if (r > 0)
                        r = sd_bus_message_append(
                                        reply, "(ss)", plan->subjects[i].driver, plan->subjects[i].to);
        }
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

static int get_plan(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        const Job *job = ((JobEntry *) userdata)->job;
        PlanText text CLEANUP_PLAN_TEXT = { 0 };
        int r = job->satisfied ? 0 : plan_describe(job->plan, &job->foreseen, &text);

        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'a', "s");
        for (size_t i = 0; r >= 0 && i < text.count; i++)
                r = text_append(reply, text.lines[i]);
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

static int get_progress(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        return sd_bus_message_append_basic(reply, 'd', &((JobEntry *) userdata)->job->progress);
}

static int get_truth(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        const Job *job = ((JobEntry *) userdata)->job;
        int truth = strcmp(property, "DryRun") == 0      ? job->dry_run
                    : strcmp(property, "Recovered") == 0 ? job->recovered
                                                         : job->cancelable;

        return sd_bus_message_append_basic(reply, 'b', &truth);
}

/* "7" of ".../job/7": no sign, no leading zero, nothing behind it. */
static bool parse_id(const char *text, uint32_t *ret)
{
        uint64_t id = 0;

        if (*text == '0')
                return false;
        for (const char *p = text; *p; p++) {
                if (*p < '0' || *p > '9')
                        return false;
                id = 10 * id + (uint64_t) (*p - '0');
                if (id > UINT32_MAX)
                        return false;
        }
        *ret = (uint32_t) id;
        return *text != '\0';
}

static int find_job(sd_bus *bus, const char *path, const char *interface, void *userdata, void **ret_found,
                sd_bus_error *error)
{
        const Service *service = userdata;
        uint32_t id;

        if (strncmp(path, JOB_PREFIX "/", sizeof(JOB_PREFIX)) != 0 ||
                        !parse_id(path + sizeof(JOB_PREFIX), &id))
                return 0;
        *ret_found = jobs_find(service->jobs, id);
        return *ret_found ? 1 : 0;
}

static int enumerate_jobs(
                sd_bus *bus, const char *prefix, void *userdata, char ***ret_nodes, sd_bus_error *error)
{
        const Jobs *jobs = ((Service *) userdata)->jobs;
        StringSet nodes CLEANUP_STRING_SET = { 0 };

        for (size_t i = 0; i < jobs->count; i++)
                if (string_set_add(&nodes, jobs->entries[i]->path) < 0)
                        return -ENOMEM;
        *ret_nodes = nodes.items; /* a strv, which sd-bus frees */
        nodes = (StringSet){ 0 };
        return 0;
}

/* clang-format off */
static const sd_bus_vtable job_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_METHOD_WITH_ARGS("Cancel", SD_BUS_NO_ARGS, SD_BUS_NO_RESULT, method_handle, ANYBODY),
        SD_BUS_PROPERTY("ID", "u", get_number, 0, CONST),
        SD_BUS_PROPERTY("Kind", "s", get_text, 0, CONST),
        SD_BUS_PROPERTY("Driver", "s", get_text, 0, CONST),
        SD_BUS_PROPERTY("Versions", "a(ss)", get_versions, 0, CONST),
        SD_BUS_PROPERTY("Plan", "as", get_plan, 0, CHANGES),
        SD_BUS_PROPERTY("DryRun", "b", get_truth, 0, CONST),
        SD_BUS_PROPERTY("Recovered", "b", get_truth, 0, CONST),
        SD_BUS_PROPERTY("State", "s", get_text, 0, CHANGES),
        SD_BUS_PROPERTY("Step", "s", get_text, 0, CHANGES),
        SD_BUS_PROPERTY("Progress", "d", get_progress, 0, CHANGES),
        SD_BUS_PROPERTY("Cancelable", "b", get_truth, 0, CHANGES),
        SD_BUS_PROPERTY("StartedByUID", "u", get_number, 0, CONST),
        SD_BUS_PROPERTY("Result", "s", get_text, 0, CHANGES),
        SD_BUS_PROPERTY("Error", "s", get_text, 0, CHANGES),
        SD_BUS_VTABLE_END,
};
/* clang-format on */

const ObjectKind job_object = {
        .path = JOB_PREFIX,
        .interface = JOB_INTERFACE,
        .vtable = job_vtable,
        .find = find_job,
        .enumerate = enumerate_jobs,
};
