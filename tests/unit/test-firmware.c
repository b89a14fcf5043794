/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where firmware is found, and where it isn't. */

#include <glib.h>

#include "host/kernel/firmware.h"
#include "host/module/module-read.h"
#include "module-writer.h"
#include "temp-dir.h"

#define RELEASE "6.1.0"

static ModuleFile *module_file(const char *const *firmware)
{
        const ModuleSpec spec = { .name = "ice", .firmware = firmware };
        g_autofree uint8_t *image = NULL;
        ModuleFile *file = NULL;
        size_t size;

        module_writer_image(&spec, &image, &size);
        g_assert_cmpint(module_file_parse(image, size, &file), ==, 0);
        return file;
}

static void assert_missing(const HostRoot *root, const ModuleFile *file, size_t count)
{
        StringSet missing CLEANUP_STRING_SET = { 0 };

        g_assert_cmpint(firmware_missing(root, RELEASE, file, &missing), ==, 0);
        g_assert_cmpuint(missing.count, ==, count);
}

static void test_places(void)
{
        static const char *const firmware[] = { "a/b.bin", NULL };
        static const char *const places[] = {
                "lib/firmware/a/b.bin",
                "lib/firmware/a/b.bin.xz",
                "lib/firmware/a/b.bin.zst",
                "lib/firmware/updates/a/b.bin",
                "lib/firmware/" RELEASE "/a/b.bin",
                "lib/firmware/updates/" RELEASE "/a/b.bin.xz",
                "opt/own/a/b.bin",
        };
        ModuleFile *file CLEANUP(module_file_unrefp) = module_file(firmware);

        for (size_t i = 0; i < ELEMENTSOF(places); i++) {
                HostRoot *root CLEANUP(host_root_freep) = NULL;
                TempDir dir CLEANUP_TEMP_DIR;

                temp_dir_init(&dir, "firmware");
                g_assert_cmpint(host_root_new(dir.path, RELEASE, &root), ==, 0);
                temp_dir_write(&dir, "sys/module/firmware_class/parameters/path", "/opt/own\n");
                assert_missing(root, file, 1);
                temp_dir_write(&dir, places[i], "");
                assert_missing(root, file, 0);
        }
}

static void test_names(void)
{
        static const char *const firmware[] = { "there", "link", "gone\n", "gone*.bin", "", "../escape",
                NULL };
        ModuleFile *file CLEANUP(module_file_unrefp) = module_file(firmware);
        StringSet missing CLEANUP_STRING_SET = { 0 };
        HostRoot *root CLEANUP(host_root_freep) = NULL;
        TempDir dir CLEANUP_TEMP_DIR;

        temp_dir_init(&dir, "firmware");
        g_assert_cmpint(host_root_new(dir.path, RELEASE, &root), ==, 0);
        temp_dir_write(&dir, "lib/firmware/there", "");
        temp_dir_link(&dir, "lib/firmware/link", "/lib/firmware/there");
        temp_dir_write(&dir, "sys/module/firmware_class/parameters/path", "\n");
        g_assert_cmpint(firmware_missing(root, RELEASE, file, &missing), ==, 0);
        g_assert_cmpuint(missing.count, ==, 2);
        g_assert_cmpstr(missing.items[0], ==, "../escape");
        g_assert_cmpstr(missing.items[1], ==, "gone\\x0a");
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/firmware/places", test_places);
        g_test_add_func("/firmware/names", test_names);
        return g_test_run();
}
