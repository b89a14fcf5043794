/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The sample host of XenServer with all that the service does there unasked, without a bus and without a
 * watch. Every failure of its own ends the test. */
#pragma once

#include "sample-root.h"
#include "upkeep/upkeep.h"

typedef struct SampleUpkeep {
        SampleRoot sample;
        sd_event *event;
        Upkeep *upkeep;
        JobObserver jobs;
        GString *told;      /* "KIND:RESULT " of each job that has ended */
        unsigned refreshed; /* how often the owner was asked to read the host */
} SampleUpkeep;

/* For g_test_add(): started. */
void sample_upkeep_set_up(SampleUpkeep *fixture, gconstpointer data);
void sample_upkeep_tear_down(SampleUpkeep *fixture, gconstpointer data);

/* Ends it, and begins with what is on disk by then. */
void sample_upkeep_restart(SampleUpkeep *fixture) NONNULL(1);

/* Selects VERSION of ice, in all releases that have it, and waits for the end. */
void sample_upkeep_select(SampleUpkeep *fixture, const char *version) NONNULL(1, 2);

/* Runs the event loop until TOLD is what was told since the last call. */
void sample_upkeep_wait(SampleUpkeep *fixture, const char *told) NONNULL(1, 2);

/* Runs the event loop until it has nothing to do for 1 s: then no job has ended. */
void sample_upkeep_assert_quiet(SampleUpkeep *fixture) NONNULL(1);

/* Of ice; NULL: it has no such problem. Borrowed. */
const char *sample_upkeep_problem(const SampleUpkeep *fixture, const char *code) NONNULL(1, 2);
/* Of the host. */
const char *sample_upkeep_host_problem(const SampleUpkeep *fixture, const char *code) NONNULL(1, 2);
