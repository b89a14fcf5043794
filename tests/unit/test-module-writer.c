/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The module files that all other tests rest on, as the real modinfo, modprobe and depmod see them. */

#include <gelf.h>
#include <glib.h>
#include <string.h>

#include "module-writer.h"
#include "temp-dir.h"

static const char *const aliases[] = { "pci:v00008086d00001592sv*sd*bc*sc*i*", "pci:v2*", NULL };
static const char *const firmware[] = { "intel/ice/ddp/ice.pkg", NULL };
static const ModuleSymbol exports[] = { { "ice_open", 0x11223344 }, { "ice_close", 0x5 }, { NULL } };
static const ModuleSymbol imports[] = { { "ice_open", 0x11223344 }, { "printk", 0xabcdef01 }, { NULL } };

static const ModuleSpec full = {
        .name = "ice",
        .version = "1.11.17.1",
        .srcversion = "0123456789ABCDEF",
        .vermagic = MODULE_WRITER_VERMAGIC,
        .description = "A driver, in words",
        .license = "GPL v2",
        .depends = "auxiliary,irdma",
        .aliases = aliases,
        .firmware = firmware,
        .note_version = "1.11.17.1",
        .build_id = "00ff10",
        .exports = exports,
        .imports = imports,
        .padding = 4096,
        .signer = "Build key",
};

/* The output of ARGV, or NULL if it failed. */
static char *run(const char *const *argv)
{
        char *output = NULL, *errors = NULL;
        int status = -1;
        bool done = g_spawn_sync(NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &output,
                        &errors, &status, NULL);

        if (done && status != 0)
                g_test_message("%s: %s", argv[0], errors);
        if (!done || status != 0)
                g_clear_pointer(&output, g_free);
        g_free(errors);
        return output;
}

/* Its directory isn't in everybody's PATH. */
static bool have(const char *program)
{
        g_autofree char *path = g_find_program_in_path(program);

        if (path)
                return true;
        g_test_skip("kmod's programs are not in PATH; add /usr/sbin");
        return false;
}

static void assert_field(const char *path, const char *field, const char *expected)
{
        const char *const argv[] = { "modinfo", "-F", field, path, NULL };
        g_autofree char *output = run(argv), *wanted = g_strconcat(expected, "\n", NULL);

        g_test_message("%s of %s", field, path);
        g_assert_cmpstr(output, ==, expected[0] == '\0' ? "" : wanted);
}

static void test_modinfo(void)
{
        static const char *const fields[][2] = {
                { "version", "1.11.17.1" },
                { "srcversion", "0123456789ABCDEF" },
                { "vermagic", MODULE_WRITER_VERMAGIC },
                { "description", "A driver, in words" },
                { "license", "GPL v2" },
                { "depends", "auxiliary,irdma" },
                { "alias", "pci:v00008086d00001592sv*sd*bc*sc*i*\npci:v2*" },
                { "firmware", "intel/ice/ddp/ice.pkg" },
                { "name", "ice" },
                { "signer", "Build key" },
                { "parm", "" },
        };
        TempDir dir CLEANUP_TEMP_DIR;

        temp_dir_init(&dir, "module-writer");
        if (!have("modinfo"))
                return;
        for (int i = MODULE_PLAIN; i <= MODULE_ZSTD; i++) {
                static const char *const files[] = { "ice.ko", "ice.ko.gz", "ice.ko.xz", "ice.ko.zst" };
                char *path CLEANUP_FREE = temp_dir_path(&dir, files[i]);
                const char *const version[] = { "modinfo", "--version", NULL };
                g_autofree char *features = run(version);
                ModuleSpec spec = full;

                spec.compression = (ModuleCompression) i;
                module_writer_write(&spec, path);
                if (i == MODULE_GZIP && !strstr(features, "+ZLIB"))
                        continue; /* Debian builds kmod without it */
                for (size_t j = 0; j < ELEMENTSOF(fields); j++)
                        assert_field(path, fields[j][0], fields[j][1]);
        }
}

static void test_modversions(void)
{
        TempDir dir CLEANUP_TEMP_DIR;
        char *path CLEANUP_FREE = NULL;
        g_autofree char *output = NULL;

        temp_dir_init(&dir, "module-writer");
        path = temp_dir_path(&dir, "ice.ko");
        if (!have("modprobe"))
                return;
        module_writer_write(&full, path);
        output = run((const char *const[]){ "modprobe", "--dump-modversions", path, NULL });
        g_assert_cmpstr(output, ==, "0x11223344\tice_open\n0xabcdef01\tprintk\n");
}

/* depmod indexes them, and finds dependencies by their symbols. */
static void test_depmod(void)
{
        static const ModuleSymbol one[] = { { "user_open", 7 }, { NULL } };
        ModuleSpec user = { .name = "user", .imports = exports, .exports = one, .vermagic = full.vermagic };
        ModuleSpec provider = full;

        for (int absolute = 0; absolute < 2; absolute++) {
                TempDir dir CLEANUP_TEMP_DIR;
                char *path CLEANUP_FREE = NULL, *other CLEANUP_FREE = NULL, *dep CLEANUP_FREE = NULL;
                g_autofree char *output = NULL, *index = NULL;

                temp_dir_init(&dir, "module-writer");
                if (!have("depmod"))
                        return;
                temp_dir_mkdir(&dir, "lib/modules/6.1.0/extra");
                path = temp_dir_path(&dir, "lib/modules/6.1.0/extra/ice.ko");
                other = temp_dir_path(&dir, "lib/modules/6.1.0/extra/user.ko.xz");
                dep = temp_dir_path(&dir, "lib/modules/6.1.0/modules.dep");
                provider.absolute_crcs = absolute;
                provider.imports = NULL;
                module_writer_write(&provider, path);
                user.compression = MODULE_XZ;
                module_writer_write(&user, other);
                output = run((const char *const[]){ "depmod", "-b", dir.path, "6.1.0", NULL });
                g_assert_nonnull(output);
                g_assert_true(g_file_get_contents(dep, &index, NULL, NULL));
                g_assert_nonnull(strstr(index, "extra/user.ko.xz: extra/ice.ko\n"));
                g_assert_nonnull(strstr(index, "extra/ice.ko:\n"));
        }
}

/* Every class and byte order is a sound ELF file for libelf. */
static void test_classes(void)
{
        for (int class = ELFCLASS32; class <= ELFCLASS64; class ++)
                for (int order = ELFDATA2LSB; order <= ELFDATA2MSB; order++) {
                        ModuleSpec spec = full;
                        uint8_t *image;
                        size_t size;
                        GElf_Ehdr header;
                        Elf *elf;

                        spec.elf_class = (uint8_t) class;
                        spec.byte_order = (uint8_t) order;
                        spec.machine = EM_ARM;
                        module_writer_image(&spec, &image, &size);
                        elf = elf_memory((char *) image, size);
                        g_assert_nonnull(gelf_getehdr(elf, &header));
                        g_assert_cmpint(gelf_getclass(elf), ==, class);
                        g_assert_cmpint(header.e_ident[EI_DATA], ==, order);
                        g_assert_cmpint(header.e_machine, ==, EM_ARM);
                        g_assert_cmpint(header.e_shnum, ==, 14);
                        (void) elf_end(elf);
                        g_free(image);
                }
}

static void test_padding(void)
{
        ModuleSpec spec = { .name = "big", .padding = 2 << 20 };
        uint8_t *image;
        void *small;
        size_t size, small_size;

        module_writer_image(&spec, &image, &size);
        g_assert_cmpuint(size, >, 2 << 20);
        g_assert_cmpuint(size, <, (2 << 20) + 4096);
        module_writer_compress(image, size, MODULE_ZSTD, &small, &small_size);
        g_assert_cmpuint(small_size, >, size / 4); /* no run of zeros */
        g_assert_cmpuint(small_size, <, size);
        g_free(small);
        g_free(image);
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_assert_cmpuint(elf_version(EV_CURRENT), !=, EV_NONE);
        g_test_add_func("/module-writer/modinfo", test_modinfo);
        g_test_add_func("/module-writer/modversions", test_modversions);
        g_test_add_func("/module-writer/depmod", test_depmod);
        g_test_add_func("/module-writer/classes", test_classes);
        g_test_add_func("/module-writer/padding", test_padding);
        return g_test_run();
}
