/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is announced when something changes: exactly that, and nothing for nothing. */

#include <glib/gstdio.h>
#include <string.h>

#include "service-fixture.h"

#define ICE "/org/hostdriver1/driver/ice"
#define BNX2FC "/org/hostdriver1/driver/bnx2fc"
#define MODULES "lib/modules/" SAMPLE_KERNEL "/"

#define check_driver(path, property, value) \
        service_fixture_check_property(fixture, path, DRIVER_INTERFACE, property, value)
#define check_manager(property, value) \
        service_fixture_check_property(fixture, MANAGER_PATH, MANAGER_INTERFACE, property, value)

static void rescan(ServiceFixture *fixture)
{
        g_variant_unref(service_fixture_call(fixture, MANAGER_PATH, MANAGER_INTERFACE, "Rescan", NULL));
}

static void select_ice(ServiceFixture *fixture, const char *version)
{
        g_variant_unref(service_fixture_call(
                        fixture, ICE, DRIVER_INTERFACE, "Select", g_variant_new("(sa{sv})", version, NULL)));
        service_fixture_finish_jobs(fixture);
}

static void test_nothing_changed(ServiceFixture *fixture, gconstpointer data)
{
        rescan(fixture);
        rescan(fixture);
        service_fixture_check_events(fixture, "");
        g_assert_cmpstr(scripted_polkit_question(&fixture->authority, 0), ==, "org.hostdriver1.rescan 0");
}

static void test_select(ServiceFixture *fixture, gconstpointer data)
{
        char *events;

        select_ice(fixture, "1.6.4");
        check_driver(ICE, "Selected", "'1.6.4'");
        check_driver(ICE, "Job", "'/'");
        g_assert_cmpstr(scripted_polkit_question(&fixture->authority, 0), ==,
                        "org.hostdriver1.select driver=ice package=intel-ice version=1.6.4 "
                        "from=1.11.17.1 0");
        events = service_fixture_take_events(fixture);
        /* Whatever the steps between: the beginning, what was changed, and the end. Others are silent. */
        g_assert_nonnull(strstr(events, "/org/hostdriver1 InterfacesAdded /org/hostdriver1/job/1\n"));
        g_assert_nonnull(strstr(events, "/org/hostdriver1 JobNew (1, '/org/hostdriver1/job/1', 'ice')\n"));
        g_assert_nonnull(strstr(events, ICE " PropertiesChanged Effective"));
        g_assert_nonnull(strstr(events, "Selected SelectedByKernel\n"));
        g_assert_true(g_str_has_suffix(events,
                        "/org/hostdriver1 InterfacesRemoved /org/hostdriver1/job/1\n" ICE
                        " PropertiesChanged Job\n"
                        "/org/hostdriver1 JobRemoved (1, '/org/hostdriver1/job/1', 'ice', 'done')\n"));
        g_assert_null(strstr(events, "bnx2fc"));
        g_free(events);

        /* Once more: there is a job, which has nothing to do. */
        select_ice(fixture, "1.6.4");
        events = service_fixture_take_events(fixture);
        g_assert_nonnull(strstr(events, "JobRemoved (2, "));
        g_assert_null(strstr(events, "Selected"));
        g_assert_null(strstr(events, "Effective"));
        g_free(events);
}

static void test_dry_run(ServiceFixture *fixture, gconstpointer data)
{
        GVariant *reply, *entries;
        char *events;

        g_variant_unref(service_fixture_call(fixture, ICE, DRIVER_INTERFACE, "Select",
                        g_variant_new_parsed("('1.6.4', {'dry-run': <true>})")));
        service_fixture_finish_jobs(fixture);
        check_driver(ICE, "Selected", "'1.11.17.1'");
        events = service_fixture_take_events(fixture);
        g_assert_nonnull(strstr(events, "JobRemoved (1, '/org/hostdriver1/job/1', 'ice', 'done')\n"));
        g_assert_null(strstr(events, "Selected"));
        g_free(events);
        reply = service_fixture_call(fixture, MANAGER_PATH, MANAGER_INTERFACE, "GetHistory",
                        g_variant_new("(a{sv})", NULL));
        g_variant_get(reply, "(@aa{sv})", &entries);
        g_assert_cmpint(g_variant_n_children(entries), ==, 0);
        g_variant_unref(entries);
        g_variant_unref(reply);
}

static void assert_why_agrees(ServiceFixture *fixture)
{
        GVariant *reply = service_fixture_call(fixture, ICE, DRIVER_INTERFACE, "Why", NULL), *candidates;
        g_autofree char *effective = g_strdup("''");
        GVariantIter iter;
        const char *path;
        gboolean flag;

        g_variant_get(reply, "(@a(ssbs))", &candidates);
        g_variant_iter_init(&iter, candidates);
        while (g_variant_iter_next(&iter, "(&s&sb&s)", &path, NULL, &flag, NULL))
                if (flag) {
                        g_free(effective);
                        effective = g_strdup_printf("'%s'", path);
                }
        check_driver(ICE, "Effective", effective);
        g_variant_unref(candidates);
        g_variant_unref(reply);
}

/* What Why() calls effective is what Effective says, also where nothing is loaded. */
static void test_why(ServiceFixture *fixture, gconstpointer data)
{
        assert_why_agrees(fixture);
        select_ice(fixture, "1.6.4");
        assert_why_agrees(fixture);
        g_variant_unref(service_fixture_call(
                        fixture, ICE, DRIVER_INTERFACE, "Deselect", g_variant_new("(a{sv})", NULL)));
        service_fixture_finish_jobs(fixture);
        check_driver(ICE, "Effective", "''");
        assert_why_agrees(fixture);
        select_ice(fixture, "kernel");
        assert_why_agrees(fixture);
        temp_dir_write(&fixture->sample.dir, "etc/modprobe.d/a.conf", "install ice /bin/true\n");
        rescan(fixture);
        assert_why_agrees(fixture);
}

static void test_denied(ServiceFixture *fixture, gconstpointer data)
{
        fixture->authority.mood = POLKIT_NO;
        g_free(service_fixture_call_fails(fixture, ICE, DRIVER_INTERFACE, "Select",
                        g_variant_new("(sa{sv})", "1.6.4", NULL), ".AccessDenied"));
        g_free(service_fixture_call_fails(fixture, ICE, DRIVER_INTERFACE, "Deselect",
                        g_variant_new("(a{sv})", NULL), ".AccessDenied"));
        g_free(service_fixture_call_fails(
                        fixture, MANAGER_PATH, MANAGER_INTERFACE, "Rescan", NULL, ".AccessDenied"));
        g_assert_cmpstr(scripted_polkit_question(&fixture->authority, 1), ==,
                        "org.hostdriver1.deselect driver=ice package=intel-ice version= from=1.11.17.1 0");
        check_driver(ICE, "Selected", "'1.11.17.1'");
        service_fixture_check_events(fixture, "");
}

/* Each pair is authorized for itself, and one that can't be selected holds back all. */
static void test_select_several(ServiceFixture *fixture, gconstpointer data)
{
        g_variant_unref(service_fixture_call(fixture, MANAGER_PATH, MANAGER_INTERFACE, "Select",
                        g_variant_new_parsed("([('ice', '1.6.4'), ('bnx2fc', '2.12.13')], @a{sv} {})")));
        service_fixture_finish_jobs(fixture);
        g_assert_cmpint(fixture->authority.questions->len, ==, 2);
        g_assert_nonnull(strstr(scripted_polkit_question(&fixture->authority, 0), "driver=bnx2fc"));
        check_driver(ICE, "Selected", "'1.6.4'");
        check_driver(BNX2FC, "Selected", "'2.12.13'");

        g_free(service_fixture_call_fails(fixture, MANAGER_PATH, MANAGER_INTERFACE, "Select",
                        g_variant_new_parsed("([('ice', '1.11.17.1'), ('bnx2fc', '7')], @a{sv} {})"),
                        ".NoSuchVersion"));
        check_driver(ICE, "Selected", "'1.6.4'");
        g_assert_cmpint(fixture->authority.questions->len, ==, 2);
}

static void test_history(ServiceFixture *fixture, gconstpointer data)
{
        GVariant *reply, *entries, *entry;
        const char *text;

        select_ice(fixture, "1.6.4");
        select_ice(fixture, "kernel");
        reply = service_fixture_call(fixture, MANAGER_PATH, MANAGER_INTERFACE, "GetHistory",
                        g_variant_new_parsed("({'driver': <'ice'>, 'limit': <uint64 1>},)"));
        g_variant_get(reply, "(@aa{sv})", &entries);
        g_assert_cmpint(g_variant_n_children(entries), ==, 1);
        entry = g_variant_get_child_value(entries, 0);
        g_assert_cmpint(g_variant_n_children(entry), ==, 11);
        g_assert_true(g_variant_lookup(entry, "from", "&s", &text));
        g_assert_cmpstr(text, ==, "1.6.4");
        g_assert_true(g_variant_lookup(entry, "to", "&s", &text));
        g_assert_cmpstr(text, ==, "kernel");
        g_assert_true(g_variant_lookup(entry, "result", "&s", &text));
        g_assert_cmpstr(text, ==, "done");
        g_variant_unref(entry);
        g_variant_unref(entries);
        g_variant_unref(reply);

        reply = service_fixture_call(fixture, MANAGER_PATH, MANAGER_INTERFACE, "GetHistory",
                        g_variant_new_parsed("({'since': <uint64 18446744073709551615>},)"));
        g_variant_get(reply, "(@aa{sv})", &entries);
        g_assert_cmpint(g_variant_n_children(entries), ==, 0);
        g_variant_unref(entries);
        g_variant_unref(reply);
}

static void rename_below(const ServiceFixture *fixture, const char *from, const char *to)
{
        char *from_path = temp_dir_path(&fixture->sample.dir, from);
        char *to_path = temp_dir_path(&fixture->sample.dir, to);

        g_assert_cmpint(g_rename(from_path, to_path), ==, 0);
        free(from_path);
        free(to_path);
}

static void keep_error(GObject *source, GAsyncResult *result, void *userdata)
{
        GError *error = NULL;

        g_assert_null(g_dbus_connection_call_finish(G_DBUS_CONNECTION(source), result, &error));
        *(char **) userdata = private_bus_error_name(error);
        g_error_free(error);
}

static bool has_text(void *userdata)
{
        return *(char **) userdata;
}

static bool was_asked(void *userdata)
{
        return ((ServiceFixture *) userdata)->authority.pending->len > 0;
}

/* The driver goes while polkit thinks about it. */
static void test_vanishes_while_asked(ServiceFixture *fixture, gconstpointer data)
{
        char *error = NULL;

        fixture->authority.mood = POLKIT_SILENT;
        g_dbus_connection_call(fixture->private_bus.client, BUS_NAME, ICE, DRIVER_INTERFACE, "Select",
                        g_variant_new("(sa{sv})", "1.6.4", NULL), NULL, 0, -1, NULL, keep_error, &error);
        private_bus_run_until(was_asked, fixture);
        rename_below(fixture, MODULES "xenserver/intel-ice", "away");
        g_assert_cmpint(service_refresh(fixture->service), ==, 0);
        scripted_polkit_answer(&fixture->authority, POLKIT_YES);
        private_bus_run_until(has_text, &error);
        g_assert_cmpstr(error, ==, "org.hostdriver1.Error.NoSuchDriver");
        g_free(error);
}

static bool has_events(void *userdata)
{
        return ((ServiceFixture *) userdata)->events->len > 0;
}

/* Nobody calls Rescan() here: the service sees it by itself. */
static void test_comes_and_goes(ServiceFixture *fixture, gconstpointer data)
{
        char *uuid = service_fixture_property(fixture, ICE, DRIVER_INTERFACE, "UUID");

        rename_below(fixture, MODULES "xenserver/intel-ice", "away");
        private_bus_run_until(has_events, fixture);
        service_fixture_check_events(fixture, "/org/hostdriver1 InterfacesRemoved " ICE "\n");
        rename_below(fixture, "away", MODULES "xenserver/intel-ice");
        private_bus_run_until(has_events, fixture);
        service_fixture_check_events(fixture, "/org/hostdriver1 InterfacesAdded " ICE "\n");
        check_driver(ICE, "UUID", uuid);
        g_free(uuid);
}

/* A link that is removed behind the service's back is seen, and said. */
static void test_link_removed(ServiceFixture *fixture, gconstpointer data)
{
        char *link = temp_dir_path(&fixture->sample.dir, MODULES "updates/ice.ko"), *problems;

        select_ice(fixture, "1.6.4");
        g_free(service_fixture_take_events(fixture));
        g_assert_cmpint(g_unlink(link), ==, 0);
        private_bus_run_until(has_events, fixture);
        service_fixture_check_events(fixture, ICE " PropertiesChanged Problems\n");
        problems = service_fixture_property(fixture, ICE, DRIVER_INTERFACE, "Problems");
        g_assert_true(g_str_has_prefix(problems, "[('warning', 'drift', "));
        select_ice(fixture, "1.6.4");
        check_driver(ICE, "Problems", "[]");
        g_free(problems);
        free(link);
}

static void test_new_version(ServiceFixture *fixture, gconstpointer data)
{
        char *events;

        sample_root_add_module(&fixture->sample, SAMPLE_KERNEL, "xenserver/intel-ice/1.20/ice.ko", "1.20");
        private_bus_run_until(has_events, fixture);
        check_driver(ICE, "Versions", "['kernel', '1.6.4', '1.11.17.1', '1.20']");
        events = service_fixture_take_events(fixture);
        g_assert_true(g_str_has_prefix(events, ICE " PropertiesChanged VersionDetails! Versions\n"));
        g_free(events);
}

static void check_file(const ServiceFixture *fixture, const char *name, const char *expected)
{
        char *path = temp_dir_path(&fixture->sample.dir, name), *text = NULL;

        (void) g_file_get_contents(path, &text, NULL, NULL);
        g_assert_cmpstr(text, ==, expected);
        g_free(text);
        free(path);
}

/* The system's own flag says it, too; what is another package's is left alone. */
static void test_reboot_flag(ServiceFixture *fixture, gconstpointer data)
{
        static const char flag[] = "run/reboot-required", packages[] = "run/reboot-required.pkgs";

        check_file(fixture, flag, NULL);
        sample_root_load_file(&fixture->sample, SAMPLE_KERNEL, "xenserver/intel-ice/1.6.4/ice.ko");
        rescan(fixture);
        check_file(fixture, flag, "*** System restart required ***\n");
        check_file(fixture, packages, "hostdriver\n");
        /* It is ours after a restart, too. */
        service_fixture_stop(fixture);
        service_fixture_start(fixture);
        sample_root_unload(&fixture->sample, "ice");
        rescan(fixture);
        check_file(fixture, flag, NULL);
        check_file(fixture, packages, NULL);

        temp_dir_write(&fixture->sample.dir, flag, "theirs\n");
        temp_dir_write(&fixture->sample.dir, packages, "libc6\nhostdriver-extra");
        sample_root_load_file(&fixture->sample, SAMPLE_KERNEL, "xenserver/intel-ice/1.6.4/ice.ko");
        rescan(fixture);
        check_file(fixture, flag, "theirs\n");
        check_file(fixture, packages, "libc6\nhostdriver-extra\nhostdriver\n");
        sample_root_unload(&fixture->sample, "ice");
        rescan(fixture);
        check_file(fixture, flag, "theirs\n");
        check_file(fixture, packages, "libc6\nhostdriver-extra\n");
}

static void test_loaded(ServiceFixture *fixture, gconstpointer data)
{
        static const char events[] =
                        ICE " PropertiesChanged Active ActiveBy Loaded RebootReasons RebootRequired\n"
                            "/org/hostdriver1 PropertiesChanged RebootReasons RebootRequired\n";

        sample_root_load_file(&fixture->sample, SAMPLE_KERNEL, "xenserver/intel-ice/1.6.4/ice.ko");
        rescan(fixture);
        service_fixture_check_events(fixture, events);
        check_driver(ICE, "Active", "'1.6.4'");
        check_manager("RebootReasons",
                        "['ice: version 1.6.4 is loaded, and version 1.11.17.1 is selected for the next "
                        "boot.']");
        sample_root_unload(&fixture->sample, "ice");
        rescan(fixture);
        service_fixture_check_events(fixture, events);
        check_manager("RebootRequired", "false");
}

/* What is wrong with the host is told once as it comes, and once as it goes. */
static void test_problems(ServiceFixture *fixture, gconstpointer data)
{
        char *problems, *path = temp_dir_path(&fixture->sample.dir, MODULES "xenserver/odd/a\nb");

        temp_dir_mkdir(&fixture->sample.dir, MODULES "xenserver/odd/a\nb");
        rescan(fixture);
        rescan(fixture);
        service_fixture_check_events(fixture, "/org/hostdriver1 PropertiesChanged Problems\n");
        problems = service_fixture_property(fixture, MANAGER_PATH, MANAGER_INTERFACE, "Problems");
        g_assert_nonnull(strstr(problems, "('warning', 'entry-skipped', "));
        g_assert_cmpint(g_rmdir(path), ==, 0);
        rescan(fixture);
        service_fixture_check_events(fixture, "/org/hostdriver1 PropertiesChanged Problems\n");
        check_manager("Problems", "[]");
        g_free(problems);
        free(path);
}

/* The refusal's sentence, "" if there is none. g_free() it. */
static char *refusal_ignoring(ServiceFixture *fixture, const char *codes, const char *error)
{
        g_autofree char *options = g_strdup_printf("{'dry-run': <true>, 'ignore': <@as [%s]>}", codes);
        GVariant *parameters = g_variant_new("(s@a{sv})", "bad", g_variant_new_parsed(options));

        if (error)
                return service_fixture_call_fails(
                                fixture, ICE, DRIVER_INTERFACE, "Select", parameters, error);
        g_variant_unref(service_fixture_call(fixture, ICE, DRIVER_INTERFACE, "Select", parameters));
        return g_strdup("");
}

/* What Check finds, the refusal names: each error, with its code. */
static void test_refused_for_all(ServiceFixture *fixture, gconstpointer data)
{
        const ModuleSpec spec = { .vermagic = "2.6.32 mod_unload ", .version = "bad" };
        g_autoptr(GVariant) reply = NULL;
        g_autoptr(GVariantIter) findings = NULL;
        g_autofree char *all = NULL, *one = NULL, *none = NULL;
        const char *severity, *code, *sentence;
        unsigned errors = 0;

        sample_root_add_module_spec(
                        &fixture->sample, SAMPLE_KERNEL, "xenserver/intel-ice/bad/ice.ko", &spec);
        g_variant_unref(service_fixture_call(fixture, MANAGER_PATH, MANAGER_INTERFACE, "Rescan", NULL));
        reply = service_fixture_call(
                        fixture, ICE, DRIVER_INTERFACE, "Check", g_variant_new("(sa{sv})", "bad", NULL));
        all = refusal_ignoring(fixture, "", "Error.Incompatible");
        g_test_message("%s", all);
        g_variant_get(reply, "(a(sss))", &findings);
        while (g_variant_iter_next(findings, "(&s&s&s)", &severity, &code, &sentence)) {
                g_autofree char *text = g_strdup_printf("%s (%s) ", sentence, code);

                g_assert_cmpint(strstr(all, text) != NULL, ==, g_str_equal(severity, "error"));
                errors += g_str_equal(severity, "error");
        }
        g_assert_cmpuint(errors, ==, 2);
        g_assert_true(g_str_has_suffix(all,
                        " To go on all the same, ignore these problems by their names: device-dropped, "
                        "vermagic-mismatch."));
        one = refusal_ignoring(fixture, "'device-dropped'", "Error.Incompatible");
        g_assert_true(g_str_has_suffix(one,
                        "(This is the problem vermagic-mismatch; ignore it by that name to go on all the "
                        "same.)"));
        g_assert_null(strstr(one, "device-dropped"));
        none = refusal_ignoring(fixture, "'device-dropped', 'vermagic-mismatch'", NULL);
}

static void test_ignored_codes(ServiceFixture *fixture, gconstpointer data)
{
        static const struct {
                const char *codes, *words;
        } cases[] = {
                { "'no-hardware', 'vermagic-mismach'",
                                "\"vermagic-mismach\". Did you mean \"vermagic-mismatch\"?" },
                { "'vermagic'", "Did you mean \"vermagic-mismatch\"?" },
                { "'drift'", "No change is refused for a problem \"drift\"" },
                { "'firmware-missing'", "\"firmware-missing\" is never more than a warning" },
                { "'*'", "problem \"*\"" },
                { "''", "problem \"\"" },
                { "'a\\u001b[1m'", "problem \"a\\x1b[1m\"" },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autofree char *text = refusal_ignoring(fixture, cases[i].codes, "InvalidArgs");

                g_test_message("%s", text);
                g_assert_nonnull(strstr(text, cases[i].words));
        }
        g_assert_cmpuint(fixture->authority.questions->len, ==, 0);
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
#define TEST(name, function)                                                                 \
        g_test_add("/changes/" name, ServiceFixture, NULL, service_fixture_set_up, function, \
                        service_fixture_tear_down)
        TEST("nothing-changed", test_nothing_changed);
        TEST("select", test_select);
        TEST("dry-run", test_dry_run);
        TEST("denied", test_denied);
        TEST("why", test_why);
        TEST("select-several", test_select_several);
        TEST("history", test_history);
        TEST("vanishes-while-asked", test_vanishes_while_asked);
        TEST("comes-and-goes", test_comes_and_goes);
        TEST("link-removed", test_link_removed);
        TEST("new-version", test_new_version);
        TEST("loaded", test_loaded);
        TEST("reboot-flag", test_reboot_flag);
        TEST("problems", test_problems);
        TEST("refused-for-all", test_refused_for_all);
        TEST("ignored-codes", test_ignored_codes);
        return g_test_run();
}
