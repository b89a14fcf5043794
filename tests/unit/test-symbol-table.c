/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Symbols that are needed, and what is offered for them. */

#include <glib.h>
#include <string.h>

#include "host/kernel/symbol-table.h"

static void add(SymbolTable *table, const char *name, uint32_t crc)
{
        g_assert_cmpint(symbol_table_add(table, name, crc != 0 ? &crc : NULL), ==, 0);
}

static const Symbol *find(const SymbolTable *table, const char *name)
{
        return symbol_table_find(table, name, strlen(name));
}

static void test_sort(void)
{
        SymbolTable table CLEANUP_SYMBOL_TABLE = { 0 };

        symbol_table_sort(&table);
        g_assert_null(find(&table, "a"));
        add(&table, "printk", 0);
        add(&table, "kfree", 3);
        add(&table, "printk", 5);
        add(&table, "printk_once", 7);
        symbol_table_sort(&table);
        g_assert_cmpuint(table.count, ==, 3);
        g_assert_cmpstr(table.items[0].name, ==, "kfree");
        g_assert_cmpuint(find(&table, "printk")->crc, ==, 5);
        g_assert_cmpuint(find(&table, "printk_once")->crc, ==, 7);
        g_assert_null(find(&table, "print"));
        g_assert_null(find(&table, "printk_"));
        g_assert_null(find(&table, ""));
        g_assert_cmpstr(symbol_table_find(&table, "kfree\0rubbish", 13)->name, ==, "kfree");
        g_assert_cmpstr(symbol_table_find(&table, "printk_once_more", 11)->name, ==, "printk_once");
}

/* Room is made as it is needed. */
static void test_many(void)
{
        SymbolTable table CLEANUP_SYMBOL_TABLE = { 0 };

        for (unsigned i = 0; i < 1000; i++) {
                g_autofree char *name = g_strdup_printf("symbol_%u", i);

                add(&table, name, i + 1);
        }
        symbol_table_sort(&table);
        g_assert_cmpuint(table.count, ==, 1000);
        for (unsigned i = 0; i < 1000; i++) {
                g_autofree char *name = g_strdup_printf("symbol_%u", i);

                g_assert_cmpuint(find(&table, name)->crc, ==, i + 1);
        }
}

static void test_offer(void)
{
        static const struct {
                uint32_t needed; /* 0: without a CRC */
                uint32_t offered;
                SymbolState state;
        } rows[] = {
                { 5, 5, SYMBOL_FOUND },
                { 5, 6, SYMBOL_CHANGED },
                { 5, 0, SYMBOL_FOUND },
                { 0, 6, SYMBOL_FOUND },
                { 0, 0, SYMBOL_FOUND },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                SymbolTable needs CLEANUP_SYMBOL_TABLE = { 0 };
                SymbolTable exports CLEANUP_SYMBOL_TABLE = { 0 };
                uint32_t other = 99;

                add(&needs, "a", rows[i].needed);
                add(&needs, "b", 1);
                symbol_table_sort(&needs);
                add(&exports, "a", rows[i].offered);
                add(&exports, "c", 1);
                symbol_table_sort(&exports);
                symbol_table_offer_all(&needs, &exports);
                g_assert_cmpint(find(&needs, "a")->state, ==, rows[i].state);
                g_assert_cmpint(find(&needs, "a")->offered_crc, ==, rows[i].offered != 0);
                g_assert_cmpint(find(&needs, "b")->state, ==, SYMBOL_UNKNOWN);
                /* Who comes later has no say. */
                symbol_table_offer(&needs, &(SymbolExport){ .name = "a", .size = 1, .crc = &other });
                g_assert_cmpint(find(&needs, "a")->state, ==, rows[i].state);
        }
}

/* Of one name, the one that has a CRC stays, then the one that is needed. */
static void test_weak(void)
{
        static const uint32_t crc = 7;
        SymbolTable table CLEANUP_SYMBOL_TABLE = { 0 }, exports CLEANUP_SYMBOL_TABLE = { 0 };

        g_assert_cmpint(symbol_table_add_weak(&table, "a", NULL), ==, 0);
        add(&table, "a", 0);
        g_assert_cmpint(symbol_table_add_weak(&table, "b", &crc), ==, 0);
        symbol_table_sort(&table);
        g_assert_cmpuint(table.count, ==, 2);
        g_assert_false(find(&table, "a")->is_weak);
        g_assert_true(symbol_table_lacks_any(&table));
        symbol_table_offer(&table, &(SymbolExport){ .name = "a", .size = 1 });
        g_assert_false(symbol_table_lacks_any(&table));
        /* Who needs a symbol weakly knows that it is there only if it knows its CRC. */
        g_assert_cmpint(symbol_table_add_weak(&exports, "b", NULL), ==, 0);
        symbol_table_sort(&exports);
        symbol_table_offer_all(&table, &exports);
        g_assert_cmpint(find(&table, "b")->state, ==, SYMBOL_UNKNOWN);
        symbol_table_offer_all(&table, &table);
        g_assert_cmpint(find(&table, "b")->state, ==, SYMBOL_FOUND);
}

/* The order is the kernel's: licence, CRC, namespace. */
static void test_conditions(void)
{
        static const struct {
                bool is_gpl_compatible;
                bool is_weak;
                bool is_gpl_only;
                uint32_t crc;
                const char *name_space;
                SymbolState state;
        } rows[] = {
                { true, false, true, 5, NULL, SYMBOL_FOUND },
                { false, false, false, 5, NULL, SYMBOL_FOUND },
                { false, false, true, 5, NULL, SYMBOL_GPL_ONLY },
                { false, false, true, 6, "NET", SYMBOL_GPL_ONLY },
                { false, true, true, 6, NULL, SYMBOL_FOUND },
                { true, false, true, 6, "NET", SYMBOL_CHANGED },
                { true, false, false, 5, "NET", SYMBOL_FOREIGN },
                { true, true, false, 5, "NET", SYMBOL_FOREIGN },
                { true, false, false, 5, "", SYMBOL_FOUND },
                { true, false, false, 5, "CRYPTO", SYMBOL_FOUND },
                { true, false, false, 5, "CRYPTO_INTERNAL", SYMBOL_FOREIGN },
                { true, false, false, 5, "module:ice", SYMBOL_FOUND },
                { true, false, false, 5, "module:irdma,ice", SYMBOL_FOUND },
                { true, false, false, 5, "module:ic*,irdma", SYMBOL_FOUND },
                { true, false, false, 5, "module:ic,ice_ptp,", SYMBOL_FOREIGN },
                { true, false, false, 5, "module:", SYMBOL_FOREIGN },
        };
        StringSet namespaces CLEANUP_STRING_SET = { 0 };

        g_assert_cmpint(string_set_add(&namespaces, "CRYPTO"), ==, 1);
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                const SymbolImporter importer = { "ice", rows[i].is_gpl_compatible, &namespaces };
                const Symbol need = { .name = "a", .crc = 5, .has_crc = true, .is_weak = rows[i].is_weak };
                const Symbol offered = { .name = "a",
                        .crc = rows[i].crc,
                        .has_crc = true,
                        .is_gpl_only = rows[i].is_gpl_only,
                        .name_space = rows[i].name_space };

                g_test_message("row %zu", i);
                g_assert_cmpint(symbol_judge(&need, &offered, &importer), ==, rows[i].state);
                g_assert_cmpint(symbol_judge(&need, &offered, NULL), ==,
                                rows[i].crc == 5 ? SYMBOL_FOUND : SYMBOL_CHANGED);
                g_assert_cmpint(symbol_judge(&need, NULL, &importer), ==, SYMBOL_UNKNOWN);
        }
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/symbol-table/sort", test_sort);
        g_test_add_func("/symbol-table/many", test_many);
        g_test_add_func("/symbol-table/offer", test_offer);
        g_test_add_func("/symbol-table/weak", test_weak);
        g_test_add_func("/symbol-table/conditions", test_conditions);
        return g_test_run();
}
