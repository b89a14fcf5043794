/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The symbol tables of module files: what the preflight reads of a version before it is selected. */

#include <elf.h>
#include <errno.h>
#include <glib.h>
#include <string.h>
#include <sys/mman.h>

#include "fuzz.h"
#include "host/module/module-symbols.h"
#include "module-writer.h"

static void check_sorted(const SymbolTable *table)
{
        for (size_t i = 0; i < table->count; i++) {
                const char *name = table->items[i].name;

                g_assert_true(i == 0 || strcmp(table->items[i - 1].name, name) < 0);
                g_assert_true(symbol_table_find(table, name, strlen(name)) == &table->items[i]);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        ModuleSymbols symbols CLEANUP_MODULE_SYMBOLS = { 0 };
        int fd CLEANUP_FD = memfd_create("module", MFD_CLOEXEC);

        g_assert_cmpint(fd, >=, 0);
        g_assert_cmpint(write(fd, data, size), ==, (ssize_t) size);
        if (module_symbols_read(fd, &symbols) < 0)
                return 0;
        check_sorted(&symbols.exports);
        check_sorted(&symbols.imports);
        symbol_table_offer_all(&symbols.imports, &symbols.exports);
        return 0;
}

_Bool fuzz_seed(size_t index, uint8_t **ret, size_t *ret_size)
{
        static const ModuleSymbol exports[] = { { "ice_open", 0x11223344 }, { "ice_close", 0x5 }, { NULL } };
        static const ModuleSymbol imports[] = { { "printk", 0xabcdef01 }, { "kfree", 0 }, { NULL } };
        const ModuleSpec spec = {
                .name = "ice",
                .exports = exports,
                .imports = imports,
                .elf_class = index == 1 ? ELFCLASS32 : ELFCLASS64,
                .absolute_crcs = index == 1,
                .padding = index == 2 ? 21000 : 0, /* read in pieces */
        };

        if (index > 2)
                return false;
        module_writer_image(&spec, ret, ret_size);
        return true;
}
