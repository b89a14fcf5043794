/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The plan as a value: freed, copied, inverted. How one comes about is plan-new.c's. Pure. */

#include "change/plan/plan.h"

#include <errno.h>
#include <string.h>

#include "change/plan/plan-change.h"
#include "change/plan/plan-record.h"

Plan *plan_free(Plan *plan)
{
        if (!plan)
                return NULL;
        plan_index_done(&plan->change_index);
        plan_index_done(&plan->subject_index);
        record_done(&plan_record, plan);
        free(plan);
        return NULL;
}

bool plan_is_empty(const Plan *plan)
{
        if (plan->renews)
                return false;
        for (size_t i = 0; i < plan->change_count; i++)
                if (plan_change_does_anything(&plan->changes[i]))
                        return false;
        for (size_t i = 0; i < plan->block_count; i++)
                if (plan->blocks[i].before != plan->blocks[i].after)
                        return false;
        for (size_t i = 0; i < plan->file_count; i++)
                if (plan->files[i].before != plan->files[i].after)
                        return false;
        for (size_t i = 0; i < plan->directory_count; i++)
                if (plan->directories[i].before != plan->directories[i].after)
                        return false;
        return true;
}

bool plan_has_parts(const Plan *plan)
{
        return plan->change_count > 0 || plan->block_count > 0 || plan->file_count > 0 ||
               plan->directory_count > 0;
}

int plan_copy(const Plan *plan, Plan **ret)
{
        Plan *copy CLEANUP(plan_freep) = calloc(1, sizeof(*copy));

        if (!copy || record_copy(&plan_record, plan, copy) < 0)
                return -ENOMEM;
        copy->operation = plan->operation;
        *ret = STEAL(copy);
        return 0;
}

#define SWAP(a, b)                         \
        do {                               \
                __typeof__(a) _held = (a); \
                (a) = (b);                 \
                (b) = _held;               \
        } while (false)

int plan_invert(const Plan *plan, Plan **ret)
{
        Plan *inverse;
        int r = plan_copy(plan, &inverse);

        if (r < 0)
                return r;
        for (size_t i = 0; i < inverse->change_count; i++) {
                SWAP(inverse->changes[i].before, inverse->changes[i].after);
                freep(&inverse->changes[i].expected);
        }
        for (size_t i = 0; i < inverse->block_count; i++)
                SWAP(inverse->blocks[i].before, inverse->blocks[i].after);
        for (size_t i = 0; i < inverse->file_count; i++)
                SWAP(inverse->files[i].before, inverse->files[i].after);
        for (size_t i = 0; i < inverse->directory_count; i++)
                SWAP(inverse->directories[i].before, inverse->directories[i].after);
        for (size_t i = 0; i < inverse->subject_count; i++)
                SWAP(inverse->subjects[i].from, inverse->subjects[i].to);
        *ret = inverse;
        return 0;
}

int plan_releases(const Plan *plan, StringSet *ret)
{
        int r = 0;

        for (size_t i = 0; r >= 0 && i < plan->change_count; i++)
                r = string_set_add(ret, plan->changes[i].release);
        for (size_t i = 0; r >= 0 && i < plan->file_count; i++)
                r = string_set_add(ret, plan->files[i].release);
        for (size_t i = 0; r >= 0 && i < plan->directory_count; i++)
                r = string_set_add(ret, plan->directories[i].release);
        return r < 0 ? r : 0;
}

int plan_modules(const Plan *plan, StringSet *ret)
{
        int r = 0;

        for (size_t i = 0; r >= 0 && i < plan->change_count; i++)
                r = string_set_add(ret, plan->changes[i].module);
        for (size_t i = 0; r >= 0 && i < plan->block_count; i++)
                r = string_set_add(ret, plan->blocks[i].module);
        for (size_t i = 0; r >= 0 && i < plan->subject_count; i++)
                r = string_set_add(ret, plan->subjects[i].driver);
        return r < 0 ? r : 0;
}

int plan_releases_of(const Plan *plan, const char *module, StringSet *ret)
{
        for (size_t i = 0; i < plan->change_count; i++)
                if (strcmp(plan->changes[i].module, module) == 0 &&
                                string_set_add(ret, plan->changes[i].release) < 0)
                        return -ENOMEM;
        return 0;
}
