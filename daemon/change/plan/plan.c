/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The plan as a value: freed, compared, inverted. How one comes about is plan-new.c's. Pure. */

#include "change/plan/plan.h"

#include <errno.h>
#include <string.h>

static void module_state_done(ModuleState *state)
{
        free(state->link);
        free(state->target);
        free(state->directory);
        free(state->spelling);
        *state = (ModuleState){ 0 };
}

Plan *plan_free(Plan *plan)
{
        if (!plan)
                return NULL;
        for (size_t i = 0; i < plan->change_count; i++) {
                PlanChange *change = &plan->changes[i];

                free(change->release);
                free(change->module);
                free(change->expected);
                module_state_done(&change->before);
                module_state_done(&change->after);
        }
        for (size_t i = 0; i < plan->block_count; i++)
                free(plan->blocks[i].module);
        for (size_t i = 0; i < plan->file_count; i++) {
                free(plan->files[i].release);
                free(plan->files[i].outside);
                free(plan->files[i].inside);
        }
        for (size_t i = 0; i < plan->directory_count; i++) {
                free(plan->directories[i].release);
                free(plan->directories[i].place);
                free(plan->directories[i].aside);
        }
        for (size_t i = 0; i < plan->subject_count; i++) {
                PlanSubject *subject = &plan->subjects[i];

                free(subject->driver);
                free(subject->release);
                free(subject->from);
                free(subject->to);
        }
        plan_index_done(&plan->change_index);
        plan_index_done(&plan->subject_index);
        free(plan->changes);
        free(plan->blocks);
        free(plan->files);
        free(plan->directories);
        free(plan->subjects);
        free(plan->kind);
        free(plan);
        return NULL;
}

static bool text_equal(const char *a, const char *b)
{
        return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool module_state_equal(const ModuleState *a, const ModuleState *b)
{
        return text_equal(a->link, b->link) && text_equal(a->target, b->target) &&
               text_equal(a->directory, b->directory) && text_equal(a->spelling, b->spelling);
}

bool plan_change_does_anything(const PlanChange *change)
{
        return !module_state_equal(&change->before, &change->after);
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

static int copy_text(const char *text, char **ret)
{
        char *copy = NULL;

        if (text) {
                copy = strdup(text);
                if (!copy)
                        return -ENOMEM;
        }
        *ret = copy;
        return 0;
}

static int module_state_copy(const ModuleState *state, ModuleState *ret)
{
        if (copy_text(state->link, &ret->link) < 0 || copy_text(state->target, &ret->target) < 0 ||
                        copy_text(state->directory, &ret->directory) < 0 ||
                        copy_text(state->spelling, &ret->spelling) < 0)
                return -ENOMEM;
        return 0;
}

static int invert_change(const PlanChange *change, PlanChange *ret)
{
        if (copy_text(change->release, &ret->release) < 0 || copy_text(change->module, &ret->module) < 0)
                return -ENOMEM;
        if (module_state_copy(&change->after, &ret->before) < 0)
                return -ENOMEM;
        return module_state_copy(&change->before, &ret->after);
}

static int invert_subject(const PlanSubject *subject, PlanSubject *ret)
{
        if (copy_text(subject->driver, &ret->driver) < 0 || copy_text(subject->release, &ret->release) < 0 ||
                        copy_text(subject->to, &ret->from) < 0 || copy_text(subject->from, &ret->to) < 0)
                return -ENOMEM;
        return 0;
}

static int invert_blocks(const Plan *plan, Plan *inverse)
{
        inverse->blocks = calloc(plan->block_count + 1, sizeof(*inverse->blocks));
        if (!inverse->blocks)
                return -ENOMEM;
        for (; inverse->block_count < plan->block_count; inverse->block_count++) {
                const PlanBlock *block = &plan->blocks[inverse->block_count];
                PlanBlock *inverted = &inverse->blocks[inverse->block_count];

                *inverted = (PlanBlock){ .before = block->after, .after = block->before };
                if (copy_text(block->module, &inverted->module) < 0)
                        return -ENOMEM;
        }
        return 0;
}

static int invert_files(const Plan *plan, Plan *inverse)
{
        inverse->files = calloc(plan->file_count + 1, sizeof(*inverse->files));
        inverse->directories = calloc(plan->directory_count + 1, sizeof(*inverse->directories));
        if (!inverse->files || !inverse->directories)
                return -ENOMEM;
        while (inverse->file_count < plan->file_count) {
                const PlanFile *file = &plan->files[inverse->file_count];
                PlanFile *inverted = &inverse->files[inverse->file_count++];

                *inverted = (PlanFile){ .kept = file->kept, .before = file->after, .after = file->before };
                if (copy_text(file->release, &inverted->release) < 0 ||
                                copy_text(file->outside, &inverted->outside) < 0 ||
                                copy_text(file->inside, &inverted->inside) < 0)
                        return -ENOMEM;
        }
        while (inverse->directory_count < plan->directory_count) {
                const PlanDirectory *directory = &plan->directories[inverse->directory_count];
                PlanDirectory *inverted = &inverse->directories[inverse->directory_count++];

                *inverted = (PlanDirectory){
                        .inside = directory->inside, .before = directory->after, .after = directory->before
                };
                if (copy_text(directory->release, &inverted->release) < 0 ||
                                copy_text(directory->place, &inverted->place) < 0 ||
                                copy_text(directory->aside, &inverted->aside) < 0)
                        return -ENOMEM;
        }
        return 0;
}

int plan_invert(const Plan *plan, Plan **ret)
{
        Plan *inverse CLEANUP(plan_freep) = calloc(1, sizeof(*inverse));

        if (!inverse || copy_text(plan->kind, &inverse->kind) < 0 || invert_blocks(plan, inverse) < 0 ||
                        invert_files(plan, inverse) < 0)
                return -ENOMEM;
        inverse->renews = plan->renews;
        inverse->changes = calloc(plan->change_count + 1, sizeof(*inverse->changes));
        inverse->subjects = calloc(plan->subject_count + 1, sizeof(*inverse->subjects));
        if (!inverse->changes || !inverse->subjects)
                return -ENOMEM;
        /* Counted before it is filled, so that half of one is freed too. */
        while (inverse->change_count < plan->change_count) {
                size_t i = inverse->change_count++;

                if (invert_change(&plan->changes[i], &inverse->changes[i]) < 0)
                        return -ENOMEM;
        }
        while (inverse->subject_count < plan->subject_count) {
                size_t i = inverse->subject_count++;

                if (invert_subject(&plan->subjects[i], &inverse->subjects[i]) < 0)
                        return -ENOMEM;
        }
        *ret = STEAL(inverse);
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

bool plan_has_module(const Plan *plan, const char *module)
{
        for (size_t i = 0; i < plan->change_count; i++)
                if (strcmp(plan->changes[i].module, module) == 0)
                        return true;
        for (size_t i = 0; i < plan->block_count; i++)
                if (strcmp(plan->blocks[i].module, module) == 0)
                        return true;
        for (size_t i = 0; i < plan->subject_count; i++)
                if (strcmp(plan->subjects[i].driver, module) == 0)
                        return true;
        return false;
}

int plan_releases_of(const Plan *plan, const char *module, StringSet *ret)
{
        for (size_t i = 0; i < plan->change_count; i++)
                if (strcmp(plan->changes[i].module, module) == 0 &&
                                string_set_add(ret, plan->changes[i].release) < 0)
                        return -ENOMEM;
        return 0;
}

const PlanFile *plan_file_outside(const Plan *plan, const char *release, const char *outside)
{
        for (size_t i = 0; i < plan->file_count; i++)
                if (strcmp(plan->files[i].release, release) == 0 &&
                                strcmp(plan->files[i].outside, outside) == 0)
                        return &plan->files[i];
        return NULL;
}

bool plan_directory_fits_line(const char *directory)
{
        for (const char *c = directory; *c != '\0'; c++)
                if ((unsigned char) *c <= ' ' || *c == '\\' || *c == '\x7f')
                        return false;
        return true;
}
