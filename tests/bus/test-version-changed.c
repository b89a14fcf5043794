/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The selected version's own file becomes another build: written through the link, swapped, upgraded. */

#include <fcntl.h>
#include <glib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "drift-fixture.h"
#include "model/wanted-file.h"

#define CODE "'version-changed'"
#define VERSION "xenserver/intel-ice/1.6.4/ice.ko"

static const char *const aliases[] = { "pci:*", NULL };

/* Another build of what has the version and the srcversion of the selected one. */
static void make_build(ServiceFixture *fixture, const char *build_id)
{
        sample_root_add_module_spec(&fixture->sample, "..", "incoming/ice.ko",
                        &(ModuleSpec){ .version = "1.6.4",
                                        .srcversion = "SAME",
                                        .aliases = aliases,
                                        .vermagic = SAMPLE_KERNEL " SMP mod_unload modversions ",
                                        .build_id = build_id });
}

static void install_build(ServiceFixture *fixture, const char *build_id)
{
        sample_root_add_module_spec(&fixture->sample, SAMPLE_KERNEL, VERSION,
                        &(ModuleSpec){ .version = "1.6.4",
                                        .srcversion = "SAME",
                                        .aliases = aliases,
                                        .vermagic = SAMPLE_KERNEL " SMP mod_unload modversions ",
                                        .build_id = build_id });
        drift_rescan(fixture);
}

/* As cp does it, which keeps the inode and follows links. */
static void write_through(ServiceFixture *fixture, const char *path)
{
        g_autofree char *content = NULL;
        g_autofree char *source = g_build_filename(fixture->sample.dir.path, "lib/incoming/ice.ko", NULL);
        int fd CLEANUP_FD = openat(fixture->sample.dir.fd, path, O_WRONLY | O_TRUNC | O_CLOEXEC);
        gsize size;

        g_assert_true(g_file_get_contents(source, &content, &size, NULL));
        g_assert_cmpint(fd, >=, 0);
        g_assert_cmpint(write(fd, content, size), ==, (ssize_t) size);
        drift_rescan(fixture);
}

static bool is_told(ServiceFixture *fixture, const char *words)
{
        g_autofree char *problems = drift_problems(fixture);

        g_test_message("%s", problems);
        return strstr(problems, CODE) && strstr(problems, words);
}

static void assert_quiet(ServiceFixture *fixture)
{
        g_autofree char *problems = drift_problems(fixture);

        if (strstr(problems, CODE))
                g_error("%s", problems);
}

/* What is told of which file: the kernel's own never is. */
static void test_wanted_file(ServiceFixture *fixture, gconstpointer data)
{
        const Registry *registry = fixture->service->registry;
        const Driver *driver = registry_find(registry, "ice")->value;
        WantedVersion wanted = { .release = SAMPLE_KERNEL, .version = "1.6.4", .build = "another" };

        g_assert_nonnull(wanted_file_changed(registry->facts, driver, &wanted));
        wanted.build = "";
        g_assert_null(wanted_file_changed(registry->facts, driver, &wanted));
        wanted.build = module_file_identity(wanted_file(registry->facts, driver, &wanted)->file);
        g_assert_null(wanted_file_changed(registry->facts, driver, &wanted));
        wanted = (WantedVersion){ .release = SAMPLE_KERNEL, .version = "kernel", .build = "another" };
        g_assert_null(wanted_file_changed(registry->facts, driver, &wanted));
}

/* cp new.ko updates/ice.ko. Nothing of the link, the line or the index changes. */
static void test_through_link(ServiceFixture *fixture, gconstpointer data)
{
        install_build(fixture, "aa01");
        drift_select(fixture, "1.6.4");
        assert_quiet(fixture);
        make_build(fixture, "aa02");
        write_through(fixture, MODULES "updates/ice.ko");
        g_assert_true(is_told(fixture, "/lib/modules/" SAMPLE_KERNEL "/" VERSION
                                       " is another build than the one that was selected as ice 1.6.4"));
        g_assert_true(is_told(fixture, "hostdriverctl import /lib/modules/" SAMPLE_KERNEL "/" VERSION));
        service_fixture_stop(fixture);
        service_fixture_start(fixture);
        g_assert_true(is_told(fixture, "is another build"));
        /* The very bytes are back. */
        make_build(fixture, "aa01");
        write_through(fixture, MODULES VERSION);
        assert_quiet(fixture);
}

/* While nobody looks, and without a build-id: by the content then. */
static void test_while_stopped(ServiceFixture *fixture, gconstpointer data)
{
        install_build(fixture, "");
        drift_select(fixture, "1.6.4");
        service_fixture_stop(fixture);
        sample_root_add_module_spec(&fixture->sample, SAMPLE_KERNEL, VERSION,
                        &(ModuleSpec){ .version = "1.6.4",
                                        .srcversion = "SAME",
                                        .aliases = aliases,
                                        .description = "another one",
                                        .build_id = "",
                                        .vermagic = SAMPLE_KERNEL " SMP mod_unload modversions " });
        service_fixture_start(fixture);
        g_assert_true(is_told(fixture, "is another build"));
        /* It was taken for the selected one. */
        drift_select(fixture, "1.6.4");
        assert_quiet(fixture);
        service_fixture_stop(fixture);
        service_fixture_start(fixture);
        assert_quiet(fixture);
}

/* By rename, which makes another inode. Touching a file, or another inode with the same build, is nothing.
 */
static void test_swapped(ServiceFixture *fixture, gconstpointer data)
{
        g_autofree char *from = g_build_filename(fixture->sample.dir.path, "lib/incoming/ice.ko", NULL);
        g_autofree char *to = g_build_filename(fixture->sample.dir.path, MODULES VERSION, NULL);

        install_build(fixture, "aa01");
        drift_select(fixture, "1.6.4");
        install_build(fixture, "aa01");
        assert_quiet(fixture);
        make_build(fixture, "aa02");
        g_assert_cmpint(rename(from, to), ==, 0);
        drift_rescan(fixture);
        g_assert_true(is_told(fixture, "is another build"));
        /* Another version's file is nobody's business. */
        drift_select(fixture, "1.11.17.1");
        assert_quiet(fixture);
        drift_select(fixture, "1.6.4");
        assert_quiet(fixture);
}

/* A package's upgrade is news, and what is written over its file later is a warning. */
static void test_package(ServiceFixture *fixture, gconstpointer data)
{
        static const char list[] = "/lib/modules/" SAMPLE_KERNEL "/" VERSION "\n";

        install_build(fixture, "aa01");
        drift_select(fixture, "1.6.4");
        install_build(fixture, "aa02");
        temp_dir_write(&fixture->sample.dir, "var/lib/dpkg/info/ice-driver.list", list);
        drift_rescan(fixture);
        g_assert_true(is_told(
                        fixture, "('info', 'version-changed', 'The package ice-driver has put another "));
        g_usleep(50 * 1000); /* file systems tick coarsely */
        install_build(fixture, "aa03");
        g_assert_true(is_told(fixture, "('warning', 'version-changed', "));
}

static void wait_for_healing(ServiceFixture *fixture)
{
        for (;;) {
                g_autofree char *problems = drift_problems(fixture);

                if (!strstr(problems, "'drift'") && changer_job_count(fixture->service->changer) == 0)
                        return;
        }
}

/* Healing takes nothing for the selected build. */
static void test_healed(ServiceFixture *fixture, gconstpointer data)
{
        install_build(fixture, "aa01");
        drift_select(fixture, "1.6.4");
        drift_heal_from_now_on(fixture);
        make_build(fixture, "aa02");
        write_through(fixture, MODULES "updates/ice.ko");
        drift_unlink(fixture, LINK);
        drift_rescan(fixture);
        wait_for_healing(fixture);
        g_assert_true(is_told(fixture, "is another build"));
}

/* DKMS, where it installs in updates/ itself, writes through an adopted file's link. */
static void test_adopted(ServiceFixture *fixture, gconstpointer data)
{
        drift_unlink(fixture, LINK);
        sample_root_add_module_spec(&fixture->sample, SAMPLE_KERNEL, "updates/ice.ko",
                        &(ModuleSpec){ .version = "9", .aliases = aliases, .build_id = "aa01" });
        sample_root_depmod(&fixture->sample, SAMPLE_KERNEL);
        drift_rescan(fixture);
        g_variant_unref(service_fixture_call(fixture, MANAGER_PATH, MANAGER_INTERFACE, "Adopt",
                        g_variant_new("(s@a{sv})", "ice",
                                        g_variant_new_parsed("@a{sv} {'package': <'intel-ice'>}"))));
        service_fixture_finish_jobs(fixture);
        assert_quiet(fixture);
        make_build(fixture, "aa02");
        write_through(fixture, MODULES "updates/ice.ko");
        g_assert_true(is_told(fixture, "selected as ice 9"));
}

#define add(name, function)                                                                              \
        g_test_add("/bus-version-changed/" name, ServiceFixture, NULL, service_fixture_set_up, function, \
                        service_fixture_tear_down)

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        add("wanted-file", test_wanted_file);
        add("through-link", test_through_link);
        add("while-stopped", test_while_stopped);
        add("swapped", test_swapped);
        add("package", test_package);
        add("healed", test_healed);
        add("adopted", test_adopted);
        return g_test_run();
}
