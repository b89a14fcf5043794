/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Somebody else changes a selection under the real service: it is told within a moment, healed if that is
 * configured, but not while a package manager is at work, and not for ever. */

#include <glib.h>
#include <glib/gstdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host.h"
#include "lock-holder.h"

#define ICE DRIVER_PATH("ice")
#define OLD "../xenserver/intel-ice/1.6.4/ice.ko"
#define NEW "../xenserver/intel-ice/1.11.17.1/ice.ko"

static void configure(Harness *harness, const char *text)
{
        temp_dir_write(&harness->sample.dir, "etc/hostdriver/hostdriver.conf", text);
}

static void flip(Harness *harness, const char *target)
{
        char *link = host_module_path(harness, "updates/ice.ko");

        recorder_clear(harness->recorder);
        g_assert_cmpint(g_unlink(link), ==, 0);
        g_assert_cmpint(symlink(target, link), ==, 0);
        g_free(link);
}

static Harness *new_host(const char *config)
{
        Harness *harness = harness_new(host_with_nics);

        configure(harness, config);
        harness_start_script(harness, POLKIT_YES);
        harness_start_daemon(harness);
        host_select(harness, harness->superuser, ICE, "1.6.4");
        assert_property(harness->stranger, ICE, DRIVER, "Problems", "[]");
        return harness;
}

static void wait_healed(Harness *harness)
{
        recorder_wait(harness->recorder, MANAGER_PATH " JobRemoved * ice done");
        host_assert_link(harness, "ice.ko", OLD);
        assert_property(harness->stranger, ICE, DRIVER, "Problems", "[]");
}

/* A process that holds dpkg's lock until *RET_END is closed. */
static pid_t start_package_manager(Harness *harness, int *ret_end)
{
        g_autofree char *path =
                        g_build_filename(harness->sample.dir.path, "var/lib/dpkg/lock-frontend", NULL);

        temp_dir_write(&harness->sample.dir, "var/lib/dpkg/lock-frontend", "");
        return lock_holder_start(path, ret_end);
}

/* Reported at first; then the configuration is read anew. */
static void test_reload(void)
{
        Harness *harness CLEANUP_HARNESS = new_host("");

        flip(harness, NEW);
        recorder_wait(harness->recorder, ICE
                        " PropertiesChanged *drift*version 1.6.4 of ice was selected, but somebody has*");
        host_assert_link(harness, "ice.ko", NEW);

        configure(harness, "[Service]\nOnDrift=cure\n");
        process_signal(harness->daemon, SIGHUP);
        recorder_wait(harness->recorder, MANAGER_PATH " PropertiesChanged *config*Not a valid value: cure*");
        host_assert_link(harness, "ice.ko", NEW);

        configure(harness, "[Service]\nOnDrift=heal\n");
        process_signal(harness->daemon, SIGHUP);
        wait_healed(harness);
        assert_property(harness->stranger, MANAGER_PATH, MANAGER, "Problems", "[]");
}

static void test_package_manager(void)
{
        Harness *harness CLEANUP_HARNESS = new_host("[Service]\nOnDrift=heal\n");
        int end, status;
        pid_t pid = start_package_manager(harness, &end);

        flip(harness, NEW);
        recorder_wait(harness->recorder, ICE
                        " PropertiesChanged *taken back when the package manager has ended*lock-frontend*");
        host_assert_link(harness, "ice.ko", NEW);
        g_assert_cmpuint(recorder_count(harness->recorder, "*JobNew*"), ==, 0);
        g_assert_cmpint(close(end), ==, 0);
        g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
        g_assert_cmpint(status, ==, 0);
        wait_healed(harness);
}

static void test_no_fight(void)
{
        Harness *harness CLEANUP_HARNESS = new_host("[Service]\nOnDrift=heal\n");

        for (int i = 0; i < 3; i++) {
                flip(harness, NEW);
                wait_healed(harness);
        }
        flip(harness, NEW);
        recorder_wait(harness->recorder, ICE " PropertiesChanged *came back each time*");
        g_assert_cmpuint(recorder_count(harness->recorder, "*JobNew*"), ==, 0);
        host_assert_link(harness, "ice.ko", NEW);
}

/* As DKMS 3.2 does it: our link is archived, its own module installed, the index made. */
static void test_dkms(void)
{
        Harness *harness CLEANUP_HARNESS = new_host("");
        char *link = host_module_path(harness, "updates/ice.ko");
        char *archive = g_strdup_printf("var/lib/dkms/ice/original_module/%s/x86_64", harness->kernel);
        char *archived = g_strdup_printf("%s/%s/ice.ko", harness->sample.dir.path, archive);

        temp_dir_mkdir(&harness->sample.dir, archive);
        sample_root_add_module(&harness->sample, harness->kernel, "updates/dkms/ice.ko", "9");
        recorder_clear(harness->recorder);
        g_assert_cmpint(g_rename(link, archived), ==, 0);
        recorder_wait(harness->recorder,
                        ICE " PropertiesChanged *DKMS seems to have removed the link "
                            "updates/ice.ko since (see /var/lib/dkms/ice/original_module/*");
        host_select(harness, harness->superuser, ICE, "1.6.4");
        assert_property(harness->stranger, ICE, DRIVER, "Problems", "[]");
        g_free(archived);
        g_free(archive);
        g_free(link);
}

static void add_tests(void)
{
        g_test_add_func("/drift/reload", test_reload);
        g_test_add_func("/drift/package-manager", test_package_manager);
        g_test_add_func("/drift/no-fight", test_no_fight);
        g_test_add_func("/drift/dkms", test_dkms);
}

int main(int argc, char *argv[])
{
        return harness_main(argc, argv, add_tests);
}
