/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A directory of links, as /sys/bus/pci/devices is one. */

#include <errno.h>
#include <glib.h>

#include "host/links.h"
#include "temp-dir.h"
#include "util/string-set.h"

static int found(void *userdata, const char *target)
{
        return string_set_add(userdata, target);
}

static int refuse(void *userdata, const char *target)
{
        return -EIO;
}

static void test_read(void)
{
        StringSet targets CLEANUP_STRING_SET = { 0 };
        TempDir dir CLEANUP_TEMP_DIR;
        HostRoot *root CLEANUP(host_root_freep) = NULL;

        temp_dir_init(&dir, "links");
        temp_dir_link(&dir, "sys/bus/pci/devices/a", "../../../devices/pci0/a");
        temp_dir_link(&dir, "sys/bus/pci/devices/b", "/sys/devices/b");
        temp_dir_write(&dir, "sys/bus/pci/devices/uevent", "");
        temp_dir_mkdir(&dir, "sys/bus/pci/devices/power");
        g_assert_cmpint(host_root_new(dir.path, "6.1", &root), ==, 0);
        g_assert_cmpint(links_read(root, "/sys/bus/pci/devices", found, &targets), ==, 0);
        g_assert_cmpuint(targets.count, ==, 2);
        g_assert_true(string_set_contains(&targets, "/sys/devices/pci0/a"));
        g_assert_true(string_set_contains(&targets, "/sys/devices/b"));
        g_assert_cmpint(links_read(root, "/sys/bus/pci/devices", refuse, NULL), ==, -EIO);
        g_assert_cmpint(links_read(root, "/sys/bus/usb/devices", refuse, NULL), ==, 0);
        g_assert_cmpint(links_read(root, "/sys/bus/pci/devices/uevent", refuse, NULL), ==, 0);
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/links/read", test_read);
        return g_test_run();
}
