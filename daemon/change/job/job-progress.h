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

/* One part of the work: COUNT runs of TOOL. */
typedef struct ProgressPart {
        const char *tool;
        size_t count;
} ProgressPart;

#define PROGRESS_PARTS_MAX 8

typedef struct ProgressClock {
        ProgressSource source;
        sd_event_source *timer;
        char *tool; /* that runs; NULL: none */
        uint64_t begun, expected;
        double from, to;
        double ends[PROGRESS_PARTS_MAX + 1]; /* of the parts, each after its begin */
} ProgressClock;

int progress_clock_init(ProgressClock *clock, sd_event *event, const ProgressSource *source) WARN_UNUSED
                NONNULL(1, 2, 3);
void progress_clock_done(ProgressClock *clock) NONNULL(1);

/* A batch begins, of as many PARTS, probably. */
void progress_clock_plan(ProgressClock *clock, const ProgressPart parts[], size_t count) NONNULL(1, 2);

/* A run of TOOL begins, which leads from FROM to TO of that part. Ends the one before. */
void progress_clock_begin(ProgressClock *clock, size_t part, const char *tool, double from, double to)
                NONNULL(1, 3);

/* What runs has ended; its time is remembered if it went WELL. */
void progress_clock_end(ProgressClock *clock, bool well) NONNULL(1);

/* How far a step is after ELAPSED µs of the EXPECTED ones: never quite at its end. */
double progress_fraction(uint64_t elapsed, uint64_t expected);
