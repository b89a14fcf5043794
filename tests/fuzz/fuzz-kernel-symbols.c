/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lists of a kernel's exports: Module.symvers, System.map, plain and compressed. A symbol that nobody named
 * stays unknown. */

#include <fcntl.h>
#include <glib.h>
#include <string.h>

#include "fuzz.h"
#include "host/kernel/kernel-symbols.h"
#include "module-writer.h"
#include "temp-dir.h"

#define RELEASE "6.1.0"

/* One for all runs, since making it takes longer than a run. */
static TempDir dir;
static HostRoot *root;

static void end(void)
{
        root = host_root_free(root);
        temp_dir_done(&dir);
}

static void begin(void)
{
        temp_dir_init(&dir, "fuzz-kernel-symbols");
        temp_dir_mkdir(&dir, "boot");
        g_assert_cmpint(host_root_new(dir.path, RELEASE, &root), ==, 0);
        g_assert_cmpint(atexit(end), ==, 0);
}

static void write_list(const char *path, const uint8_t *data, size_t size)
{
        int fd CLEANUP_FD = openat(dir.fd, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

        g_assert_cmpint(fd, >=, 0);
        g_assert_cmpint(write(fd, data, size), ==, (ssize_t) size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static const uint32_t crc = 0x11;
        SymbolTable needs CLEANUP_SYMBOL_TABLE = { 0 };
        KernelSymbols *symbols CLEANUP(kernel_symbols_freep) = NULL;

        if (!root)
                begin();
        write_list("boot/symvers-" RELEASE ".gz", data, size);
        write_list("boot/System.map-" RELEASE, data, size);
        g_assert_cmpint(symbol_table_add(&needs, "printk", &crc), ==, 0);
        g_assert_cmpint(symbol_table_add(&needs, "a name with blanks\tand a tab", NULL), ==, 0);
        symbol_table_sort(&needs);
        g_assert_cmpint(kernel_symbols_read(root, RELEASE, true, &symbols), ==, 0);
        kernel_symbols_offer(symbols, &needs);
        g_assert_cmpint(symbol_table_find(&needs, "a name with blanks\tand a tab", 28)->state, ==,
                        SYMBOL_UNKNOWN);
        g_assert_true(kernel_symbols_source(symbols) ||
                        symbol_table_find(&needs, "printk", 6)->state == SYMBOL_UNKNOWN);
        return 0;
}

_Bool fuzz_seed(size_t index, uint8_t **ret, size_t *ret_size)
{
        static const char *const seeds[] = {
                "0x00000011\tprintk\tvmlinux\tEXPORT_SYMBOL\t\n0x00000012\tice_open\tdrivers/ice\tEXPORT\tNS\n",
                "ffffffff82000000 r __ksymtab_printk\n0000000000000023 A __crc_printk\n",
        };

        if (index > ELEMENTSOF(seeds))
                return false;
        if (index == ELEMENTSOF(seeds)) {
                void *compressed;

                module_writer_compress(seeds[0], strlen(seeds[0]), MODULE_GZIP, &compressed, ret_size);
                *ret = compressed;
                return true;
        }
        *ret_size = strlen(seeds[index]);
        *ret = g_memdup2(seeds[index], *ret_size);
        return true;
}
