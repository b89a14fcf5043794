/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The mark of a segment: written, read, and found behind images of all sorts, and nothing else taken for
 * one. */

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>

#include "change/segment/segment-archive.h"
#include "change/segment/segment-mark.h"
#include "host/module/module-read.h"
#include "image-writer.h"
#include "temp-dir.h"

#define SUM "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void test_text(void)
{
        const ModuleSpec specs[] = { { .name = "ice", .version = "1.6.4", .build_id = "abcd" },
                { .name = "irdma" } };
        ModuleFile *files[G_N_ELEMENTS(specs)];
        SegmentBaseMark mark = { .size = 5000000000 }, read = { 0 };
        char *text = NULL;

        strcpy(mark.sha256, SUM);
        for (size_t i = 0; i < G_N_ELEMENTS(specs); i++) {
                uint8_t *image CLEANUP_FREE = NULL;
                size_t size;

                module_writer_image(&specs[i], &image, &size);
                g_assert_cmpint(module_file_parse(image, size, &files[i]), ==, 0);
        }
        g_assert_cmpint(segment_mark_format(&mark, files, G_N_ELEMENTS(files), &text), ==, 0);
        g_assert_nonnull(strstr(text, "\"irdma\""));
        g_assert_nonnull(strstr(text, "\"version\": \"1.6.4\""));
        for (size_t i = 0; i < G_N_ELEMENTS(files); i++)
                (void) module_file_unref(files[i]);
        g_assert_cmpint(segment_mark_parse(text, &read), ==, 0);
        g_assert_cmpuint(read.size, ==, mark.size);
        g_assert_cmpstr(read.sha256, ==, SUM);
        free(text);
}

static void test_bad_texts(void)
{
        static const char *const texts[] = {
                "",
                "{",
                "[]",
                "{}",
                "{\"format\":1}",
                "{\"format\":2,\"base\":{\"size\":1,\"sha256\":\"" SUM "\"}}",
                "{\"format\":1,\"base\":{\"size\":0,\"sha256\":\"" SUM "\"}}",
                "{\"format\":1,\"base\":{\"size\":-1,\"sha256\":\"" SUM "\"}}",
                "{\"format\":1,\"base\":{\"size\":\"1\",\"sha256\":\"" SUM "\"}}",
                "{\"format\":1,\"base\":{\"size\":1,\"sha256\":\"" SUM "0\"}}",
                "{\"format\":1,\"base\":{\"size\":1,\"sha256\":\"\"}}",
                "{\"format\":1,\"format\":1,\"base\":{\"size\":1,\"sha256\":\"" SUM "\"}}",
        };

        for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
                SegmentBaseMark mark;

                g_test_message("%s", texts[i]);
                g_assert_cmpint(segment_mark_parse(texts[i], &mark), ==, -EBADMSG);
        }
}

/* --- images ----------------------------------------------------------------------------------------------
 */

typedef struct Image {
        TempDir dir;
        int fd;
} Image;

static void image_init(Image *image)
{
        char *path;

        temp_dir_init(&image->dir, "mark"); /* "segment-" is swept */
        path = temp_dir_path(&image->dir, "image");
        image->fd = g_open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        g_assert_cmpint(image->fd, >=, 0);
        free(path);
}

static void image_done(Image *image)
{
        g_assert_true(g_close(image->fd, NULL));
        temp_dir_done(&image->dir);
}

static void image_append(const Image *image, const void *data, size_t size)
{
        g_assert_cmpint(lseek(image->fd, 0, SEEK_END), >=, 0);
        g_assert_cmpint(write(image->fd, data, size), ==, size);
}

static void append_base(const Image *image, ModuleCompression compression)
{
        g_autoptr(GByteArray) bytes = g_byte_array_new();
        ImageWriter *writer = image_writer_new();

        for (unsigned i = 0; i < 400; i++) {
                g_autofree char *path = g_strdup_printf("usr/bin/%u", i);
                g_autofree char *text = g_strdup_printf("%u %u", g_test_rand_int(), g_test_rand_int());

                image_writer_add_text(writer, path, text);
        }
        image_writer_append_to(writer, compression, bytes);
        image_append(image, bytes->data, bytes->len);
}

/* One whose mark says that its base has SIZE bytes. */
static void append_segment(const Image *image, Compression compression, uint64_t size)
{
        SegmentBaseMark mark = { .size = size, .sha256 = SUM };
        SegmentArchive *archive CLEANUP(segment_archive_freep) = NULL;
        char *text CLEANUP_FREE = NULL;

        g_assert_cmpint(lseek(image->fd, 0, SEEK_END), >=, 0);
        g_assert_cmpint(segment_mark_format(&mark, NULL, 0, &text), ==, 0);
        g_assert_cmpint(segment_archive_new(image->fd, compression, &archive), ==, 0);
        g_assert_cmpint(segment_archive_add(archive, SEGMENT_MARK_DIRECTORY, S_IFDIR | 0755, NULL, 0), ==,
                        0);
        g_assert_cmpint(segment_archive_add(archive, SEGMENT_MARK_FILE, S_IFREG | 0644, text, strlen(text)),
                        ==, 0);
        g_assert_cmpint(segment_archive_end(archive), ==, 0);
}

static uint64_t size_of(const Image *image)
{
        return (uint64_t) lseek(image->fd, 0, SEEK_END);
}

static void check_found(const Image *image, uint64_t size)
{
        SegmentBaseMark mark = { 0 };

        g_assert_cmpint(segment_find(image->fd, &mark), ==, size > 0 ? 1 : 0);
        if (size > 0)
                g_assert_cmpuint(mark.size, ==, size);
}

static void test_found(void)
{
        static const struct {
                ModuleCompression base;
                Compression segment;
        } rows[] = {
                { MODULE_PLAIN, COMPRESSION_NONE },
                { MODULE_GZIP, COMPRESSION_GZIP },
                { MODULE_ZSTD, COMPRESSION_ZSTD },
                { MODULE_ZSTD_UNSIZED, COMPRESSION_ZSTD },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
                Image image;
                uint64_t size;

                image_init(&image);
                append_base(&image, rows[i].base);
                check_found(&image, 0);
                size = size_of(&image);
                append_segment(&image, rows[i].segment, size);
                check_found(&image, size);
                image_done(&image);
        }
}

/* What only looks like one. */
static void test_not_found(void)
{
        static const uint8_t magics[] = { 0x1f, 0x8b, 8, 0x28, 0xb5, 0x2f, 0xfd, 0x1f, 0x8b, 8, 0, '0', '7',
                '0', '7', '0', '1', 0x28, 0xb5, 0x2f, 0xfd };
        Image image;
        uint64_t size;

        image_init(&image);
        check_found(&image, 0); /* empty */
        append_base(&image, MODULE_ZSTD);
        for (unsigned i = 0; i < 20; i++)
                image_append(&image, magics, sizeof(magics));
        check_found(&image, 0);
        /* The mark of another image. */
        size = size_of(&image);
        append_segment(&image, COMPRESSION_ZSTD, size - 1);
        append_segment(&image, COMPRESSION_GZIP, 1);
        check_found(&image, 0);
        /* And one that is right, in front of whatever comes behind it. */
        size = size_of(&image);
        append_segment(&image, COMPRESSION_GZIP, size);
        image_append(&image, magics, sizeof(magics));
        check_found(&image, size);
        image_done(&image);
}

/* However long the segment is, and wherever the windows of the search end. */
static void test_long(void)
{
        g_autofree char *zeros = g_malloc0(700000);
        Image image;
        uint64_t size;

        image_init(&image);
        append_base(&image, MODULE_GZIP);
        for (unsigned i = 0; i < 3; i++) {
                size = size_of(&image);
                append_segment(&image, COMPRESSION_GZIP, size);
                image_append(&image, zeros, 250000 + g_test_rand_int_range(0, 30000));
                check_found(&image, size);
        }
        image_done(&image);
}

static void test_sum(void)
{
        char sum[SEGMENT_SHA256_SIZE];
        g_autofree char *expected =
                        g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *) "abc", 3);
        Image image;

        image_init(&image);
        image_append(&image, "abcdef", 6);
        g_assert_cmpint(segment_sum(image.fd, 3, sum), ==, 0);
        g_assert_cmpstr(sum, ==, expected);
        g_assert_cmpint(segment_sum(image.fd, 7, sum), ==, -EBADMSG);
        image_done(&image);
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/segment-mark/text", test_text);
        g_test_add_func("/segment-mark/bad-texts", test_bad_texts);
        g_test_add_func("/segment-mark/found", test_found);
        g_test_add_func("/segment-mark/not-found", test_not_found);
        g_test_add_func("/segment-mark/long", test_long);
        g_test_add_func("/segment-mark/sum", test_sum);
        return g_test_run();
}
