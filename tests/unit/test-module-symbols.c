/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What module files export and need, of every class and byte order, sound and damaged. */

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <string.h>
#include <sys/mman.h>

#include "host/module/module-symbols.h"
#include "module-writer.h"

static const ModuleSymbol exports[] = { { "ice_open", 0x11223344 }, { "ice_close", 0x5 }, { NULL } };
static const ModuleSymbol imports[] = { { "printk", 0xabcdef01 }, { "kfree", 0 }, { NULL } };
static const ModuleSpec spec = { .name = "ice", .exports = exports, .imports = imports, .padding = 50000 };

static int open_bytes(const void *data, size_t size)
{
        int fd = memfd_create("module", MFD_CLOEXEC);

        g_assert_cmpint(fd, >=, 0);
        g_assert_cmpint(write(fd, data, size), ==, (ssize_t) size);
        return fd;
}

static int read_bytes(const void *data, size_t size, ModuleSymbols *ret)
{
        int fd CLEANUP_FD = open_bytes(data, size);

        return module_symbols_read(fd, ret);
}

static void assert_symbol(const SymbolTable *table, const char *name, bool has_crc, uint32_t crc)
{
        const Symbol *symbol = symbol_table_find(table, name, strlen(name));

        g_assert_nonnull(symbol);
        g_assert_cmpint(symbol->has_crc, ==, has_crc);
        g_assert_cmpuint(symbol->crc, ==, crc);
}

static void assert_all(const ModuleSymbols *symbols)
{
        g_assert_cmpuint(symbols->exports.count, ==, 2);
        assert_symbol(&symbols->exports, "ice_open", true, 0x11223344);
        assert_symbol(&symbols->exports, "ice_close", true, 0x5);
        g_assert_cmpuint(symbols->imports.count, ==, 2);
        assert_symbol(&symbols->imports, "printk", true, 0xabcdef01);
        assert_symbol(&symbols->imports, "kfree", false, 0);
}

/* Each class and byte order, CRCs as absolute symbols and as content of a section. */
static void test_read(void)
{
        for (int i = 0; i < 8; i++) {
                ModuleSymbols symbols CLEANUP_MODULE_SYMBOLS = { 0 };
                g_autofree uint8_t *image = NULL;
                ModuleSpec variant = spec;
                size_t size;

                variant.elf_class = i & 1 ? ELFCLASS32 : ELFCLASS64;
                variant.byte_order = i & 2 ? ELFDATA2MSB : ELFDATA2LSB;
                variant.absolute_crcs = i & 4;
                module_writer_image(&variant, &image, &size);
                g_assert_cmpint(read_bytes(image, size, &symbols), ==, 0);
                assert_all(&symbols);
        }
}

static void test_compressed(void)
{
        ModuleSymbols symbols CLEANUP_MODULE_SYMBOLS = { 0 };
        g_autofree uint8_t *image = NULL;
        g_autofree void *compressed = NULL;
        size_t size;

        module_writer_image(&spec, &image, &size);
        module_writer_compress(image, size, MODULE_ZSTD, &compressed, &size);
        g_assert_cmpint(read_bytes(compressed, size, &symbols), ==, 0);
        assert_all(&symbols);
}

static uint8_t *find(uint8_t *image, size_t size, const char *text)
{
        uint8_t *place = memmem(image, size, text, strlen(text) + 1);

        g_assert_nonnull(place);
        return place;
}

/* Without "__crc_" symbols there are still names. */
static void test_without_versions(void)
{
        ModuleSymbols symbols CLEANUP_MODULE_SYMBOLS = { 0 };
        g_autofree uint8_t *image = NULL;
        size_t size;

        module_writer_image(&spec, &image, &size);
        memcpy(find(image, size, "__crc_ice_open"), "__xrc_", 6);
        memcpy(find(image, size, "__crc_ice_close"), "__xrc_", 6);
        g_assert_cmpint(read_bytes(image, size, &symbols), ==, 0);
        g_assert_cmpuint(symbols.exports.count, ==, 2);
        assert_symbol(&symbols.exports, "ice_open", false, 0);
}

/* The linker's own are nobody's export. */
static void test_made_up(void)
{
        static const ModuleSymbol made_up[] = { { "_GLOBAL_OFFSET_TABLE_", 0 }, { "printk", 1 }, { NULL } };
        const ModuleSpec variant = { .name = "ice", .imports = made_up };
        ModuleSymbols symbols CLEANUP_MODULE_SYMBOLS = { 0 };
        g_autofree uint8_t *image = NULL;
        size_t size;

        module_writer_image(&variant, &image, &size);
        g_assert_cmpint(read_bytes(image, size, &symbols), ==, 0);
        g_assert_cmpuint(symbols.imports.count, ==, 1);
        g_assert_cmpuint(symbols.exports.count, ==, 0);
}

static void assert_imports(const ModuleSpec *variant, size_t count)
{
        ModuleSymbols symbols CLEANUP_MODULE_SYMBOLS = { 0 };
        g_autofree uint8_t *image = NULL;
        size_t size;

        module_writer_image(variant, &image, &size);
        g_assert_cmpint(read_bytes(image, size, &symbols), ==, 0);
        g_assert_cmpuint(symbols.imports.count, ==, count);
        for (const ModuleSymbol *symbol = variant->imports; symbol->name; symbol++) {
                const Symbol *found =
                                symbol_table_find(&symbols.imports, symbol->name, strlen(symbol->name));

                if (!found) {
                        g_assert_true(symbol->is_unused);
                        continue;
                }
                assert_symbol(&symbols.imports, symbol->name, symbol->crc != 0, symbol->crc);
                g_assert_cmpint(found->is_weak, ==, symbol->is_weak);
        }
}

/* Weak ones, module_layout, and versions of what nothing refers to; in both formats, of both classes. */
static void test_versions(void)
{
        static const ModuleSymbol needs[] = { { "printk", 1 }, { "kfree", 0 }, { "weak", 2, true },
                { "weaker", 0, true }, { "module_layout", 3, true, true }, { "unused", 4, false, true },
                { NULL } };
        static const ModuleSymbol unversioned[] = { { "kfree", 0 }, { NULL } };

        for (unsigned i = 0; i < 6; i++) {
                ModuleSpec variant = { .name = "ice", .imports = needs, .versions = i / 2 };

                variant.elf_class = i % 2 == 0 ? ELFCLASS64 : ELFCLASS32;
                assert_imports(&variant, 5);
        }
        assert_imports(&(ModuleSpec){ .name = "ice", .imports = unversioned }, 1);
}

/* As the kernel: if there are extended versions, the others don't count. */
static void test_extended_first(void)
{
        static const ModuleSymbol needs[] = { { "printk", 0x12345678 }, { NULL } };
        ModuleSymbols symbols CLEANUP_MODULE_SYMBOLS = { 0 };
        g_autofree uint8_t *image = NULL;
        size_t size;

        module_writer_image(&(ModuleSpec){ .name = "ice",
                                            .imports = needs,
                                            .versions = MODULE_VERSIONS_BOTH,
                                            .byte_order = ELFDATA2LSB },
                        &image, &size);
        *(uint8_t *) memmem(image, size, "\x78\x56\x34\x12", 4) = 0x79; /* that of __versions */
        g_assert_cmpint(read_bytes(image, size, &symbols), ==, 0);
        assert_symbol(&symbols.imports, "printk", true, 0x12345678);
}

/* For whom an export is, and what the file says of itself. */
static void test_conditions(void)
{
        static const ModuleSymbol conditional[] = { { "a", 1 }, { "b", 2, .is_gpl_only = true },
                { "c", 3, .is_gpl_only = true, .name_space = "NET" }, { "d", 4, .name_space = "module:ice" },
                { NULL } };
        static const char *const namespaces[] = { "NET", "CRYPTO", NULL };

        for (int i = 0; i < 2; i++) {
                ModuleSymbols symbols CLEANUP_MODULE_SYMBOLS = { 0 };
                g_autofree uint8_t *image = NULL;
                size_t size;

                module_writer_image(&(ModuleSpec){ .name = "ice",
                                                    .elf_class = i == 0 ? ELFCLASS64 : ELFCLASS32,
                                                    .license = i == 0 ? "GPL v2" : NULL,
                                                    .versions = i == 0 ? MODULE_VERSIONS_BASIC
                                                                       : MODULE_VERSIONS_NONE,
                                                    .exports = conditional,
                                                    .namespaces = namespaces },
                                &image, &size);
                g_assert_cmpint(read_bytes(image, size, &symbols), ==, 0);
                for (size_t j = 0; j < 4; j++) {
                        const Symbol *symbol = symbol_table_find(&symbols.exports, conditional[j].name, 1);

                        g_assert_nonnull(symbol);
                        g_assert_cmpint(symbol->is_gpl_only, ==, conditional[j].is_gpl_only);
                        g_assert_cmpstr(symbol->name_space, ==, conditional[j].name_space);
                }
                g_assert_cmpstr(symbols.license, ==, i == 0 ? "GPL v2" : NULL);
                g_assert_cmpint(symbols.has_versions, ==, i == 0);
                g_assert_cmpuint(symbols.namespaces.count, ==, 2);
                g_assert_true(string_set_contains(&symbols.namespaces, "CRYPTO"));
        }
}

static void test_not_a_module(void)
{
        ModuleSymbols symbols CLEANUP_MODULE_SYMBOLS = { 0 };
        int directory CLEANUP_FD = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        g_assert_cmpint(read_bytes("", 0, &symbols), ==, -EBADMSG);
        g_assert_cmpint(read_bytes("This is text.", 13, &symbols), ==, -EBADMSG);
        g_assert_cmpint(module_symbols_read(directory, &symbols), ==, -EINVAL);
        g_assert_cmpint(module_symbols_read(-1, &symbols), ==, -EBADF);
}

/* A bit turned over anywhere: an error, or a result. */
static void test_flipped(void)
{
        const ModuleSpec small = { .name = "ice", .exports = exports, .imports = imports };
        g_autofree uint8_t *image = NULL;
        unsigned refused = 0;
        size_t size;

        module_writer_image(&small, &image, &size);
        for (size_t i = 0; i < size; i++) {
                ModuleSymbols symbols CLEANUP_MODULE_SYMBOLS = { 0 };
                uint8_t bit = (uint8_t) (1U << (i * 5 % 8));
                int r;

                image[i] ^= bit;
                r = read_bytes(image, size, &symbols);
                g_assert_true(r == 0 || r == -EBADMSG);
                refused += r < 0;
                image[i] ^= bit;
        }
        g_assert_cmpuint(refused, >, 100);
        g_assert_cmpuint(refused, <, size);
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/module-symbols/read", test_read);
        g_test_add_func("/module-symbols/compressed", test_compressed);
        g_test_add_func("/module-symbols/without-versions", test_without_versions);
        g_test_add_func("/module-symbols/made-up", test_made_up);
        g_test_add_func("/module-symbols/versions", test_versions);
        g_test_add_func("/module-symbols/extended-first", test_extended_first);
        g_test_add_func("/module-symbols/conditions", test_conditions);
        g_test_add_func("/module-symbols/not-a-module", test_not_a_module);
        g_test_add_func("/module-symbols/flipped", test_flipped);
        return g_test_run();
}
