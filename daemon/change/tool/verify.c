/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Compares what a plan expects with what libkmod resolves. */

#include "change/tool/verify.h"

#include <errno.h>
#include <string.h>

#include "host/index/module-index.h"
#include "host/module-path.h"
#include "model/depmod-reason.h"
#include "util/exhausted.h"
#include "util/text-format.h"

/* What depmod goes by, now that it has run. */
static int find_reason(const HostRoot *root, const PlanChange *change, char **ret)
{
        DepmodConfig config CLEANUP_DEPMOD_CONFIG = { 0 };
        CandidateList list CLEANUP_CANDIDATE_LIST = { 0 };
        KmodFormats formats;
        int r = kmod_formats_read(&formats);

        if (r >= 0)
                r = depmod_config_read(root, change->release, &config);
        if (r >= 0)
                r = candidates_read_module(root, change->release, change->module, &config, &formats, &list);
        if (r >= 0)
                r = depmod_foresee(&config, &list, change->expected, ret);
        if (r > 0)
                *ret = text_new("depmod did not take it, though nothing is in its way: what it says is in the "
                                "journal.");
        return r > 0 && !*ret ? -ENOMEM : r;
}

static int say(const HostRoot *root, const PlanChange *change, const char *found, char **ret)
{
        char *reason CLEANUP_FREE = NULL;
        int r = find_reason(root, change, &reason);

        if (r < 0)
                return r;
        if (found)
                return text_format(ret,
                                "In kernel release %s the module %s still resolves to %s instead of %s: %s",
                                change->release, change->module, found, change->expected, reason);
        return text_format(ret,
                        "In kernel release %s the module index has no %s, though %s was selected: %s",
                        change->release, change->module, change->expected, reason);
}

/* 1 if the file at PATH is the one that is expected, be it by a link. */
static int is_expected(const HostRoot *root, const PlanChange *change, const char *path)
{
        char *target CLEANUP_FREE = NULL, *expected CLEANUP_FREE = NULL;
        int r;

        if (strcmp(path, change->expected) == 0)
                return 1;
        r = module_path_follow(root, change->release, path, &target);
        if (r >= 0)
                r = module_path_follow(root, change->release, change->expected, &expected);
        if (r < 0)
                return exhausted(r) ? r : 0;
        return strcmp(target, expected) == 0;
}

static int verify_change(
                const HostRoot *root, ModuleIndex *index, const PlanChange *change, char **ret_sentence)
{
        char *path CLEANUP_FREE = NULL;
        int r = module_index_resolve(index, change->module, &path);

        if (r < 0 && r != -ENOENT)
                return r;
        if (r >= 0)
                r = is_expected(root, change, path);
        if (r > 0 || exhausted(r))
                return r;
        return say(root, change, path, ret_sentence);
}

static int say_stale(char **ret, const char *release, const char *module, const char *why)
{
        return text_format(ret,
                        "In kernel release %s the module index %s %s, though depmod has run: it could "
                        "not write the index.",
                        release, why, module);
}

/* "xenserver/ice/1.2/ice.ko" is in "xenserver/ice/1.2", and is itself. */
static bool is_at(const char *path, const char *place)
{
        size_t size = strlen(place);

        return strncmp(path, place, size) == 0 && (path[size] == '/' || path[size] == '\0');
}

/* 1 unless the module resolves to what has gone from PLACE, or to nothing though something came. */
static int verify_place(ModuleIndex *index, const char *release, const char *module, const char *place,
                bool comes, char **ret_sentence)
{
        char *path CLEANUP_FREE = NULL;
        int r = index ? module_index_resolve(index, module, &path) : -ENOENT;

        if (r < 0 && r != -ENOENT)
                return r;
        if (r < 0 && comes)
                return say_stale(ret_sentence, release, module, "has no");
        if (r >= 0 && !comes && is_at(path, place))
                return say_stale(ret_sentence, release, module, "still has the former file of");
        return 1;
}

/* The index can't be told which file is to win, but it must be one that is there. */
static int verify_places(ModuleIndex *index, const Plan *plan, const char *release, char **ret_sentence)
{
        int r = 1;

        for (size_t i = 0; r == 1 && i < plan->subject_count; i++) {
                const char *module = plan->subjects[i].driver;

                if (strcmp(plan->subjects[i].release, release) != 0)
                        continue;
                for (size_t j = 0; r == 1 && j < plan->file_count; j++)
                        if (!plan->files[j].after && strcmp(plan->files[j].release, release) == 0)
                                r = verify_place(index, release, module, plan->files[j].inside, false,
                                                ret_sentence);
                for (size_t j = 0; r == 1 && j < plan->directory_count; j++)
                        if (strcmp(plan->directories[j].release, release) == 0)
                                r = verify_place(index, release, module, plan->directories[j].place,
                                                plan->directories[j].after, ret_sentence);
        }
        return r;
}

static int verify_release(const HostRoot *root, const Plan *plan, const char *release, char **ret_sentence)
{
        ModuleIndex *index CLEANUP(module_index_freep) = NULL;
        int r = 1, opened = module_index_open(root, release, &index);

        if (opened < 0 && opened != -ENOENT)
                return opened;
        for (size_t i = 0; r == 1 && i < plan->change_count; i++) {
                const PlanChange *change = &plan->changes[i];

                if (!change->expected || strcmp(change->release, release) != 0)
                        continue;
                r = index ? verify_change(root, index, change, ret_sentence)
                          : say(root, change, NULL, ret_sentence);
        }
        return r == 1 ? verify_places(index, plan, release, ret_sentence) : r;
}

int plan_verify(const HostRoot *root, const Plan *plan, char **ret_sentence)
{
        StringSet releases CLEANUP_STRING_SET = { 0 };
        int r = plan_releases(plan, &releases);

        if (r < 0)
                return r;
        r = 1;
        for (size_t i = 0; r == 1 && i < releases.count; i++)
                r = verify_release(root, plan, releases.items[i], ret_sentence);
        return r;
}

/* --- what is to be unblocked --------------------------------------------------------------------------- */

static bool is_in(const char *path, const char *directory)
{
        return is_at(path, directory) && !strchr(path + strlen(directory) + 1, '/');
}

/* An inverse doesn't say which file is expected. */
static bool is_left_with(const ModuleState *state, const char *path)
{
        if (state->directory)
                return is_in(path, state->directory);
        return strcmp(path, state->target + strlen("../")) == 0 ||
               (strncmp(path, "updates/", strlen("updates/")) == 0 &&
                               strcmp(path + strlen("updates/"), state->link) == 0);
}

static int verify_unblocked(
                const HostRoot *root, const PlanBlock *block, const PlanChange *change, char **ret_sentence)
{
        ModuleIndex *index CLEANUP(module_index_freep) = NULL;
        char *path CLEANUP_FREE = NULL;
        int r = module_index_open(root, change->release, &index);

        if (r >= 0)
                r = module_index_resolve(index, block->module, &path);
        if (r < 0 && r != -ENOENT)
                return r;
        /* What the index doesn't know can't be loaded. */
        if (r < 0 || is_left_with(&change->after, path))
                return 1;
        return text_format(ret_sentence,
                        "%s stays blocked, since the module index of kernel release %s names %s, which nobody "
                        "chose.",
                        block->module, change->release, path);
}

int plan_verify_unblocked(const HostRoot *root, const Plan *plan, char **ret_sentence)
{
        int r = 1;

        for (size_t i = 0; r == 1 && i < plan->block_count; i++)
                for (size_t j = 0; r == 1 && !plan->blocks[i].after && j < plan->change_count; j++) {
                        const PlanChange *change = &plan->changes[j];

                        if (strcmp(change->module, plan->blocks[i].module) == 0 &&
                                        (change->after.directory || change->after.link))
                                r = verify_unblocked(root, &plan->blocks[i], change, ret_sentence);
                }
        return r;
}
