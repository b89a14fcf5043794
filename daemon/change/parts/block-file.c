/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Our modprobe.d files, one a deselected module: without them modprobe would load any copy that depmod
 * found. */

#include "change/parts/block-file.h"

#include <errno.h>
#include <string.h>

#include "change/parts/configuration.h"
#include "host/block-list.h"
#include "host/name.h"
#include "util/fs.h"

static const RecordField fields[] = {
        RECORD_FIELD(PlanBlock, module, RECORD_REQUIRED, module_name_is_valid),
        RECORD_FIELD(PlanBlock, before, RECORD_REQUIRED, NULL),
        RECORD_FIELD(PlanBlock, after, RECORD_REQUIRED, NULL),
};
const Record block_file_record = { sizeof(PlanBlock), fields, ELEMENTSOF(fields), NULL };

static bool any_block(const Plan *plan, bool after)
{
        for (size_t i = 0; i < plan->block_count; i++)
                if (plan->blocks[i].after == after)
                        return true;
        return false;
}

static int write_block(int dir_fd, const char *module)
{
        char *name CLEANUP_FREE = NULL;
        char *text CLEANUP_FREE = NULL;
        char *now CLEANUP_FREE = NULL;
        int r = block_file_name(module, &name);

        if (r >= 0)
                r = block_text_format(module, &text);
        if (r < 0)
                return r;
        if (fs_read_file_at(dir_fd, name, 4096, &now, NULL) >= 0 && strcmp(now, text) == 0)
                return 0;
        return fs_write_file_at(dir_fd, name, text, strlen(text), 0644);
}

static int remove_block(int dir_fd, const char *module)
{
        char *name CLEANUP_FREE = NULL;
        int r = block_file_name(module, &name);

        return r < 0 ? r : fs_remove_at(dir_fd, name);
}

/* Those of the modules that are blocked afterwards, or that aren't. */
static int change_blocks(const PartSite *site, bool after, Refusal *refusal)
{
        const Plan *plan = site->plan;
        int dir_fd CLEANUP_FD = -1;
        int r;

        if (!any_block(plan, after))
                return 0;
        dir_fd = configuration_open(site->root, BLOCK_DIRECTORY, after);
        if (dir_fd == -ENOENT && !after)
                return 0;
        r = dir_fd < 0 ? dir_fd : 0;
        for (size_t i = 0; r >= 0 && i < plan->block_count; i++)
                if (plan->blocks[i].after == after)
                        r = (after ? write_block : remove_block)(dir_fd, plan->blocks[i].module);
        if (r >= 0)
                r = fs_sync(dir_fd);
        return refusal_blame(refusal, r, BLOCK_DIRECTORY);
}

static int write_blocks(const PartSite *site, Refusal *refusal)
{
        return change_blocks(site, true, refusal);
}

static int remove_blocks(const PartSite *site, Refusal *refusal)
{
        return change_blocks(site, false, refusal);
}

static int describe(const Plan *plan, const void *item, PlanText *text)
{
        const PlanBlock *block = item;

        if (block->before == block->after)
                return 0;
        return plan_say(text, "%s " BLOCK_DIRECTORY "/hostdriver-%s.conf, %s.",
                        block->after ? "Write" : "Remove", block->module,
                        block->after ? "which keeps the module from loading"
                                     : "so that the module may load again");
}

/* What is to be kept from loading is blocked before its link goes, and what is selected stays blocked until
 * the module index names it: at no time can a version load that nobody chose. */
const Part part_block_file = {
        .name = "block file",
        PART_ITEMS(blocks, block_count),
        .steps = { [PART_FIRST] = write_blocks, [PART_LAST] = remove_blocks },
        .describe = { [PART_PLACE] = describe },
};
