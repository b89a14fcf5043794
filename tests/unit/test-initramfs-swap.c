/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Images change places together or not at all, whichever of them fails. */

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/mount.h>

#include "change/initramfs/initramfs-swap.h"
#include "own-mounts.h"
#include "temp-dir.h"

#define COUNT 3

static bool own_mounts;

typedef struct Fixture {
        TempDir dir;
        HostRoot *root;
        ImageSwap swaps[COUNT];
} Fixture;

static void write_new(const Fixture *fixture, size_t i)
{
        g_autofree char *text = g_strdup_printf("new %zu", i);

        temp_dir_write(&fixture->dir, fixture->swaps[i].temporary_path + 1, text);
}

static void set_up(Fixture *fixture, gconstpointer data)
{
        temp_dir_init(&fixture->dir, "swap");
        g_assert_cmpint(host_root_new(fixture->dir.path, "6.1.0", &fixture->root), ==, 0);
        for (size_t i = 0; i < COUNT; i++) {
                g_autofree char *path = g_strdup_printf("/boot/initrd-%zu", i);
                g_autofree char *text = g_strdup_printf("old %zu", i);

                temp_dir_write(&fixture->dir, path + 1, text);
                g_assert_cmpint(image_swap_init(fixture->root, path, &fixture->swaps[i]), ==, 0);
                write_new(fixture, i);
                g_assert_cmpint(image_swap_sync(&fixture->swaps[i]), ==, 0);
        }
}

static void tear_down(Fixture *fixture, gconstpointer data)
{
        for (size_t i = 0; i < COUNT; i++)
                image_swap_done(&fixture->swaps[i]);
        fixture->root = host_root_free(fixture->root);
        temp_dir_done(&fixture->dir);
}

static void assert_text(const Fixture *fixture, const char *name, const char *expected)
{
        g_autofree char *text = NULL;
        char *path = temp_dir_path(&fixture->dir, name);

        g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
        g_assert_cmpstr(text, ==, expected);
        free(path);
}

static void assert_all(const Fixture *fixture, const char *age)
{
        for (size_t i = 0; i < COUNT; i++) {
                g_autofree char *name = g_strdup_printf("boot/initrd-%zu", i);
                g_autofree char *expected = g_strdup_printf("%s %zu", age, i);

                assert_text(fixture, name, expected);
        }
}

static unsigned count_files(const Fixture *fixture)
{
        char *path = temp_dir_path(&fixture->dir, "boot");
        GDir *dir = g_dir_open(path, 0, NULL);
        unsigned count = 0;

        while (g_dir_read_name(dir))
                count++;
        g_dir_close(dir);
        free(path);
        return count;
}

static void test_replace(Fixture *fixture, gconstpointer data)
{
        Refusal refusal CLEANUP_REFUSAL = { 0 };

        g_assert_cmpint(image_swaps_replace(fixture->swaps, COUNT, &refusal), ==, 0);
        assert_all(fixture, "new");
        for (size_t i = 0; i < COUNT; i++)
                image_swap_done(&fixture->swaps[i]);
        g_assert_cmpuint(count_files(fixture), ==, COUNT);
}

static void test_restore(Fixture *fixture, gconstpointer data)
{
        Refusal refusal CLEANUP_REFUSAL = { 0 };

        g_assert_cmpint(image_swaps_replace(fixture->swaps, COUNT, &refusal), ==, 0);
        g_assert_cmpint(image_swaps_restore(fixture->swaps, COUNT, &refusal), ==, 0);
        assert_all(fixture, "old");
        g_assert_cmpuint(count_files(fixture), ==, COUNT);
}

/* The one at DATA can't be replaced, since its new image has vanished. */
static void test_failure(Fixture *fixture, gconstpointer data)
{
        ImageSwap *bad = &fixture->swaps[GPOINTER_TO_SIZE(data)];
        char *path = temp_dir_path(&fixture->dir, bad->temporary_path + 1);
        Refusal refusal CLEANUP_REFUSAL = { 0 };

        g_assert_cmpint(g_unlink(path), ==, 0);
        g_assert_cmpint(image_swap_sync(bad), ==, -ENOENT);
        g_assert_cmpint(image_swaps_replace(fixture->swaps, COUNT, &refusal), ==, -ECANCELED);
        g_assert_nonnull(strstr(refusal.sentence, bad->path));
        assert_all(fixture, "old");
        free(path);
        for (size_t i = 0; i < COUNT; i++)
                image_swap_done(&fixture->swaps[i]);
        g_assert_cmpuint(count_files(fixture), ==, COUNT);
}

/* IMAGE.bak: what it was called after the boot stays so, and what it was before doesn't. */
static void test_back_up(Fixture *fixture, gconstpointer data)
{
        Refusal refusal CLEANUP_REFUSAL = { 0 };

        temp_dir_write(&fixture->dir, "boot/initrd-1.bak", "older 1");
        temp_dir_write(&fixture->dir, "boot/initrd-2.bak", "older 2");
        g_assert_cmpint(image_swaps_replace(fixture->swaps, COUNT, &refusal), ==, 0);
        for (size_t i = 0; i < COUNT; i++) {
                g_assert_cmpint(image_swap_back_up(&fixture->swaps[i], i == 1 ? 0 : UINT64_MAX), ==, 0);
                image_swap_done(&fixture->swaps[i]);
        }
        assert_all(fixture, "new");
        assert_text(fixture, "boot/initrd-0.bak", "old 0");
        assert_text(fixture, "boot/initrd-1.bak", "older 1");
        assert_text(fixture, "boot/initrd-2.bak", "old 2");
        g_assert_cmpuint(count_files(fixture), ==, 2 * COUNT);
}

/* An image that is a link is replaced where it really lies, as XenServer has it. */
static void test_link(Fixture *fixture, gconstpointer data)
{
        ImageSwap swap;
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        char *path = temp_dir_path(&fixture->dir, "boot/link");

        temp_dir_link(&fixture->dir, "boot/link", "/boot/initrd-0");
        g_assert_cmpint(image_swap_init(fixture->root, "/boot/link", &swap), ==, 0);
        temp_dir_write(&fixture->dir, swap.temporary_path + 1, "new 0");
        g_assert_cmpint(image_swaps_replace(&swap, 1, &refusal), ==, 0);
        image_swap_done(&swap);
        g_assert_true(g_file_test(path, G_FILE_TEST_IS_SYMLINK));
        free(path);
        assert_text(fixture, "boot/initrd-0", "new 0");
}

/* The file system has turned read-only meanwhile: each old image stays, and the refusal says where. */
static void test_kept(Fixture *fixture, gconstpointer data)
{
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        char *boot = temp_dir_path(&fixture->dir, "boot");

        g_assert_cmpint(image_swaps_replace(fixture->swaps, COUNT, &refusal), ==, 0);
        if (!own_mounts || mount(boot, boot, "none", MS_BIND, NULL) != 0) {
                free(boot);
                g_test_skip("mounting is not allowed here");
                return;
        }
        for (size_t i = 0; i < COUNT; i++) {
                /* Beneath the mount that is to become read-only. */
                (void) fd_close(fixture->swaps[i].dir_fd);
                fixture->swaps[i].dir_fd = host_root_open(fixture->root, "/boot", O_RDONLY | O_DIRECTORY);
                g_assert_cmpint(fixture->swaps[i].dir_fd, >=, 0);
        }
        g_assert_cmpint(mount("none", boot, "none", MS_BIND | MS_REMOUNT | MS_RDONLY, NULL), ==, 0);
        g_assert_cmpint(image_swaps_restore(fixture->swaps, COUNT, &refusal), ==, -ECANCELED);
        g_test_message("%s", refusal.sentence);
        g_assert_cmpint(mount("none", boot, "none", MS_BIND | MS_REMOUNT, NULL), ==, 0);
        assert_all(fixture, "new");
        for (size_t i = 0; i < COUNT; i++) {
                g_autofree char *kept = g_strdup_printf("boot/%s", fixture->swaps[i].temporary);
                g_autofree char *text = g_strdup_printf("old %zu", i);

                g_assert_nonnull(strstr(refusal.sentence, kept));
                image_swap_done(&fixture->swaps[i]);
                assert_text(fixture, kept, text);
        }
        g_assert_cmpint(umount(boot), ==, 0);
        image_place_sweep(fixture->root, "/boot/initrd-0");
        g_assert_cmpuint(count_files(fixture), ==, 2 * COUNT);
        image_place_forget(fixture->root, "/boot/initrd-0");
        g_assert_false(image_place_keeps(fixture->root, "/boot/initrd-0"));
        g_assert_true(image_place_keeps(fixture->root, "/boot/initrd-1"));
        g_assert_cmpuint(count_files(fixture), ==, 2 * COUNT - 1);
        free(boot);
}

static void test_sweep(Fixture *fixture, gconstpointer data)
{
        temp_dir_write(&fixture->dir, "boot/.hostdriver-0123", "left");
        temp_dir_write(&fixture->dir, "boot/.other", "not ours");
        image_place_sweep(fixture->root, "/boot/initrd-0");
        g_assert_cmpuint(count_files(fixture), ==, COUNT + 1);
        assert_all(fixture, "old");
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        own_mounts = own_mounts_enter();
#define TEST(name, function, data) \
        g_test_add("/initramfs-swap/" name, Fixture, GSIZE_TO_POINTER(data), set_up, function, tear_down)
        TEST("replace", test_replace, 0);
        TEST("restore", test_restore, 0);
        TEST("first-fails", test_failure, 0);
        TEST("second-fails", test_failure, 1);
        TEST("last-fails", test_failure, 2);
        TEST("link", test_link, 0);
        TEST("back-up", test_back_up, 0);
        TEST("kept", test_kept, 0);
        TEST("sweep", test_sweep, 0);
        return g_test_run();
}
