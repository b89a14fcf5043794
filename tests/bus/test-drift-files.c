/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Files of ours that somebody edits, adopted files that somebody replaces, and ids that change meanwhile. */

#include <fcntl.h>
#include <glib.h>
#include <string.h>
#include <unistd.h>

#include "drift-fixture.h"

#define BLOCK "etc/modprobe.d/hostdriver-ice.conf"
#define LINES "etc/depmod.d/zz-hostdriver.conf"

static char *read_below(ServiceFixture *fixture, const char *path)
{
        g_autofree char *absolute = g_build_filename(fixture->sample.dir.path, path, NULL);
        char *text;

        g_assert_true(g_file_get_contents(absolute, &text, NULL, NULL));
        return text;
}

static void assert_text(ServiceFixture *fixture, const char *path, const char *expected)
{
        g_autofree char *text = read_below(fixture, path);

        g_assert_cmpstr(text, ==, expected);
}

/* Replaces OLD_PART, which the file has; NULL: its end. */
static void edit(ServiceFixture *fixture, const char *path, const char *old_part, const char *new_part)
{
        g_autofree char *text = read_below(fixture, path);
        const char *found = old_part ? strstr(text, old_part) : text + strlen(text);
        g_autofree char *edited = NULL;

        g_assert_nonnull(found);
        edited = g_strdup_printf("%.*s%s%s", (int) (found - text), text, new_part,
                        found + (old_part ? strlen(old_part) : 0));
        temp_dir_write(&fixture->sample.dir, path, edited);
        sample_root_depmod(&fixture->sample, SAMPLE_KERNEL);
        drift_rescan(fixture);
}

/* Other problems there may be. */
static void assert_no_drift(ServiceFixture *fixture)
{
        char *problems = drift_problems(fixture);

        g_assert_null(strstr(problems, "'drift'"));
        g_free(problems);
}

static void deselect(ServiceFixture *fixture)
{
        g_variant_unref(service_fixture_call(
                        fixture, ICE, DRIVER_INTERFACE, "Deselect", g_variant_new("(a{sv})", NULL)));
        service_fixture_finish_jobs(fixture);
        drift_assert_none(fixture);
}

/* --- our modprobe.d file ------------------------------------------------------------------------------- */

static void test_block(ServiceFixture *fixture, gconstpointer data)
{
        g_autofree char *ours = NULL, *problems = NULL;

        deselect(fixture);
        ours = read_below(fixture, BLOCK);
        edit(fixture, BLOCK, "install ice /bin/false", "#install ice /bin/false");
        drift_assert(fixture, "ice was deselected, but somebody has edited "
                              "/etc/modprobe.d/hostdriver-ice.conf since; now ");
        drift_assert(fixture, "would be loaded. Run `hostdriverctl deselect ice --force` to take it back.");
        deselect(fixture);
        assert_text(fixture, BLOCK, ours);

        edit(fixture, BLOCK, NULL, "options ice debug=1\n");
        drift_assert(fixture, "; all the same no ice would be loaded.");
        deselect(fixture);
        assert_text(fixture, BLOCK, ours);

        /* What defeats it is told once. */
        edit(fixture, BLOCK, "pre:", "pre: dell_laptop");
        drift_assert(fixture, " has edited /etc/modprobe.d/hostdriver-ice.conf since; now xenserver/");
        problems = drift_problems(fixture);
        g_assert_null(strstr(problems, "'not-blocked'"));
        deselect(fixture);
        assert_text(fixture, BLOCK, ours);

        edit(fixture, BLOCK, "# Written", "# Not written");
        drift_assert_none(fixture);
}

/* One in the way of a selected version. */
static void test_block_added(ServiceFixture *fixture, gconstpointer data)
{
        drift_select(fixture, "1.6.4");
        temp_dir_write(&fixture->sample.dir, BLOCK, "blacklist ice\n");
        drift_rescan(fixture);
        drift_assert(fixture, "somebody has made /etc/modprobe.d/hostdriver-ice.conf since. Run "
                              "`hostdriverctl select ice 1.6.4` to take it back.");
        drift_select(fixture, "1.6.4");
        drift_assert_none(fixture);
        g_assert_cmpint(faccessat(fixture->sample.dir.fd, BLOCK, F_OK, 0), <, 0);
}

static void test_block_healed(ServiceFixture *fixture, gconstpointer data)
{
        g_autofree char *ours = NULL;

        deselect(fixture);
        ours = read_below(fixture, BLOCK);
        drift_heal_from_now_on(fixture);
        edit(fixture, BLOCK, "/bin/false", "/sbin/modprobe --ignore-install ice");
        drift_wait_for(fixture, NULL);
        assert_text(fixture, BLOCK, ours);
        edit(fixture, BLOCK, NULL, "options ice debug=1\n");
        drift_wait_for(fixture, NULL);
        assert_text(fixture, BLOCK, ours);
}

/* --- our line in depmod.d ------------------------------------------------------------------------------ */

static void assert_select_mends(ServiceFixture *fixture, const char *ours)
{
        drift_select(fixture, "1.6.4");
        drift_assert_none(fixture);
        assert_text(fixture, LINES, ours);
}

static void test_line(ServiceFixture *fixture, gconstpointer data)
{
        g_autofree char *ours = NULL;

        drift_select(fixture, "1.6.4");
        ours = read_below(fixture, LINES);
        edit(fixture, LINES, "1.6.4", "1.11.17.1");
        drift_assert(fixture, "somebody has made /etc/depmod.d/zz-hostdriver.conf name the directory "
                              "xenserver/intel-ice/1.11.17.1 for ice since; now ");
        assert_select_mends(fixture, ours);

        edit(fixture, LINES, "^4[.]19[.]0[+]1$ xenserver/intel-ice/1.6.4",
                        "* xenserver/intel-ice/1.11.17.1");
        drift_assert(fixture,
                        "somebody has edited the lines of ice in /etc/depmod.d/zz-hostdriver.conf since; "
                        "now xenserver/intel-ice/1.11.17.1/ice.ko would be loaded.");
        assert_select_mends(fixture, ours);

        /* One more that doesn't change what is loaded. */
        edit(fixture, LINES, NULL, "override ice 3[.].* kernel/net\n");
        drift_assert(fixture,
                        "edited the lines of ice in /etc/depmod.d/zz-hostdriver.conf since; what would "
                        "be loaded is still the same.");
        assert_select_mends(fixture, ours);
}

static void test_line_healed(ServiceFixture *fixture, gconstpointer data)
{
        g_autofree char *ours = NULL;

        drift_select(fixture, "1.6.4");
        ours = read_below(fixture, LINES);
        drift_heal_from_now_on(fixture);
        edit(fixture, LINES, "^4[.]19[.]0[+]1$ xenserver/intel-ice/1.6.4",
                        "* xenserver/intel-ice/1.11.17.1");
        drift_wait_for(fixture, NULL);
        assert_text(fixture, LINES, ours);
        edit(fixture, LINES, NULL, "override ice * xenserver/intel-ice/1.11.17.1\n");
        drift_wait_for(fixture, NULL);
        assert_text(fixture, LINES, ours);
}

/* What somebody wrote of another driver isn't lost for the sake of this one. */
static void test_line_of_another(ServiceFixture *fixture, gconstpointer data)
{
        g_autofree char *edited = NULL, *message = NULL;

        drift_select(fixture, "1.6.4");
        edit(fixture, LINES, NULL, "override bnx2fc * kernel/drivers\n");
        edited = read_below(fixture, LINES);
        message = service_fixture_call_fails(fixture, ICE, DRIVER_INTERFACE, "Select",
                        g_variant_new("(sa{sv})", "1.11.17.1", NULL), ".Conflict");
        g_assert_nonnull(strstr(message, "has a line for bnx2fc that hostdriver did not write so"));
        assert_text(fixture, LINES, edited);
}

/* --- ids ------------------------------------------------------------------------------------------------
 */

/* Another package that ships the module in a version of the same name, or no other any more. */
static void add_package(ServiceFixture *fixture)
{
        sample_root_add_module(&fixture->sample, SAMPLE_KERNEL, "xenserver/other/1.6.4/ice.ko", "9");
        drift_rescan(fixture);
}

static void remove_package(ServiceFixture *fixture)
{
        drift_unlink(fixture, MODULES "xenserver/other/1.6.4/ice.ko");
        drift_rescan(fixture);
}

/* The ids change, and what was wanted stays that version. */
static void test_ids(ServiceFixture *fixture, gconstpointer data)
{
        drift_select(fixture, "1.6.4");
        drift_assert_none(fixture);
        add_package(fixture);
        service_fixture_check_property(fixture, ICE, DRIVER_INTERFACE, "Selected", "'intel-ice/1.6.4'");
        drift_link(fixture, "../xenserver/other/1.6.4/ice.ko");
        drift_rescan(fixture);
        drift_assert(fixture,
                        "version intel-ice/1.6.4 of ice was selected, but somebody has selected version "
                        "other/1.6.4 by the link updates/ice.ko");
        drift_assert(fixture,
                        "Run `hostdriverctl select ice intel-ice/1.6.4` to take it back, or "
                        "`hostdriverctl select ice other/1.6.4 --kernel=" SAMPLE_KERNEL "` to have it so.");
        /* Also in a new process. */
        service_fixture_stop(fixture);
        service_fixture_start(fixture);
        drift_assert(fixture, "version intel-ice/1.6.4 of ice was selected, but");

        drift_select(fixture, "intel-ice/1.6.4");
        remove_package(fixture);
        drift_link(fixture, NEW);
        drift_rescan(fixture);
        drift_assert(fixture, "version 1.6.4 of ice was selected, but");
}

static void test_ids_healed(ServiceFixture *fixture, gconstpointer data)
{
        drift_select(fixture, "1.6.4");
        drift_heal_from_now_on(fixture);
        add_package(fixture);
        drift_link(fixture, "../xenserver/other/1.6.4/ice.ko");
        drift_rescan(fixture);
        drift_wait_for(fixture, NULL);
        drift_assert_link(fixture, OLD);
}

/* The package is gone, and that another one has a version of that name means nothing. */
static void test_ids_of_another(ServiceFixture *fixture, gconstpointer data)
{
        drift_select(fixture, "1.6.4");
        add_package(fixture);
        drift_unlink(fixture, MODULES "xenserver/intel-ice/1.6.4/ice.ko");
        drift_unlink(fixture, MODULES "xenserver/intel-ice/1.11.17.1/ice.ko");
        drift_link(fixture, "../xenserver/other/1.6.4/ice.ko");
        drift_rescan(fixture);
        service_fixture_check_property(fixture, ICE, DRIVER_INTERFACE, "Selected", "'1.6.4'");
        assert_no_drift(fixture);
}

/* --- adopted files --------------------------------------------------------------------------------------
 */

#define ADOPTED "../xenserver/intel-ice/9/ice.ko"

static void call(ServiceFixture *fixture, const char *method, const char *options)
{
        g_variant_unref(service_fixture_call(fixture, MANAGER_PATH, MANAGER_INTERFACE, method,
                        g_variant_new("(s@a{sv})", "ice", g_variant_new_parsed(options))));
        service_fixture_finish_jobs(fixture);
}

/* A driver disk's file in the link's place becomes version 9. */
static void adopt(ServiceFixture *fixture)
{
        static const char *const aliases[] = { "pci:*", NULL };

        drift_unlink(fixture, LINK);
        sample_root_add_module_spec(&fixture->sample, SAMPLE_KERNEL, "updates/ice.ko",
                        &(ModuleSpec){ .version = "9", .aliases = aliases });
        sample_root_depmod(&fixture->sample, SAMPLE_KERNEL);
        drift_rescan(fixture);
        call(fixture, "Adopt", "@a{sv} {'package': <'intel-ice'>}");
        drift_assert_link(fixture, ADOPTED);
        drift_assert_none(fixture);
}

static void test_adopted(ServiceFixture *fixture, gconstpointer data)
{
        adopt(fixture);
        drift_unlink(fixture, LINK);
        drift_rescan(fixture);
        drift_assert(fixture,
                        "version 9 of ice was selected, but somebody has removed the link updates/ice.ko "
                        "since");

        /* The next driver disk. Our line stands, so that it isn't loaded. */
        sample_root_add_module(&fixture->sample, SAMPLE_KERNEL, "updates/ice.ko", "10");
        sample_root_depmod(&fixture->sample, SAMPLE_KERNEL);
        drift_rescan(fixture);
        drift_assert(fixture,
                        "put something that is no link to updates/ice.ko since; what would be loaded is "
                        "still the same. Move it away, then run `hostdriverctl select ice 9` to take it "
                        "back.");
        drift_unlink(fixture, LINK);
        drift_rescan(fixture);
        drift_select(fixture, "9");
        drift_assert_none(fixture);
}

static void test_adopted_healed(ServiceFixture *fixture, gconstpointer data)
{
        adopt(fixture);
        drift_heal_from_now_on(fixture);
        drift_unlink(fixture, LINK);
        drift_rescan(fixture);
        drift_wait_for(fixture, NULL);
        drift_assert_link(fixture, ADOPTED);
        drift_link(fixture, OLD);
        drift_rescan(fixture);
        drift_wait_for(fixture, NULL);
        drift_assert_link(fixture, ADOPTED);

        drift_unlink(fixture, LINK);
        sample_root_add_module(&fixture->sample, SAMPLE_KERNEL, "updates/ice.ko", "10");
        drift_rescan(fixture);
        drift_wait_for(fixture, "Move it away, then run");
        g_assert_cmpuint(changer_job_count(fixture->service->changer), ==, 0);
}

/* Nobody wants anything of it any more, now or when the service starts anew. */
static void test_unadopted(ServiceFixture *fixture, gconstpointer data)
{
        adopt(fixture);
        call(fixture, "Unadopt", "@a{sv} {}");
        assert_no_drift(fixture);
        service_fixture_stop(fixture);
        drift_unlink(fixture, LINK);
        service_fixture_start(fixture);
        assert_no_drift(fixture);
        /* Nor if there is a version of that name again. */
        sample_root_add_module(&fixture->sample, SAMPLE_KERNEL, "xenserver/intel-ice/9/ice.ko", "9");
        drift_rescan(fixture);
        assert_no_drift(fixture);
}

#define add(name, function)                                                                          \
        g_test_add("/bus-drift-files/" name, ServiceFixture, NULL, service_fixture_set_up, function, \
                        service_fixture_tear_down)

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        add("block", test_block);
        add("block-added", test_block_added);
        add("block-healed", test_block_healed);
        add("line", test_line);
        add("line-healed", test_line_healed);
        add("line-of-another", test_line_of_another);
        add("adopted", test_adopted);
        add("adopted-healed", test_adopted_healed);
        add("unadopted", test_unadopted);
        add("ids", test_ids);
        add("ids-healed", test_ids_healed);
        add("ids-of-another", test_ids_of_another);
        return g_test_run();
}
