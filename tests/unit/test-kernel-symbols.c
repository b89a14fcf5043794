/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lists of a kernel's exports, as several distributions have them, on a temporary root. */

#include <glib.h>
#include <string.h>

#include "host/kernel/kernel-symbols.h"
#include "module-writer.h"
#include "temp-dir.h"

#define RELEASE "4.19.0+1"

typedef struct Fixture {
        TempDir dir;
        HostRoot *root;
        SymbolTable needs;
} Fixture;

static void set_up(Fixture *fixture, gconstpointer data)
{
        temp_dir_init(&fixture->dir, "kernel-symbols");
        temp_dir_mkdir(&fixture->dir, "lib/modules/" RELEASE);
        g_assert_cmpint(host_root_new(fixture->dir.path, RELEASE, &fixture->root), ==, 0);
}

static void tear_down(Fixture *fixture, gconstpointer data)
{
        symbol_table_done(&fixture->needs);
        fixture->root = host_root_free(fixture->root);
        temp_dir_done(&fixture->dir);
}

/* Asks for printk (CRC 0x11), kfree (0x22) and gone (0x33); STATES are theirs. */
static void assert_offer(Fixture *fixture, const char *source, SymbolState printk, SymbolState kfree,
                SymbolState gone)
{
        static const char *const names[] = { "printk", "kfree", "gone" };
        const SymbolState states[] = { printk, kfree, gone };
        KernelSymbols *symbols CLEANUP(kernel_symbols_freep) = NULL;

        symbol_table_done(&fixture->needs);
        for (uint32_t i = 0; i < ELEMENTSOF(names); i++) {
                uint32_t crc = (i + 1) * 0x11;

                g_assert_cmpint(symbol_table_add(&fixture->needs, names[i], &crc), ==, 0);
        }
        symbol_table_sort(&fixture->needs);
        g_assert_cmpint(kernel_symbols_read(fixture->root, RELEASE, true, &symbols), ==, 0);
        kernel_symbols_offer(symbols, &fixture->needs);
        g_assert_cmpstr(kernel_symbols_source(symbols), ==, source);
        for (size_t i = 0; i < ELEMENTSOF(names); i++)
                g_assert_cmpint(symbol_table_find(&fixture->needs, names[i], strlen(names[i]))->state, ==,
                                states[i]);
}

static bool crc_was_offered(const Fixture *fixture, const char *name)
{
        return symbol_table_find(&fixture->needs, name, strlen(name))->offered_crc;
}

#define SYMVERS                                          \
        "0x00000011\tprintk\tvmlinux\tEXPORT_SYMBOL\t\n" \
        "rubbish\n0x\n0x1\t\n\n"                         \
        "0x00000023\tkfree\tvmlinux\tEXPORT_SYMBOL_GPL"

static void test_none(Fixture *fixture, gconstpointer data)
{
        assert_offer(fixture, NULL, SYMBOL_UNKNOWN, SYMBOL_UNKNOWN, SYMBOL_UNKNOWN);
}

/* Behind an absolute link of the root, as distributions make it. */
static void test_symvers(Fixture *fixture, gconstpointer data)
{
        temp_dir_write(&fixture->dir, "usr/src/kernels/x/Module.symvers", SYMVERS);
        temp_dir_link(&fixture->dir, "lib/modules/" RELEASE "/build", "/usr/src/kernels/x");
        assert_offer(fixture, "/lib/modules/" RELEASE "/build/Module.symvers", SYMBOL_FOUND, SYMBOL_CHANGED,
                        SYMBOL_UNKNOWN);
        g_assert_true(crc_was_offered(fixture, "printk"));
        /* A kernel without module versions. */
        temp_dir_write(&fixture->dir, "usr/src/kernels/x/Module.symvers",
                        "0x00000000\tkfree\tvmlinux\tEXPORT_SYMBOL\n");
        assert_offer(fixture, "/lib/modules/" RELEASE "/build/Module.symvers", SYMBOL_UNKNOWN, SYMBOL_FOUND,
                        SYMBOL_UNKNOWN);
        g_assert_false(crc_was_offered(fixture, "kfree"));
}

static void test_compressed(Fixture *fixture, gconstpointer data)
{
        char *path CLEANUP_FREE = temp_dir_path(&fixture->dir, "boot/symvers-" RELEASE ".gz");
        g_autofree void *compressed = NULL;
        size_t size;

        module_writer_compress(SYMVERS, strlen(SYMVERS), MODULE_GZIP, &compressed, &size);
        temp_dir_mkdir(&fixture->dir, "boot");
        g_assert_true(g_file_set_contents(path, compressed, (gssize) size, NULL));
        assert_offer(fixture, "/boot/symvers-" RELEASE ".gz", SYMBOL_FOUND, SYMBOL_CHANGED, SYMBOL_UNKNOWN);
}

static void test_map(Fixture *fixture, gconstpointer data)
{
        temp_dir_write(&fixture->dir, "boot/System.map-" RELEASE,
                        "ffffffff81000000 T _text\n"
                        "ffffffff82000000 r __ksymtab_printk\n"
                        "ffffffff82000010 r __ksymtab_kfree\n"
                        "ffffffff83000000 T gone\n"
                        "0000000000000023 A __crc_kfree\n"
                        "ffffffff82000020 r __crc_printk\n"
                        "x\n");
        assert_offer(fixture, "/boot/System.map-" RELEASE, SYMBOL_FOUND, SYMBOL_CHANGED, SYMBOL_UNKNOWN);
        g_assert_false(crc_was_offered(fixture, "printk"));
        /* Nothing is offered by what is no list. */
        temp_dir_write(&fixture->dir, "boot/System.map-" RELEASE, "0000000000000011 A __crc_printk\n");
        assert_offer(fixture, "/boot/System.map-" RELEASE, SYMBOL_FOUND, SYMBOL_UNKNOWN, SYMBOL_UNKNOWN);
}

/* What Debian puts in that place instead. */
static void test_map_elsewhere(Fixture *fixture, gconstpointer data)
{
        temp_dir_write(&fixture->dir, "boot/System.map-" RELEASE,
                        "ffffffffffffffff B The real System.map is in the linux-image-x-dbg package\n");
        assert_offer(fixture, NULL, SYMBOL_UNKNOWN, SYMBOL_UNKNOWN, SYMBOL_UNKNOWN);
}

/* What is no list is passed over for the next one. */
static void test_rubbish(Fixture *fixture, gconstpointer data)
{
        temp_dir_write(&fixture->dir, "lib/modules/" RELEASE "/build/Module.symvers", "");
        temp_dir_mkdir(&fixture->dir, "lib/modules/" RELEASE "/symvers.gz");
        temp_dir_write(&fixture->dir, "lib/modules/" RELEASE "/symvers.xz",
                        "\xfd"
                        "7zXZ");
        temp_dir_write(&fixture->dir, "lib/modules/" RELEASE "/System.map", "1 r __ksymtab_printk");
        assert_offer(fixture, "/lib/modules/" RELEASE "/System.map", SYMBOL_FOUND, SYMBOL_UNKNOWN,
                        SYMBOL_UNKNOWN);
}

#define ADD(name, function) g_test_add("/kernel-symbols/" name, Fixture, NULL, set_up, function, tear_down)

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        ADD("none", test_none);
        ADD("symvers", test_symvers);
        ADD("compressed", test_compressed);
        ADD("map", test_map);
        ADD("map-elsewhere", test_map_elsewhere);
        ADD("rubbish", test_rubbish);
        return g_test_run();
}
