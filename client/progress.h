/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The line on a terminal that says how far a job is. */
#pragma once

#include <stdint.h>

#include "client.h"

typedef struct Progress {
        bool enabled; /* stderr is a terminal that can move its cursor */
        bool colour;
        uint64_t start_us; /* CLOCK_MONOTONIC */
        bool shown;
} Progress;

Progress progress_new(const Terminal *terminal) NONNULL(1);

/* Draws the line anew. STEP is the service's word for it, FRACTION is from 0 to 1. */
void progress_draw(Progress *progress, const char *driver, const char *step, double fraction)
                NONNULL(1, 2, 3);

/* Takes the line away, so that something else can be printed. */
void progress_clear(Progress *progress) NONNULL(1);
