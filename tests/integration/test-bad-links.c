/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What others may have left in updates/ where a link of ours goes. */

#include <errno.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "host.h"
#include "snapshot.h"

#define ICE DRIVER_PATH("ice")

/* With updates/ice.ko as a link to TARGET (NULL: none), before the service starts. */
static Harness *new_linked_host(const char *target)
{
        Harness *harness = harness_new(host_with_nics);
        char *updates = host_module_path(harness, "updates");
        char *link = host_module_path(harness, "updates/ice.ko");

        g_assert_cmpint(g_mkdir_with_parents(updates, 0755), ==, 0);
        if (target)
                g_assert_cmpint(symlink(target, link), ==, 0);
        harness_start_script(harness, POLKIT_YES);
        harness_start_daemon(harness);
        g_free(updates);
        g_free(link);
        return harness;
}

static void assert_ixgbe_works(Harness *harness)
{
        host_select(harness, harness->superuser, DRIVER_PATH("ixgbe"), "5.3.5");
        assert_property(harness->stranger, DRIVER_PATH("ixgbe"), DRIVER, "Problems", "[]");
        host_assert_effective(harness, "ixgbe", "xenserver/intel-ixgbe/5.3.5/ixgbe.ko");
}

/* A link that selects nothing is told as a problem, and gives way to a selection. */
static void test_bad_links(void)
{
        static const char *const targets[] = { "../xenserver/intel-ice/0.0/ice.ko", "nowhere", "ice.ko",
                "../../../../../etc/machine-id", "/etc/passwd", "../xenserver/intel-ice" };

        for (size_t i = 0; i < G_N_ELEMENTS(targets); i++) {
                Harness *harness CLEANUP_HARNESS = new_linked_host(targets[i]);
                char *problems = property_text(harness->stranger, ICE, DRIVER, "Problems");

                assert_property(harness->stranger, ICE, DRIVER, "Versions", "[kernel 1.6.4 1.11.17.1]");
                if (g_str_equal(problems, "[]"))
                        g_error("A link to %s is no problem?", targets[i]);
                assert_ixgbe_works(harness);
                host_assert_link(harness, "ice.ko", targets[i]);
                host_select(harness, harness->superuser, ICE, "1.6.4");
                host_assert_link(harness, "ice.ko", "../xenserver/intel-ice/1.6.4/ice.ko");
                host_assert_effective(harness, "ice", "xenserver/intel-ice/1.6.4/ice.ko");
                assert_property(harness->stranger, ICE, DRIVER, "Problems", "[]");
                g_free(problems);
        }
}

/* Another tool's link to a version is a selection. */
static void test_others_selection(void)
{
        Harness *harness CLEANUP_HARNESS = new_linked_host("../xenserver/intel-ice/1.6.4/ice.ko");

        assert_property(harness->stranger, ICE, DRIVER, "Selected", "1.6.4");
        host_select(harness, harness->superuser, ICE, "1.11.17.1");
        host_assert_link(harness, "ice.ko", "../xenserver/intel-ice/1.11.17.1/ice.ko");
}

/* An absolute link beneath another root would lead elsewhere: it is read inside the root, and replaced. */
static void test_absolute(void)
{
        Harness *harness CLEANUP_HARNESS =
                        new_linked_host("/lib/modules/" SAMPLE_KERNEL "/xenserver/intel-ice/1.6.4/ice.ko");

        assert_property(harness->stranger, ICE, DRIVER, "Selected", "1.6.4");
        host_select(harness, harness->superuser, ICE, "1.11.17.1");
        host_assert_link(harness, "ice.ko", "../xenserver/intel-ice/1.11.17.1/ice.ko");
        host_assert_effective(harness, "ice", "xenserver/intel-ice/1.11.17.1/ice.ko");
}

/* A regular file is somebody's only copy: never overwritten. So is a directory. */
static void test_in_the_way(void)
{
        for (int directory = 0; directory <= 1; directory++) {
                Harness *harness CLEANUP_HARNESS = new_linked_host(NULL);
                char *path = host_module_path(harness, "updates/ice.ko");
                char *before, *error, *sentence;

                if (directory)
                        g_assert_cmpint(g_mkdir(path, 0755), ==, 0);
                else
                        sample_root_add_module(&harness->sample, SAMPLE_KERNEL, "updates/ice.ko", "mine");
                g_free(call_text(harness->superuser, MANAGER_PATH, MANAGER, "Rescan", NULL));
                before = snapshot_take(harness->sample.dir.path);
                error = call_error(
                                harness->superuser, &sentence, ICE, DRIVER, "Select", "sa{sv}", "1.6.4", 0);
                g_assert_cmpstr(error, ==, "org.hostdriver1.Error.Conflict");
                g_assert_nonnull(strstr(sentence, "updates/ice.ko"));
                snapshot_assert_same(harness->sample.dir.path, before);
                g_assert_cmpint(recorder_count(harness->recorder, "*JobNew*"), ==, 0);
                assert_ixgbe_works(harness);
                g_free(sentence);
                g_free(error);
                g_free(before);
                g_free(path);
        }
}

/* Another tool flips the link while the service runs: that is a selection, but our override still wins. */
static void test_link_flipped(void)
{
        Harness *harness CLEANUP_HARNESS = new_linked_host(NULL);
        char *link = host_module_path(harness, "updates/ice.ko");
        char *problems;

        host_select(harness, harness->superuser, ICE, "1.6.4");
        recorder_clear(harness->recorder);
        g_assert_cmpint(g_unlink(link), ==, 0);
        g_assert_cmpint(symlink("../xenserver/intel-ice/1.11.17.1/ice.ko", link), ==, 0);
        recorder_wait(harness->recorder, ICE " PropertiesChanged *Selected=1.11.17.1*");
        problems = property_text(harness->stranger, ICE, DRIVER, "Problems");
        g_assert_cmpstr(problems, !=, "[]");
        host_assert_effective(harness, "ice", "xenserver/intel-ice/1.6.4/ice.ko");

        host_select(harness, harness->superuser, ICE, "1.11.17.1");
        host_assert_effective(harness, "ice", "xenserver/intel-ice/1.11.17.1/ice.ko");
        assert_property(harness->stranger, ICE, DRIVER, "Problems", "[]");
        g_free(problems);
        g_free(link);
}

/* Without its link the override still selects; selecting again brings the link back. */
static void test_link_removed(void)
{
        Harness *harness CLEANUP_HARNESS = new_linked_host(NULL);
        char *link = host_module_path(harness, "updates/ice.ko");

        host_select(harness, harness->superuser, ICE, "1.6.4");
        g_assert_cmpint(g_unlink(link), ==, 0);
        g_free(call_text(harness->superuser, MANAGER_PATH, MANAGER, "Rescan", NULL));
        assert_property(harness->stranger, ICE, DRIVER, "Selected", "1.6.4");
        host_select(harness, harness->superuser, ICE, "1.6.4");
        host_assert_link(harness, "ice.ko", "../xenserver/intel-ice/1.6.4/ice.ko");
        g_free(link);
}

static void add_tests(void)
{
        g_test_add_func("/bad-links/bad-links", test_bad_links);
        g_test_add_func("/bad-links/others-selection", test_others_selection);
        g_test_add_func("/bad-links/absolute", test_absolute);
        g_test_add_func("/bad-links/in-the-way", test_in_the_way);
        g_test_add_func("/bad-links/link-flipped", test_link_flipped);
        g_test_add_func("/bad-links/link-removed", test_link_removed);
}

int main(int argc, char *argv[])
{
        return harness_main(argc, argv, add_tests);
}
