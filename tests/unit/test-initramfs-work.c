/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where generators work, by their configuration, and what room they take there. */

#include <errno.h>
#include <glib.h>

#include "host/initramfs/initramfs-reader.h"
#include "host/initramfs/initramfs-work.h"
#include "image-writer.h"
#include "temp-dir.h"

typedef struct Row {
        InitramfsGenerator generator;
        struct {
                const char *path, *text;
        } files[2];
        const char *expected;
} Row;

static void test_directory(void)
{
        static const Row rows[] = {
                { INITRAMFS_TOOLS, { { 0 } }, "/var/tmp" },
                { INITRAMFS_TOOLS,
                                { { "etc/initramfs-tools/initramfs.conf",
                                                "MODULES=most\nTMPDIR=/srv/a\n" } },
                                "/srv/a" },
                { INITRAMFS_TOOLS,
                                { { "etc/initramfs-tools/initramfs.conf", "TMPDIR=/srv/a\n" },
                                                { "etc/initramfs-tools/conf.d/x",
                                                                "TMPDIR='/srv/b b' # c\n" } },
                                "/srv/b" },
                { INITRAMFS_TOOLS, { { "etc/initramfs-tools/initramfs.conf", "TMPDIR=$HOME/x\n" } },
                                "/var/tmp" },
                { INITRAMFS_TOOLS, { { "etc/initramfs-tools/initramfs.conf", "#TMPDIR=/srv/a\n" } },
                                "/var/tmp" },
                { INITRAMFS_DRACUT, { { 0 } }, "/var/tmp" },
                { INITRAMFS_DRACUT, { { "etc/dracut.conf", "tmpdir=\"/srv/a\"\n tmpdir=/srv/b; x=1\n" } },
                                "/srv/b" },
                { INITRAMFS_DRACUT,
                                { { "etc/dracut.conf.d/1.conf", "tmpdir=/srv/1\n" },
                                                { "etc/dracut.conf.d/2.conf", "tmpdir=/srv/2\n" } },
                                "/srv/2" },
                { INITRAMFS_DRACUT, { { "etc/dracut.conf", "tmpdirs=/srv/a\n" } }, "/var/tmp" },
                { INITRAMFS_DRACUT, { { "etc/initramfs-tools/initramfs.conf", "TMPDIR=/srv/a\n" } },
                                "/var/tmp" },
                { INITRAMFS_MKINITCPIO, { { 0 } }, "/tmp" },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
                TempDir dir CLEANUP_TEMP_DIR = { 0 };
                HostRoot *root CLEANUP(host_root_freep) = NULL;
                char *path CLEANUP_FREE = NULL;

                temp_dir_init(&dir, "work");
                for (size_t j = 0; j < G_N_ELEMENTS(rows[i].files) && rows[i].files[j].path; j++)
                        temp_dir_write(&dir, rows[i].files[j].path, rows[i].files[j].text);
                g_assert_cmpint(host_root_new(dir.path, "6.1.0", &root), ==, 0);
                g_assert_cmpint(initramfs_work_directory(root, rows[i].generator, &path), ==, 0);
                g_assert_cmpstr(path, ==, rows[i].expected);
        }
}

/* An image of two archives: microcode as it is, the rest compressed. */
static void test_bytes(void)
{
        static const char data[10000] = { 0 };
        GByteArray *bytes = g_byte_array_new();
        ImageWriter *writer = image_writer_new();
        TempDir dir CLEANUP_TEMP_DIR = { 0 };
        HostRoot *root CLEANUP(host_root_freep) = NULL;
        InitramfsImage *image CLEANUP(initramfs_image_unrefp) = NULL;
        StringSet none CLEANUP_STRING_SET = { 0 };
        char *path CLEANUP_FREE = NULL;

        image_writer_add_text(writer, "early_cpio", "1");
        image_writer_append_to(writer, MODULE_PLAIN, bytes);
        writer = image_writer_new();
        image_writer_add_file(writer, "bin/sh", data, sizeof(data));
        image_writer_add_file(writer, "bin/empty", "", 0);
        image_writer_add_link(writer, "bin/bash", "sh");
        image_writer_append_to(writer, MODULE_ZSTD, bytes);
        temp_dir_init(&dir, "work");
        temp_dir_write(&dir, "image", "");
        path = temp_dir_path(&dir, "image");
        g_assert_true(g_file_set_contents(path, (const char *) bytes->data, (gssize) bytes->len, NULL));
        g_assert_cmpint(host_root_new(dir.path, "6.1.0", &root), ==, 0);
        g_assert_cmpint(initramfs_image_read(root, "6.1.0", "/image", &none, &image), ==, 0);
        g_assert_cmpint(image->error, ==, 0);

        /* In blocks of 4 KiB: one, three, none, and one that a link may take. */
        g_assert_cmpuint(initramfs_work_bytes(INITRAMFS_MKINITCPIO, image), ==, 5 * 4096);
        g_assert_cmpuint(initramfs_work_bytes(INITRAMFS_TOOLS, image), ==, 10 * 4096);
        g_assert_cmpuint(initramfs_work_bytes(INITRAMFS_DRACUT, image), ==, 5 * 4096 + bytes->len);
        g_assert_cmpuint(initramfs_work_bytes(INITRAMFS_NONE, image), ==, 0);
        image->error = -EBADMSG;
        g_assert_cmpuint(initramfs_work_bytes(INITRAMFS_TOOLS, image), ==, 0);
        (void) g_byte_array_unref(bytes);
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/initramfs-work/directory", test_directory);
        g_test_add_func("/initramfs-work/bytes", test_bytes);
        return g_test_run();
}
