/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* cpio archives in memory. */

#include "image-writer.h"

#include <archive.h>
#include <archive_entry.h>
#include <string.h>

struct ImageWriter {
        struct archive *archive;
        GByteArray *bytes;
};

static la_ssize_t on_write(struct archive *archive, void *userdata, const void *data, size_t size)
{
        g_byte_array_append(userdata, data, (guint) size);
        return (la_ssize_t) size;
}

ImageWriter *image_writer_new(void)
{
        ImageWriter *writer = g_new0(ImageWriter, 1);

        writer->archive = archive_write_new();
        writer->bytes = g_byte_array_new();
        g_assert_cmpint(archive_write_set_format_cpio_newc(writer->archive), ==, ARCHIVE_OK);
        g_assert_cmpint(archive_write_set_bytes_in_last_block(writer->archive, 1), ==, ARCHIVE_OK);
        g_assert_cmpint(archive_write_open(writer->archive, writer->bytes, NULL, on_write, NULL), ==,
                        ARCHIVE_OK);
        return writer;
}

static void add(ImageWriter *writer, struct archive_entry *entry, const char *path, const void *data,
                size_t size)
{
        archive_entry_set_pathname(entry, path);
        archive_entry_set_size(entry, (la_int64_t) size);
        g_assert_cmpint(archive_write_header(writer->archive, entry), ==, ARCHIVE_OK);
        if (size > 0)
                g_assert_cmpint(archive_write_data(writer->archive, data, size), ==, size);
        archive_entry_free(entry);
}

void image_writer_add_file(ImageWriter *writer, const char *path, const void *data, size_t size)
{
        struct archive_entry *entry = archive_entry_new();

        archive_entry_set_mode(entry, AE_IFREG | 0644);
        add(writer, entry, path, data, size);
}

void image_writer_add_text(ImageWriter *writer, const char *path, const char *text)
{
        image_writer_add_file(writer, path, text, strlen(text));
}

void image_writer_add_link(ImageWriter *writer, const char *path, const char *target)
{
        struct archive_entry *entry = archive_entry_new();

        archive_entry_set_mode(entry, AE_IFLNK | 0777);
        archive_entry_set_symlink(entry, target);
        add(writer, entry, path, NULL, 0);
}

void image_writer_add_hard_link(
                ImageWriter *writer, const char *path, gint64 inode, const void *data, size_t size)
{
        struct archive_entry *entry = archive_entry_new();

        archive_entry_set_mode(entry, AE_IFREG | 0644);
        archive_entry_set_ino64(entry, inode);
        archive_entry_set_nlink(entry, 2);
        add(writer, entry, path, data, size);
}

void image_writer_add_module(ImageWriter *writer, const char *path, const char *name, const char *build_id,
                const char *version, ModuleCompression compression)
{
        const ModuleSpec spec = { .name = name, .build_id = build_id, .version = version };
        void *packed = NULL;
        uint8_t *image;
        size_t size, packed_size;

        module_writer_image(&spec, &image, &size);
        if (compression != MODULE_PLAIN)
                module_writer_compress(image, size, compression, &packed, &packed_size);
        image_writer_add_file(writer, path, packed ? packed : image, packed ? packed_size : size);
        free(packed);
        free(image);
}

void image_writer_append_to(ImageWriter *writer, ModuleCompression compression, GByteArray *image)
{
        void *packed = NULL;
        size_t size;

        g_assert_cmpint(archive_write_close(writer->archive), ==, ARCHIVE_OK);
        archive_write_free(writer->archive);
        if (compression == MODULE_PLAIN) {
                g_byte_array_append(image, writer->bytes->data, writer->bytes->len);
        } else {
                module_writer_compress(writer->bytes->data, writer->bytes->len, compression, &packed, &size);
                g_byte_array_append(image, packed, (guint) size);
                free(packed);
        }
        g_byte_array_unref(writer->bytes);
        g_free(writer);
}
