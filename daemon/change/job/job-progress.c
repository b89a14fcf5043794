/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Elapsed time against expected time, by a timer that runs while a tool does. */

#include "change/job/job-progress.h"
#include "util/clock.h"

#include <string.h>

/* 4 a second are enough for people. */
#define TICK_USEC (250 * UINT64_C(1000))
/* A step that takes longer than expected stays here until it ends. */
#define STEP_FRACTION_MAX 0.95
/* Where a part begins that nobody had expected. */
#define UNEXPECTED_FROM 0.5
/* Where nothing was measured yet: a guess on the slow side. */
#define INDEX_USEC_DEFAULT (2 * UINT64_C(1000000))
#define IMAGE_USEC_DEFAULT (30 * UINT64_C(1000000))

double progress_fraction(uint64_t elapsed, uint64_t expected)
{
        double fraction = expected > 0 ? (double) elapsed / (double) expected : 0;

        return fraction < STEP_FRACTION_MAX ? fraction : STEP_FRACTION_MAX;
}

static uint64_t expect(const ProgressClock *clock, const char *tool)
{
        uint64_t usec = clock->source.expected(clock->source.userdata, tool);

        if (usec > 0)
                return usec;
        return strcmp(tool, "depmod") == 0 ? INDEX_USEC_DEFAULT : IMAGE_USEC_DEFAULT;
}

static int on_tick(sd_event_source *source, uint64_t usec, void *userdata)
{
        ProgressClock *clock = userdata;
        double fraction = progress_fraction(clock_usec(CLOCK_MONOTONIC) - clock->begun, clock->expected);

        clock->source.tick(clock->source.userdata, clock->from + fraction * (clock->to - clock->from));
        if (sd_event_source_set_time_relative(source, TICK_USEC) >= 0)
                (void) sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
        return 0;
}

void progress_clock_plan(ProgressClock *clock, const ProgressPart parts[], size_t count)
{
        double all = 0;

        for (size_t i = 0; i < count; i++) {
                if (parts[i].count > 0)
                        all += (double) expect(clock, parts[i].tool) * (double) parts[i].count;
                clock->ends[i + 1] = all;
        }
        for (size_t i = 0; all > 0 && i < count; i++)
                clock->ends[i + 1] /= all;
}

void progress_clock_end(ProgressClock *clock, bool well)
{
        (void) sd_event_source_set_enabled(clock->timer, SD_EVENT_OFF);
        if (clock->tool && well)
                clock->source.took(clock->source.userdata, clock->tool,
                                clock_usec(CLOCK_MONOTONIC) - clock->begun);
        free(STEAL(clock->tool));
}

void progress_clock_begin(ProgressClock *clock, size_t part, const char *tool, double from, double to)
{
        bool expected = clock->ends[part + 1] > clock->ends[part];
        double begin = expected ? clock->ends[part] : UNEXPECTED_FROM;
        double share = (expected ? clock->ends[part + 1] : 1) - begin;

        progress_clock_end(clock, true);
        clock->tool = strdup(tool); /* without memory its time is not remembered */
        clock->begun = clock_usec(CLOCK_MONOTONIC);
        clock->expected = expect(clock, tool);
        clock->from = begin + from * share;
        clock->to = begin + to * share;
        clock->source.tick(clock->source.userdata, clock->from);
        if (sd_event_source_set_time_relative(clock->timer, TICK_USEC) >= 0)
                (void) sd_event_source_set_enabled(clock->timer, SD_EVENT_ONESHOT);
}

int progress_clock_init(ProgressClock *clock, sd_event *event, const ProgressSource *source)
{
        int r;

        *clock = (ProgressClock){ .source = *source };
        r = sd_event_add_time_relative(event, &clock->timer, CLOCK_MONOTONIC, TICK_USEC, 0, on_tick, clock);
        return r < 0 ? r : sd_event_source_set_enabled(clock->timer, SD_EVENT_OFF);
}

void progress_clock_done(ProgressClock *clock)
{
        (void) sd_event_source_disable_unref(clock->timer);
        free(clock->tool);
        *clock = (ProgressClock){ 0 };
}
