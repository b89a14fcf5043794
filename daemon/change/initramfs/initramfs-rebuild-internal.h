/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files of a rebuild share: its phases, and what each of them does. Nobody else includes it. */
#pragma once

#include "change/initramfs/initramfs-command.h"
#include "change/initramfs/initramfs-look.h"
#include "change/initramfs/initramfs-rebuild.h"
#include "change/tool/child.h"
#include "host/initramfs/initramfs-reader.h"

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
        sd_event *event;
        const HostRoot *root;
        const Config *config;
        RebuildObserver observer;
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
        Child *child;
        bool canceled;
        bool failed;
        char *failure;
};

/* Each phase's next step: to be called again from the event loop, unless a tool runs. */
void rebuild_look(InitramfsRebuild *rebuild) NONNULL(1);
void rebuild_build(InitramfsRebuild *rebuild) NONNULL(1);
void rebuild_check(InitramfsRebuild *rebuild) NONNULL(1);
void rebuild_replace(InitramfsRebuild *rebuild) NONNULL(1);
void rebuild_hooks(InitramfsRebuild *rebuild) NONNULL(1);

/* Goes to the end; the first sentence (NULL: no memory) is the one that is told. */
void rebuild_fail(InitramfsRebuild *rebuild, char *sentence_taken) NONNULL(1);
void rebuild_fail_errno(InitramfsRebuild *rebuild, const char *what, int error) NONNULL(1, 2);

/* Goes to the first item of PHASE. */
void rebuild_proceed(InitramfsRebuild *rebuild, RebuildPhase phase) NONNULL(1);

void rebuild_drop_item(InitramfsRebuild *rebuild, size_t position) NONNULL(1);

/* Runs a tool inside the root; DONE gets the rebuild. 0 or a negative errno. */
int rebuild_run_tool(InitramfsRebuild *rebuild, const InitramfsCommand *command, ChildDone done) WARN_UNUSED
                NONNULL(1, 2, 3);

/* Takes the end of a tool. Whether it went well; if not, *ret_sentence may say why. */
bool rebuild_end_tool(InitramfsRebuild *rebuild, const char *tool, ChildOutcome outcome, int code,
                const char *last_lines, char **ret_sentence) WARN_UNUSED NONNULL(1, 2, 5, 6);
