/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* PCI ids: their numbers, and the patterns that they stand for. */

#include <errno.h>
#include <glib.h>

#include "host/hardware/pci-id.h"

static void test_parse(void)
{
        static const struct {
                const char *text;
                int result;
                uint32_t value;
        } table[] = {
                { "*", 0, PCI_ID_ANY },
                { "8086", 0, 0x8086 },
                { "0x8086", 0, 0x8086 },
                { "0XaBcD", 0, 0xabcd },
                { "0", 0, 0 },
                { "00008086", 0, 0x8086 },
                { "ffff", 0, 0xffff },
                { "10000", -EINVAL, 0 },
                { "", -EINVAL, 0 },
                { "0x", -EINVAL, 0 },
                { "**", -EINVAL, 0 },
                { "-1", -EINVAL, 0 },
                { " 1", -EINVAL, 0 },
                { "80g6", -EINVAL, 0 },
                { "8086 ", -EINVAL, 0 },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
                uint32_t value = 0;

                g_test_message("\"%s\"", table[i].text);
                g_assert_cmpint(pci_id_parse(table[i].text, &value), ==, table[i].result);
                g_assert_cmpuint(value, ==, table[i].value);
        }
}

static void test_pattern(void)
{
        const PciId all = { PCI_ID_ANY, PCI_ID_ANY, PCI_ID_ANY, PCI_ID_ANY };
        const PciId one = { 0x8086, 0x1592, PCI_ID_ANY, 0xe };
        const PciId longest = { 0xffff, 0xffff, 0xffff, 0xffff };
        char pattern[PCI_ID_PATTERN_SIZE];

        pci_id_pattern(&all, pattern);
        g_assert_cmpstr(pattern, ==, "pci:v*d*sv*sd*bc*sc*i*");
        pci_id_pattern(&one, pattern);
        g_assert_cmpstr(pattern, ==, "pci:v00008086d00001592sv*sd0000000Ebc*sc*i*");
        pci_id_pattern(&longest, pattern);
        g_assert_cmpstr(pattern, ==, "pci:v0000FFFFd0000FFFFsv0000FFFFsd0000FFFFbc*sc*i*");
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/pci-id/parse", test_parse);
        g_test_add_func("/pci-id/pattern", test_pattern);
        return g_test_run();
}
