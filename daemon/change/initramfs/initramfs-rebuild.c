/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The phases of a rebuild: look at all images, build all that are stale beside the old ones, check each,
 * then replace all and tell the boot loaders. */

#include "change/initramfs/initramfs-rebuild.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "change/initramfs/initramfs-rebuild-internal.h"
#include "change/tool/child-report.h"
#include "host/initramfs/initramfs-generator.h"
#include "host/initramfs/initramfs-listed.h"
#include "host/initramfs/initramfs-reader.h"
#include "util/log.h"

const char *initramfs_rebuild_obstacle(const HostRoot *root, InitramfsGenerator generator)
{
        if (generator == INITRAMFS_NONE || generator == INITRAMFS_AUTO)
                return "No initramfs generator was found, or Initramfs= in hostdriver.conf says none. Install "
                       "initramfs-tools, dracut or mkinitcpio, or name it there.";
        if (!initramfs_generator_program(root, generator))
                return "The initramfs generator that Initramfs= or install.conf names is not installed.";
        if (!host_root_is_host(root) && geteuid() != 0)
                return "Only root can run the initramfs generator of another root directory.";
        return NULL;
}

void rebuild_drop_item(InitramfsRebuild *rebuild, size_t position)
{
        rebuild_item_done(&rebuild->items[position]);
        rebuild->count--;
        memmove(&rebuild->items[position], &rebuild->items[position + 1],
                        (rebuild->count - position) * sizeof(*rebuild->items));
}

/* --- what the phases share -------------------------------------------------------------------------- */

void rebuild_fail(InitramfsRebuild *rebuild, char *sentence_taken)
{
        if (!rebuild->failure)
                rebuild->failure = STEAL(sentence_taken);
        free(sentence_taken);
        rebuild->failed = true;
        rebuild->phase = PHASE_END;
}

void rebuild_fail_errno(InitramfsRebuild *rebuild, const char *what, int error)
{
        const RebuildItem *item =
                        rebuild->position < rebuild->count ? &rebuild->items[rebuild->position] : NULL;
        char *sentence = NULL;

        if (asprintf(&sentence, "The initramfs of kernel release %s can't be rebuilt: %s: %s.",
                            item ? item->request.release : "?", what, strerror(-error)) < 0)
                sentence = NULL;
        rebuild_fail(rebuild, sentence);
}

void rebuild_proceed(InitramfsRebuild *rebuild, RebuildPhase phase)
{
        rebuild->phase = phase;
        rebuild->position = 0;
}

int rebuild_run_tool(InitramfsRebuild *rebuild, const InitramfsCommand *command, ChildDone done)
{
        const char *inside = host_root_is_host(rebuild->root) ? NULL : host_root_path(rebuild->root);
        int r = child_start_inside(rebuild->event, inside, command->argv,
                        rebuild->config->initramfs_timeout_sec, done, rebuild, &rebuild->child);

        if (r >= 0)
                (void) sd_event_source_set_enabled(rebuild->turn, SD_EVENT_OFF);
        return r;
}

/* Takes the end of a tool. Whether it went well; if not, *ret_sentence may say why. */
bool rebuild_end_tool(InitramfsRebuild *rebuild, const char *tool, ChildOutcome outcome, int code,
                const char *last_lines, char **ret_sentence)
{
        bool well = outcome == CHILD_EXITED && code == 0;

        if (!well)
                *ret_sentence = child_report(tool, rebuild->items[rebuild->position].request.release,
                                rebuild->config->initramfs_timeout_sec, outcome, code, last_lines);
        rebuild->child = child_free(rebuild->child);
        (void) sd_event_source_set_enabled(rebuild->turn, SD_EVENT_ON);
        return well;
}

/* --- turns ------------------------------------------------------------------------------------------- */

static void begin(InitramfsRebuild *rebuild)
{
        int r = initramfs_generator_find(rebuild->root, rebuild->config, &rebuild->generator);

        if (r >= 0 && initramfs_rebuild_obstacle(rebuild->root, rebuild->generator)) {
                while (rebuild->count > 0)
                        rebuild_drop_item(rebuild, 0);
                rebuild->phase = PHASE_END;
                return;
        }
        rebuild->program = initramfs_generator_program(rebuild->root, rebuild->generator);
        if (r >= 0)
                r = initramfs_generator_backs_up(rebuild->root, rebuild->generator, &rebuild->backs_up);
        if (r >= 0)
                r = initramfs_listed(rebuild->root, rebuild->generator, &rebuild->listed);
        if (r < 0)
                rebuild_fail_errno(rebuild, "configuration", r);
        else
                rebuild_proceed(rebuild, PHASE_LOOK);
}

static void end(InitramfsRebuild *rebuild)
{
        RebuildOutcome outcome = rebuild->count > 0 ? REBUILD_DONE : REBUILD_UNNEEDED;

        (void) sd_event_source_set_enabled(rebuild->turn, SD_EVENT_OFF);
        if (rebuild->canceled)
                outcome = REBUILD_CANCELED;
        else if (rebuild->failed)
                outcome = REBUILD_FAILED;
        rebuild->observer.done(rebuild->observer.userdata, outcome,
                        rebuild->failure ? rebuild->failure : "There is no memory.");
}

static int on_turn(sd_event_source *source, void *userdata)
{
        static void (*const phases[])(InitramfsRebuild * rebuild) = {
                [PHASE_BEGIN] = begin,
                [PHASE_LOOK] = rebuild_look,
                [PHASE_BUILD] = rebuild_build,
                [PHASE_CHECK] = rebuild_check,
                [PHASE_REPLACE] = rebuild_replace,
                [PHASE_HOOKS] = rebuild_hooks,
                [PHASE_HOOKS_AGAIN] = rebuild_hooks,
                [PHASE_END] = end,
        };
        InitramfsRebuild *rebuild = userdata;

        if (rebuild->canceled && rebuild->phase < PHASE_HOOKS)
                rebuild->phase = PHASE_END;
        phases[rebuild->phase](rebuild);
        return 0;
}

/* --- from outside ------------------------------------------------------------------------------------ */

bool initramfs_rebuild_concerns(const InitramfsRebuild *rebuild, const Plan *plan)
{
        for (size_t i = 0; i < rebuild->count; i++)
                for (size_t j = 0; j < plan->change_count; j++) {
                        const RebuildItem *item = &rebuild->items[i];

                        if (strcmp(plan->changes[j].release, item->request.release) == 0 &&
                                        (!item->old || image_concerns(item->old, &item->wants,
                                                                       plan->changes[j].module)))
                                return true;
                }
        return false;
}

int initramfs_rebuild_releases(const InitramfsRebuild *rebuild, StringSet *ret)
{
        int r = 0;

        for (size_t i = 0; r >= 0 && i < rebuild->count; i++)
                r = string_set_add(ret, rebuild->items[i].request.release);
        return r < 0 ? r : 0;
}

void initramfs_rebuild_cancel(InitramfsRebuild *rebuild)
{
        if (rebuild->phase >= PHASE_HOOKS)
                return;
        rebuild->canceled = true;
        if (rebuild->child)
                child_cancel(rebuild->child);
}

InitramfsRebuild *initramfs_rebuild_free(InitramfsRebuild *rebuild)
{
        Refusal refusal CLEANUP_REFUSAL = { 0 };

        if (!rebuild)
                return NULL;
        (void) child_free(rebuild->child);
        (void) initramfs_reader_free(rebuild->reader);
        (void) sd_event_source_disable_unref(rebuild->turn);
        if (image_swaps_restore(rebuild->swaps, rebuild->swap_count, &refusal) < 0)
                log_error("%s", refusal.sentence ? refusal.sentence : "An initramfs could not be put back.");
        for (size_t i = 0; i < rebuild->swap_count; i++)
                image_swap_done(&rebuild->swaps[i]);
        for (size_t i = 0; i < rebuild->count; i++)
                rebuild_item_done(&rebuild->items[i]);
        free(rebuild->items);
        free(rebuild->swaps);
        string_set_done(&rebuild->listed);
        free(rebuild->failure);
        (void) sd_event_unref(rebuild->event);
        free(rebuild);
        return NULL;
}

int initramfs_rebuild_start(sd_event *event, const HostRoot *root, const Config *config,
                RebuildRequests *requests, const RebuildObserver *observer, InitramfsRebuild **ret)
{
        RebuildRequests taken CLEANUP(rebuild_requests_done) = *requests;
        InitramfsRebuild *rebuild CLEANUP(initramfs_rebuild_freep) = calloc(1, sizeof(*rebuild));
        int r;

        *requests = (RebuildRequests){ 0 };
        if (!rebuild)
                return -ENOMEM;
        *rebuild = (InitramfsRebuild){ .event = sd_event_ref(event),
                .root = root,
                .config = config,
                .observer = *observer,
                .items = calloc(taken.count + 1, sizeof(RebuildItem)),
                .swaps = calloc(taken.count + 1, sizeof(ImageSwap)) };
        if (!rebuild->items || !rebuild->swaps)
                return -ENOMEM;
        for (size_t i = 0; i < taken.count; i++) {
                rebuild->items[rebuild->count++].request = taken.items[i];
                taken.items[i] = (RebuildRequest){ 0 };
        }
        r = sd_event_add_defer(event, &rebuild->turn, on_turn, rebuild);
        if (r >= 0)
                r = sd_event_source_set_priority(rebuild->turn, SD_EVENT_PRIORITY_IDLE);
        if (r >= 0)
                r = sd_event_source_set_enabled(rebuild->turn, SD_EVENT_ON);
        if (r < 0)
                return r;
        *ret = STEAL(rebuild);
        return 0;
}
