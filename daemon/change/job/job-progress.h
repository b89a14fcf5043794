/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How far a batch is, by the time that its steps have taken before. Nothing depends on it. */
#pragma once

#include <stdint.h>
#include <systemd/sd-event.h>

#include "util/macros.h"

/* What the clock needs from its owner. */
typedef struct ProgressSource {
        /* How long a run of TOOL takes, in µs; 0 if nobody knows. */
        uint64_t (*expected)(void *userdata, const char *tool);
        void (*took)(void *userdata, const char *tool, uint64_t usec);
        /* FRACTION of the batch is done, 0…1; at most 4 times a second. */
        void (*tick)(void *userdata, double fraction);
        void *userdata;
} ProgressSource;

typedef struct ProgressClock {
        ProgressSource source;
        sd_event_source *timer;
        char *tool; /* that runs; NULL: none */
        uint64_t begun, expected;
        double from, to;
        double tools_share; /* of the batch: the module index; the rest is images */
} ProgressClock;

int progress_clock_init(ProgressClock *clock, sd_event *event, const ProgressSource *source) WARN_UNUSED
                NONNULL(1, 2, 3);
void progress_clock_done(ProgressClock *clock) NONNULL(1);

/* A batch begins: INDEXES runs of depmod, and probably IMAGES of GENERATOR. */
void progress_clock_plan(ProgressClock *clock, size_t indexes, size_t images, const char *generator)
                NONNULL(1, 4);

/* A run of TOOL begins, which leads from FROM to TO of the batch. Ends the one before. */
void progress_clock_begin(ProgressClock *clock, const char *tool, double from, double to) NONNULL(1, 2);

/* What runs has ended; its time is remembered if it went WELL. */
void progress_clock_end(ProgressClock *clock, bool well) NONNULL(1);

/* How far a step is after ELAPSED µs of the EXPECTED ones: never quite at its end. */
double progress_fraction(uint64_t elapsed, uint64_t expected);
