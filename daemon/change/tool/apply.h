/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Runs the tools that make what stands on disk effective, one step after the other, for a set of kernel
 * releases. It judges nothing: see verify.h. */
#pragma once

#include <systemd/sd-event.h>

#include "host/config.h"
#include "host/root.h"
#include "util/string-set.h"

typedef struct Apply Apply;

typedef struct ApplyObserver {
        /* STEP is static; FRACTION of all the work, 0…1, is done. */
        void (*progress)(void *userdata, const char *step, double fraction);
        /* The last call, exactly once and from the event loop. FAILURE is NULL if every tool said that all
         * went well, else a sentence. The apply may be freed in it. */
        void (*done)(void *userdata, const char *failure);
        void *userdata;
} ApplyObserver;

/* Begins with the next turn of the event loop. RELEASES are copied. 0 or a negative errno. */
int apply_start(sd_event *event, const HostRoot *root, const Config *config, const StringSet *releases,
                const ApplyObserver *observer, Apply **ret) WARN_UNUSED NONNULL(1, 2, 3, 4, 5, 6);

/* Ends the running tool and leaves out the rest; `done` still comes. */
void apply_cancel(Apply *apply) NONNULL(1);

/* Ends what runs; no callback afterwards. */
Apply *apply_free(Apply *apply);
DEFINE_CLEANUP(Apply, apply_free)
