/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Images that get a segment in the place of a generator's run: what they hold then, what stays as it was,
 * and when the generator has to do it after all. */

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <utime.h>

#include "change/segment/segment-build.h"
#include "change/segment/segment-mark.h"
#include "image-writer.h"
#include "images-fixture.h"

#define OLD_FILE "xenserver/intel-ice/" IMAGES_OLD "/ice.ko"
#define NEW_FILE "xenserver/intel-ice/" IMAGES_NEW "/ice.ko"
#define LONG_AGO 1000000000

static GBytes *read_image(const ImagesFixture *fixture)
{
        char *path = temp_dir_path(&fixture->sample.dir, SAMPLE_IMAGE);
        char *data;
        gsize size;

        g_assert_true(g_file_get_contents(path, &data, &size, NULL));
        free(path);
        return g_bytes_new_take(data, size);
}

static void write_image(const ImagesFixture *fixture, const void *data, size_t size)
{
        char *path = temp_dir_path(&fixture->sample.dir, SAMPLE_IMAGE);
        struct utimbuf times = { LONG_AGO, LONG_AGO };

        g_assert_true(g_file_set_contents(path, data, (gssize) size, NULL));
        g_assert_cmpint(utime(path, &times), ==, 0);
        free(path);
}

/* The image is compressed as a whole from now on; before it comes a small archive of its own, as of
 * microcode, if it does. */
static void compress_image(const ImagesFixture *fixture, ModuleCompression compression, bool microcode)
{
        g_autoptr(GBytes) plain = read_image(fixture);
        g_autoptr(GByteArray) image = g_byte_array_new();
        ImageWriter *writer = image_writer_new();
        void *compressed = NULL;
        size_t size;

        image_writer_add_text(writer, "kernel/x86/microcode/GenuineIntel.bin", "microcode");
        image_writer_append_to(writer, MODULE_PLAIN, image);
        if (!microcode)
                g_byte_array_set_size(image, 0);
        module_writer_compress(g_bytes_get_data(plain, NULL), g_bytes_get_size(plain), compression,
                        &compressed, &size);
        g_byte_array_append(image, compressed, (guint) size);
        write_image(fixture, image->data, image->len);
        free(compressed);
}

static void use(ImagesFixture *fixture, ImageMethod method)
{
        fixture->host.config.image_method = method;
}

static bool find_mark(const ImagesFixture *fixture, SegmentBaseMark *ret)
{
        char *path = temp_dir_path(&fixture->sample.dir, SAMPLE_IMAGE);
        int fd CLEANUP_FD = g_open(path, O_RDONLY | O_CLOEXEC, 0);
        int r = segment_find(fd, ret);

        g_assert_cmpint(r, >=, 0);
        free(path);
        return r > 0;
}

/* The image is BASE, byte for byte, and a segment; no generator has run. */
static void check_segment(const ImagesFixture *fixture, GBytes *base)
{
        g_autoptr(GBytes) image = read_image(fixture);
        g_autofree char *sum = g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, base);
        char *path = temp_dir_path(&fixture->sample.dir, SAMPLE_IMAGE);
        SegmentBaseMark mark;
        struct stat st;

        g_assert_true(find_mark(fixture, &mark));
        g_assert_cmpuint(mark.size, ==, g_bytes_get_size(base));
        g_assert_cmpstr(mark.sha256, ==, sum);
        g_assert_cmpmem(g_bytes_get_data(image, NULL), mark.size, g_bytes_get_data(base, NULL),
                        g_bytes_get_size(base));
        g_assert_cmpint(stat(path, &st), ==, 0);
        g_assert_cmpint(st.st_mtim.tv_sec, ==, LONG_AGO);
        g_assert_cmpuint(sample_initramfs_take_runs(&fixture->sample), ==, 0);
        free(path);
}

static void check_round(ImagesFixture *fixture, ModuleCompression compression, bool microcode)
{
        g_autoptr(GBytes) base = NULL;

        compress_image(fixture, compression, microcode);
        base = read_image(fixture);
        use(fixture, IMAGE_METHOD_SEGMENT);
        images_select(fixture, "ice", IMAGES_NEW);
        check_segment(fixture, base);
        sample_initramfs_assert_holds(&fixture->sample, "ice", NEW_FILE);
        sample_initramfs_assert_holds(&fixture->sample, "bnx2fc", "updates/bnx2fc.ko");
        /* The next one takes the place of the last one. */
        images_select(fixture, "ice", "kernel");
        check_segment(fixture, base);
        sample_initramfs_assert_holds(
                        &fixture->sample, "ice", "kernel/drivers/net/ethernet/intel/ice/ice.ko");
        images_select(fixture, "ice", IMAGES_OLD);
        check_segment(fixture, base);
        sample_initramfs_assert_holds(&fixture->sample, "ice", OLD_FILE);
}

static void test_plain(ImagesFixture *fixture)
{
        check_round(fixture, MODULE_PLAIN, false);
}

static void test_gzip(ImagesFixture *fixture)
{
        check_round(fixture, MODULE_GZIP, true);
}

static void test_zstd(ImagesFixture *fixture)
{
        check_round(fixture, MODULE_ZSTD, false);
}

static void test_zstd_behind_microcode(ImagesFixture *fixture)
{
        check_round(fixture, MODULE_ZSTD_UNSIZED, true);
}

/* A segment brings what those before it brought for other drivers. */
static void test_two_drivers(ImagesFixture *fixture)
{
        g_autoptr(GBytes) base = NULL;

        compress_image(fixture, MODULE_ZSTD, false);
        base = read_image(fixture);
        use(fixture, IMAGE_METHOD_SEGMENT);
        images_select(fixture, "ice", IMAGES_NEW);
        images_select(fixture, "bnx2fc", "2.12.13");
        check_segment(fixture, base);
        sample_initramfs_assert_holds(&fixture->sample, "ice", NEW_FILE);
        sample_initramfs_assert_holds(&fixture->sample, "bnx2fc", "xenserver/bnx2fc/2.12.13/bnx2fc.ko");
        images_select(fixture, "bnx2fc", "");
        images_select(fixture, "ice", IMAGES_OLD);
        check_segment(fixture, base);
        sample_initramfs_assert_blocked(&fixture->sample, "bnx2fc");
        sample_initramfs_assert_holds(&fixture->sample, "ice", OLD_FILE);
}

/* A block comes, and goes. */
static void test_deselected(ImagesFixture *fixture)
{
        g_autoptr(GBytes) base = NULL;

        compress_image(fixture, MODULE_ZSTD, false);
        base = read_image(fixture);
        use(fixture, IMAGE_METHOD_SEGMENT);
        images_select(fixture, "ice", "");
        check_segment(fixture, base);
        sample_initramfs_assert_blocked(&fixture->sample, "ice");
        images_select(fixture, "ice", IMAGES_NEW);
        check_segment(fixture, base);
        sample_initramfs_assert_holds(&fixture->sample, "ice", NEW_FILE);
}

/* One that the generator put into the image. */
static void test_block_of_the_base(ImagesFixture *fixture)
{
        g_autoptr(GBytes) base = NULL;

        images_select(fixture, "ice", "");
        g_assert_cmpuint(sample_initramfs_take_runs(&fixture->sample), ==, 1);
        sample_initramfs_assert_blocked(&fixture->sample, "ice");
        compress_image(fixture, MODULE_GZIP, false);
        base = read_image(fixture);
        use(fixture, IMAGE_METHOD_SEGMENT);
        images_select(fixture, "ice", IMAGES_NEW);
        check_segment(fixture, base);
        sample_initramfs_assert_holds(&fixture->sample, "ice", NEW_FILE);
        images_select(fixture, "ice", "");
        check_segment(fixture, base);
        sample_initramfs_assert_blocked(&fixture->sample, "ice");
}

/* Whoever runs the generator by hand gets its image, with what is selected now. */
static void test_generator_afterwards(ImagesFixture *fixture)
{
        SegmentBaseMark mark;

        compress_image(fixture, MODULE_ZSTD, false);
        use(fixture, IMAGE_METHOD_AUTO);
        images_select(fixture, "ice", IMAGES_NEW);
        g_assert_true(find_mark(fixture, &mark));
        g_assert_cmpuint(sample_initramfs_take_runs(&fixture->sample), ==, 0);
        sample_initramfs_build(&fixture->sample, SAMPLE_KERNEL);
        g_assert_false(find_mark(fixture, &mark));
        sample_initramfs_assert_holds(&fixture->sample, "ice", NEW_FILE);
}

/* --- what only the generator can do ----------------------------------------------------------------------
 */

/* VERSION can't be had by a segment, as WORDS tell, and comes by the generator. */
static void check_unfit(ImagesFixture *fixture, const char *version, const char *words)
{
        g_autofree char *before = images_sum(fixture, SAMPLE_IMAGE), *after = NULL;
        SegmentBaseMark mark;

        use(fixture, IMAGE_METHOD_SEGMENT);
        g_free(images_fail(fixture, version, words));
        after = images_sum(fixture, SAMPLE_IMAGE);
        g_assert_cmpstr(before, ==, after);
        g_assert_cmpuint(sample_initramfs_take_runs(&fixture->sample), ==, 0);
        sample_initramfs_assert_clean(&fixture->sample);

        use(fixture, IMAGE_METHOD_AUTO);
        images_select(fixture, "ice", version);
        g_assert_cmpuint(sample_initramfs_take_runs(&fixture->sample), ==, 1);
        g_assert_false(find_mark(fixture, &mark));
}

static void test_lacking_module(ImagesFixture *fixture)
{
        const ModuleSymbol exports[] = { { .name = "hd_auxiliary", .crc = 1 }, { .name = NULL } };
        const ModuleSpec auxiliary = { .exports = exports };
        ModuleSpec spec = { .imports = exports, .depends = "hd_aux" };

        sample_root_add_module_spec(&fixture->sample, SAMPLE_KERNEL, "kernel/lib/hd_aux.ko", &auxiliary);
        images_add_version(fixture, &spec);
        check_unfit(fixture, "1.12", "lacks the module hd_aux, which ice needs");
}

static void test_lacking_soft_dependency(ImagesFixture *fixture)
{
        const ModuleSpec soft = { .version = NULL };
        ModuleSpec spec = { .softdep = "pre: nothing hd-soft" };

        sample_root_add_module_spec(&fixture->sample, SAMPLE_KERNEL, "kernel/lib/hd_soft.ko", &soft);
        images_add_version(fixture, &spec);
        check_unfit(fixture, "1.12", "lacks the module hd_soft, which ice needs");
}

static void test_lacking_firmware(ImagesFixture *fixture)
{
        const char *const firmware[] = { "hd/ice.pkg", "hd/absent.pkg", NULL };
        ModuleSpec spec = { .firmware = firmware };

        temp_dir_write(&fixture->sample.dir, "lib/firmware/hd/ice.pkg.xz", "firmware");
        images_add_version(fixture, &spec);
        check_unfit(fixture, "1.12", "lacks the firmware hd/ice.pkg, which ice needs");
}

static void test_compression(ImagesFixture *fixture)
{
        compress_image(fixture, MODULE_XZ, false);
        check_unfit(fixture, IMAGES_NEW, "compressed in a way that this service can't write");
}

/* What is listed comes into an image that doesn't hold it by the generator alone. */
static void test_not_held(ImagesFixture *fixture)
{
        sample_initramfs_init(&fixture->sample, "bnx2fc\n");
        sample_initramfs_build(&fixture->sample, SAMPLE_KERNEL);
        sample_initramfs_init(&fixture->sample, "bnx2fc\nice\n");
        temp_dir_write(&fixture->sample.dir, "etc/initramfs-tools/modules", "ice\n");
        check_unfit(fixture, IMAGES_NEW, "lacks ice, which is to be in it");
}

int main(int argc, char **argv)
{
        static const ImagesTest tests[] = {
                { "plain", test_plain },
                { "gzip", test_gzip },
                { "zstd", test_zstd },
                { "zstd-behind-microcode", test_zstd_behind_microcode },
                { "two-drivers", test_two_drivers },
                { "deselected", test_deselected },
                { "block-of-the-base", test_block_of_the_base },
                { "generator-afterwards", test_generator_afterwards },
                { "lacking-module", test_lacking_module },
                { "lacking-soft-dependency", test_lacking_soft_dependency },
                { "lacking-firmware", test_lacking_firmware },
                { "compression", test_compression },
                { "not-held", test_not_held },
        };

        return images_main(argc, argv, "segment-build", tests, G_N_ELEMENTS(tests));
}
