/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Changes by somebody else, as the bus shows them, and OnDrift=heal. */

#include <fcntl.h>
#include <glib.h>
#include <string.h>
#include <unistd.h>

#include "drift-fixture.h"
#include "upkeep/heal.h"

/* What other tools selected before anything was wanted is theirs. */
static void test_never_wanted(ServiceFixture *fixture, gconstpointer data)
{
        char *problems;

        drift_link(fixture, OLD);
        drift_rescan(fixture);
        problems = drift_problems(fixture);
        g_assert_null(strstr(problems, "drift"));
        g_free(problems);
}

static void test_report(ServiceFixture *fixture, gconstpointer data)
{
        drift_select(fixture, "1.6.4");
        drift_assert_none(fixture);
        drift_unlink(fixture, LINK);
        drift_rescan(fixture);
        drift_assert(fixture, "version 1.6.4 of ice was selected, but somebody has removed the link");
        temp_dir_link(&fixture->sample.dir, LINK, NEW);
        drift_rescan(fixture);
        /* A selection all the same. */
        service_fixture_check_property(fixture, ICE, DRIVER_INTERFACE, "Selected", "'1.11.17.1'");
        drift_assert(fixture, "selected version 1.11.17.1 by the link");

        /* Whoever selects it means it. */
        drift_select(fixture, "1.11.17.1");
        drift_assert_none(fixture);
        drift_unlink(fixture, "etc/depmod.d/zz-hostdriver.conf");
        drift_rescan(fixture);
        drift_assert(fixture, "removed the line of ice");
        drift_select(fixture, "1.11.17.1");
        drift_assert_none(fixture);
}

/* What is wanted outlives the service. */
static void test_restart(ServiceFixture *fixture, gconstpointer data)
{
        drift_select(fixture, "1.6.4");
        service_fixture_stop(fixture);
        drift_link(fixture, NEW);
        service_fixture_start(fixture);
        drift_assert(fixture, "version 1.6.4 of ice was selected, but");
}

/* Made by another tool, whole: selecting it changes nothing but what is wanted. */
static void test_selected_as_it_is(ServiceFixture *fixture, gconstpointer data)
{
        char *path = temp_dir_path(&fixture->sample.dir, "etc/depmod.d/zz-hostdriver.conf"), *text = NULL;

        drift_select(fixture, "1.11.17.1");
        g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
        drift_select(fixture, "1.6.4");
        drift_link(fixture, NEW);
        temp_dir_write(&fixture->sample.dir, "etc/depmod.d/zz-hostdriver.conf", text);
        sample_root_depmod(&fixture->sample, SAMPLE_KERNEL);
        drift_rescan(fixture);
        drift_assert(fixture, "version 1.6.4 of ice was selected");
        drift_select(fixture, "1.11.17.1");
        drift_assert_none(fixture);
        drift_rescan(fixture);
        drift_assert_none(fixture);
        g_free(text);
        free(path);
}

static void test_deselected(ServiceFixture *fixture, gconstpointer data)
{
        g_variant_unref(service_fixture_call(
                        fixture, ICE, DRIVER_INTERFACE, "Deselect", g_variant_new("(a{sv})", NULL)));
        service_fixture_finish_jobs(fixture);
        drift_assert_none(fixture);
        drift_unlink(fixture, "etc/modprobe.d/hostdriver-ice.conf");
        drift_rescan(fixture);
        drift_assert(fixture, "ice was deselected, but somebody has removed "
                              "/etc/modprobe.d/hostdriver-ice.conf");
}

/* --- OnDrift=heal ------------------------------------------------------------------------------------- */

static void test_heal(ServiceFixture *fixture, gconstpointer data)
{
        GVariant *reply;
        char *text;

        drift_select(fixture, "1.6.4");
        drift_heal_from_now_on(fixture);
        drift_link(fixture, NEW);
        drift_rescan(fixture);
        drift_wait_for(fixture, NULL);
        drift_assert_link(fixture, OLD);
        reply = service_fixture_call(fixture, MANAGER_PATH, MANAGER_INTERFACE, "GetHistory",
                        g_variant_new_parsed("({'driver': <'ice'>, 'limit': <uint64 1>},)"));
        text = g_variant_print(reply, FALSE);
        g_assert_nonnull(strstr(text, "'kind': <'heal'>"));
        g_free(text);
        g_variant_unref(reply);
}

static void test_heal_deselected(ServiceFixture *fixture, gconstpointer data)
{
        g_variant_unref(service_fixture_call(
                        fixture, ICE, DRIVER_INTERFACE, "Deselect", g_variant_new("(a{sv})", NULL)));
        service_fixture_finish_jobs(fixture);
        drift_heal_from_now_on(fixture);
        drift_unlink(fixture, "etc/modprobe.d/hostdriver-ice.conf");
        temp_dir_link(&fixture->sample.dir, LINK, NEW);
        drift_rescan(fixture);
        drift_wait_for(fixture, NULL);
        g_assert_cmpint(faccessat(fixture->sample.dir.fd, LINK, F_OK, AT_SYMLINK_NOFOLLOW), <, 0);
        g_assert_cmpint(faccessat(fixture->sample.dir.fd, "etc/modprobe.d/hostdriver-ice.conf", F_OK, 0), ==,
                        0);
}

/* Somebody insists: three times, then it is left to a person. */
static void test_no_fight(ServiceFixture *fixture, gconstpointer data)
{
        drift_select(fixture, "1.6.4");
        drift_heal_from_now_on(fixture);
        for (int i = 0; i < 3; i++) {
                drift_link(fixture, NEW);
                drift_rescan(fixture);
                drift_wait_for(fixture, NULL);
                drift_assert_link(fixture, OLD);
        }
        drift_link(fixture, NEW);
        drift_rescan(fixture);
        drift_wait_for(fixture, "It was taken back 3 times within an hour and came back each time");
        drift_assert_link(fixture, NEW);
        /* A selection is a new start. */
        drift_select(fixture, "1.6.4");
        drift_assert_none(fixture);
        drift_link(fixture, NEW);
        drift_rescan(fixture);
        drift_wait_for(fixture, NULL);
        drift_assert_link(fixture, OLD);
}

/* A file in the link's place, what the preflight refuses, a foreign line: told, and left alone. */
static void test_not_healed(ServiceFixture *fixture, gconstpointer data)
{
        char *name = temp_dir_path(&fixture->sample.dir, MODULES "xenserver/intel-ice/1.6.4/ice.ko");

        drift_select(fixture, "1.6.4");
        drift_heal_from_now_on(fixture);
        drift_unlink(fixture, LINK);
        temp_dir_write(&fixture->sample.dir, LINK, "mine");
        drift_rescan(fixture);
        drift_wait_for(fixture, "Move it away, then run");
        g_assert_false(changer_job_count(fixture->service->changer));

        drift_unlink(fixture, LINK);
        sample_root_add_module_spec(&fixture->sample, SAMPLE_KERNEL, "xenserver/intel-ice/1.6.4/ice.ko",
                        &(ModuleSpec){ .version = "1.6.4", .vermagic = "5.5.5 SMP" });
        drift_rescan(fixture);
        drift_wait_for(fixture, "It isn't taken back: ");
        g_assert_cmpint(faccessat(fixture->sample.dir.fd, LINK, F_OK, AT_SYMLINK_NOFOLLOW), <, 0);
        free(name);
}

static void test_foreign_line(ServiceFixture *fixture, gconstpointer data)
{
        drift_select(fixture, "1.6.4");
        drift_heal_from_now_on(fixture);
        temp_dir_write(&fixture->sample.dir, "etc/depmod.d/zzz.conf",
                        "override ice * xenserver/intel-ice/1.11.17.1\n");
        sample_root_depmod(&fixture->sample, SAMPLE_KERNEL);
        drift_rescan(fixture);
        drift_assert(fixture,
                        "line 1 of /etc/depmod.d/zzz.conf has made the module index name another file");
        g_assert_cmpuint(changer_job_count(fixture->service->changer), ==, 0);
}

/* --- the configuration read anew ------------------------------------------------------------------------
 */

static void reload(ServiceFixture *fixture, const char *text)
{
        temp_dir_write(&fixture->sample.dir, "etc/hostdriver/hostdriver.conf", text);
        service_reload(fixture->service);
}

static char *host_problems(ServiceFixture *fixture)
{
        return service_fixture_property(fixture, MANAGER_PATH, MANAGER_INTERFACE, "Problems");
}

static void test_reload(ServiceFixture *fixture, gconstpointer data)
{
        const Config *config = &fixture->service->upkeep->config;
        char *problems;

        drift_select(fixture, "1.6.4");
        service_fixture_check_property(fixture, MANAGER_PATH, MANAGER_INTERFACE, "Problems", "[]");
        reload(fixture, "[Service]\nOnDrift=heal\n[Apply]\nDepmodTimeoutSec=7\n");
        g_assert_cmpint(config->on_drift, ==, ON_DRIFT_HEAL);
        g_assert_cmpuint(config->depmod_timeout_sec, ==, 7);
        drift_link(fixture, NEW);
        drift_rescan(fixture);
        drift_wait_for(fixture, NULL);
        drift_assert_link(fixture, OLD);

        /* Nothing of a broken one counts. */
        reload(fixture, "[Service]\nOnDrift=report\n[Apply]\nDepmodTimeoutSec=soon\n");
        g_assert_cmpint(config->on_drift, ==, ON_DRIFT_HEAL);
        g_assert_cmpuint(config->depmod_timeout_sec, ==, 7);
        problems = host_problems(fixture);
        g_assert_nonnull(strstr(problems, "hostdriver.conf:4: Not a valid value: soon"));
        g_assert_nonnull(strstr(problems, "the settings of before stay"));
        g_free(problems);
        reload(fixture, "[Service]\nOnDrift=report\n");
        g_assert_cmpint(config->on_drift, ==, ON_DRIFT_REPORT);
        g_assert_cmpuint(config->depmod_timeout_sec, ==, 300);
        service_fixture_check_property(fixture, MANAGER_PATH, MANAGER_INTERFACE, "Problems", "[]");
        drift_link(fixture, NEW);
        drift_rescan(fixture);
        drift_assert(fixture, "selected version 1.11.17.1");
}

static bool knows_vendor_driver(void *userdata)
{
        return registry_find(((ServiceFixture *) userdata)->service->registry, "vendor_nic");
}

/* Another directory for a tree: its versions come, those of the former one go, and it is watched. */
static void test_reload_trees(ServiceFixture *fixture, gconstpointer data)
{
        reload(fixture, "[Trees]\nXenServer=vendor\n");
        g_assert_null(registry_find(fixture->service->registry, "ice"));
        sample_root_add_module(&fixture->sample, SAMPLE_KERNEL, "vendor/p/1/vendor_nic.ko", "1");
        private_bus_run_until(knows_vendor_driver, fixture);
        reload(fixture, "");
        g_assert_nonnull(registry_find(fixture->service->registry, "ice"));
}

#define add(name, function)                                                                    \
        g_test_add("/bus-drift/" name, ServiceFixture, NULL, service_fixture_set_up, function, \
                        service_fixture_tear_down)

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        add("never-wanted", test_never_wanted);
        add("report", test_report);
        add("restart", test_restart);
        add("selected-as-it-is", test_selected_as_it_is);
        add("deselected", test_deselected);
        add("heal", test_heal);
        add("heal-deselected", test_heal_deselected);
        add("no-fight", test_no_fight);
        add("not-healed", test_not_healed);
        add("foreign-line", test_foreign_line);
        add("reload", test_reload);
        add("reload-trees", test_reload_trees);
        return g_test_run();
}
