/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Signs (for show), compresses and writes what module-writer.c has put together. */

#include "module-output.h"

#include <archive.h>
#include <archive_entry.h>
#include <arpa/inet.h>
#include <elf.h>
#include <fcntl.h>
#include <glib.h>
#include <string.h>

#include "util/fs.h"

/* struct module_signature of the kernel's include/linux/module_signature.h */
typedef struct ModuleSignature {
        uint8_t algorithm;
        uint8_t hash;
        uint8_t id_type;
        uint8_t signer_size;
        uint8_t key_id_size;
        uint8_t zero[3];
        uint32_t signature_size; /* big endian */
} ModuleSignature;

static void append_signature(GByteArray *image, const char *signer)
{
        static const char marker[] = "~Module signature appended~\n";
        ModuleSignature signature = {
                .algorithm = 1, /* RSA */
                .hash = 4,      /* SHA-256 */
                .id_type = 1,   /* X.509: the names stand before the signature in plain */
                .signer_size = (uint8_t) strlen(signer),
                .key_id_size = 4,
                .signature_size = htonl(16),
        };

        g_byte_array_append(image, (const guint8 *) signer, signature.signer_size);
        g_byte_array_append(image, (const guint8 *) "\x01\x02\x03\x04", 4);
        g_byte_array_append(image, (const guint8 *) "not a signature!", 16);
        g_byte_array_append(image, (const guint8 *) &signature, sizeof(signature));
        g_byte_array_append(image, (const guint8 *) marker, sizeof(marker) - 1);
}

void module_output_finish(const ModuleSpec *spec, int fd, uint8_t **ret, size_t *ret_size)
{
        GByteArray *image;
        char *data;
        size_t size;

        g_assert_cmpint(lseek(fd, 0, SEEK_SET), ==, 0);
        g_assert_cmpint(fs_read_fd(fd, SIZE_MAX / 2, &data, &size), ==, 0);
        (void) fd_close(fd);
        image = g_byte_array_append(g_byte_array_new(), (const guint8 *) data, (guint) size);
        free(data);
        if (spec->signer)
                append_signature(image, spec->signer);
        *ret_size = image->len;
        *ret = g_byte_array_free(image, FALSE);
}

static la_ssize_t collect(struct archive *archive, void *userdata, const void *data, size_t size)
{
        g_byte_array_append(userdata, data, (guint) size);
        return (la_ssize_t) size;
}

/* libarchive writes one frame, and leaves out what zstd(1) and the kernel's build write into its header, the
 * size of the content: RFC 8878, section 3.1.1.1. */
static void add_content_size(GByteArray *frame, size_t size)
{
        enum { DESCRIPTOR = 4, HEADER = 6, FOUR_BYTES = 2 << 6 };
        guint32 field = GUINT32_TO_LE((guint32) size);
        GByteArray *rest = g_byte_array_new();

        g_assert_cmpuint(frame->len, >, HEADER);
        g_assert_cmphex(frame->data[DESCRIPTOR] & 0xe3, ==, 0); /* no size, a window, no dictionary */
        frame->data[DESCRIPTOR] |= FOUR_BYTES;
        g_byte_array_append(rest, frame->data + HEADER, frame->len - HEADER);
        g_byte_array_set_size(frame, HEADER);
        g_byte_array_append(frame, (const guint8 *) &field, sizeof(field));
        g_byte_array_append(frame, rest->data, rest->len);
        g_byte_array_unref(rest);
}

void module_writer_compress(
                const void *data, size_t size, ModuleCompression compression, void **ret, size_t *ret_size)
{
        static const int filters[] = {
                [MODULE_PLAIN] = ARCHIVE_FILTER_NONE,
                [MODULE_GZIP] = ARCHIVE_FILTER_GZIP,
                [MODULE_XZ] = ARCHIVE_FILTER_XZ,
                [MODULE_ZSTD] = ARCHIVE_FILTER_ZSTD,
                [MODULE_ZSTD_UNSIZED] = ARCHIVE_FILTER_ZSTD,
        };
        struct archive *archive = archive_write_new();
        struct archive_entry *entry = archive_entry_new();
        GByteArray *bytes = g_byte_array_new();

        g_assert_cmpint(archive_write_add_filter(archive, filters[compression]), ==, ARCHIVE_OK);
        g_assert_cmpint(archive_write_set_format_raw(archive), ==, ARCHIVE_OK);
        g_assert_cmpint(archive_write_set_bytes_per_block(archive, 0), ==, ARCHIVE_OK);
        if (compression != MODULE_PLAIN)
                g_assert_cmpint(archive_write_set_filter_option(archive, NULL, "compression-level", "1"), ==,
                                ARCHIVE_OK);
        g_assert_cmpint(archive_write_open(archive, bytes, NULL, collect, NULL), ==, ARCHIVE_OK);
        archive_entry_set_filetype(entry, AE_IFREG);
        g_assert_cmpint(archive_write_header(archive, entry), ==, ARCHIVE_OK);
        g_assert_cmpint(archive_write_data(archive, data, size), ==, (la_ssize_t) size);
        g_assert_cmpint(archive_write_free(archive), ==, ARCHIVE_OK);
        archive_entry_free(entry);
        if (compression == MODULE_ZSTD)
                add_content_size(bytes, size);
        *ret_size = bytes->len;
        *ret = g_byte_array_free(bytes, FALSE);
}

void module_writer_write(const ModuleSpec *spec, const char *path)
{
        int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
        uint8_t *image;
        void *data;
        size_t size, written = 0;

        if (fd < 0)
                g_error("%s: %s", path, g_strerror(errno));
        module_writer_image(spec, &image, &size);
        module_writer_compress(image, size, spec->compression, &data, &size);
        while (written < size) {
                ssize_t n = write(fd, (const uint8_t *) data + written, size - written);

                if (n < 0)
                        g_error("%s: %s", path, g_strerror(errno));
                written += (size_t) n;
        }
        (void) fd_close(fd);
        g_free(data);
        g_free(image);
}

uint16_t module_output_machine(void)
{
#if defined(__x86_64__)
        return EM_X86_64;
#elif defined(__aarch64__)
        return EM_AARCH64;
#elif defined(__powerpc64__)
        return EM_PPC64;
#elif defined(__s390x__)
        return EM_S390;
#elif defined(__riscv)
        return EM_RISCV;
#else
#error "name this machine's e_machine here"
#endif
}

uint8_t module_output_byte_order(void)
{
        return G_BYTE_ORDER == G_LITTLE_ENDIAN ? ELFDATA2LSB : ELFDATA2MSB;
}
