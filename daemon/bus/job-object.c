/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The objects /org/hostdriver1/job/ID. */

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "bus/methods.h"
#include "bus/text.h"
#include "change/parts/describe.h"

static int append_versions(sd_bus_message *reply, const void *value)
{
        const Plan *plan = ((const Job *) value)->plan;
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

static int append_plan(sd_bus_message *reply, const void *value)
{
        const Job *job = value;
        PlanText text CLEANUP_PLAN_TEXT = { 0 };
        int r = job->satisfied ? 0 : plan_describe(job->plan, &job->foreseen, &text);

        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'a', "s");
        for (size_t i = 0; r >= 0 && i < text.count; i++)
                r = text_append(reply, text.lines[i]);
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

static int append_kind(sd_bus_message *reply, const void *job)
{
        return text_append(reply, ((const Job *) job)->plan->operation->name);
}

static int append_state(sd_bus_message *reply, const void *job)
{
        return text_append(reply, job_state_text(((const Job *) job)->state));
}

static int append_result(sd_bus_message *reply, const void *job)
{
        return text_append(reply, job_result_text(((const Job *) job)->result));
}

static int append_progress(sd_bus_message *reply, const void *job)
{
        return sd_bus_message_append_basic(reply, 'd', &((const Job *) job)->progress);
}

static const PropertyType kind = { append_kind, NULL };
static const PropertyType versions = { append_versions, NULL };
static const PropertyType plan_lines = { append_plan, NULL };
static const PropertyType state = { append_state, NULL };
static const PropertyType progress = { append_progress, NULL };
static const PropertyType result = { append_result, NULL };

/* clang-format off */
#define JOB_PROPERTIES(ROW) \
        ROW("ID",           "u",     property_number, IN_VALUE(Job, id),         CONST) \
        ROW("Kind",         "s",     kind,            WHOLE_VALUE,               CONST) \
        ROW("Driver",       "s",     property_text,   IN_VALUE(Job, driver),     CONST) \
        ROW("Versions",     "a(ss)", versions,        WHOLE_VALUE,               CONST) \
        ROW("Plan",         "as",    plan_lines,      WHOLE_VALUE,               EMITS_CHANGE, JOB_PLAN) \
        ROW("DryRun",       "b",     property_truth,  IN_VALUE(Job, dry_run),    CONST) \
        ROW("Recovered",    "b",     property_truth,  IN_VALUE(Job, recovered),  CONST) \
        ROW("State",        "s",     state,           WHOLE_VALUE,               EMITS_CHANGE, JOB_STATE) \
        ROW("Step",         "s",     property_text,   IN_VALUE(Job, step),       EMITS_CHANGE, JOB_STEP) \
        ROW("Progress",     "d",     progress,        WHOLE_VALUE,               EMITS_CHANGE, JOB_PROGRESS) \
        ROW("Cancelable",   "b",     property_truth,  IN_VALUE(Job, cancelable), EMITS_CHANGE, JOB_CANCELABLE) \
        ROW("StartedByUID", "u",     property_number, IN_VALUE(Job, uid),        CONST) \
        ROW("Result",       "s",     result,          WHOLE_VALUE,               EMITS_CHANGE, JOB_RESULT_AND_ERROR) \
        ROW("Error",        "s",     property_text,   IN_VALUE(Job, error),      EMITS_CHANGE, JOB_RESULT_AND_ERROR)
/* clang-format on */

static const Property rows[] = { JOB_PROPERTIES(PROPERTY_ROW) };

static const void *value_of(const void *entry)
{
        return ((const JobEntry *) entry)->job;
}

static const PropertyTable properties = { rows, ELEMENTSOF(rows), value_of };

static int get_property(sd_bus *bus, const char *path, const char *interface, const char *name,
                sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        return property_append(&properties, name, userdata, reply);
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
        JOB_PROPERTIES(PROPERTY_VTABLE_ROW)
        SD_BUS_VTABLE_END,
};
/* clang-format on */

const ObjectKind job_object = {
        .path = JOB_PREFIX,
        .interface = JOB_INTERFACE,
        .vtable = job_vtable,
        .properties = &properties,
        .find = find_job,
        .enumerate = enumerate_jobs,
};
