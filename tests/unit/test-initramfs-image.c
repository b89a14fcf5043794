/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Images as the generators write them, damaged ones and hostile ones. */

#include <errno.h>
#include <glib.h>
#include <string.h>

#include "host/initramfs/initramfs-image.h"
#include "host/initramfs/initramfs-reader.h"
#include "image-writer.h"
#include "temp-dir.h"

#define RELEASE "6.1.0"
#define MODULES "lib/modules/" RELEASE "/"
#define OLD "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define NEW "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

typedef struct Fixture {
        TempDir dir;
        HostRoot *root;
        StringSet names;
        GByteArray *bytes;
        InitramfsImage *image;
} Fixture;

static void set_up(Fixture *fixture, gconstpointer data)
{
        temp_dir_init(&fixture->dir, "initramfs");
        temp_dir_mkdir(&fixture->dir, "boot");
        g_assert_cmpint(host_root_new(fixture->dir.path, RELEASE, &fixture->root), ==, 0);
        g_assert_cmpint(string_set_add(&fixture->names, "dell_laptop"), ==, 1);
        g_assert_cmpint(string_set_add(&fixture->names, "ice"), ==, 1);
        fixture->bytes = g_byte_array_new();
}

static void tear_down(Fixture *fixture, gconstpointer data)
{
        (void) initramfs_image_unref(fixture->image);
        g_byte_array_unref(fixture->bytes);
        string_set_done(&fixture->names);
        (void) host_root_free(fixture->root);
        temp_dir_done(&fixture->dir);
}

/* Writes what was gathered to the image's file and reads it; returns the image's error. */
static int read_image(Fixture *fixture)
{
        char *path = temp_dir_path(&fixture->dir, "boot/initrd.img-" RELEASE);

        g_assert_true(g_file_set_contents(
                        path, (const char *) fixture->bytes->data, (gssize) fixture->bytes->len, NULL));
        free(path);
        fixture->image = initramfs_image_unref(fixture->image);
        g_assert_cmpint(initramfs_image_read(fixture->root, RELEASE, "/boot/initrd.img-" RELEASE,
                                        &fixture->names, &fixture->image),
                        ==, 0);
        return fixture->image->error;
}

static void expect(const Fixture *fixture, const char *name, const char *path, const char *build_id)
{
        const InitramfsModule *module = initramfs_image_module(fixture->image, name);

        g_assert_nonnull(module);
        g_assert_cmpstr(module->path, ==, path);
        if (!build_id) {
                g_assert_null(module->file);
                return;
        }
        g_assert_nonnull(module->file);
        g_assert_cmpint(module->file->defect, ==, MODULE_SOUND);
        g_assert_cmpstr(module->file->build_id, ==, build_id);
}

/* As modprobe inside finds them: by name, of one name the first directory's. */
static void test_modprobe(Fixture *fixture, gconstpointer data)
{
        static const struct {
                ModprobeCommand command;
                const char *pattern, *text, *file;
                unsigned number;
        } expected[] = {
                { MODPROBE_ALIAS, "ice", "off", "/etc/modprobe.d/a.conf", 2 },
                { MODPROBE_BLACKLIST, "ice", "", "/usr/lib/modprobe.d/b.conf", 1 },
                { MODPROBE_INSTALL, "ice", "/bin/false", "/lib/modprobe.d/c.conf", 1 },
        };
        g_autofree char *huge = g_strnfill(1024 * 1024, '#');
        ImageWriter *writer = image_writer_new();

        image_writer_add_text(writer, "usr/lib/modprobe.d/b.conf", "blacklist ice\n");
        image_writer_add_text(writer, "usr/lib/modprobe.d/a.conf", "blacklist a\n");
        image_writer_add_text(writer, "lib/modprobe.d/c.conf", "install ice /bin/false\n");
        image_writer_add_text(writer, "lib/modprobe.d/d.conf", "blacklist d\n");
        image_writer_add_link(writer, "etc/modprobe.d/d.conf", "/dev/null");
        image_writer_add_text(writer, "etc/modprobe.d/a.conf", "blacklist before\n");
        image_writer_add_text(writer, "./etc/modprobe.d/a.conf", "\nalias ice off\n");
        image_writer_add_text(writer, "etc/modprobe.d/e.conf.old", "blacklist e\n");
        image_writer_add_text(writer, "etc/modprobe.d/more/f.conf", "blacklist f\n");
        image_writer_add_text(writer, "etc/modprobe.d/g.conf", huge);
        image_writer_append_to(writer, MODULE_GZIP, fixture->bytes);
        g_assert_cmpint(read_image(fixture), ==, 0);
        g_assert_cmpuint(fixture->image->modprobe.count, ==, G_N_ELEMENTS(expected));
        for (size_t i = 0; i < G_N_ELEMENTS(expected); i++) {
                const ModprobeLine *line = &fixture->image->modprobe.lines[i];

                g_assert_cmpint(line->command, ==, expected[i].command);
                g_assert_cmpstr(line->pattern, ==, expected[i].pattern);
                g_assert_cmpstr(line->text, ==, expected[i].text);
                g_assert_cmpstr(line->file, ==, expected[i].file);
                g_assert_cmpuint(line->number, ==, expected[i].number);
        }
}

/* Microcode in an archive of its own, zeros, and the main archive. */
static void add_early(Fixture *fixture)
{
        ImageWriter *early = image_writer_new();
        static const guint8 zeros[512];

        image_writer_add_text(early, "kernel/x86/microcode/GenuineIntel.bin", "microcode");
        image_writer_append_to(early, MODULE_PLAIN, fixture->bytes);
        g_byte_array_append(fixture->bytes, zeros, 512 - fixture->bytes->len % 512);
}

static void append_main(Fixture *fixture, ModuleCompression compression)
{
        ImageWriter *writer = image_writer_new();

        image_writer_add_text(writer, "init", "#!/bin/sh\n");
        image_writer_add_module(writer, "usr/" MODULES "kernel/net/ice.ko", "ice", OLD, NULL, MODULE_PLAIN);
        image_writer_add_module(writer, "usr/" MODULES "xenserver/intel-ice/1.6.4/ice.ko", "ice", NEW,
                        "1.6.4", MODULE_PLAIN);
        image_writer_add_link(
                        writer, "usr/" MODULES "updates/ice.ko", "../xenserver/intel-ice/1.6.4/ice.ko");
        image_writer_add_module(
                        writer, "usr/" MODULES "kernel/x/other.ko", "other", OLD, NULL, MODULE_PLAIN);
        image_writer_add_text(writer, "usr/" MODULES "modules.dep",
                        "kernel/x/other.ko:\nupdates/ice.ko: kernel/x/other.ko\n");
        image_writer_append_to(writer, compression, fixture->bytes);
}

static void test_main(Fixture *fixture, gconstpointer data)
{
        add_early(fixture);
        append_main(fixture, (ModuleCompression) GPOINTER_TO_INT(data));
        g_assert_cmpint(read_image(fixture), ==, 0);
        g_assert_cmpuint(fixture->image->count, ==, 1);
        expect(fixture, "ice", "updates/ice.ko", NEW);
        g_assert_cmpstr(initramfs_image_module(fixture->image, "ice")->file->version, ==, "1.6.4");
        g_assert_null(initramfs_image_module(fixture->image, "other"));
}

/* initramfs-tools of Debian 13: module files, compressed by themselves, in a plain archive before the main
 * one, which has the index. */
static void test_early_modules(Fixture *fixture, gconstpointer data)
{
        static const ModuleCompression compressions[] = { MODULE_XZ, MODULE_ZSTD, MODULE_GZIP };
        static const char *const paths[] = { "kernel/net/ice.ko.xz", "kernel/net/ice.ko.zst",
                "kernel/net/ice.ko.gz" };

        for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
                ImageWriter *early = image_writer_new(), *writer = image_writer_new();
                char *path = g_strconcat("./" MODULES, paths[i], NULL);
                char *index = g_strconcat(paths[i], ":\n", NULL);

                g_byte_array_set_size(fixture->bytes, 0);
                image_writer_add_module(early, path, "ice", NEW, NULL, compressions[i]);
                image_writer_append_to(early, MODULE_PLAIN, fixture->bytes);
                image_writer_add_text(writer, "./" MODULES "modules.dep", index);
                image_writer_append_to(writer, MODULE_ZSTD, fixture->bytes);
                g_assert_cmpint(read_image(fixture), ==, 0);
                expect(fixture, "ice", paths[i], NEW);
                g_free(path);
                g_free(index);
        }
}

/* Without modules.dep (mkinitcpio), and with its absolute links: one content, however often, is an answer;
 * two are none. */
static void test_without_index(Fixture *fixture, gconstpointer data)
{
        ImageWriter *writer = image_writer_new();

        image_writer_add_link(writer, "usr/" MODULES "updates/ice.ko",
                        "/usr/lib/modules/" RELEASE "/xenserver/intel-ice/1.6.4/ice.ko");
        image_writer_add_module(writer, "usr/" MODULES "xenserver/intel-ice/1.6.4/ice.ko", "ice", NEW, NULL,
                        MODULE_PLAIN);
        image_writer_add_module(
                        writer, MODULES "kernel/a/dell-laptop.ko", "dell_laptop", OLD, NULL, MODULE_PLAIN);
        image_writer_add_module(
                        writer, MODULES "updates/dell_laptop.ko", "dell_laptop", NEW, NULL, MODULE_PLAIN);
        image_writer_append_to(writer, MODULE_ZSTD, fixture->bytes);
        g_assert_cmpint(read_image(fixture), ==, 0);
        expect(fixture, "ice", "updates/ice.ko", NEW);
        expect(fixture, "dell_laptop", "kernel/a/dell-laptop.ko", NULL);
}

/* A link that dangles in the image (compressed module files and an old initramfs-tools); one that leads
 * round in a circle; one that leads out. */
static void test_bad_links(Fixture *fixture, gconstpointer data)
{
        static const char *const targets[] = { "../xenserver/intel-ice/1.6.4/ice.ko.xz", "ice.ko.xz",
                "../../../../etc/passwd", "", "../updates/ice.ko.xz/..", "/etc/passwd" };

        for (size_t i = 0; i < G_N_ELEMENTS(targets); i++) {
                ImageWriter *writer = image_writer_new();

                g_byte_array_set_size(fixture->bytes, 0);
                image_writer_add_link(writer, MODULES "updates/ice.ko.xz", targets[i]);
                image_writer_add_text(writer, MODULES "modules.dep", "updates/ice.ko.xz:\n");
                image_writer_append_to(writer, MODULE_PLAIN, fixture->bytes);
                g_assert_cmpint(read_image(fixture), ==, 0);
                expect(fixture, "ice", "updates/ice.ko.xz", NULL);
        }
}

/* dracut links equal files hard; only the last one has the content. */
static void test_hard_links(Fixture *fixture, gconstpointer data)
{
        const ModuleSpec spec = { .name = "ice", .build_id = NEW };
        ImageWriter *writer = image_writer_new();
        uint8_t *module;
        size_t size;

        module_writer_image(&spec, &module, &size);
        image_writer_add_hard_link(writer, MODULES "updates/ice.ko", 77, NULL, 0);
        image_writer_add_hard_link(writer, MODULES "xenserver/intel-ice/1.6.4/ice.ko", 77, module, size);
        image_writer_add_text(writer, MODULES "modules.dep", "updates/ice.ko:\n");
        image_writer_append_to(writer, MODULE_ZSTD, fixture->bytes);
        g_assert_cmpint(read_image(fixture), ==, 0);
        expect(fixture, "ice", "updates/ice.ko", NEW);
        free(module);
}

/* What the index names but the image lacks isn't held; what it holds without being in the index can't be
 * told; another release's modules are none of ours. */
static void test_index_disagrees(Fixture *fixture, gconstpointer data)
{
        ImageWriter *writer = image_writer_new();

        image_writer_add_module(writer, "lib/modules/6.1.0-1/ice.ko", "ice", OLD, NULL, MODULE_PLAIN);
        image_writer_add_module(
                        writer, MODULES "kernel/dell-laptop.ko", "dell_laptop", OLD, NULL, MODULE_PLAIN);
        image_writer_add_text(writer, MODULES "modules.dep", "updates/ice.ko:\n");
        image_writer_append_to(writer, MODULE_ZSTD, fixture->bytes);
        g_assert_cmpint(read_image(fixture), ==, 0);
        g_assert_null(initramfs_image_module(fixture->image, "ice"));
        expect(fixture, "dell_laptop", "kernel/dell-laptop.ko", NULL);
}

/* An archive behind another one is unpacked over it: a file over a link. A plain one that begins at another
 * place than a multiple of four isn't found by the kernel, which goes on with what it has. */
static void append_segment(Fixture *fixture, ModuleCompression compression, guint misplaced)
{
        ImageWriter *writer = image_writer_new();
        static const guint8 zeros[8];

        if (compression == MODULE_PLAIN)
                g_byte_array_append(fixture->bytes, zeros, -fixture->bytes->len % 4 + misplaced);
        image_writer_add_module(writer, "usr/" MODULES "updates/ice.ko", "ice", OLD, "2.0", MODULE_PLAIN);
        image_writer_append_to(writer, compression, fixture->bytes);
}

static void test_segments(Fixture *fixture, gconstpointer data)
{
        static const ModuleCompression compressions[] = { MODULE_PLAIN, MODULE_GZIP, MODULE_XZ,
                MODULE_ZSTD };

        for (size_t i = 0; i < G_N_ELEMENTS(compressions); i++)
                for (size_t j = 0; j < G_N_ELEMENTS(compressions); j++) {
                        g_byte_array_set_size(fixture->bytes, 0);
                        add_early(fixture);
                        g_test_message("%u, then %u", compressions[i], compressions[j]);
                        append_main(fixture, compressions[i]);
                        append_segment(fixture, compressions[j], 0);
                        append_segment(fixture, compressions[j], 0);
                        /* What libarchive can't read, and nobody makes. */
                        if (compressions[i] == MODULE_XZ && compressions[j] != MODULE_XZ) {
                                g_assert_cmpint(read_image(fixture), ==, -EBADMSG);
                                continue;
                        }
                        g_assert_cmpint(read_image(fixture), ==, 0);
                        expect(fixture, "ice", "updates/ice.ko", OLD);
                        g_assert_cmpstr(initramfs_image_module(fixture->image, "ice")->file->version, ==,
                                        "2.0");
                }
}

static void test_misplaced_segment(Fixture *fixture, gconstpointer data)
{
        for (guint misplaced = 1; misplaced < 4; misplaced++) {
                g_byte_array_set_size(fixture->bytes, 0);
                append_main(fixture, MODULE_ZSTD);
                append_segment(fixture, MODULE_PLAIN, misplaced);
                g_assert_cmpint(read_image(fixture), ==, 0);
                expect(fixture, "ice", "updates/ice.ko", NEW);
        }
}

/* Cut off anywhere, it is damaged or, if only padding is missing, the same as before. */
static void test_truncated(Fixture *fixture, gconstpointer data)
{
        GByteArray *whole = fixture->bytes;
        unsigned damaged = 0;

        add_early(fixture);
        append_main(fixture, (ModuleCompression) GPOINTER_TO_INT(data));
        fixture->bytes = g_byte_array_new();
        for (guint size = 0; size < whole->len; size += 1 + size / 16) {
                int r;

                g_byte_array_set_size(fixture->bytes, 0);
                g_byte_array_append(fixture->bytes, whole->data, size);
                r = read_image(fixture);
                if (r == 0) {
                        /* Between the two archives, or in the padding behind the last one. */
                        g_assert_true(fixture->image->count == 1 || size <= 512);
                        continue;
                }
                g_assert_cmpint(r, ==, -EBADMSG);
                g_assert_cmpuint(fixture->image->count, ==, 0);
                damaged++;
        }
        g_assert_cmpuint(damaged, >, 10);
        g_byte_array_unref(whole);
}

static void test_garbage(Fixture *fixture, gconstpointer data)
{
        static const char *const texts[] = { "", "x", "garbage that is no archive at all", "070701",
                "07070100000000zzzzzzzz", "\x1f\x8b garbage", "(\xb5/\xfd garbage", "\3757zXZ" };

        for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
                g_byte_array_set_size(fixture->bytes, 0);
                g_byte_array_append(fixture->bytes, (const guint8 *) texts[i], (guint) strlen(texts[i]));
                g_assert_cmpint(read_image(fixture), ==, -EBADMSG);
        }
        /* Nothing but zeros, more of them than padding can be. */
        g_byte_array_set_size(fixture->bytes, 1024 * 1024);
        memset(fixture->bytes->data, 0, fixture->bytes->len);
        g_assert_cmpint(read_image(fixture), ==, -EBADMSG);
        g_byte_array_set_size(fixture->bytes, 0);
        g_byte_array_append(fixture->bytes, (const guint8 *) "\x89LZO\0\r\n\x1a\n", 9);
        g_assert_cmpint(read_image(fixture), ==, -EOPNOTSUPP);
}

/* Hex digits of either case, and nothing that only looks like one with a bit more. */
static void test_digits(Fixture *fixture, gconstpointer data)
{
        ImageWriter *writer = image_writer_new();
        guint8 *inode;

        image_writer_add_text(writer, "etc/hostname", "sample\n");
        image_writer_append_to(writer, MODULE_PLAIN, fixture->bytes);
        g_assert_cmpint(read_image(fixture), ==, 0);
        inode = fixture->bytes->data + strlen("070701");
        memcpy(inode, "0aF0Af00", 8);
        g_assert_cmpint(read_image(fixture), ==, 0);
        for (int byte = 0; byte <= G_MAXUINT8; byte++) {
                inode[0] = (guint8) byte;
                g_assert_cmpint(read_image(fixture), ==,
                                byte != 0 && strchr("0123456789abcdefABCDEF", byte) ? 0 : -EBADMSG);
        }
}

/* Sizes that lie: a name and a content of 4 GiB. */
static void test_lies(Fixture *fixture, gconstpointer data)
{
        static const char before[] = "07070100000001000081a400000000000000000000000100000000";
        static const char *const sizes[] = {
                /* content, then device numbers, then the name's size and the checksum */
                "ffffffff0000000000000000000000000000000000000026",
                "000000100000000000000000000000000000000000ffffff",
                "00000010000000000000000000000000000000000000000000",
        };

        for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
                char *text = g_strconcat(before, sizes[i], "00000000", MODULES "kernel/net/ice.ko", NULL);

                g_byte_array_set_size(fixture->bytes, 0);
                g_byte_array_append(fixture->bytes, (const guint8 *) text, (guint) strlen(text) + 1);
                g_assert_cmpint(read_image(fixture), <, 0);
                g_free(text);
        }
}

/* A small file that becomes a large one: passed over without keeping it, or refused if it calls itself a
 * module. */
static void test_bomb(Fixture *fixture, gconstpointer data)
{
        const size_t size = 70U * 1024 * 1024;
        char *zeros = g_malloc0(size);

        for (unsigned as_module = 0; as_module < 2; as_module++) {
                ImageWriter *writer = image_writer_new();

                g_byte_array_set_size(fixture->bytes, 0);
                image_writer_add_file(
                                writer, as_module ? MODULES "ice.ko" : "lib/firmware/large", zeros, size);
                image_writer_append_to(writer, MODULE_ZSTD, fixture->bytes);
                g_assert_cmpuint(fixture->bytes->len, <, 1024 * 1024);
                g_assert_cmpint(read_image(fixture), ==, as_module ? -EFBIG : 0);
        }
        g_free(zeros);
}

static void test_absent(Fixture *fixture, gconstpointer data)
{
        temp_dir_mkdir(&fixture->dir, "boot/directory");
        g_assert_cmpint(initramfs_image_read(fixture->root, RELEASE, "/boot/none", &fixture->names,
                                        &fixture->image),
                        ==, 0);
        g_assert_cmpint(fixture->image->error, ==, -ENOENT);
        fixture->image = initramfs_image_unref(fixture->image);
        g_assert_cmpint(initramfs_image_read(fixture->root, RELEASE, "/boot/directory", &fixture->names,
                                        &fixture->image),
                        ==, 0);
        g_assert_cmpint(fixture->image->error, ==, -EINVAL);
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
#define TEST(name, data, function) \
        g_test_add("/initramfs-image/" name, Fixture, GINT_TO_POINTER(data), set_up, function, tear_down)
        TEST("main/plain", MODULE_PLAIN, test_main);
        TEST("main/gzip", MODULE_GZIP, test_main);
        TEST("main/xz", MODULE_XZ, test_main);
        TEST("main/zstd", MODULE_ZSTD, test_main);
        TEST("early-modules", 0, test_early_modules);
        TEST("without-index", 0, test_without_index);
        TEST("bad-links", 0, test_bad_links);
        TEST("hard-links", 0, test_hard_links);
        TEST("index-disagrees", 0, test_index_disagrees);
        TEST("segments", 0, test_segments);
        TEST("misplaced-segment", 0, test_misplaced_segment);
        TEST("truncated/plain", MODULE_PLAIN, test_truncated);
        TEST("truncated/gzip", MODULE_GZIP, test_truncated);
        TEST("truncated/zstd", MODULE_ZSTD, test_truncated);
        TEST("garbage", 0, test_garbage);
        TEST("digits", 0, test_digits);
        TEST("lies", 0, test_lies);
        TEST("bomb", 0, test_bomb);
        TEST("absent", 0, test_absent);
        TEST("modprobe", 0, test_modprobe);
        return g_test_run();
}
