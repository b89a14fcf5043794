/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The phases of a rebuild: look at all images, build all that are stale beside the old ones, check each,
 * then replace all and tell the boot loaders. */

#include "change/initramfs/initramfs-rebuild.h"

#include <errno.h>
#include <string.h>

#include "change/initramfs/initramfs-command.h"
#include "change/initramfs/initramfs-look.h"
#include "change/initramfs/initramfs-space.h"
#include "change/segment/segment-child.h"
#include "change/segment/segment-stage.h"
#include "change/tool/child.h"
#include "host/initramfs/initramfs-generator.h"
#include "host/initramfs/initramfs-listed.h"
#include "host/initramfs/initramfs-reader.h"
#include "util/clock.h"
#include "util/fs.h"
#include "util/log.h"
#include "util/text-format.h"

#define UNFIT "%s To let %s make the image, set ImageMethod=auto in hostdriver.conf."
#define CHANGED "%s has changed while a segment was made for it."

typedef enum RebuildPhase {
        PHASE_BEGIN,
        PHASE_LOOK,
        PHASE_BUILD,
        PHASE_CHECK,
        PHASE_REPLACE,
        PHASE_HOOKS,
        PHASE_HOOKS_AGAIN, /* the old images are back, of which the boot loaders have to know */
        PHASE_END,
} RebuildPhase;

struct InitramfsRebuild {
        const StageHost *host;
        StageObserver observer;
        InitramfsGenerator generator;
        const char *program; /* static */
        bool backs_up;       /* see image_swap_back_up() */
        StringSet listed;
        RebuildItem *items; /* after PHASE_LOOK only those that are rebuilt, and then */
        ImageSwap *swaps;   /* one for each of them */
        size_t count;
        size_t swap_count;
        RebuildPhase phase;
        size_t position; /* of the item that the phase is at */
        sd_event_source *turn;
        InitramfsReader *reader;
        SegmentTask segment; /* that the child is at */
        Child *child;
        bool canceled;
        bool failed;
        char *failure;
};

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

/* --- what the phases share -------------------------------------------------------------------------- */

static void fail(InitramfsRebuild *rebuild, char *sentence_taken)
{
        if (!rebuild->failure)
                rebuild->failure = STEAL(sentence_taken);
        free(sentence_taken);
        rebuild->failed = true;
        rebuild->phase = PHASE_END;
}

static void fail_errno(InitramfsRebuild *rebuild, const char *what, int error)
{
        const RebuildItem *item =
                        rebuild->position < rebuild->count ? &rebuild->items[rebuild->position] : NULL;

        fail(rebuild, text_new("The initramfs of kernel release %s can't be rebuilt: %s: %s.",
                                      item ? item->request.release : "?", what, strerror(-error)));
}

static void proceed(InitramfsRebuild *rebuild, RebuildPhase phase)
{
        rebuild->phase = phase;
        rebuild->position = 0;
}

static int run_tool(InitramfsRebuild *rebuild, const InitramfsCommand *command, ChildDone done)
{
        const char *inside =
                        host_root_is_host(rebuild->host->root) ? NULL : host_root_path(rebuild->host->root);
        int r = child_start_inside(rebuild->host->event, inside, command->argv,
                        rebuild->host->config->initramfs_timeout_sec, done, rebuild, &rebuild->child);

        if (r >= 0)
                (void) sd_event_source_set_enabled(rebuild->turn, SD_EVENT_OFF);
        return r;
}

/* Takes the end of a tool. Whether it went well; if not, *ret_sentence may say why. */
static bool end_tool(InitramfsRebuild *rebuild, const char *tool, ChildOutcome outcome, int code,
                const char *last_lines, char **ret_sentence)
{
        bool well = outcome == CHILD_EXITED && code == 0;

        if (!well)
                *ret_sentence = child_report(tool, rebuild->items[rebuild->position].request.release,
                                rebuild->host->config->initramfs_timeout_sec, outcome, code, last_lines);
        rebuild->child = child_free(rebuild->child);
        (void) sd_event_source_set_enabled(rebuild->turn, SD_EVENT_ON);
        return well;
}

static void drop_item(InitramfsRebuild *rebuild, size_t position)
{
        rebuild_item_done(&rebuild->items[position]);
        rebuild->count--;
        memmove(&rebuild->items[position], &rebuild->items[position + 1],
                        (rebuild->count - position) * sizeof(*rebuild->items));
}

/* Not for an image that was asked for as such: people want it anew with all that has changed. */
static bool takes_segment(const InitramfsRebuild *rebuild, const RebuildItem *item)
{
        return rebuild->host->config->image_method != IMAGE_METHOD_GENERATOR && !item->request.forced &&
               !item->unfit && item->old && item->old->error == 0;
}

/* --- looking ---------------------------------------------------------------------------------------- */

/* A read-only file system is no failure: the driver's problem says that the image is stale. Where somebody
 * asked for this very image, it is one. */
static int take_item(InitramfsRebuild *rebuild, RebuildItem *item)
{
        ImageSwap *swap = &rebuild->swaps[rebuild->swap_count];
        int r = image_swap_init(rebuild->host->root, item->path, swap);

        if (r >= 0)
                rebuild->swap_count++;
        return r == -EROFS && !item->request.forced ? 0 : r < 0 ? r : 1;
}

static void judge_item(InitramfsRebuild *rebuild)
{
        RebuildItem *item = &rebuild->items[rebuild->position];
        int r = rebuild_item_judge(rebuild->host->root, &rebuild->listed, NULL, item);

        if (r > 0)
                r = take_item(rebuild, item);
        else if (r == 0)
                r = kept_images_judge(rebuild->host->root, item->old, &rebuild->listed);
        if (r < 0)
                fail_errno(rebuild, item->path, r);
        else if (r > 0)
                rebuild->position++;
        else
                drop_item(rebuild, rebuild->position);
}

static int check_space(const InitramfsRebuild *rebuild, Refusal *refusal)
{
        int r = rebuild_check_space(rebuild->swaps, rebuild->count, refusal);

        for (size_t i = 0; r >= 0 && i < rebuild->count; i++)
                if (!takes_segment(rebuild, &rebuild->items[i]))
                        r = rebuild_check_work_space(rebuild->host->root, rebuild->generator,
                                        &rebuild->items[i], rebuild->swaps, rebuild->count, refusal);
        return r;
}

static void finish_look(InitramfsRebuild *rebuild)
{
        Refusal refusal CLEANUP_REFUSAL = { 0 };

        if (rebuild->count == 0)
                rebuild->phase = PHASE_END;
        else if (check_space(rebuild, &refusal) < 0)
                fail(rebuild, STEAL(refusal.sentence));
        else
                proceed(rebuild, PHASE_BUILD);
}

static void look(InitramfsRebuild *rebuild)
{
        RebuildItem *item = &rebuild->items[rebuild->position];
        int r;

        if (rebuild->position >= rebuild->count) {
                finish_look(rebuild);
                return;
        }
        r = rebuild_item_look(rebuild->host->root, rebuild->host->facts(rebuild->host->userdata), item,
                        &rebuild->reader);
        if (r < 0)
                fail_errno(rebuild, "what it holds can't be told", r);
        else if (r == 0 && !item->path)
                drop_item(rebuild, rebuild->position);
        else if (r == 0)
                judge_item(rebuild);
}

/* --- building --------------------------------------------------------------------------------------- */

/* The new image of the item is there: it is read back next. */
static void take_image(InitramfsRebuild *rebuild)
{
        const RebuildItem *item = &rebuild->items[rebuild->position];
        const ImageSwap *swap = &rebuild->swaps[rebuild->position];
        int r = image_swap_sync(swap);

        if (r >= 0)
                r = initramfs_reader_new(rebuild->host->root, item->request.release, swap->temporary_path,
                                &item->names, &rebuild->reader);
        if (r == -ENOENT)
                fail(rebuild, text_new("%s ended without an error, but wrote no initramfs for kernel release "
                                       "%s.",
                                              rebuild->program, item->request.release));
        else if (r < 0)
                fail_errno(rebuild, "the new image", r);
        else
                rebuild->phase = PHASE_CHECK;
}

static void on_built(Child *child, ChildOutcome outcome, int code, const char *last_lines, void *userdata)
{
        InitramfsRebuild *rebuild = userdata;
        char *sentence = NULL;

        if (end_tool(rebuild, rebuild->program, outcome, code, last_lines, &sentence))
                take_image(rebuild);
        else
                fail(rebuild, sentence);
}

/* What SENTENCE says keeps the image from being made by a segment. */
static void give_up_segment(InitramfsRebuild *rebuild, char *sentence_taken)
{
        RebuildItem *item = &rebuild->items[rebuild->position];
        const ImageSwap *swap = &rebuild->swaps[rebuild->position];
        const char *generator = initramfs_generator_text(rebuild->generator);
        char *sentence CLEANUP_FREE = sentence_taken;
        Refusal refusal CLEANUP_REFUSAL = { 0 };

        if (rebuild->canceled || rebuild->host->config->image_method == IMAGE_METHOD_SEGMENT) {
                fail(rebuild, rebuild->canceled || !sentence ? STEAL(sentence)
                                                             : text_new(UNFIT, sentence, generator));
                return;
        }
        log_info("%s is made anew by %s: %s", item->path, generator, sentence ? sentence : strerror(ENOMEM));
        (void) !fs_remove_at(swap->dir_fd, swap->temporary);
        item->unfit = true;
        rebuild->phase = PHASE_BUILD;
        if (rebuild_check_work_space(rebuild->host->root, rebuild->generator, item, rebuild->swaps,
                            rebuild->count, &refusal) < 0)
                fail(rebuild, STEAL(refusal.sentence));
}

static void on_segment(Child *child, ChildOutcome outcome, int code, const char *last_lines, void *userdata)
{
        InitramfsRebuild *rebuild = userdata;
        char *sentence = NULL, *said = outcome == CHILD_EXITED && *last_lines ? strdup(last_lines) : NULL;

        if (end_tool(rebuild, SEGMENT_BUILDER, outcome, code, last_lines, &sentence)) {
                free(said);
                take_image(rebuild);
        } else if (said) {
                free(sentence);
                give_up_segment(rebuild, said);
        } else
                give_up_segment(rebuild, sentence);
}

static int append_segment(InitramfsRebuild *rebuild)
{
        const RebuildItem *item = &rebuild->items[rebuild->position];
        const ImageSwap *swap = &rebuild->swaps[rebuild->position];
        int r;

        rebuild->segment = (SegmentTask){ .root = rebuild->host->root,
                .release = item->request.release,
                .dir_fd = swap->dir_fd,
                .name = swap->name,
                .temporary = swap->temporary,
                .old = item->old,
                .wants = &item->wants };
        r = segment_child_start(rebuild->host->event, &rebuild->segment,
                        rebuild->host->config->initramfs_timeout_sec, on_segment, rebuild, &rebuild->child);
        if (r >= 0)
                (void) sd_event_source_set_enabled(rebuild->turn, SD_EVENT_OFF);
        return r;
}

static int generate(InitramfsRebuild *rebuild)
{
        InitramfsCommand command CLEANUP(initramfs_command_done) = { 0 };
        char *blocks CLEANUP_FREE = NULL;
        int r = initramfs_command_blocks(rebuild->host->root, &blocks);

        if (r >= 0)
                r = initramfs_command(rebuild->generator, rebuild->program,
                                rebuild->items[rebuild->position].request.release,
                                rebuild->swaps[rebuild->position].temporary_path, blocks, &command);
        return r < 0 ? r : run_tool(rebuild, &command, on_built);
}

static void build(InitramfsRebuild *rebuild)
{
        double count = (double) rebuild->count, position = (double) rebuild->position;
        const char *builder;
        bool segment;
        int r;

        if (rebuild->position >= rebuild->count) {
                proceed(rebuild, PHASE_REPLACE);
                return;
        }
        segment = takes_segment(rebuild, &rebuild->items[rebuild->position]);
        builder = segment ? SEGMENT_BUILDER : initramfs_generator_text(rebuild->generator);
        rebuild->observer.progress(
                        rebuild->observer.userdata, builder, position / count, (position + 1) / count);
        r = segment ? append_segment(rebuild) : generate(rebuild);
        if (r < 0)
                fail_errno(rebuild, builder, r);
}

/* Whether what a segment was made for has been replaced by somebody: what that brought would be lost. What
 * the generator makes has it, too. */
static bool has_changed(const InitramfsRebuild *rebuild, size_t position)
{
        const RebuildItem *item = &rebuild->items[position];

        return takes_segment(rebuild, item) && rebuild_item_has_changed(item, &rebuild->swaps[position]);
}

static void check(InitramfsRebuild *rebuild)
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
                fail_errno(rebuild, "the new image can't be read", r);
        else if (takes_segment(rebuild, item) && (r == 0 || has_changed(rebuild, rebuild->position))) {
                item->rebuilt = initramfs_image_unref(item->rebuilt);
                give_up_segment(rebuild, r == 0 ? sentence : text_new(CHANGED, item->path));
        } else if (r == 0)
                fail(rebuild, sentence);
        else {
                rebuild->position++;
                rebuild->phase = PHASE_BUILD;
        }
}

/* --- replacing -------------------------------------------------------------------------------------- */

static void replace(InitramfsRebuild *rebuild)
{
        Refusal refusal CLEANUP_REFUSAL = { 0 };

        for (size_t i = 0; i < rebuild->count; i++)
                if (has_changed(rebuild, i)) {
                        fail(rebuild, text_new(CHANGED, rebuild->items[i].path));
                        return;
                }
        rebuild->observer.commit(rebuild->observer.userdata);
        if (image_swaps_replace(rebuild->swaps, rebuild->swap_count, &refusal) < 0)
                fail(rebuild, STEAL(refusal.sentence));
        else
                proceed(rebuild, PHASE_HOOKS);
}

static void restore(InitramfsRebuild *rebuild, char *sentence_taken)
{
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        char *sentence CLEANUP_FREE = sentence_taken;
        char *longer = NULL;

        if (image_swaps_restore(rebuild->swaps, rebuild->swap_count, &refusal) < 0 && refusal.sentence)
                longer = text_new("%s %s", sentence ? sentence : "", refusal.sentence);
        fail(rebuild, longer ? longer : STEAL(sentence));
        proceed(rebuild, PHASE_HOOKS_AGAIN);
}

static void on_hooks_done(
                Child *child, ChildOutcome outcome, int code, const char *last_lines, void *userdata)
{
        InitramfsRebuild *rebuild = userdata;
        char *sentence = NULL;

        /* What fails for an old image has failed before, or will again. */
        if (end_tool(rebuild, "run-parts of /etc/initramfs/post-update.d", outcome, code, last_lines,
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
                image_place_forget(rebuild->host->root, rebuild->items[i].path);
                if (rebuild_item_settle(&rebuild->items[i], &rebuild->swaps[i]) >= 0)
                        rebuild->host->image(rebuild->host->userdata, rebuild->items[i].rebuilt);
        }
}

static void run_hooks(InitramfsRebuild *rebuild)
{
        InitramfsCommand command CLEANUP(initramfs_command_done) = { 0 };
        int r;

        if (rebuild->position >= rebuild->count) {
                if (rebuild->phase == PHASE_HOOKS)
                        settle(rebuild);
                rebuild->phase = PHASE_END;
                return;
        }
        r = initramfs_hooks_command(rebuild->host->root, rebuild->items[rebuild->position].request.release,
                        rebuild->items[rebuild->position].path, &command);
        if (r >= 0)
                r = run_tool(rebuild, &command, on_hooks_done);
        if (r == -ENOENT || (r < 0 && rebuild->phase == PHASE_HOOKS_AGAIN))
                rebuild->position++;
        else if (r < 0)
                restore(rebuild, strdup(strerror(-r)));
}

/* --- turns ------------------------------------------------------------------------------------------ */

static void begin(InitramfsRebuild *rebuild)
{
        int r = initramfs_generator_find(rebuild->host->root, rebuild->host->config, &rebuild->generator);

        if (r >= 0 && initramfs_rebuild_obstacle(rebuild->host->root, rebuild->generator)) {
                while (rebuild->count > 0)
                        drop_item(rebuild, 0);
                rebuild->phase = PHASE_END;
                return;
        }
        rebuild->program = initramfs_generator_program(rebuild->host->root, rebuild->generator);
        if (r >= 0)
                r = initramfs_generator_backs_up(
                                rebuild->host->root, rebuild->generator, &rebuild->backs_up);
        if (r >= 0)
                r = initramfs_listed(rebuild->host->root, rebuild->generator, &rebuild->listed);
        if (r < 0)
                fail_errno(rebuild, "configuration", r);
        else
                proceed(rebuild, PHASE_LOOK);
}

static void end(InitramfsRebuild *rebuild)
{
        (void) sd_event_source_set_enabled(rebuild->turn, SD_EVENT_OFF);
        rebuild->observer.done(rebuild->observer.userdata,
                        rebuild->canceled ? STAGE_CANCELED
                        : rebuild->failed ? STAGE_FAILED
                                          : STAGE_DONE,
                        rebuild->failure);
}

static int on_turn(sd_event_source *source, void *userdata)
{
        static void (*const phases[])(InitramfsRebuild * rebuild) = {
                [PHASE_BEGIN] = begin,
                [PHASE_LOOK] = look,
                [PHASE_BUILD] = build,
                [PHASE_CHECK] = check,
                [PHASE_REPLACE] = replace,
                [PHASE_HOOKS] = run_hooks,
                [PHASE_HOOKS_AGAIN] = run_hooks,
                [PHASE_END] = end,
        };
        InitramfsRebuild *rebuild = userdata;

        if (rebuild->canceled && rebuild->phase < PHASE_HOOKS)
                rebuild->phase = PHASE_END;
        phases[rebuild->phase](rebuild);
        return 0;
}

/* --- from outside ----------------------------------------------------------------------------------- */

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
        segment_stage_sweep(); /* of one that was killed */
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
        free(rebuild);
        return NULL;
}

int initramfs_rebuild_start(const StageHost *host, RebuildRequests *requests, const StageObserver *observer,
                InitramfsRebuild **ret)
{
        RebuildRequests taken CLEANUP(rebuild_requests_done) = *requests;
        InitramfsRebuild *rebuild CLEANUP(initramfs_rebuild_freep) = calloc(1, sizeof(*rebuild));
        int r;

        *requests = (RebuildRequests){ 0 };
        if (!rebuild)
                return -ENOMEM;
        *rebuild = (InitramfsRebuild){ .host = host,
                .observer = *observer,
                .items = calloc(taken.count + 1, sizeof(RebuildItem)),
                .swaps = calloc(taken.count + 1, sizeof(ImageSwap)) };
        if (!rebuild->items || !rebuild->swaps)
                return -ENOMEM;
        for (size_t i = 0; i < taken.count; i++) {
                rebuild->items[rebuild->count++].request = taken.items[i];
                taken.items[i] = (RebuildRequest){ 0 };
        }
        r = sd_event_add_defer(host->event, &rebuild->turn, on_turn, rebuild);
        if (r >= 0)
                r = sd_event_source_set_priority(rebuild->turn, SD_EVENT_PRIORITY_IDLE);
        if (r >= 0)
                r = sd_event_source_set_enabled(rebuild->turn, SD_EVENT_ON);
        if (r < 0)
                return r;
        *ret = STEAL(rebuild);
        return 0;
}
