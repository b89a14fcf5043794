/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Writes plans as lines. It decides nothing. */

#include "change/plan/plan-text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "host/selection.h"

void plan_text_done(PlanText *text)
{
        for (size_t i = 0; i < text->count; i++)
                free(text->lines[i]);
        free(text->lines);
        *text = (PlanText){ 0 };
}

static int PRINTF_LIKE(2, 3) say(PlanText *text, const char *format, ...)
{
        char **lines = reallocarray(text->lines, text->count + 2, sizeof(*lines));
        va_list arguments;
        int n;

        if (!lines)
                return -ENOMEM;
        text->lines = lines;
        va_start(arguments, format);
        n = vasprintf(&lines[text->count], format, arguments);
        va_end(arguments);
        if (n >= 0)
                text->count++;
        lines[text->count] = NULL;
        return n < 0 ? -ENOMEM : 0;
}

static bool equal(const char *a, const char *b)
{
        return a && b ? strcmp(a, b) == 0 : a == b;
}

static int say_directories(const Plan *plan, bool after, PlanText *text)
{
        int r = 0;

        for (size_t i = 0; r >= 0 && i < plan->directory_count; i++) {
                const PlanDirectory *directory = &plan->directories[i];

                if (directory->after != after || directory->before == after)
                        continue;
                r = say(text, "%s /lib/modules/%s/%s with all that is in it.", after ? "Add" : "Remove",
                                directory->release, directory->place);
        }
        return r;
}

static int say_files(const Plan *plan, PlanText *text)
{
        int r = 0;

        for (size_t i = 0; r >= 0 && i < plan->file_count; i++) {
                const PlanFile *file = &plan->files[i];
                const char *from = file->after ? file->outside : file->inside;
                const char *to = file->after ? file->inside : file->outside;

                if (file->before == file->after)
                        continue;
                if (!file->kept)
                        r = say(text, "Move the module file /lib/modules/%s/%s to %s.", file->release, from,
                                        to);
                else if (file->after)
                        r = say(text, "Copy the module file /lib/modules/%s/%s to %s.", file->release, from,
                                        to);
                else
                        r = say(text, "Remove the copy /lib/modules/%s/%s.", file->release, from);
        }
        return r;
}

/* A name that the file itself takes, or gives up, isn't told twice. */
static bool is_file_of(const Plan *plan, const char *release, const char *link, bool after)
{
        char *outside CLEANUP_FREE = NULL;
        const PlanFile *file;

        if (asprintf(&outside, "updates/%s", link) < 0) {
                outside = NULL;
                return false;
        }
        file = plan_file_outside(plan, release, outside);
        return file && file->after == after;
}

static int say_link(const Plan *plan, const PlanChange *change, PlanText *text)
{
        const ModuleState *before = &change->before, *after = &change->after;
        const char *release = change->release;
        int r = 0;

        if (equal(before->link, after->link) && equal(before->target, after->target))
                return 0;
        if (after->link && equal(before->link, after->link))
                r = say(text, "Change the link /lib/modules/%s/updates/%s from %s to %s.", release,
                                after->link, before->target, after->target);
        else if (after->link)
                r = say(text, "Make the link /lib/modules/%s/updates/%s to %s.", release, after->link,
                                after->target);
        if (r >= 0 && before->link && !equal(before->link, after->link) &&
                        !is_file_of(plan, release, before->link, false))
                r = say(text, "Remove the link /lib/modules/%s/updates/%s to %s.", release, before->link,
                                before->target);
        return r;
}

static int say_override(const PlanChange *change, PlanText *text)
{
        const ModuleState *before = &change->before, *after = &change->after;

        if (equal(before->directory, after->directory) && equal(before->spelling, after->spelling))
                return 0;
        if (!after->directory)
                return say(text, "Remove the line for %s in kernel release %s from " OVERRIDE_FILE_PATH ".",
                                before->spelling, change->release);
        return say(text, "Write the line for %s in kernel release %s in " OVERRIDE_FILE_PATH ": %s.",
                        after->spelling, change->release, after->directory);
}

static int say_blocks(const Plan *plan, PlanText *text)
{
        int r = 0;

        for (size_t i = 0; r >= 0 && i < plan->block_count; i++) {
                const PlanBlock *block = &plan->blocks[i];

                if (block->before != block->after)
                        r = say(text, "%s " BLOCK_DIRECTORY "/hostdriver-%s.conf, %s.",
                                        block->after ? "Write" : "Remove", block->module,
                                        block->after ? "which keeps the module from loading"
                                                     : "so that the module may load again");
        }
        return r;
}

int plan_describe(const Plan *plan, const StringSet *images, PlanText *ret)
{
        PlanText text CLEANUP_PLAN_TEXT = { 0 };
        StringSet releases CLEANUP_STRING_SET = { 0 };
        int r = say_directories(plan, true, &text);

        if (r >= 0)
                r = say_files(plan, &text);
        for (size_t i = 0; r >= 0 && i < plan->change_count; i++)
                r = say_link(plan, &plan->changes[i], &text);
        for (size_t i = 0; r >= 0 && i < plan->change_count; i++)
                r = say_override(&plan->changes[i], &text);
        if (r >= 0)
                r = say_blocks(plan, &text);
        if (r >= 0 && plan->renews)
                r = say(&text, "Write hostdriver's files in /etc/depmod.d and /etc/modprobe.d anew, without "
                               "what was edited in them.");
        if (r >= 0)
                r = say_directories(plan, false, &text);
        if (r >= 0 && !plan->operation->release_goes)
                r = plan_releases(plan, &releases);
        for (size_t i = 0; r >= 0 && i < releases.count; i++)
                r = say(&text, "Run depmod for kernel release %s.", releases.items[i]);
        for (size_t i = 0; r >= 0 && i < images->count; i++)
                r = say(&text, "Rebuild the initramfs %s.", images->items[i]);
        if (r < 0)
                return r;
        *ret = text;
        text = (PlanText){ 0 };
        return 0;
}
