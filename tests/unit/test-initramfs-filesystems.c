/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Images on the file systems that a boot partition may have, each a real one on a loop device: those that
 * can't exchange two names (exfat by FUSE, FAT before Linux 6.0), and have no second names for a file, or
 * have (NTFS). */

#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include "images-fixture.h"

#define DISK "disk.img"
#define DISK_SIZE "48M"

typedef struct Kind {
        const char *make[4]; /* the program that makes it, and its options; the device follows */
        const char *mount[4];
} Kind;

/* Runs ARGV with up to two more words. Whether it went well; *ret_output is a line. */
static bool run(const char *const argv[4], const char *first, const char *second, char **ret_output)
{
        const char *words[8] = { 0 };
        g_autofree char *output = NULL;
        size_t n = 0;
        int status;

        while (n < 4 && argv[n]) {
                words[n] = argv[n];
                n++;
        }
        words[n++] = first;
        words[n] = second;
        if (!g_spawn_sync(NULL, (char **) words, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL,
                            NULL, NULL, &output, NULL, &status, NULL))
                return false;
        if (ret_output)
                *ret_output = g_strstrip(STEAL(output));
        return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* A loop device of DISK below the root, which goes with its last user. */
static char *make_device(const ImagesFixture *fixture)
{
        static const char *const truncate[4] = { "truncate", "--size=" DISK_SIZE };
        static const char *const losetup[4] = { "losetup", "--find", "--show" };
        char *disk = temp_dir_path(&fixture->sample.dir, DISK);
        char *device = NULL;

        g_assert_true(run(truncate, disk, NULL, NULL));
        if (!run(losetup, disk, NULL, &device))
                g_clear_pointer(&device, g_free);
        free(disk);
        return device;
}

/* Mounts one of KIND on boot/. False, and the test is skipped, where that can't be. */
static bool mount_kind(const ImagesFixture *fixture, const Kind *kind)
{
        static const char *const detach[4] = { "losetup", "--detach" };
        g_autofree char *device = NULL;
        char *boot = temp_dir_path(&fixture->sample.dir, "boot");
        const char *missing = NULL;
        g_autofree char *program = g_find_program_in_path(kind->make[0]);

        /* FUSE wants an empty directory. */
        sample_initramfs_remove(&fixture->sample, SAMPLE_IMAGE);
        device = images_own_mounts() && program ? make_device(fixture) : NULL;
        if (!images_own_mounts())
                missing = "mounting is not allowed here";
        else if (!program)
                missing = "the program that makes the file system isn't installed";
        else if (!device)
                missing = "there is no loop device";
        else if (!run(kind->make, device, NULL, NULL))
                missing = "the file system can't be made";
        else if (!run(kind->mount, device, boot, NULL))
                missing = "neither the kernel nor an installed program knows the file system";
        if (device)
                g_assert_true(run(detach, device, NULL, NULL));
        if (missing)
                g_test_skip(missing);
        else
                sample_initramfs_build(&fixture->sample, SAMPLE_KERNEL);
        free(boot);
        return !missing;
}

static void change_images_by(ImagesFixture *fixture, ImageMethod method)
{
        g_autofree char *before = NULL, *after = NULL;

        fixture->host.config.image_method = method;
        images_select(fixture, "ice", IMAGES_NEW);
        sample_initramfs_assert_holds(&fixture->sample, "ice", "xenserver/intel-ice/" IMAGES_NEW "/ice.ko");
        sample_initramfs_assert_clean(&fixture->sample);
        images_select(fixture, "ice", IMAGES_OLD);
        sample_initramfs_assert_holds(&fixture->sample, "ice", "xenserver/intel-ice/" IMAGES_OLD "/ice.ko");

        /* And the old one comes back. */
        sample_initramfs_add_hook(&fixture->sample, "exit 9");
        before = images_state(fixture);
        g_free(images_fail(fixture, IMAGES_NEW, "failed with exit status 9"));
        after = images_state(fixture);
        g_assert_cmpstr(before, ==, after);
}

static void change_images(ImagesFixture *fixture, const Kind *kind)
{
        if (!mount_kind(fixture, kind))
                return;
        change_images_by(fixture, IMAGE_METHOD_GENERATOR);
        sample_initramfs_add_hook(&fixture->sample, "exit 0");
        (void) sample_initramfs_take_runs(&fixture->sample);
        change_images_by(fixture, IMAGE_METHOD_SEGMENT);
        g_assert_cmpuint(sample_initramfs_take_runs(&fixture->sample), ==, 0);
        images_unmount_boot(fixture);
}

static void test_vfat(ImagesFixture *fixture)
{
        static const Kind kind = { { "mkfs.vfat" }, { "mount", "-t", "vfat" } };

        change_images(fixture, &kind);
}

static void test_exfat(ImagesFixture *fixture)
{
        static const Kind kind = { { "mkfs.exfat" }, { "mount.exfat-fuse" } };

        change_images(fixture, &kind);
}

static void test_ntfs(ImagesFixture *fixture)
{
        static const Kind kind = { { "mkntfs", "--fast", "--quiet" }, { "ntfs-3g" } };

        change_images(fixture, &kind);
}

int main(int argc, char **argv)
{
        static const ImagesTest tests[] = {
                { "vfat", test_vfat },
                { "exfat", test_exfat },
                { "ntfs", test_ntfs },
        };

        return images_main(argc, argv, "initramfs-filesystems", tests, G_N_ELEMENTS(tests));
}
