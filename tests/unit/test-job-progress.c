/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Progress by expected time: weights, the running step, what is remembered. */

#include <glib.h>

#include "change/job/job-progress.h"

typedef struct Fixture {
        sd_event *event;
        ProgressClock clock;
        uint64_t depmod_usec; /* expected; and */
        uint64_t image_usec;
        unsigned ticks;
        double last;
        unsigned remembered;
} Fixture;

static uint64_t expected(void *userdata, const char *tool)
{
        const Fixture *fixture = userdata;

        return g_str_equal(tool, "depmod") ? fixture->depmod_usec : fixture->image_usec;
}

static void took(void *userdata, const char *tool, uint64_t usec)
{
        ((Fixture *) userdata)->remembered++;
}

static void tick(void *userdata, double fraction)
{
        Fixture *fixture = userdata;

        g_assert_cmpfloat(fraction, >=, fixture->last);
        fixture->ticks++;
        fixture->last = fraction;
}

static void set_up(Fixture *fixture, gconstpointer data)
{
        const ProgressSource source = { expected, took, tick, fixture };

        g_assert_cmpint(sd_event_new(&fixture->event), >=, 0);
        g_assert_cmpint(progress_clock_init(&fixture->clock, fixture->event, &source), >=, 0);
}

static void tear_down(Fixture *fixture, gconstpointer data)
{
        progress_clock_done(&fixture->clock);
        fixture->event = sd_event_unref(fixture->event);
}

static void test_fraction(Fixture *fixture, gconstpointer data)
{
        g_assert_cmpfloat(progress_fraction(0, 100), ==, 0);
        g_assert_cmpfloat(progress_fraction(50, 100), ==, 0.5);
        g_assert_cmpfloat(progress_fraction(100, 100), <, 1);
        g_assert_cmpfloat(progress_fraction(1000, 100), <, 1);
        g_assert_cmpfloat(progress_fraction(1000, 0), ==, 0);
}

/* Part 1 is the index, which ends at END, part 2 the images. */
static void plan(Fixture *fixture, size_t indexes, size_t images, double end)
{
        const ProgressPart parts[] = { { NULL, 0 }, { "depmod", indexes }, { "dracut", images } };

        progress_clock_plan(&fixture->clock, parts, G_N_ELEMENTS(parts));
        fixture->last = 0;
        progress_clock_begin(&fixture->clock, 1, "depmod", 0.5, 1);
        g_assert_cmpfloat(fixture->last, ==, end / 2);
        progress_clock_begin(&fixture->clock, 2, "dracut", 0, 1);
        /* Nobody had expected images. */
        g_assert_cmpfloat(fixture->last, ==, images > 0 ? end : 0.5);
        progress_clock_end(&fixture->clock, false);
}

static void test_weights(Fixture *fixture, gconstpointer data)
{
        fixture->depmod_usec = 1000;
        fixture->image_usec = 9000;
        plan(fixture, 1, 1, 0.1);
        plan(fixture, 9, 1, 0.5);
        plan(fixture, 3, 0, 1);
        /* Without a measurement an image takes longer than the index. */
        fixture->depmod_usec = fixture->image_usec = 0;
        plan(fixture, 15, 1, 0.5);
}

/* It moves while a tool runs, never to the end of its step, and not any more when it has ended. */
static void test_ticks(Fixture *fixture, gconstpointer data)
{
        fixture->depmod_usec = 1; /* long over */
        progress_clock_plan(&fixture->clock, &(ProgressPart){ "depmod", 1 }, 1);
        progress_clock_begin(&fixture->clock, 0, "depmod", 0.2, 0.4);
        g_assert_cmpuint(fixture->ticks, ==, 1);
        g_assert_cmpfloat(fixture->last, ==, 0.2);
        while (fixture->ticks < 3)
                g_assert_cmpint(sd_event_run(fixture->event, UINT64_MAX), >=, 0);
        g_assert_cmpfloat(fixture->last, >, 0.3);
        g_assert_cmpfloat(fixture->last, <, 0.4);
        progress_clock_begin(&fixture->clock, 0, "dracut", 0.4, 1);
        g_assert_cmpuint(fixture->remembered, ==, 1);
        progress_clock_end(&fixture->clock, false);
        g_assert_cmpuint(fixture->remembered, ==, 1);
        g_assert_cmpint(sd_event_run(fixture->event, 0), ==, 0);
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
#define TEST(name, function) g_test_add("/job-progress/" name, Fixture, NULL, set_up, function, tear_down)
        TEST("fraction", test_fraction);
        TEST("weights", test_weights);
        TEST("ticks", test_ticks);
        return g_test_run();
}
