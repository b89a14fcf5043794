/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The phases of a rebuild that change the host: new images in the place of the old ones, and the hooks of
 * boot loaders. */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "change/initramfs/initramfs-place.h"
#include "change/initramfs/initramfs-rebuild-internal.h"
#include "util/clock.h"
#include "util/log.h"

void rebuild_replace(InitramfsRebuild *rebuild)
{
        Refusal refusal CLEANUP_REFUSAL = { 0 };

        rebuild->observer.replacing(rebuild->observer.userdata);
        if (image_swaps_replace(rebuild->swaps, rebuild->swap_count, &refusal) < 0)
                rebuild_fail(rebuild, STEAL(refusal.sentence));
        else
                rebuild_proceed(rebuild, PHASE_HOOKS);
}

static void restore(InitramfsRebuild *rebuild, char *sentence_taken)
{
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        char *sentence CLEANUP_FREE = sentence_taken;
        char *longer = NULL;

        if (image_swaps_restore(rebuild->swaps, rebuild->swap_count, &refusal) < 0 && refusal.sentence &&
                        asprintf(&longer, "%s %s", sentence ? sentence : "", refusal.sentence) < 0)
                longer = NULL;
        rebuild_fail(rebuild, longer ? longer : STEAL(sentence));
        rebuild_proceed(rebuild, PHASE_HOOKS_AGAIN);
}

static void on_hooks_done(
                Child *child, ChildOutcome outcome, int code, const char *last_lines, void *userdata)
{
        InitramfsRebuild *rebuild = userdata;
        char *sentence = NULL;

        /* What fails for an old image has failed before, or will again. */
        if (rebuild_end_tool(rebuild, "run-parts of /etc/initramfs/post-update.d", outcome, code, last_lines,
                            &sentence) ||
                        rebuild->phase == PHASE_HOOKS_AGAIN) {
                free(sentence);
                rebuild->position++;
        } else
                restore(rebuild, sentence);
}

static void back_up(const ImageSwap *swap)
{
        int r = image_swap_back_up(swap, clock_usec(CLOCK_REALTIME) - clock_usec(CLOCK_BOOTTIME));

        if (r < 0)
                log_warning("The old %s could not be kept as %s.bak (%s), as update-initramfs.conf says.",
                                swap->path, swap->path, strerror(-r));
}

static void settle(InitramfsRebuild *rebuild)
{
        for (size_t i = 0; i < rebuild->count; i++) {
                rebuild->swaps[i].swapped = false; /* the old image is no longer needed */
                if (rebuild->backs_up)
                        back_up(&rebuild->swaps[i]);
                image_place_forget(rebuild->root, rebuild->items[i].path);
                if (rebuild_item_settle(&rebuild->items[i], &rebuild->swaps[i]) >= 0)
                        rebuild->observer.image(rebuild->observer.userdata, rebuild->items[i].rebuilt);
        }
}

void rebuild_hooks(InitramfsRebuild *rebuild)
{
        InitramfsCommand command CLEANUP(initramfs_command_done) = { 0 };
        int r;

        if (rebuild->position >= rebuild->count) {
                if (rebuild->phase == PHASE_HOOKS)
                        settle(rebuild);
                rebuild->phase = PHASE_END;
                return;
        }
        r = initramfs_hooks_command(rebuild->root, rebuild->items[rebuild->position].request.release,
                        rebuild->items[rebuild->position].path, &command);
        if (r >= 0)
                r = rebuild_run_tool(rebuild, &command, on_hooks_done);
        if (r == -ENOENT || (r < 0 && rebuild->phase == PHASE_HOOKS_AGAIN))
                rebuild->position++;
        else if (r < 0)
                restore(rebuild, strdup(strerror(-r)));
}
