/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ELF notes as bytes: sound ones, and ones whose sizes lie. */

#include <errno.h>
#include <glib.h>
#include <string.h>

#include "host/module/elf-note.h"

/* Appends one record; sizes as said, bytes as given, padding as asked. */
static void append(GByteArray *bytes, uint32_t owner_size, uint32_t desc_size, uint32_t type,
                const char *owner, size_t owner_bytes, const char *desc, size_t desc_bytes)
{
        uint32_t header[] = { owner_size, desc_size, type };

        g_byte_array_append(bytes, (const guint8 *) header, sizeof(header));
        g_byte_array_append(bytes, (const guint8 *) owner, (guint) owner_bytes);
        while (bytes->len % 4 != 0)
                g_byte_array_append(bytes, (const guint8 *) "", 1);
        g_byte_array_append(bytes, (const guint8 *) desc, (guint) desc_bytes);
}

static void pad(GByteArray *bytes)
{
        while (bytes->len % 4 != 0)
                g_byte_array_append(bytes, (const guint8 *) "", 1);
}

static void append_version(GByteArray *bytes, uint32_t type, const char *version)
{
        append(bytes, 10, (uint32_t) strlen(version) + 1, type, "XenServer", 10, version,
                        strlen(version) + 1);
        pad(bytes);
}

/* From a copy of exactly that size, so that ASan sees a read behind the end. */
static int version_of(const GByteArray *bytes, size_t size, char **ret)
{
        uint8_t *copy CLEANUP_FREE = malloc(size);

        if (size > 0)
                memcpy(copy, bytes->data, size);
        return elf_note_xenserver(copy, size, XENSERVER_NOTE_VARIANT, ret);
}

static void assert_version(const GByteArray *bytes, const char *expected)
{
        char *version CLEANUP_FREE = NULL;

        g_assert_cmpint(version_of(bytes, bytes->len, &version), ==, 0);
        g_assert_cmpstr(version, ==, expected);
}

static void assert_error(const GByteArray *bytes, int error)
{
        char *version = NULL;

        g_assert_cmpint(version_of(bytes, bytes->len, &version), ==, error);
        g_assert_null(version);
}

static void test_version(void)
{
        g_autoptr(GByteArray) bytes = g_byte_array_new();

        assert_error(bytes, -ENOENT);
        append(bytes, 6, 4, 0x101, "Linux", 6, "\x01\0\0", 4);
        append(bytes, 0, 0, 1, "", 0, "", 0);
        append_version(bytes, 2, "not this type");
        append(bytes, 4, 4, 1, "Xen", 4, "6.1", 4);
        assert_error(bytes, -ENOENT);
        append_version(bytes, 1, "1.11.17.1");
        append_version(bytes, 1, "not the first");
        assert_version(bytes, "1.11.17.1");
}

/* The three that gen-note writes, in its order and in another one. */
static void test_types(void)
{
        static const char *const texts[] = { "generic", "4.1", "4.1-3.xs9" };

        for (int forward = 0; forward < 2; forward++) {
                g_autoptr(GByteArray) bytes = g_byte_array_new();

                for (uint32_t i = 0; i < 3; i++)
                        append_version(bytes, forward ? i + 1 : 3 - i, texts[forward ? i : 2 - i]);
                append_version(bytes, 2, "not the first");
                for (uint32_t i = 0; i < 3; i++) {
                        char *text CLEANUP_FREE = NULL;

                        g_assert_cmpint(elf_note_xenserver(bytes->data, bytes->len, (XenserverNote) (i + 1),
                                                        &text),
                                        ==, 0);
                        g_assert_cmpstr(text, ==, texts[i]);
                }
        }
}

static void test_version_without_nul(void)
{
        g_autoptr(GByteArray) bytes = g_byte_array_new();

        append(bytes, 10, 3, 1, "XenServer", 10, "1.2", 3); /* and no padding at the end */
        assert_version(bytes, "1.2");
        g_byte_array_set_size(bytes, 0);
        append(bytes, 9, 3, 1, "XenServer", 9, "1.2", 3); /* nor does the owner end in a NUL */
        assert_version(bytes, "1.2");
        g_byte_array_set_size(bytes, 0);
        append(bytes, 12, 6, 1, "XenServer\0\0\0", 12, "1\0.2.3", 6);
        assert_version(bytes, "1");
        g_byte_array_set_size(bytes, 0);
        append(bytes, 10, 0, 1, "XenServer", 10, "", 0);
        assert_version(bytes, "");
}

static void test_lying_sizes(void)
{
        static const uint32_t lies[] = { 5, 0x7fffffff, 0xfffffff0, 0xfffffffd, 0xffffffff };

        for (size_t i = 0; i < ELEMENTSOF(lies); i++) {
                g_autoptr(GByteArray) bytes = g_byte_array_new();

                append(bytes, lies[i], 0, 1, "Xen", 4, "", 0);
                assert_error(bytes, -EBADMSG);
                g_byte_array_set_size(bytes, 0);
                append(bytes, 10, lies[i], 1, "XenServer", 10, "1.2", 4);
                assert_error(bytes, -EBADMSG);
        }
}

/* What comes behind the first version is nobody's business. */
static void test_rubbish_behind(void)
{
        g_autoptr(GByteArray) bytes = g_byte_array_new();

        append_version(bytes, 1, "1.2");
        g_byte_array_append(bytes, (const guint8 *) "rubbish", 7);
        assert_version(bytes, "1.2");
}

static void test_truncated(void)
{
        g_autoptr(GByteArray) bytes = g_byte_array_new();
        size_t first;

        append(bytes, 6, 4, 0x101, "Linux", 6, "\x01\0\0", 4);
        first = bytes->len;
        append(bytes, 10, 5, 1, "XenServer", 10, "1.22", 5);
        for (size_t size = 0; size <= bytes->len; size++) {
                char *version CLEANUP_FREE = NULL;
                int r = version_of(bytes, size, &version);

                g_test_message("%zu of %u bytes", size, bytes->len);
                g_assert_cmpint(r, ==,
                                size == 0 || size == first ? -ENOENT
                                : size == bytes->len       ? 0
                                                           : -EBADMSG);
        }
}

static void test_build_id(void)
{
        g_autoptr(GByteArray) bytes = g_byte_array_new();
        char *id CLEANUP_FREE = NULL;

        append_version(bytes, 3, "not this owner");
        append(bytes, 4, 4, 3, "GNU", 4, "\x00\x9f\xa0\xff", 4);
        g_assert_cmpint(elf_note_build_id(bytes->data, bytes->len, &id), ==, 0);
        g_assert_cmpstr(id, ==, "009fa0ff");
        g_assert_cmpint(elf_note_build_id(NULL, 0, &id), ==, -ENOENT);
        g_assert_cmpint(elf_note_build_id(bytes->data, 11, &id), ==, -EBADMSG);
}

static void test_next(void)
{
        g_autoptr(GByteArray) bytes = g_byte_array_new();
        size_t offset = 0;
        ElfNote note;

        append(bytes, 4, 2, 3, "GNU", 4, "\x01\x02", 2);
        pad(bytes);
        append(bytes, 0, 0, 7, "", 0, "", 0);
        g_assert_cmpint(elf_note_next(bytes->data, bytes->len, &offset, &note), ==, 1);
        g_assert_cmpuint(note.type, ==, 3);
        g_assert_cmpmem(note.owner, note.owner_size, "GNU", 3);
        g_assert_cmpmem(note.desc, note.desc_size, "\x01\x02", 2);
        g_assert_cmpuint(offset, ==, 20);
        g_assert_cmpint(elf_note_next(bytes->data, bytes->len, &offset, &note), ==, 1);
        g_assert_cmpuint(note.type, ==, 7);
        g_assert_cmpuint(note.owner_size + note.desc_size, ==, 0);
        g_assert_cmpint(elf_note_next(bytes->data, bytes->len, &offset, &note), ==, 0);
        g_assert_cmpuint(offset, ==, bytes->len);
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/elf-note/version", test_version);
        g_test_add_func("/elf-note/types", test_types);
        g_test_add_func("/elf-note/version-without-nul", test_version_without_nul);
        g_test_add_func("/elf-note/lying-sizes", test_lying_sizes);
        g_test_add_func("/elf-note/rubbish-behind", test_rubbish_behind);
        g_test_add_func("/elf-note/truncated", test_truncated);
        g_test_add_func("/elf-note/build-id", test_build_id);
        g_test_add_func("/elf-note/next", test_next);
        return g_test_run();
}
