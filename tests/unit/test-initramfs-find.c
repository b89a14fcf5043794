/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where images lie: the names and places of generators and boot loaders. No image is opened. */

#include <errno.h>
#include <glib.h>
#include <string.h>

#include "host/initramfs/initramfs-find.h"
#include "host/initramfs/initramfs-image.h"
#include "host/initramfs/initramfs-preset.h"
#include "temp-dir.h"

#define RELEASE "6.1.0"

typedef struct Fixture {
        TempDir dir;
        HostRoot *root;
} Fixture;

static void set_up(Fixture *fixture, gconstpointer data)
{
        temp_dir_init(&fixture->dir, "initramfs");
        temp_dir_mkdir(&fixture->dir, "boot");
        g_assert_cmpint(host_root_new(fixture->dir.path, RELEASE, &fixture->root), ==, 0);
}

static void tear_down(Fixture *fixture, gconstpointer data)
{
        (void) host_root_free(fixture->root);
        temp_dir_done(&fixture->dir);
}

static void test_places(Fixture *fixture, gconstpointer data)
{
        /* From the last that is looked for to the first, so that each must win over those before. */
        static const char *const paths[] = {
                "boot/efi/0123456789abcdef0123456789abcdef/" RELEASE "/initrd",
                "efi/0123456789abcdef0123456789abcdef/" RELEASE "/initrd",
                "boot/0123456789abcdef0123456789abcdef/" RELEASE "/initramfs",
                "boot/0123456789abcdef0123456789abcdef/" RELEASE "/initrd",
                "lib/modules/" RELEASE "/initrd",
                "boot/initrd-" RELEASE ".img",
                "boot/initrd-" RELEASE,
                "boot/initramfs-" RELEASE ".img",
                "boot/initrd.img-" RELEASE,
        };
        FileStamp stamp;
        char *found = NULL;

        temp_dir_write(&fixture->dir, "etc/machine-id", "0123456789abcdef0123456789abcdef\n");
        temp_dir_mkdir(&fixture->dir, "boot/initrd.img-6.1.0-1");
        g_assert_cmpint(initramfs_find(fixture->root, RELEASE, &found, &stamp), ==, -ENOENT);
        for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
                temp_dir_write(&fixture->dir, paths[i], paths[i]);
                g_assert_cmpint(initramfs_find(fixture->root, RELEASE, &found, &stamp), ==, 0);
                g_assert_cmpstr(found + 1, ==, paths[i]);
                g_assert_cmpuint(stamp.size, ==, strlen(paths[i]));
                free(found);
        }
        g_assert_cmpint(initramfs_find(fixture->root, "6.1.0-1", &found, &stamp), ==, -ENOENT);
}

/* mkinitcpio names an image after the kernel's package; of two releases of one package it is nobody's. */
static void test_of_package(Fixture *fixture, gconstpointer data)
{
        FileStamp stamp;
        char *found = NULL;

        temp_dir_write(&fixture->dir, "boot/initramfs-linux-lts.img", "image");
        temp_dir_write(&fixture->dir, "boot/initramfs-linux.img", "another");
        temp_dir_write(&fixture->dir, "lib/modules/6.1.0-1/pkgbase", "linux\n");
        g_assert_cmpint(initramfs_find(fixture->root, RELEASE, &found, &stamp), ==, -ENOENT);
        temp_dir_write(&fixture->dir, "lib/modules/" RELEASE "/pkgbase", "linux-lts\n");
        g_assert_cmpint(initramfs_find(fixture->root, RELEASE, &found, &stamp), ==, 0);
        g_assert_cmpstr(found, ==, "/boot/initramfs-linux-lts.img");
        free(found);

        temp_dir_write(&fixture->dir, "lib/modules/6.1.0-1/pkgbase", "linux-lts");
        g_assert_cmpint(initramfs_find(fixture->root, RELEASE, &found, &stamp), ==, -ENOENT);
        temp_dir_write(&fixture->dir, "lib/modules/" RELEASE "/pkgbase", "../linux");
        g_assert_cmpint(initramfs_find(fixture->root, RELEASE, &found, &stamp), ==, -ENOENT);
}

static void expect_others(const Fixture *fixture, const char *expected)
{
        StringSet others CLEANUP_STRING_SET = { 0 };
        g_autofree char *line = NULL;

        g_assert_cmpint(initramfs_find_others(fixture->root, RELEASE, "/boot/initramfs-linux.img", &others),
                        ==, 0);
        line = others.count > 0 ? g_strjoinv(" ", others.items) : g_strdup("");
        g_assert_cmpstr(line, ==, expected);
}

/* The images of mkinitcpio's presets. */
static void test_others(Fixture *fixture, gconstpointer data)
{
        expect_others(fixture, "");
        temp_dir_write(&fixture->dir, "lib/modules/" RELEASE "/pkgbase", "linux\n");
        expect_others(fixture, "");
        temp_dir_write(&fixture->dir, "etc/mkinitcpio.d/linux.preset",
                        "ALL_kver=\"/boot/vmlinuz-linux\"\n"
                        "PRESETS=('default' 'fallback' 'third' 'fourth')\n"
                        "#default_config=\"/etc/mkinitcpio.conf\"\n"
                        "default_image=\"/boot/initramfs-linux.img\"\n"
                        "fallback_image=\"/boot/initramfs-linux-fallback.img\"\n"
                        "fallback_options=\"-S autodetect\"\n"
                        "#third_image=\"/boot/third.img\"\n"
                        "fourth_image=/boot/fourth.img\n"
                        "fifth_image=/boot/fifth.img\n");
        expect_others(fixture, "");
        temp_dir_write(&fixture->dir, "boot/initramfs-linux.img", "image");
        temp_dir_write(&fixture->dir, "boot/initramfs-linux-fallback.img", "image");
        temp_dir_write(&fixture->dir, "boot/third.img", "image");
        temp_dir_write(&fixture->dir, "boot/fourth.img", "image");
        temp_dir_write(&fixture->dir, "boot/fifth.img", "image");
        expect_others(fixture, "/boot/fourth.img /boot/initramfs-linux-fallback.img");
        /* Of which of the two, nobody knows. */
        temp_dir_write(&fixture->dir, "lib/modules/6.1.0-1/pkgbase", "linux\n");
        expect_others(fixture, "");
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add("/initramfs-find/places", Fixture, NULL, set_up, test_places, tear_down);
        g_test_add("/initramfs-find/of-package", Fixture, NULL, set_up, test_of_package, tear_down);
        g_test_add("/initramfs-find/others", Fixture, NULL, set_up, test_others, tear_down);
        return g_test_run();
}
