/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The end of frames that libzstd has made, and of what only looks like one. */

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <string.h>
#include <sys/mman.h>

#include "host/module/zstd-frame.h"
#include "module-writer.h"

static int file_of(const GByteArray *bytes)
{
        int fd = memfd_create("frames", MFD_CLOEXEC);

        g_assert_cmpint(fd, >=, 0);
        g_assert_cmpint(write(fd, bytes->data, bytes->len), ==, (ssize_t) bytes->len);
        return fd;
}

static off_t end_of(const GByteArray *bytes, off_t start)
{
        int fd CLEANUP_FD = file_of(bytes);

        return zstd_frames_end(fd, start);
}

static void append_frame(GByteArray *bytes, const guint8 *data, size_t size, ModuleCompression compression)
{
        g_autofree void *packed = NULL;
        size_t packed_size;

        /* Of nothing, libzstd says the size by itself. */
        module_writer_compress(
                        data, size, size == 0 ? MODULE_ZSTD_UNSIZED : compression, &packed, &packed_size);
        g_byte_array_append(bytes, packed, (guint) packed_size);
}

/* Content that gives raw, repeated and compressed blocks; of sizes around those of blocks and size fields.
 */
static void fill(guint8 *data, size_t size, unsigned kind)
{
        for (size_t i = 0; i < size; i++)
                data[i] = kind == 0 ? 0 : kind == 1 ? (guint8) g_test_rand_int() : (guint8) (i / 7 % 31);
}

static void test_frames(void)
{
        static const size_t sizes[] = { 0, 1, 255, 256, 65535 + 256, 65536 + 256, 131072, 131073, 1000000 };
        g_autofree guint8 *data = g_malloc(1000000);
        g_autoptr(GByteArray) bytes = g_byte_array_new();

        for (unsigned kind = 0; kind < 3; kind++)
                for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++)
                        for (unsigned unsized = 0; unsized < 2; unsized++) {
                                ModuleCompression compression = unsized ? MODULE_ZSTD_UNSIZED : MODULE_ZSTD;
                                guint end;

                                fill(data, sizes[i], kind);
                                g_byte_array_set_size(bytes, 0);
                                g_byte_array_append(bytes, (const guint8 *) "before", 6);
                                append_frame(bytes, data, sizes[i], compression);
                                append_frame(bytes, data, sizes[i] / 2, MODULE_ZSTD);
                                end = bytes->len;
                                g_byte_array_append(bytes, (const guint8 *) "070701 behind", 13);
                                g_assert_cmpint(end_of(bytes, 6), ==, end);
                                g_assert_cmpint(end_of(bytes, 0), ==, 0);
                        }
}

/* It always ends, and says of nothing that it ends before its beginning. */
static void test_damaged(void)
{
        g_autofree guint8 *data = g_malloc(300000);
        g_autoptr(GByteArray) whole = g_byte_array_new();

        fill(data, 300000, 2);
        append_frame(whole, data, 300000, MODULE_ZSTD);
        for (unsigned i = 0; i < 2000; i++) {
                g_autoptr(GByteArray) bytes = g_byte_array_new();

                g_byte_array_append(bytes, whole->data,
                                (guint) g_test_rand_int_range(0, (gint32) whole->len + 1));
                for (unsigned j = 0; bytes->len > 0 && j < 3; j++)
                        bytes->data[g_test_rand_int_range(0, (gint32) bytes->len)] =
                                        (guint8) g_test_rand_int();
                g_assert_cmpint(end_of(bytes, 0), >=, 0);
        }
}

/* As a power cut may leave it: each three zeros are an empty block, which is not the last one. */
static void test_zeros(void)
{
        static const guint8 head[] = { 0x28, 0xb5, 0x2f, 0xfd, 0, 0 };
        const guint size = 8 * 1024 * 1024;
        g_autofree guint8 *zeros = g_malloc0(size);
        g_autoptr(GByteArray) bytes = g_byte_array_new();

        g_byte_array_append(bytes, head, sizeof(head));
        g_byte_array_append(bytes, zeros, size);
        g_assert_cmpint(end_of(bytes, 0), ==, sizeof(head) + size / 3 * 3);
}

static void test_unreadable(void)
{
        int pipes[2];

        g_assert_cmpint(pipe2(pipes, O_CLOEXEC), ==, 0);
        g_assert_cmpint(zstd_frames_end(pipes[0], 0), ==, -ESPIPE);
        (void) close(pipes[0]);
        (void) close(pipes[1]);
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/zstd-frame/frames", test_frames);
        g_test_add_func("/zstd-frame/damaged", test_damaged);
        g_test_add_func("/zstd-frame/zeros", test_zeros);
        g_test_add_func("/zstd-frame/unreadable", test_unreadable);
        return g_test_run();
}
