/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The mark beside an adopted file, which says where it came from, or is none. */

#include <glib.h>
#include <sys/stat.h>

#include "change/parts/version-mark.h"
#include "temp-dir.h"

static void test_write(void)
{
        char *outside CLEANUP_FREE = NULL;
        TempDir dir CLEANUP_TEMP_DIR;
        struct stat before, after;

        temp_dir_init(&dir, "mark");
        g_assert_cmpint(version_mark_read(dir.fd, "ice.ko", &outside), ==, 0);
        g_assert_cmpint(version_mark_write(dir.fd, "ice.ko", "updates/dkms/ice.ko"), ==, 0);
        g_assert_cmpint(version_mark_read(dir.fd, "ice.ko", &outside), ==, 1);
        g_assert_cmpstr(outside, ==, "updates/dkms/ice.ko");
        g_assert_cmpint(fstatat(dir.fd, "ice.ko.adopted", &before, 0), ==, 0);
        /* What it says already isn't written again. */
        g_assert_cmpint(version_mark_write(dir.fd, "ice.ko", "updates/dkms/ice.ko"), ==, 0);
        g_assert_cmpint(fstatat(dir.fd, "ice.ko.adopted", &after, 0), ==, 0);
        g_assert_cmpuint(before.st_ino, ==, after.st_ino);
        g_assert_cmpint(version_mark_remove(dir.fd, "ice.ko"), >=, 0);
        g_assert_cmpint(fstatat(dir.fd, "ice.ko.adopted", &after, 0), <, 0);
        g_assert_cmpint(version_mark_remove(dir.fd, "ice.ko"), >=, 0);
}

static void test_foreign(void)
{
        static const char *const texts[] = { "", "\n", "updates/ice.ko", "/etc/passwd\n", "kernel/ice.ko\n",
                "updates/../../ice.ko\n", "updates//ice.ko\n" };
        TempDir dir CLEANUP_TEMP_DIR;

        temp_dir_init(&dir, "mark");
        for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
                char *outside CLEANUP_FREE = NULL;

                g_test_message("%s", texts[i]);
                temp_dir_write(&dir, "ice.ko.adopted", texts[i]);
                g_assert_cmpint(version_mark_read(dir.fd, "ice.ko", &outside), ==, 0);
                g_assert_null(outside);
        }
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/version-mark/write", test_write);
        g_test_add_func("/version-mark/foreign", test_foreign);
        return g_test_run();
}
