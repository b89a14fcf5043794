/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The plan as JSON, for the operations journal. Pure. */

#include <errno.h>

#include "change/plan/plan-record.h"
#include "change/plan/plan.h"

/* A journal of another format is refused, not misread. */
#define PLAN_FORMAT 1
#define PLAN_FORMAT_FILES 2 /* it has the members "files" and "directories" too */

int plan_to_json(const Plan *plan, char **ret)
{
        bool has_files = plan->file_count > 0 || plan->directory_count > 0;
        json_t *json CLEANUP_JSON = NULL;
        char *text;
        int r;

        /* What recovery could not read must not be done. */
        if (!plan->operation || !record_is_sound(&plan_record, plan))
                return -EBADMSG;
        r = record_to_json(has_files ? &plan_record : &plan_record_without_files, plan, &json);
        if (r >= 0)
                r = json_object_set_new(
                                json, "format", json_integer(has_files ? PLAN_FORMAT_FILES : PLAN_FORMAT));
        if (r >= 0)
                r = json_object_set_new(json, "kind", json_string(plan->operation->name));
        text = r >= 0 ? json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
        if (!text)
                return -ENOMEM;
        *ret = text;
        return 0;
}

int plan_from_json(const char *text, Plan **ret)
{
        json_t *json CLEANUP_JSON = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
        json_int_t format = json_integer_value(json_object_get(json, "format"));
        const char *kind = json_string_value(json_object_get(json, "kind"));
        const Operation *operation = kind ? operation_find(kind) : NULL;
        Plan *plan CLEANUP(plan_freep) = calloc(1, sizeof(*plan));
        int r;

        if (!plan)
                return -ENOMEM;
        if (!operation || (format != PLAN_FORMAT && format != PLAN_FORMAT_FILES))
                return -EBADMSG;
        r = record_from_json(
                        format == PLAN_FORMAT_FILES ? &plan_record : &plan_record_without_files, json, plan);
        if (r < 0)
                return r;
        plan->operation = operation;
        *ret = STEAL(plan);
        return 0;
}
