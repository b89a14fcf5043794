/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What may stand in the trees: nothing of it hides a neighbour, hangs or stops the service. */

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "host.h"
#include "snapshot.h"

#define ICE DRIVER_PATH("ice")
#define INCOMPATIBLE "org.hostdriver1.Error.Incompatible"

/* A host whose files BREAK spoils before the service starts. */
static Harness *new_spoiled_host(void (*spoil)(Harness *harness))
{
        Harness *harness = harness_new(host_with_nics);

        harness_start_script(harness, POLKIT_YES);
        spoil(harness);
        harness_start_daemon(harness);
        return harness;
}

static void write_at(Harness *harness, const char *path, const void *data, size_t size)
{
        char *absolute = host_module_path(harness, path);
        char *directory = g_path_get_dirname(absolute);

        g_assert_cmpint(g_mkdir_with_parents(directory, 0755), ==, 0);
        g_assert_true(g_file_set_contents(absolute, data, (gssize) size, NULL));
        g_free(directory);
        g_free(absolute);
}

/* The rest of the host must be as if nothing were wrong: ixgbe can be seen, and selected. */
static void assert_neighbours_work(Harness *harness)
{
        assert_property(harness->stranger, DRIVER_PATH("ixgbe"), DRIVER, "Versions", "[5.3.5 5.10.2]");
        host_select(harness, harness->superuser, DRIVER_PATH("ixgbe"), "5.3.5");
        assert_property(harness->stranger, DRIVER_PATH("ixgbe"), DRIVER, "Problems", "[]");
        host_assert_effective(harness, "ixgbe", "xenserver/intel-ixgbe/5.3.5/ixgbe.ko");
}

static void spoil_names(Harness *harness)
{
        char *longest = g_strnfill(255, 'x');
        char *path = g_build_filename("xenserver", longest, "1.0/longest.ko", NULL);

        write_at(harness, "xenserver/line\nbreak/1.0/one.ko", "", 0);
        write_at(harness, "xenserver/not-\xff-utf8/1.0/two.ko", "", 0);
        write_at(harness, "xenserver/esc/\x1b[31m/three.ko", "", 0);
        write_at(harness, path, "", 0);
        g_free(path);
        g_free(longest);
}

static void test_names(void)
{
        Harness *harness CLEANUP_HARNESS = new_spoiled_host(spoil_names);
        char *problems = property_text(harness->stranger, MANAGER_PATH, MANAGER, "Problems");
        char *drivers = call_text(harness->stranger, MANAGER_PATH, MANAGER, "ListDrivers", NULL);

        g_assert_nonnull(strstr(problems, "entry-skipped"));
        g_assert_nonnull(strstr(problems, "line\\x0abreak"));
        g_assert_nonnull(strstr(problems, "not-\\xff-utf8"));
        g_assert_nonnull(strstr(problems, "\\x1b[31m"));
        g_assert_null(strstr(drivers, "(one "));
        g_assert_null(strstr(drivers, "(two "));
        g_assert_null(strstr(drivers, "(three "));
        g_assert_nonnull(strstr(drivers, "(longest "));
        assert_neighbours_work(harness);
        g_free(problems);
        g_free(drivers);
}

static void spoil_kinds(Harness *harness)
{
        char *link = host_module_path(harness, "xenserver/linked");
        char *version_link = host_module_path(harness, "xenserver/intel-ice/9.9");
        char *fifo = host_module_path(harness, "xenserver/intel-ice/1.6.4/fifo.ko");
        char *package_fifo = host_module_path(harness, "xenserver/fifo");
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        char *directory = host_module_path(harness, "xenserver");
        char *back = g_get_current_dir();

        g_assert_cmpint(symlink("intel-ice", link), ==, 0);
        g_assert_cmpint(symlink("1.6.4", version_link), ==, 0);
        g_assert_cmpint(mkfifo(fifo, 0644), ==, 0);
        g_assert_cmpint(mkfifo(package_fifo, 0644), ==, 0);
        (void) g_strlcpy(address.sun_path, "socket", sizeof(address.sun_path));
        g_assert_cmpint(g_chdir(directory), ==, 0);
        g_assert_cmpint(bind(fd, (struct sockaddr *) &address, sizeof(address)), ==, 0);
        g_assert_cmpint(g_chdir(back), ==, 0);
        (void) close(fd);
        g_free(back);
        g_free(directory);
        g_free(package_fifo);
        g_free(fifo);
        g_free(version_link);
        g_free(link);
}

static void test_kinds(void)
{
        Harness *harness CLEANUP_HARNESS = new_spoiled_host(spoil_kinds);
        char *drivers = call_text(harness->stranger, MANAGER_PATH, MANAGER, "ListDrivers", NULL);
        char *problems, *error;

        assert_property(harness->stranger, ICE, DRIVER, "Versions", "[kernel 1.6.4 1.11.17.1]");
        g_assert_null(strstr(drivers, "linked"));
        g_assert_null(strstr(drivers, "socket"));

        /* What has a module file's name but isn't one is listed, for all to see, and can't be selected. */
        problems = property_text(harness->stranger, DRIVER_PATH("fifo"), DRIVER, "Problems");
        if (!strstr(problems, "not-regular"))
                g_error("A FIFO is no problem? %s", problems);
        error = call_error(harness->superuser, NULL, DRIVER_PATH("fifo"), DRIVER, "Select", "sa{sv}",
                        "1.6.4", 0);
        g_assert_cmpstr(error, !=, "");
        assert_neighbours_work(harness);
        g_free(error);
        g_free(problems);
        g_free(drivers);
}

static void test_broken_modules(void)
{
        static const char *const ways[] = { "0 bytes", "8 bytes", "half", "all but one byte", "text",
                "other machine" };
        Harness *harness CLEANUP_HARNESS = harness_new(host_with_nics);
        char *whole = host_module_path(harness, "xenserver/intel-ice/1.6.4/ice.ko");
        char *data = NULL, *before, *versions;
        gsize size;

        harness_start_script(harness, POLKIT_YES);
        g_assert_true(g_file_get_contents(whole, &data, &size, NULL));
        write_at(harness, "xenserver/intel-ice/0-empty/ice.ko", data, 0);
        write_at(harness, "xenserver/intel-ice/0-head/ice.ko", data, 8);
        write_at(harness, "xenserver/intel-ice/0-half/ice.ko", data, size / 2);
        write_at(harness, "xenserver/intel-ice/0-short/ice.ko", data, size - 1);
        write_at(harness, "xenserver/intel-ice/0-text/ice.ko", "hello\n", 6);
        data[18] ^= 0x55; /* e_machine */
        write_at(harness, "xenserver/intel-ice/0-machine/ice.ko", data, size);
        harness_start_daemon(harness);

        versions = property_text(harness->stranger, ICE, DRIVER, "Versions");
        before = snapshot_take(harness->sample.dir.path);
        for (size_t i = 0; i < G_N_ELEMENTS(ways); i++) {
                static const char *const versions_of_ways[] = { "0-empty", "0-head", "0-half", "0-short",
                        "0-text", "0-machine" };
                char *sentence;
                char *error = call_error(harness->superuser, &sentence, ICE, DRIVER, "Select", "sa{sv}",
                                versions_of_ways[i], 0);

                g_assert_nonnull(strstr(versions, versions_of_ways[i]));
                if (!g_str_equal(error, INCOMPATIBLE))
                        g_error("%s: \"%s\" \"%s\"", ways[i], error, sentence);
                g_assert_nonnull(strstr(sentence, versions_of_ways[i]));
                g_free(error);
                g_free(sentence);
        }
        snapshot_assert_same(harness->sample.dir.path, before);
        host_select(harness, harness->superuser, ICE, "1.6.4");
        assert_neighbours_work(harness);
        g_free(versions);
        g_free(before);
        g_free(data);
        g_free(whole);
}

/* A file of 200 MB, most of it a hole: read in place, or refused, but neither slow nor fatal. */
static void spoil_huge(Harness *harness)
{
        char *path = host_module_path(harness, "xenserver/intel-ice/1.6.4/ice.ko");

        g_assert_cmpint(truncate(path, 200 * 1024 * 1024), ==, 0);
        g_free(path);
        write_at(harness, "xenserver/zeros/1.0/zeros.ko", "", 0);
        path = host_module_path(harness, "xenserver/zeros/1.0/zeros.ko");
        g_assert_cmpint(truncate(path, 200 * 1024 * 1024), ==, 0);
        g_free(path);
}

static void test_huge(void)
{
        Harness *harness CLEANUP_HARNESS = new_spoiled_host(spoil_huge);
        char *error = call_error(harness->superuser, NULL, DRIVER_PATH("zeros"), DRIVER, "Select", "sa{sv}",
                        "1.0", 0);

        g_assert_cmpstr(error, ==, INCOMPATIBLE);
        assert_property(harness->stranger, ICE, DRIVER, "Versions", "[kernel 1.6.4 1.11.17.1]");
        assert_neighbours_work(harness);
        g_free(error);
}

static void spoil_packages(Harness *harness)
{
        sample_root_add_module(&harness->sample, SAMPLE_KERNEL, "xenserver/other-ice/1.6.4/ice.ko", "1.6.4");
}

/* Both are offered, under names that tell them apart. */
static void test_two_packages(void)
{
        Harness *harness CLEANUP_HARNESS = new_spoiled_host(spoil_packages);
        char *versions = property_text(harness->stranger, ICE, DRIVER, "Versions");

        g_assert_nonnull(strstr(versions, "intel-ice/1.6.4"));
        g_assert_nonnull(strstr(versions, "other-ice/1.6.4"));
        host_select(harness, harness->superuser, ICE, "other-ice/1.6.4");
        assert_property(harness->stranger, ICE, DRIVER, "Selected", "other-ice/1.6.4");
        assert_property(harness->stranger, ICE, DRIVER, "Package", "other-ice");
        host_assert_link(harness, "ice.ko", "../xenserver/other-ice/1.6.4/ice.ko");
        assert_neighbours_work(harness);
        g_free(versions);
}

static void spoil_releases(Harness *harness)
{
        temp_dir_mkdir(&harness->sample.dir, "usr/lib/modules/9.9.9-empty");
        temp_dir_mkdir(&harness->sample.dir, "usr/lib/modules/8.8.8-noindex/xenserver/intel-ice");
        temp_dir_write(&harness->sample.dir, "usr/lib/modules/a-file", "hello\n");
        temp_dir_link(&harness->sample.dir, "usr/lib/modules/4.19-alias", SAMPLE_KERNEL);
        sample_root_add_module(
                        &harness->sample, "8.8.8-noindex", "xenserver/intel-ice/1.6.4/ice.ko", "1.6.4");
}

/* Kernel releases without modules.dep, and what else may lie beside them. */
static void test_releases(void)
{
        Harness *harness CLEANUP_HARNESS = new_spoiled_host(spoil_releases);
        char *kernels = property_text(harness->stranger, MANAGER_PATH, MANAGER, "Kernels");
        char *problems;

        g_assert_null(strstr(kernels, "a-file"));
        g_assert_nonnull(strstr(kernels, "8.8.8-noindex"));
        g_assert_nonnull(strstr(kernels, "9.9.9-empty"));
        host_select(harness, harness->superuser, ICE, "1.6.4");
        host_assert_effective(harness, "ice", "xenserver/intel-ice/1.6.4/ice.ko");
        problems = property_text(harness->stranger, DRIVER_PATH("ixgbe"), DRIVER, "Problems");
        g_assert_nonnull(strstr(problems, "9.9.9-empty has no module index"));
        g_free(problems);
        g_free(kernels);
}

/* A package manager at work: versions come and go all the while, and the service stays right. */
static void test_changing_tree(void)
{
        Harness *harness CLEANUP_HARNESS = harness_new(host_with_nics);
        char *from = host_module_path(harness, "xenserver/intel-ice/1.6.4");
        char *to = host_module_path(harness, "xenserver/intel-ice/1.7.0");

        harness_start_script(harness, POLKIT_YES);
        harness_start_daemon(harness);
        for (unsigned i = 0; i < 100; i++) {
                Answer *answer =
                                call_start(harness->superuser, false, MANAGER_PATH, MANAGER, "Rescan", NULL);

                g_assert_cmpint(g_rename(i % 2 ? to : from, i % 2 ? from : to), ==, 0);
                answer_wait(answer);
                g_assert_cmpstr(answer->error, ==, NULL);
                (void) answer_free(answer);
        }
        g_assert_cmpint(g_rename(from, to), ==, 0);
        recorder_wait(harness->recorder, ICE " PropertiesChanged *Versions=[kernel 1.7.0 1.11.17.1]*");
        g_free(call_text(harness->superuser, MANAGER_PATH, MANAGER, "Rescan", NULL));
        assert_property(harness->stranger, ICE, DRIVER, "Versions", "[kernel 1.7.0 1.11.17.1]");
        assert_neighbours_work(harness);
        g_free(from);
        g_free(to);
}

static void add_tests(void)
{
        g_test_add_func("/bad-files/names", test_names);
        g_test_add_func("/bad-files/kinds", test_kinds);
        g_test_add_func("/bad-files/broken-modules", test_broken_modules);
        g_test_add_func("/bad-files/huge", test_huge);
        g_test_add_func("/bad-files/two-packages", test_two_packages);
        g_test_add_func("/bad-files/releases", test_releases);
        g_test_add_func("/bad-files/changing-tree", test_changing_tree);
}

int main(int argc, char *argv[])
{
        return harness_main(argc, argv, add_tests);
}
