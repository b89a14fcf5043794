/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The phases of a rebuild that change no image: which images are stale, their new ones, whether those are
 * right. */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "change/initramfs/initramfs-kept.h"
#include "change/initramfs/initramfs-rebuild-internal.h"
#include "change/initramfs/initramfs-space.h"
#include "host/initramfs/initramfs-reader.h"
#include "host/selection.h"

/* A read-only file system is no failure: the driver's problem says that the image is stale. Where somebody
 * asked for this very image, it is one. */
static int take_item(InitramfsRebuild *rebuild, RebuildItem *item)
{
        ImageSwap *swap = &rebuild->swaps[rebuild->swap_count];
        int r = image_swap_init(rebuild->root, item->path, swap);

        if (r >= 0)
                rebuild->swap_count++;
        return r == -EROFS && !item->request.forced ? 0 : r < 0 ? r : 1;
}

static void judge_item(InitramfsRebuild *rebuild)
{
        RebuildItem *item = &rebuild->items[rebuild->position];
        int r = rebuild_item_judge(rebuild->root, &rebuild->listed, item);

        if (r > 0)
                r = take_item(rebuild, item);
        else if (r == 0)
                r = kept_images_judge(rebuild->root, item->old, &rebuild->listed);
        if (r < 0)
                rebuild_fail_errno(rebuild, item->path, r);
        else if (r > 0)
                rebuild->position++;
        else
                rebuild_drop_item(rebuild, rebuild->position);
}

static void finish_look(InitramfsRebuild *rebuild)
{
        Refusal refusal CLEANUP_REFUSAL = { 0 };

        if (rebuild->count == 0)
                rebuild->phase = PHASE_END;
        else if (rebuild_check_space(rebuild->root, rebuild->generator, rebuild->items, rebuild->swaps,
                                 rebuild->count, &refusal) < 0)
                rebuild_fail(rebuild, STEAL(refusal.sentence));
        else
                rebuild_proceed(rebuild, PHASE_BUILD);
}

void rebuild_look(InitramfsRebuild *rebuild)
{
        RebuildItem *item = &rebuild->items[rebuild->position];
        int r = 0;

        if (rebuild->position >= rebuild->count) {
                finish_look(rebuild);
                return;
        }
        if (rebuild->reader) {
                r = image_read_slice(rebuild->reader, &item->old);
                if (r > 0)
                        return;
                rebuild->reader = initramfs_reader_free(rebuild->reader);
        } else
                r = rebuild_item_find(rebuild->root, rebuild->observer.facts(rebuild->observer.userdata),
                                item, &rebuild->reader);
        if (r < 0)
                rebuild_fail_errno(rebuild, "what it holds can't be told", r);
        else if (!rebuild->reader && !item->path)
                rebuild_drop_item(rebuild, rebuild->position);
        else if (!rebuild->reader)
                judge_item(rebuild);
}

/* --- building --------------------------------------------------------------------------------------- */

static void on_built(Child *child, ChildOutcome outcome, int code, const char *last_lines, void *userdata)
{
        InitramfsRebuild *rebuild = userdata;
        const RebuildItem *item = &rebuild->items[rebuild->position];
        const ImageSwap *swap = &rebuild->swaps[rebuild->position];
        char *sentence = NULL;
        int r;

        if (!rebuild_end_tool(rebuild, rebuild->program, outcome, code, last_lines, &sentence)) {
                rebuild_fail(rebuild, sentence);
                return;
        }
        r = image_swap_sync(swap);
        if (r >= 0)
                r = initramfs_reader_new(rebuild->root, item->request.release, swap->temporary_path,
                                &item->names, &rebuild->reader);
        if (r == -ENOENT) {
                if (asprintf(&sentence,
                                    "%s ended without an error, but wrote no initramfs for kernel release %s.",
                                    rebuild->program, item->request.release) < 0)
                        sentence = NULL;
                rebuild_fail(rebuild, sentence);
        } else if (r < 0)
                rebuild_fail_errno(rebuild, "the new image", r);
        else
                rebuild->phase = PHASE_CHECK;
}

/* The paths of our modprobe.d files, with blanks between. The caller frees *ret. */
static int list_blocks(const HostRoot *root, char **ret)
{
        StringSet modules CLEANUP_STRING_SET = { 0 };
        char *list CLEANUP_FREE = strdup("");
        int r = blocks_read(root, &modules);

        for (size_t i = 0; r >= 0 && list && i < modules.count; i++) {
                char *name CLEANUP_FREE = NULL, *longer = NULL;

                r = block_file_name(modules.items[i], &name);
                if (r >= 0 && asprintf(&longer, "%s%s" BLOCK_DIRECTORY "/%s", list, i > 0 ? " " : "", name) <
                                                0)
                        longer = NULL;
                free(list);
                list = longer;
        }
        if (r < 0 || !list)
                return r < 0 ? r : -ENOMEM;
        *ret = STEAL(list);
        return 0;
}

void rebuild_build(InitramfsRebuild *rebuild)
{
        InitramfsCommand command CLEANUP(initramfs_command_done) = { 0 };
        char *blocks CLEANUP_FREE = NULL;
        int r;

        if (rebuild->position >= rebuild->count) {
                rebuild_proceed(rebuild, PHASE_REPLACE);
                return;
        }
        rebuild->observer.progress(rebuild->observer.userdata,
                        (double) rebuild->position / (double) rebuild->count, 1 / (double) rebuild->count);
        r = list_blocks(rebuild->root, &blocks);
        if (r >= 0)
                r = initramfs_command(rebuild->generator, rebuild->program,
                                rebuild->items[rebuild->position].request.release,
                                rebuild->swaps[rebuild->position].temporary_path, blocks, &command);
        if (r >= 0)
                r = rebuild_run_tool(rebuild, &command, on_built);
        if (r < 0)
                rebuild_fail_errno(rebuild, rebuild->program, r);
}

void rebuild_check(InitramfsRebuild *rebuild)
{
        RebuildItem *item = &rebuild->items[rebuild->position];
        char *sentence = NULL;
        int r = image_read_slice(rebuild->reader, &item->rebuilt);

        if (r > 0)
                return;
        rebuild->reader = initramfs_reader_free(rebuild->reader);
        if (r == 0)
                r = image_check(item->old, item->rebuilt, &item->wants, &sentence);
        if (r < 0)
                rebuild_fail_errno(rebuild, "the new image can't be read", r);
        else if (r == 0)
                rebuild_fail(rebuild, sentence);
        else {
                rebuild->position++;
                rebuild->phase = PHASE_BUILD;
        }
}
