/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Triggers in a row are one call, and no trigger waits for ever. */

#include <glib.h>
#include <time.h>

#include "watch/debounce.h"

typedef struct Fixture {
        sd_event *event;
        Debounce *debounce;
        sd_event_source *ticker;
        unsigned calls;
        unsigned ticks;
        bool again; /* triggers from within the call */
} Fixture;

static void called(void *userdata)
{
        Fixture *fixture = userdata;

        fixture->calls++;
        if (fixture->again) {
                fixture->again = false;
                g_assert_cmpint(debounce_trigger(fixture->debounce), >=, 0);
        }
}

static void set_up(Fixture *fixture, gconstpointer data)
{
        g_assert_cmpint(sd_event_new(&fixture->event), >=, 0);
        g_assert_cmpint(debounce_new(fixture->event, 50000, 200000, called, fixture, &fixture->debounce), ==,
                        0);
}

static void tear_down(Fixture *fixture, gconstpointer data)
{
        fixture->ticker = sd_event_source_disable_unref(fixture->ticker);
        fixture->debounce = debounce_free(fixture->debounce);
        fixture->event = sd_event_unref(fixture->event);
}

static uint64_t now_usec(void)
{
        return (uint64_t) g_get_monotonic_time();
}

static void run_until(Fixture *fixture, unsigned calls)
{
        while (fixture->calls < calls)
                g_assert_cmpint(sd_event_run(fixture->event, 10000000), >, 0);
        g_assert_cmpuint(fixture->calls, ==, calls);
}

static void test_joins(Fixture *fixture, gconstpointer data)
{
        uint64_t begin = now_usec();

        for (unsigned i = 0; i < 1000; i++)
                g_assert_cmpint(debounce_trigger(fixture->debounce), >=, 0);
        run_until(fixture, 1);
        g_assert_cmpuint(now_usec() - begin, >=, 50000);
        /* All of them were one: the next call is the next trigger's. */
        g_assert_cmpint(debounce_trigger(fixture->debounce), >=, 0);
        run_until(fixture, 2);
}

static int tick(sd_event_source *source, uint64_t usec, void *userdata)
{
        Fixture *fixture = userdata;

        fixture->ticks++;
        g_assert_cmpint(debounce_trigger(fixture->debounce), >=, 0);
        g_assert_cmpint(sd_event_source_set_time_relative(source, 5000), >=, 0);
        return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static void test_latest(Fixture *fixture, gconstpointer data)
{
        uint64_t begin = now_usec();

        g_assert_cmpint(sd_event_add_time_relative(fixture->event, &fixture->ticker, CLOCK_MONOTONIC, 0, 1,
                                        tick, fixture),
                        >=, 0);
        run_until(fixture, 1);
        g_assert_cmpuint(now_usec() - begin, >=, 200000);
        g_assert_cmpuint(fixture->ticks, >, 1);
        /* It begins anew. */
        run_until(fixture, 2);
        g_assert_cmpuint(now_usec() - begin, >=, 400000);
}

static void test_again(Fixture *fixture, gconstpointer data)
{
        fixture->again = true;
        g_assert_cmpint(debounce_trigger(fixture->debounce), >=, 0);
        run_until(fixture, 2);
}

/* Nothing is called once it is gone. */
static void test_free(Fixture *fixture, gconstpointer data)
{
        g_assert_cmpint(debounce_trigger(fixture->debounce), >=, 0);
        fixture->debounce = debounce_free(fixture->debounce);
        g_assert_cmpint(sd_event_run(fixture->event, 70000), ==, 0);
        g_assert_cmpuint(fixture->calls, ==, 0);
        g_assert_null(debounce_free(NULL));
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
#define TEST(name, function) g_test_add("/debounce/" name, Fixture, NULL, set_up, function, tear_down)
        TEST("joins", test_joins);
        TEST("latest", test_latest);
        TEST("again", test_again);
        TEST("free", test_free);
        return g_test_run();
}
