/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Our generated depmod.d file: written anew as a whole, or removed when it would be empty. */

#include "change/parts/override-file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "change/parts/configuration.h"
#include "change/plan/plan-change.h"
#include "util/fs.h"

/* No file is an empty text. */
static int read_override_file(
                int dir_fd, const Plan *plan, char **ret_text, OverrideList *ret_list, Refusal *refusal)
{
        StringSet edited CLEANUP_STRING_SET = { 0 };
        char *text CLEANUP_FREE = NULL;
        bool foreign = false;
        size_t size = 0;
        int r = fs_read_file_at(dir_fd, OVERRIDE_FILE_NAME, OVERRIDE_FILE_SIZE_MAX, &text, &size);

        if (r == -ELOOP || r == -EINVAL || r == -EFBIG)
                return refuse(refusal, REFUSAL_CONFLICT,
                                OVERRIDE_FILE_PATH " is not the file that hostdriver writes. Move it away, "
                                                   "then try again.");
        if (r == -ENOENT) {
                text = strdup("");
                r = text ? 0 : -ENOMEM;
        }
        if (r >= 0)
                r = override_list_parse(text, size, ret_list, &edited, &foreign);
        if (r < 0)
                return r;
        if (foreign)
                return refuse(refusal, REFUSAL_CONFLICT,
                                OVERRIDE_FILE_PATH
                                " holds lines that hostdriver did not write, and it would "
                                "overwrite them. Move them to another file of that "
                                "directory, then try again.");
        r = plan_check_edited_lines(plan, &edited, refusal);
        if (r < 0)
                return r;
        *ret_text = STEAL(text);
        return 0;
}

static int check(const PartSite *site, Refusal *refusal)
{
        OverrideList list CLEANUP(override_list_done) = { 0 };
        char *text CLEANUP_FREE = NULL;
        int dir_fd CLEANUP_FD = host_root_open(site->root, OVERRIDE_DIRECTORY, O_RDONLY | O_DIRECTORY);

        if (dir_fd < 0)
                return dir_fd == -ENOENT ? 0 : refusal_blame(refusal, dir_fd, OVERRIDE_DIRECTORY);
        return refusal_blame(refusal, read_override_file(dir_fd, site->plan, &text, &list, refusal),
                        OVERRIDE_FILE_PATH);
}

int override_file_set_lines(const Plan *plan, OverrideList *list)
{
        for (size_t i = 0; i < plan->change_count; i++) {
                const PlanChange *change = &plan->changes[i];
                int r = override_list_set(list, change->release, change->module, NULL);

                /* Taken away first: the line may be there in another spelling. */
                if (r >= 0 && change->after.directory)
                        r = override_list_set(list, change->release, change->after.spelling,
                                        change->after.directory);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int apply_in(int dir_fd, const Plan *plan, Refusal *refusal)
{
        OverrideList list CLEANUP(override_list_done) = { 0 };
        char *before CLEANUP_FREE = NULL;
        char *after CLEANUP_FREE = NULL;
        int r = read_override_file(dir_fd, plan, &before, &list, refusal);

        if (r >= 0)
                r = override_file_set_lines(plan, &list);
        if (r >= 0)
                r = override_list_format(&list, &after);
        if (r < 0)
                return r;
        if (list.count == 0)
                r = fs_remove_at(dir_fd, OVERRIDE_FILE_NAME);
        else if (strcmp(before, after) != 0)
                r = fs_write_file_at(dir_fd, OVERRIDE_FILE_NAME, after, strlen(after), 0644);
        return r < 0 ? r : fs_sync(dir_fd);
}

static int place(const PartSite *site, Refusal *refusal)
{
        const Plan *plan = site->plan;
        int dir_fd CLEANUP_FD = -1;
        bool needed = false;
        int r;

        for (size_t i = 0; i < plan->change_count; i++)
                needed = needed || plan->changes[i].after.directory;
        dir_fd = configuration_open(site->root, OVERRIDE_DIRECTORY, needed);
        if (dir_fd == -ENOENT && !needed)
                return 0;
        r = dir_fd < 0 ? dir_fd : apply_in(dir_fd, plan, refusal);
        return refusal_blame(refusal, r, OVERRIDE_FILE_PATH);
}

static int describe(const Plan *plan, const void *item, PlanText *text)
{
        const PlanChange *change = item;
        const ModuleState *before = &change->before, *after = &change->after;

        if (record_equal(&plan_line_record, before, after))
                return 0;
        if (!after->directory)
                return plan_say(text,
                                "Remove the line for %s in kernel release %s from " OVERRIDE_FILE_PATH ".",
                                before->spelling, change->release);
        return plan_say(text, "Write the line for %s in kernel release %s in " OVERRIDE_FILE_PATH ": %s.",
                        after->spelling, change->release, after->directory);
}

const Part part_override_file = {
        .name = "override file",
        PART_ITEMS(changes, change_count),
        .check = check,
        .steps = { [PART_PLACE] = place },
        .describe = { [PART_PLACE] = describe },
};
