/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* polkit that stands still, dies, or answers too late, and a service that stands still itself, while
 * somebody without rights has as many questions open as he can. */

#include <signal.h>
#include <string.h>

#include "flood-host.h"
#include "wait.h"

#define DRIVERS 20
#define CALLS 40
#define PATIENCE_USEC \
        (25 * G_USEC_PER_SEC) /* of the service, with a polkit that nobody's password can help */

static Flood *new_flood(void)
{
        Flood *flood = flood_new(DRIVERS);

        flood_watch_questions(flood);
        return flood;
}

/* --- calls that wait for polkit
 * -----------------------------------------------------------------------------
 */

static void start_calls(Flood *flood, Answer *calls[])
{
        unsigned asked = flood->questions->asked;

        process_signal(flood->harness->polkitd, SIGSTOP);
        for (unsigned i = 0; i < CALLS; i++)
                calls[i] = call_start(flood->harness->stranger, false, FLOOD_DRIVER_PATH("001"), DRIVER,
                                "Select", "sa{sv}", "1.0", 0);
        while (flood->questions->asked == asked)
                g_assert_cmpint(sd_event_run(flood->harness->event, UINT64_MAX), >=, 0);
}

/* Each is answered, by a no. */
static void end_calls(Answer *calls[])
{
        for (unsigned i = 0; i < CALLS; i++) {
                answer_wait(calls[i]);
                if (!g_str_equal(calls[i]->error ?: "", SD_BUS_ERROR_ACCESS_DENIED) &&
                                !g_str_equal(calls[i]->error ?: "",
                                                SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED) &&
                                !g_str_equal(calls[i]->error ?: "", SD_BUS_ERROR_LIMITS_EXCEEDED))
                        g_error("Call %u: %s: %s", i, calls[i]->error ?: "no error", calls[i]->text);
                calls[i] = answer_free(calls[i]);
        }
}

static int on_passed(sd_event_source *source, uint64_t usec, void *userdata)
{
        *(bool *) userdata = true;
        return 0;
}

/* It is the service's own clock that must go on, and nothing else tells of it. */
static void let_patience_pass(Flood *flood)
{
        sd_event_source *source = NULL;
        bool has_passed = false;

        g_assert_cmpint(sd_event_add_time_relative(flood->harness->event, &source, CLOCK_MONOTONIC,
                                        PATIENCE_USEC + G_USEC_PER_SEC, 0, on_passed, &has_passed),
                        >=, 0);
        while (!has_passed)
                g_assert_cmpint(sd_event_run(flood->harness->event, UINT64_MAX), >=, 0);
        (void) sd_event_source_disable_unref(source);
}

static bool has_no_question(void *userdata)
{
        return question_watch_open(((Flood *) userdata)->questions) == 0;
}

/* polkit says what it says to somebody without rights; others are served. */
static void check_service(Flood *flood)
{
        Answer *answer = call_start(flood->harness->member, false, FLOOD_DRIVER_PATH("002"), DRIVER,
                        "Select", "sa{sv}", "1.0", 0);

        answer_wait(answer);
        g_assert_cmpstr(answer->error, ==, SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED);
        (void) answer_free(answer);
        flood_watch(flood);
        flood_calm(flood);
}

/* --- the tests
 * ----------------------------------------------------------------------------------------------
 */

/* The service stands still until the time for each answer is over; when it goes on, the answers are there,
 * too. */
static void test_stalled(void)
{
        Flood *flood CLEANUP_FLOOD = new_flood();
        Answer *calls[CALLS];

        start_calls(flood, calls);
        process_signal(flood->harness->daemon, SIGSTOP);
        let_patience_pass(flood);
        process_signal(flood->harness->polkitd, SIGCONT);
        wait_until(flood->harness->event, has_no_question, flood, "polkit's answers");
        process_signal(flood->harness->daemon, SIGCONT);
        end_calls(calls);
        check_service(flood);
}

/* polkit stands still, is given up, and answers then. Others are served all the time. */
static void test_late(void)
{
        Flood *flood CLEANUP_FLOOD = new_flood();
        Answer *calls[CALLS];

        start_calls(flood, calls);
        flood_watch(flood);
        let_patience_pass(flood);
        end_calls(calls);
        flood_calm(flood);
        process_signal(flood->harness->polkitd, SIGCONT);
        wait_until(flood->harness->event, has_no_question, flood, "polkit's late answers");
        check_service(flood);
}

static void test_killed(void)
{
        Flood *flood CLEANUP_FLOOD = new_flood();
        Harness *harness = flood->harness;
        Answer *calls[CALLS];

        for (unsigned i = 0; i < 3; i++) {
                start_calls(flood, calls);
                flood_watch(flood);
                process_signal(harness->polkitd, SIGKILL);
                end_calls(calls);
                flood_calm(flood);
                harness->polkitd = process_free(harness->polkitd);
                harness_wait_name(harness, "org.freedesktop.PolicyKit1", false, NULL);
                harness_start_polkitd(harness, NULL);
                check_service(flood);
        }
}

/* As many questions as there may be, and nobody who answers: root needs none. */
static void test_stopped(void)
{
        Flood *flood CLEANUP_FLOOD = new_flood();

        process_signal(flood->harness->polkitd, SIGSTOP);
        flood_watch(flood);
        flood_attack(flood, "bursts", 2);
        flood_attack(flood, "select-silent", 600);
        flood_calm(flood);
        process_signal(flood->harness->polkitd, SIGCONT);
        wait_until(flood->harness->event, has_no_question, flood, "polkit's answers");
        check_service(flood);
}

/* An agent of his own, which polkit asks for passwords, and which never says one. */
static void test_agent(void)
{
        Flood *flood CLEANUP_FLOOD = new_flood();

        flood_attack(flood, "agent", 200);
        flood_wait_settled(flood);
        g_assert_cmpuint(question_watch_open(flood->questions), >, 0);
        check_service(flood);
        wait_until(flood->harness->event, has_no_question, flood, "the questions to be canceled");
}

static void add_tests(void)
{
        g_test_add_func("/flood/polkit/killed", test_killed);
        g_test_add_func("/flood/polkit/stopped", test_stopped);
        g_test_add_func("/flood/polkit/agent", test_agent);
        g_test_add_func("/flood/stall/late", test_late);
        g_test_add_func("/flood/stall/stalled", test_stalled);
}

int main(int argc, char *argv[])
{
        return harness_main(argc, argv, add_tests);
}
