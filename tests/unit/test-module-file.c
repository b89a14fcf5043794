/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A module file's facts as a value: stamps, references, entries, and the bytes of the metadata cache. */

#include <elf.h>
#include <errno.h>
#include <glib.h>
#include <string.h>

#include "host/module/module-assemble.h"
#include "host/module/module-digest.h"
#include "host/module/module-file.h"
#include "host/module/module-pack.h"
#include "host/module/module-read.h"
#include "module-writer.h"

static const char *const aliases[] = { "pci:v1*", "", "pci:v2*", NULL };
static const char *const firmware[] = { "a/b.bin", NULL };
static const ModuleSpec spec = {
        .name = "ice",
        .version = "1.2",
        .vermagic = MODULE_WRITER_VERMAGIC,
        .description = "dépends=on nothing",
        .depends = "a,b",
        .aliases = aliases,
        .firmware = firmware,
        .note_version = "1.2",
        .note_driver_version = "1",
        .note_release = "1-2",
        .build_id = "00ff",
        .signer = "key",
};

static ModuleFile *sample(void)
{
        ModuleFile *file = NULL;
        uint8_t *image;
        size_t size;

        module_writer_image(&spec, &image, &size);
        g_assert_cmpint(module_file_parse(image, size, &file), ==, 0);
        g_assert_cmpint(file->defect, ==, MODULE_SOUND);
        g_free(image);
        return file;
}

static void test_stamp(void)
{
        struct stat st = { .st_dev = 1, .st_ino = 2, .st_size = 3 };
        FileStamp stamp, other;

        st.st_mtim = (struct timespec){ 4, 5 };
        st.st_ctim = (struct timespec){ -1, 6 };
        stamp = file_stamp(&st);
        g_assert_cmpint(stamp.mtime_ns, ==, 4000000005);
        g_assert_cmpint(stamp.ctime_ns, ==, -999999994);
        for (int i = 0; i < 6; i++) {
                other = stamp;
                other.device += i == 1;
                other.inode += i == 2;
                other.size += i == 3;
                other.mtime_ns += i == 4;
                other.ctime_ns += i == 5;
                g_assert_cmpint(file_stamp_equal(&stamp, &other), ==, i == 0);
        }
}

static void test_references(void)
{
        ModuleFile *file = NULL;

        g_assert_cmpint(module_file_new_defective(MODULE_UNREADABLE, -EIO, &file), ==, 0);
        g_assert_true(module_file_ref(file) == file);
        g_assert_null(module_file_unref(file));
        g_assert_cmpint(file->error, ==, -EIO);
        g_assert_cmpint(file->defect, ==, MODULE_UNREADABLE);
        g_assert_cmpstr(file->name, ==, "");
        g_assert_cmpstr(file->build_id, ==, "");
        g_assert_null(module_file_next(file, "alias", NULL));
        g_assert_null(module_file_unref(file));
        g_assert_null(module_file_unref(NULL));
        g_assert_null(module_file_ref(NULL));
}

static void test_next(void)
{
        ModuleFile *file CLEANUP(module_file_unrefp) = sample();
        const char *value = NULL;

        for (size_t i = 0; aliases[i]; i++) {
                value = module_file_next(file, "alias", value);
                g_assert_cmpstr(value, ==, aliases[i]);
        }
        g_assert_null(module_file_next(file, "alias", value));
        value = module_file_next(file, "depends", NULL);
        g_assert_cmpstr(value, ==, "a,b");
        g_assert_null(module_file_next(file, "depends", value));
        g_assert_cmpstr(module_file_next(file, "firmware", NULL), ==, "a/b.bin");
        g_assert_null(module_file_next(file, "vermagic", NULL));
        g_assert_null(module_file_next(file, "alia", NULL));
        g_assert_null(module_file_next(file, "", NULL));
}

static void assert_equal(const ModuleFile *a, const ModuleFile *b)
{
        g_assert_cmpint(a->defect, ==, b->defect);
        g_assert_cmpint(a->error, ==, b->error);
        g_assert_cmpint(a->machine, ==, b->machine);
        g_assert_cmpint(a->elf_class, ==, b->elf_class);
        g_assert_cmpint(a->byte_order, ==, b->byte_order);
        g_assert_cmpint(a->is_signed, ==, b->is_signed);
        g_assert_cmpstr(a->name, ==, b->name);
        g_assert_cmpstr(a->version, ==, b->version);
        g_assert_cmpstr(a->srcversion, ==, b->srcversion);
        g_assert_cmpstr(a->vermagic, ==, b->vermagic);
        g_assert_cmpstr(a->description, ==, b->description);
        g_assert_cmpstr(a->license, ==, b->license);
        g_assert_cmpstr(a->signer, ==, b->signer);
        g_assert_cmpstr(a->note_version, ==, b->note_version);
        g_assert_cmpstr(a->note_driver_version, ==, b->note_driver_version);
        g_assert_cmpstr(a->note_release, ==, b->note_release);
        g_assert_cmpstr(a->build_id, ==, b->build_id);
        g_assert_cmpstr(a->digest, ==, b->digest);
        g_assert_cmpmem(a->modinfo, a->modinfo_size, b->modinfo, b->modinfo_size);
}

static void test_pack(void)
{
        for (int i = 0; i < 2; i++) {
                ModuleFile *file CLEANUP(module_file_unrefp) = NULL,
                                 *back CLEANUP(module_file_unrefp) = NULL;
                void *data CLEANUP_FREE = NULL;
                size_t size;

                if (i == 0)
                        file = sample();
                else
                        g_assert_cmpint(module_file_new_defective(MODULE_UNREADABLE, -EACCES, &file), ==, 0);
                g_assert_cmpint(module_file_pack(file, &data, &size), ==, 0);
                g_assert_cmpint(module_file_unpack(data, size, &back), ==, 0);
                assert_equal(file, back);
        }
}

/* Unpacks a copy of exactly that size, so that ASan sees a read behind the end. */
static int unpack_copy(const uint8_t *data, size_t size, ModuleFile **ret)
{
        uint8_t *copy CLEANUP_FREE = malloc(size);

        if (size > 0)
                memcpy(copy, data, size);
        return module_file_unpack(copy, size, ret);
}

static void test_unpack_foreign(void)
{
        ModuleFile *file CLEANUP(module_file_unrefp) = sample(), *back = NULL;
        void *data CLEANUP_FREE = NULL;
        uint8_t *longer CLEANUP_FREE = NULL;
        size_t size;
        unsigned refused = 0;

        g_assert_cmpint(module_file_pack(file, &data, &size), ==, 0);
        for (size_t i = 0; i < size; i++)
                g_assert_cmpint(unpack_copy(data, i, &back), ==, -EBADMSG);
        longer = malloc(size + 1);
        memcpy(longer, data, size);
        longer[size] = '\0';
        g_assert_cmpint(module_file_unpack(longer, size + 1, &back), ==, -EBADMSG);
        g_assert_null(back);
        /* A changed byte is refused, or it is a value of the same shape. */
        for (size_t i = 0; i < size; i++)
                for (unsigned bit = 0; bit < 8; bit++) {
                        int r;

                        memcpy(longer, data, size);
                        longer[i] ^= (uint8_t) (1U << bit);
                        r = unpack_copy(longer, size, &back);
                        g_assert_true(r == 0 || r == -EBADMSG);
                        g_assert_false(i < 4 && r == 0); /* the format */
                        refused += r < 0;
                        back = r == 0 ? module_file_unref(back) : NULL;
                }
        g_assert_cmpuint(refused, >, 8 * 12);
}

/* As a cache may have it of an earlier version: a file that isn't a module. It is read again. */
static void test_unpack_old(void)
{
        static const uint8_t old[] =
                        "HDMF\3\0\0\0\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\13\0\0\0\0\0\0\0\0\0\0\0\0"
                        "\0\0\0\0\0";
        ModuleFile *file = NULL;

        g_assert_cmpint(unpack_copy(old, sizeof(old), &file), ==, -EBADMSG);
}

static void test_defect_text(void)
{
        for (int i = MODULE_SOUND; i <= MODULE_NOT_A_MODULE; i++)
                for (int j = i + 1; j <= MODULE_NOT_A_MODULE; j++)
                        g_assert_cmpstr(module_defect_text((ModuleDefect) i), !=,
                                        module_defect_text((ModuleDefect) j));
}

/* The test vectors of draft-eastlake-fnv for 64 bits. */
static void test_digest(void)
{
        char *empty CLEANUP_FREE = NULL, *text CLEANUP_FREE = NULL;

        g_assert_cmpint(module_digest_of_data((const uint8_t *) "", 0, &empty), ==, 0);
        g_assert_cmpstr(empty, ==, "fnv1a:cbf29ce484222325:0");
        g_assert_cmpint(module_digest_of_data((const uint8_t *) "foobar", 6, &text), ==, 0);
        g_assert_cmpstr(text, ==, "fnv1a:85944171f73967e8:6");
}

/* What thousands of versions cost: the structure, the strings, and nothing else. */
static void test_size(void)
{
        ModuleFile *file CLEANUP(module_file_unrefp) = sample();

        g_assert_cmpuint(sizeof(*file), <=, 128);
        g_assert_true((const char *) file + sizeof(*file) == file->name);
        g_assert_true(file->digest + strlen(file->digest) + 1 == file->modinfo);
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/module-file/stamp", test_stamp);
        g_test_add_func("/module-file/references", test_references);
        g_test_add_func("/module-file/next", test_next);
        g_test_add_func("/module-file/pack", test_pack);
        g_test_add_func("/module-file/unpack-foreign", test_unpack_foreign);
        g_test_add_func("/module-file/unpack-old", test_unpack_old);
        g_test_add_func("/module-file/defect-text", test_defect_text);
        g_test_add_func("/module-file/size", test_size);
        g_test_add_func("/module-file/digest", test_digest);
        return g_test_run();
}
