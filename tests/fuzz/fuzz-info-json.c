/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The info.json of a driver variant: whatever stands there, all of the result can be shown. */

#include <glib.h>
#include <string.h>

#include "fuzz.h"
#include "host/tree/info-json.h"

static void check_ids(const PciIdList *list)
{
        g_assert_cmpstr(list->module, !=, "");
        for (size_t i = 0; i < list->count; i++) {
                char pattern[PCI_ID_PATTERN_SIZE];

                pci_id_pattern(&list->items[i], pattern);
                g_assert_true(g_str_has_prefix(pattern, "pci:v"));
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        TreeInfo *info CLEANUP(tree_info_unrefp) = NULL;

        g_assert_cmpint(info_json_parse((const char *) data, size, &info), ==, 0);
        g_assert_true(g_utf8_validate(info->type, -1, NULL));
        g_assert_true(g_utf8_validate(info->description, -1, NULL));
        g_assert_true(g_utf8_validate(info->version, -1, NULL));
        g_assert_true(g_utf8_validate(info->status, -1, NULL));
        g_assert_true(g_utf8_validate(info->problem, -1, NULL));
        for (size_t i = 0; i < info->pci_ids_count; i++)
                check_ids(&info->pci_ids[i]);
        return 0;
}

_Bool fuzz_seed(size_t index, uint8_t **ret, size_t *ret_size)
{
        static const char *const seeds[] = {
                "{\"category\":\"network\",\"name\":\"ice\",\"description\":\"A card\\u00e9\\n\","
                "\"variant\":\"generic\",\"version\":\"1.11.17.1\",\"priority\":50,\"status\":\"production\","
                "\"pci_ids\":{\"ice.ko\":[{\"vendor_id\":\"8086\",\"device_id\":\"0x159B\",\"subvendor_id\":\"*\"}]}}",
                "{\"category\":[1,-2.5e3,true,null],\"priority\":\"high\",\"pci_ids\":\"\\ud83d\\ude00\"}",
        };

        if (index >= ELEMENTSOF(seeds))
                return false;
        *ret_size = strlen(seeds[index]);
        *ret = g_memdup2(seeds[index], *ret_size);
        return true;
}
