/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Real module files, and all that may stand in a module file's place. */

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <string.h>
#include <sys/stat.h>

#include "host/module/module-read.h"
#include "sample-module.h"
#include "temp-dir.h"

static ModuleFile *read_file(const char *path, bool with_signer)
{
        int fd CLEANUP_FD = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        ModuleFile *file = NULL;

        g_assert_cmpint(fd, >=, 0);
        g_assert_cmpint(module_file_read(fd, with_signer ? path : NULL, &file), ==, 0);
        return file;
}

static void assert_full(const ModuleFile *file)
{
        g_assert_cmpint(file->defect, ==, MODULE_SOUND);
        g_assert_cmpint(file->error, ==, 0);
        g_assert_cmpint(file->elf_class, ==, ELFCLASS64);
        g_assert_cmpint(file->machine, !=, 0);
        g_assert_cmpstr(file->name, ==, sample_module.name);
        g_assert_cmpstr(file->version, ==, sample_module.version);
        g_assert_cmpstr(file->srcversion, ==, sample_module.srcversion);
        g_assert_cmpstr(file->vermagic, ==, sample_module.vermagic);
        g_assert_cmpstr(file->description, ==, sample_module.description);
        g_assert_cmpstr(file->license, ==, sample_module.license);
        g_assert_cmpstr(file->note_version, ==, sample_module.note_version);
        g_assert_cmpstr(file->note_driver_version, ==, sample_module.note_driver_version);
        g_assert_cmpstr(file->note_release, ==, sample_module.note_release);
        g_assert_cmpstr(file->build_id, ==, sample_module.build_id);
        g_assert_cmpstr(module_file_next(file, "alias", NULL), ==, sample_module_aliases[0]);
        g_assert_cmpstr(module_file_next(file, "depends", NULL), ==, sample_module.depends);
        g_assert_cmpstr(module_file_next(file, "firmware", NULL), ==, sample_module_firmware[0]);
}

/* Small ones are read whole, larger ones in pieces; the compressed ones through libarchive. */
static void test_read(void)
{
        static const size_t paddings[] = { 0, 3000, 20000, 2 << 20 };
        TempDir dir CLEANUP_TEMP_DIR;

        temp_dir_init(&dir, "module-read");
        for (size_t i = 0; i < ELEMENTSOF(paddings); i++)
                for (int j = MODULE_PLAIN; j <= MODULE_ZSTD_UNSIZED; j++) {
                        char *path CLEANUP_FREE = temp_dir_path(&dir, "ice.ko");
                        ModuleFile *file CLEANUP(module_file_unrefp) = NULL;
                        ModuleSpec spec = sample_module;

                        g_test_message("%zu bytes, compression %d", paddings[i], j);
                        spec.padding = paddings[i];
                        spec.compression = (ModuleCompression) j;
                        module_writer_write(&spec, path);
                        file = read_file(path, true);
                        assert_full(file);
                        g_assert_false(file->is_signed);
                        g_assert_cmpint(unlinkat(dir.fd, "ice.ko", 0), ==, 0);
                }
}

static void test_signer(void)
{
        static const char *const files[] = { "ice.ko", "ice.ko.xz", "ice.ko.zst" };
        static const ModuleCompression compressions[] = { MODULE_PLAIN, MODULE_XZ, MODULE_ZSTD };
        TempDir dir CLEANUP_TEMP_DIR;

        temp_dir_init(&dir, "module-read");
        for (size_t i = 0; i < ELEMENTSOF(files); i++) {
                char *path CLEANUP_FREE = temp_dir_path(&dir, files[i]);
                ModuleFile *file CLEANUP(module_file_unrefp) = NULL;
                ModuleFile *unasked CLEANUP(module_file_unrefp) = NULL;
                ModuleSpec spec = sample_module;

                spec.signer = "Vendor's build key";
                spec.compression = compressions[i];
                module_writer_write(&spec, path);
                file = read_file(path, true);
                assert_full(file);
                g_assert_true(file->is_signed);
                g_assert_cmpstr(file->signer, ==, "Vendor's build key");
                unasked = read_file(path, false);
                g_assert_true(unasked->is_signed);
                g_assert_cmpstr(unasked->signer, ==, "");
        }
}

static void test_sparse(void)
{
        ModuleFile *file CLEANUP(module_file_unrefp) = NULL;
        char *path CLEANUP_FREE = NULL;
        TempDir dir CLEANUP_TEMP_DIR;
        int fd CLEANUP_FD = -1;

        temp_dir_init(&dir, "module-read");
        path = temp_dir_path(&dir, "ice.ko");
        module_writer_write(&sample_module, path);
        g_assert_cmpint(truncate(path, 200 << 20), ==, 0);
        file = read_file(path, true);
        assert_full(file); /* rubbish behind a module is what a signature is, too */
        file = module_file_unref(file);
        g_assert_cmpint(unlinkat(dir.fd, "ice.ko", 0), ==, 0);
        fd = openat(dir.fd, "ice.ko", O_RDWR | O_CREAT | O_CLOEXEC, 0644);
        g_assert_cmpint(ftruncate(fd, 200 << 20), ==, 0);
        file = read_file(path, true);
        g_assert_cmpint(file->defect, ==, MODULE_NOT_A_MODULE);
}

static void test_defects(void)
{
        TempDir dir CLEANUP_TEMP_DIR;
        static const struct {
                const char *file;
                ModuleDefect defect;
                int error;
        } rows[] = {
                { "empty", MODULE_NOT_A_MODULE, 0 },
                { "text", MODULE_NOT_A_MODULE, 0 },
                { "elf", MODULE_NOT_A_MODULE, 0 },
                { "huge", MODULE_TOO_LARGE, 0 },
                { "gzip", MODULE_UNREADABLE, -EBADMSG },
                { "fifo", MODULE_NOT_REGULAR, 0 },
                { ".", MODULE_NOT_REGULAR, 0 },
        };
        char *huge CLEANUP_FREE = NULL, *gzip CLEANUP_FREE = NULL;

        temp_dir_init(&dir, "module-read");
        temp_dir_write(&dir, "empty", "");
        temp_dir_write(&dir, "text", "This file was left empty intentionally.\n");
        temp_dir_write(&dir, "elf",
                        "\x7f"
                        "ELF");
        temp_dir_write(&dir, "huge", "");
        gzip = temp_dir_path(&dir, "gzip");
        g_assert_true(g_file_set_contents(gzip, "\x1f\x8b\x08\0AAAAAA\xff\xff\xff\xff\xff\xff", 16, NULL));
        g_assert_cmpint(mkfifoat(dir.fd, "fifo", 0600), ==, 0);
        huge = temp_dir_path(&dir, "huge");
        g_assert_cmpint(truncate(huge, (off_t) MODULE_FILE_SIZE_MAX + 1), ==, 0);
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                char *path CLEANUP_FREE = temp_dir_path(&dir, rows[i].file);
                ModuleFile *file CLEANUP(module_file_unrefp) = read_file(path, true);

                g_test_message("%s", rows[i].file);
                g_assert_cmpint(file->defect, ==, rows[i].defect);
                g_assert_cmpint(file->error, ==, rows[i].error);
                g_assert_cmpstr(file->version, ==, "");
                g_assert_null(module_file_next(file, "alias", NULL));
        }
}

static void test_unreadable(void)
{
        ModuleFile *file CLEANUP(module_file_unrefp) = NULL;
        TempDir dir CLEANUP_TEMP_DIR;
        int fd CLEANUP_FD = -1;

        temp_dir_init(&dir, "module-read");
        fd = openat(dir.fd, "write-only", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        g_assert_cmpint(write(fd, "x", 1), ==, 1);
        g_assert_cmpint(module_file_read(fd, NULL, &file), ==, 0);
        g_assert_cmpint(file->defect, ==, MODULE_UNREADABLE);
        g_assert_cmpint(file->error, ==, -EBADF);
}

/* Less than 64 KiB would decompress to more than may be read. */
static void test_bomb(void)
{
        char *zeros CLEANUP_FREE = calloc(1, (size_t) MODULE_FILE_SIZE_MAX + 1);
        ModuleFile *file CLEANUP(module_file_unrefp) = NULL;
        char *path CLEANUP_FREE = NULL;
        TempDir dir CLEANUP_TEMP_DIR;
        void *bomb;
        size_t size;

        temp_dir_init(&dir, "module-read");
        path = temp_dir_path(&dir, "bomb.ko.zst");
        module_writer_compress(zeros, (size_t) MODULE_FILE_SIZE_MAX + 1, MODULE_ZSTD, &bomb, &size);
        g_assert_cmpuint(size, <, 64 << 10);
        g_assert_true(g_file_set_contents(path, bomb, (gssize) size, NULL));
        g_free(bomb);
        file = read_file(path, true);
        g_assert_cmpint(file->defect, ==, MODULE_TOO_LARGE);
}

/* Compressed files and signed ones, cut off anywhere: from memory they would be another path. */
static void test_truncated_files(void)
{
        for (int i = MODULE_PLAIN; i <= MODULE_ZSTD_UNSIZED; i++) {
                char *path CLEANUP_FREE = NULL;
                TempDir dir CLEANUP_TEMP_DIR;
                ModuleSpec spec = sample_module;
                struct stat st;

                temp_dir_init(&dir, "module-read");
                path = temp_dir_path(&dir, "ice.ko");
                spec.compression = (ModuleCompression) i;
                spec.padding = 30000;
                module_writer_write(&spec, path);
                g_assert_cmpint(stat(path, &st), ==, 0);
                for (off_t end = st.st_size - 1; end >= 0; end -= end > 600 ? 211 : 1) {
                        ModuleFile *file CLEANUP(module_file_unrefp) = NULL;

                        g_assert_cmpint(truncate(path, end), ==, 0);
                        file = read_file(path, true);
                        /* gz and zst files that lack only their checksum still give their content. */
                        if (file->defect == MODULE_SOUND) {
                                g_assert_cmpint(i, !=, MODULE_PLAIN);
                                assert_full(file);
                        }
                }
        }
}

static uint8_t *find(uint8_t *image, size_t size, const char *text)
{
        uint8_t *place = memmem(image, size, text, strlen(text));

        g_assert_nonnull(place);
        return place;
}

static void test_modinfo_without_nul(void)
{
        ModuleFile *file CLEANUP(module_file_unrefp) = NULL;
        uint8_t *image, *place;
        size_t size;

        module_writer_image(&sample_module, &image, &size);
        place = find(image, size, MODULE_WRITER_VERMAGIC);
        place[strlen(MODULE_WRITER_VERMAGIC)] = 'x';
        file = sample_module_parse(image, size);
        g_assert_cmpint(file->defect, ==, MODULE_SOUND);
        g_assert_cmpstr(file->vermagic, ==, MODULE_WRITER_VERMAGIC "x");
        g_free(image);
}

static void test_not_utf8(void)
{
        ModuleFile *file CLEANUP(module_file_unrefp) = NULL;
        ModuleSpec spec = sample_module;
        uint8_t *image;
        size_t size;

        spec.description = "Gr\xfc\xdf"
                           "e\nan alle";
        spec.version = "1\n2";
        module_writer_image(&spec, &image, &size);
        file = sample_module_parse(image, size);
        g_assert_cmpstr(file->description, ==, "Gr\\xfc\\xdfe\\x0aan alle");
        g_assert_cmpstr(file->version, ==, "1\n2");
        g_free(image);
}

/* The first entry of a key counts. */
static void test_twice(void)
{
        ModuleFile *file CLEANUP(module_file_unrefp) = NULL;
        ModuleSpec spec = sample_module;
        uint8_t *image;
        size_t size;

        spec.license = "version=2"; /* the writer puts it behind the version */
        module_writer_image(&spec, &image, &size);
        memcpy(find(image, size, "license=version=2"), "version=2\0license", 17);
        file = sample_module_parse(image, size);
        g_assert_cmpint(file->defect, ==, MODULE_SOUND);
        g_assert_cmpstr(file->version, ==, sample_module.version);
        g_assert_cmpstr(file->license, ==, "");
        g_free(image);
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/module-read/read", test_read);
        g_test_add_func("/module-read/signer", test_signer);
        g_test_add_func("/module-read/sparse", test_sparse);
        g_test_add_func("/module-read/defects", test_defects);
        g_test_add_func("/module-read/unreadable", test_unreadable);
        g_test_add_func("/module-read/bomb", test_bomb);
        g_test_add_func("/module-read/truncated-files", test_truncated_files);
        g_test_add_func("/module-read/modinfo-without-nul", test_modinfo_without_nul);
        g_test_add_func("/module-read/not-utf8", test_not_utf8);
        g_test_add_func("/module-read/twice", test_twice);
        return g_test_run();
}
