/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* polkit that is absent, dies, is slow, asks for a password; callers and drivers that vanish meanwhile. */

#include <glib.h>
#include <glib/gstdio.h>

#include "host.h"
#include "snapshot.h"

#define ICE DRIVER_PATH("ice")
#define IXGBE DRIVER_PATH("ixgbe")

static Harness *new_scripted_host(PolkitMode mode)
{
        Harness *harness = harness_new(host_with_nics);

        harness_start_script(harness, mode);
        harness_start_daemon(harness);
        return harness;
}

static Answer *start_select(sd_bus *bus, bool interactive, const char *path, const char *version)
{
        return call_start(bus, interactive, path, DRIVER, "Select", "sa{sv}", version, 0);
}

/* Waits for the answer, which must be that error, and frees it. */
static void expect_error(Answer *answer, const char *error)
{
        answer_wait(answer);
        if (g_strcmp0(answer->error, error) != 0)
                g_error("The answer is %s: %s, not %s", answer->error ?: "a reply", answer->text, error);
        /* Sentences are for people. */
        g_assert_cmpuint(strlen(answer->text), >, 10);
        (void) answer_free(answer);
}

static void expect_done(Harness *harness, Answer *answer)
{
        answer_wait(answer);
        if (answer->error)
                g_error("%s: %s", answer->error, answer->text);
        recorder_wait(harness->recorder, MANAGER_PATH " JobRemoved * done");
        (void) answer_free(answer);
}

static void test_absent(void)
{
        Harness *harness CLEANUP_HARNESS = harness_new(host_with_nics);
        char *before;

        harness_start_daemon(harness);
        before = snapshot_take(harness->sample.dir.path);
        expect_error(start_select(harness->member, false, ICE, "1.6.4"), SD_BUS_ERROR_ACCESS_DENIED);
        expect_error(start_select(harness->stranger, true, ICE, "1.6.4"), SD_BUS_ERROR_ACCESS_DENIED);
        snapshot_assert_same(harness->sample.dir.path, before);
        assert_property(harness->stranger, ICE, DRIVER, "Name", "ice");
        g_free(before);
}

static void test_yes_and_no(void)
{
        Harness *harness CLEANUP_HARNESS = new_scripted_host(POLKIT_NO);

        expect_error(start_select(harness->member, false, ICE, "1.6.4"), SD_BUS_ERROR_ACCESS_DENIED);
        expect_error(start_select(harness->member, true, ICE, "1.6.4"), SD_BUS_ERROR_ACCESS_DENIED);
        harness->script->mode = POLKIT_ERROR;
        expect_error(start_select(harness->member, true, ICE, "1.6.4"), SD_BUS_ERROR_ACCESS_DENIED);
        harness->script->mode = POLKIT_YES;
        expect_done(harness, start_select(harness->member, false, ICE, "1.6.4"));
}

/* The details are what rules decide by. */
static void test_question(void)
{
        Harness *harness CLEANUP_HARNESS = new_scripted_host(POLKIT_YES);
        const char *name, *question;

        expect_done(harness, start_select(harness->member, false, ICE, "1.6.4"));
        recorder_clear(harness->recorder);
        expect_done(harness, start_select(harness->member, true, ICE, "1.11.17.1"));
        g_assert_cmpuint(harness->script->questions->len, ==, 2);

        question = harness->script->questions->pdata[1];
        g_assert_cmpint(sd_bus_get_unique_name(harness->member, &name), >=, 0);
        g_assert_nonnull(strstr(question, name));
        g_assert_nonnull(strstr(question, " org.hostdriver1.select "));
        g_assert_nonnull(strstr(question, "driver=ice"));
        g_assert_nonnull(strstr(question, "package=intel-ice"));
        g_assert_nonnull(strstr(question, "version=1.11.17.1"));
        g_assert_nonnull(strstr(question, "from=1.6.4"));
        g_assert_nonnull(strstr(question, "] 1 "));
        g_assert_nonnull(strstr(harness->script->questions->pdata[0], "] 0 "));
}

/* What can be refused is refused before polkit is asked: nobody types a password for nothing. */
static void test_refused_unasked(void)
{
        Harness *harness CLEANUP_HARNESS = new_scripted_host(POLKIT_YES);

        expect_error(start_select(harness->member, true, ICE, "9.9"), "org.hostdriver1.Error.NoSuchVersion");
        g_assert_cmpuint(harness->script->questions->len, ==, 0);
}

static void test_challenge(void)
{
        Harness *harness CLEANUP_HARNESS = new_scripted_host(POLKIT_CHALLENGE);

        expect_error(start_select(harness->member, false, ICE, "1.6.4"),
                        SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED);
        expect_done(harness, start_select(harness->member, true, ICE, "1.6.4"));
}

/* While one caller's question is open the service answers everybody else, changes too. */
static void test_slow(void)
{
        Harness *harness CLEANUP_HARNESS = new_scripted_host(POLKIT_HOLD);
        Answer *slow = start_select(harness->member, true, ICE, "1.6.4");

        polkit_script_wait(harness->script, 1);
        assert_property(harness->stranger, ICE, DRIVER, "Selected", "");
        harness->script->mode = POLKIT_YES;
        expect_done(harness, start_select(harness->member, false, IXGBE, "5.3.5"));
        g_assert_false(slow->done);
        recorder_clear(harness->recorder);
        polkit_script_answer(harness->script, true);
        expect_done(harness, slow);
        assert_property(harness->stranger, ICE, DRIVER, "Selected", "1.6.4");
}

static void test_dies(void)
{
        Harness *harness CLEANUP_HARNESS = new_scripted_host(POLKIT_HOLD);
        Answer *asked = start_select(harness->member, true, ICE, "1.6.4");

        polkit_script_wait(harness->script, 1);
        harness->script = polkit_script_free(harness->script);
        expect_error(asked, SD_BUS_ERROR_ACCESS_DENIED);

        harness_start_script(harness, POLKIT_YES);
        expect_done(harness, start_select(harness->member, true, ICE, "1.6.4"));
}

/* A caller that is gone gets nothing done, whatever polkit says later. */
static void test_caller_vanishes(void)
{
        Harness *harness CLEANUP_HARNESS = new_scripted_host(POLKIT_HOLD);
        sd_bus *caller = harness_connect(harness, SANDBOX_OPERATOR_UID);
        Answer *asked = start_select(caller, true, ICE, "1.6.4");
        char *before = snapshot_take(harness->sample.dir.path);
        const char *unique;
        char *name;

        polkit_script_wait(harness->script, 1);
        g_assert_cmpint(sd_bus_get_unique_name(caller, &unique), >=, 0);
        name = g_strdup(unique);
        (void) answer_free(asked);
        (void) sd_bus_flush_close_unref(caller);
        harness_wait_name(harness, name, false, harness->daemon);
        polkit_script_answer(harness->script, true);

        /* The next caller's answer proves that the first one's is dealt with. */
        harness->script->mode = POLKIT_NO;
        expect_error(start_select(harness->member, false, ICE, "1.6.4"), SD_BUS_ERROR_ACCESS_DENIED);
        snapshot_assert_same(harness->sample.dir.path, before);
        g_assert_cmpint(recorder_count(harness->recorder, "*JobNew*"), ==, 0);
        g_free(before);
        g_free(name);
}

static void test_driver_vanishes(void)
{
        Harness *harness CLEANUP_HARNESS = new_scripted_host(POLKIT_HOLD);
        char *directory = host_module_path(harness, "xenserver/intel-ixgbe");
        char *aside CLEANUP_FREE = temp_dir_path(&harness->work, "ixgbe-aside");
        Answer *asked = start_select(harness->member, true, IXGBE, "5.3.5");

        polkit_script_wait(harness->script, 1);
        g_assert_cmpint(g_rename(directory, aside), ==, 0);
        recorder_wait(harness->recorder, MANAGER_PATH " InterfacesRemoved " IXGBE " *");
        polkit_script_answer(harness->script, true);
        answer_wait(asked);
        g_assert_nonnull(asked->error);
        g_assert_true(g_str_equal(asked->error, SD_BUS_ERROR_UNKNOWN_OBJECT) ||
                        g_str_equal(asked->error, "org.hostdriver1.Error.NoSuchDriver"));
        (void) answer_free(asked);
        g_assert_cmpint(recorder_count(harness->recorder, "*JobNew*"), ==, 0);
        g_free(directory);
}

/* The answer counts for the details that were asked: another version became selected meanwhile. */
static void test_facts_change(void)
{
        Harness *harness CLEANUP_HARNESS = new_scripted_host(POLKIT_HOLD);
        Answer *asked = start_select(harness->member, true, ICE, "1.6.4");

        polkit_script_wait(harness->script, 1);
        harness->script->mode = POLKIT_YES;
        expect_done(harness, start_select(harness->superuser, false, ICE, "1.11.17.1"));
        recorder_clear(harness->recorder);
        harness->script->mode = POLKIT_HOLD;
        polkit_script_answer(harness->script, true);
        polkit_script_wait(harness->script, harness->script->questions->len + 1);
        g_assert_nonnull(strstr(
                        g_ptr_array_index(harness->script->questions, harness->script->questions->len - 1),
                        "from=1.11.17.1"));
        polkit_script_answer(harness->script, false);
        expect_error(asked, SD_BUS_ERROR_ACCESS_DENIED);
        assert_property(harness->stranger, ICE, DRIVER, "Selected", "1.11.17.1");
}

/* The real polkitd with the rules that the project ships: whoever may select a driver may not pass over its
 * errors, and not deselect it. */
static void test_example_rules(void)
{
        Harness *harness CLEANUP_HARNESS = harness_new(host_with_nics);

        harness_start_polkitd_with_example(harness);
        harness_start_daemon(harness);
        expect_error(call_start(harness->member, false, ICE, DRIVER, "Select", "sa{sv}", "1.6.4", 1,
                                     "ignore", "as", 1, "vermagic-mismatch"),
                        SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED);
        expect_error(call_start(harness->member, false, ICE, DRIVER, "Deselect", "a{sv}", 0),
                        SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED);
        expect_error(start_select(harness->stranger, false, ICE, "1.6.4"),
                        SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED);
        assert_property(harness->stranger, ICE, DRIVER, "Selected", "");
        expect_done(harness, start_select(harness->member, false, ICE, "1.6.4"));
        assert_property(harness->stranger, ICE, DRIVER, "Selected", "1.6.4");
}

static void add_tests(void)
{
        g_test_add_func("/authorization/absent", test_absent);
        g_test_add_func("/authorization/yes-and-no", test_yes_and_no);
        g_test_add_func("/authorization/question", test_question);
        g_test_add_func("/authorization/refused-unasked", test_refused_unasked);
        g_test_add_func("/authorization/challenge", test_challenge);
        g_test_add_func("/authorization/slow", test_slow);
        g_test_add_func("/authorization/dies", test_dies);
        g_test_add_func("/authorization/caller-vanishes", test_caller_vanishes);
        g_test_add_func("/authorization/driver-vanishes", test_driver_vanishes);
        g_test_add_func("/authorization/facts-change", test_facts_change);
        g_test_add_func("/authorization/example-rules", test_example_rules);
}

int main(int argc, char *argv[])
{
        return harness_main(argc, argv, add_tests);
}
