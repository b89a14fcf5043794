/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An old image that can't be put back is kept, told of, and gone once the image is right again. */

#include <string.h>

#include "change/recovery.h"
#include "host/initramfs/initramfs-reader.h"
#include "images-fixture.h"

#define LEFT "boot/.initrd.img-" SAMPLE_KERNEL ".hostdriver-0123456789abcdef"
#define OTHER "boot/.initrd.img-" SAMPLE_KERNEL "-2.hostdriver-0123456789abcdef"

/* The file that SENTENCE says the old image is kept as, relative to the root. g_free() it. */
static char *kept_path(const char *sentence)
{
        static const char words[] = "It is kept as /";
        const char *begin = strstr(sentence, words);

        g_assert_nonnull(begin);
        begin += strlen(words);
        g_assert_nonnull(strchr(begin, ':'));
        return g_strndup(begin, (gsize) (strchr(begin, ':') - begin));
}

static void assert_left(const ImagesFixture *fixture, const char *path)
{
        g_free(images_sum(fixture, path));
}

/* What the daemon does when it is idle. */
static void read_image(ImagesFixture *fixture)
{
        InitramfsImage *image CLEANUP(initramfs_image_unrefp) = NULL;

        g_assert_cmpint(initramfs_image_read(fixture->host.root, SAMPLE_KERNEL, "/" SAMPLE_IMAGE,
                                        &fixture->host.facts->catalogue->modules, &image),
                        ==, 0);
        facts_put_image(fixture->host.facts, image);
        sample_changer_refresh(&fixture->host);
}

static bool is_stale(const ImagesFixture *fixture)
{
        const Driver *ice = sample_changer_driver(&fixture->host, "ice");

        for (size_t i = 0; i < ice->problems.count; i++)
                if (strcmp(ice->problems.items[i].code, "initramfs-stale") == 0)
                        return true;
        return false;
}

static void restart(ImagesFixture *fixture)
{
        sample_changer_done(&fixture->host);
        sample_changer_init(&fixture->host, fixture->sample.dir.path, SAMPLE_KERNEL);
        g_assert_cmpint(recovery_run(fixture->host.changer), ==, 0);
        sample_changer_run(&fixture->host);
}

static void rebuild_stale(ImagesFixture *fixture)
{
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        Job *job;

        g_assert_cmpint(sample_changer_run_request(&fixture->host, OPERATION_REBUILD, &(Request){ 0 }, 0,
                                        &job, &refusal),
                        ==, 0);
        sample_changer_run(&fixture->host);
        g_assert_cmpint(fixture->host.last_result, ==, JOB_RESULT_DONE);
}

/* The new image is in place when the file system turns read-only, as one does that finds errors, and the
 * hook of the boot loader fails. */
static void test_read_only_meanwhile(ImagesFixture *fixture)
{
        g_autofree char *before = NULL, *after = NULL, *sentence = NULL, *kept = NULL, *again = NULL;

        if (!images_mount_boot(fixture, "size=64m"))
                return;
        sample_initramfs_add_hook(&fixture->sample, "/bin/busybox mount -o remount,ro tmpfs /boot\n"
                                                    "echo 'The loader is full.' >&2\n"
                                                    "exit 9");
        before = images_sum(fixture, SAMPLE_IMAGE);
        sentence = images_fail(fixture, IMAGES_NEW,
                        "The old /" SAMPLE_IMAGE
                        " could not be put back: Read-only file system. It is kept as "
                        "/boot/.");
        g_assert_nonnull(strstr(sentence, "The loader is full."));
        kept = kept_path(sentence);
        after = images_sum(fixture, kept);
        g_assert_cmpstr(before, ==, after);
        sample_initramfs_assert_holds(&fixture->sample, "ice", "xenserver/intel-ice/" IMAGES_NEW "/ice.ko");

        images_remount_boot(fixture, false);
        restart(fixture);
        again = images_sum(fixture, kept);
        g_assert_cmpstr(before, ==, again);
        read_image(fixture);
        g_assert_true(is_stale(fixture));

        sample_initramfs_add_hook(&fixture->sample, "exit 0");
        rebuild_stale(fixture);
        g_assert_false(is_stale(fixture));
        sample_initramfs_assert_holds(&fixture->sample, "ice", "updates/ice.ko");
        images_unmount_boot(fixture);
}

/* What a service left that was killed while it exchanged images: gone as soon as somebody looks at the image
 * and finds it right. */
static void test_left(ImagesFixture *fixture)
{
        temp_dir_write(&fixture->sample.dir, LEFT, "an old image");
        temp_dir_write(&fixture->sample.dir, OTHER, "of another image");
        restart(fixture);
        assert_left(fixture, OTHER);
        sample_initramfs_remove(&fixture->sample, OTHER);
        sample_initramfs_assert_clean(&fixture->sample);

        temp_dir_write(&fixture->sample.dir, LEFT, "an old image");
        images_select(fixture, "dell_laptop", "kernel");
        g_assert_cmpuint(sample_initramfs_take_runs(&fixture->sample), ==, 0);
        sample_initramfs_assert_clean(&fixture->sample);
}

/* An image that is right for the driver of the request, but for another one isn't. */
static void test_left_and_stale(ImagesFixture *fixture)
{
        sample_initramfs_remove(&fixture->sample, "usr/sbin/mkinitramfs");
        images_select(fixture, "ice", IMAGES_NEW);
        sample_initramfs_init(&fixture->sample, "ice\nbnx2fc\n");
        temp_dir_write(&fixture->sample.dir, LEFT, "an old image");
        restart(fixture);
        assert_left(fixture, LEFT);
        images_select(fixture, "dell_laptop", "kernel");
        assert_left(fixture, LEFT);
        rebuild_stale(fixture);
        sample_initramfs_assert_clean(&fixture->sample);
}

int main(int argc, char **argv)
{
        static const ImagesTest tests[] = {
                { "read-only-meanwhile", test_read_only_meanwhile },
                { "left", test_left },
                { "left-and-stale", test_left_and_stale },
        };

        return images_main(argc, argv, "initramfs-look", tests, G_N_ELEMENTS(tests));
}
