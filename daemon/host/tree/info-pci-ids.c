/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The field pci_ids of info.json: for each module file the PCI ids that it is for. It matches nothing. */

#include <errno.h>
#include <string.h>

#include "host/name.h"
#include "host/tree/info-json-internal.h"

/* Reads one number; an absent one is any. 1, or 0 if it is wrong, which then is a problem, or -ENOMEM. */
static int take_number(TreeInfo *info, const json_t *item, const char *key, bool required, uint32_t *ret)
{
        const json_t *value = json_object_get(item, key);
        int r;

        *ret = PCI_ID_ANY;
        if (!value && !required)
                return 1;
        if (json_is_string(value) && pci_id_parse(json_string_value(value), ret) >= 0)
                return 1;
        r = info_json_problem(info,
                        !value                   ? "lacks in an entry of pci_ids the field "
                        : !json_is_string(value) ? "has in pci_ids no string in the field "
                                                 : "has in pci_ids neither a hexadecimal number of up to "
                                                   "four digits nor * in the field ",
                        key);
        return r < 0 ? r : 0;
}

/* 1, or 0 if ITEM is no id, or -ENOMEM. */
static int take_id(TreeInfo *info, const json_t *item, PciId *ret)
{
        const struct {
                const char *key;
                bool required;
                uint32_t *place;
        } numbers[] = {
                { "vendor_id", true, &ret->vendor },
                { "device_id", true, &ret->device },
                { "subvendor_id", false, &ret->subvendor },
                { "subdevice_id", false, &ret->subdevice },
        };

        if (!json_is_object(item))
                return info_json_problem(info, "has in pci_ids an entry that is no object", "") < 0 ? -ENOMEM
                                                                                                    : 0;
        for (size_t i = 0; i < ELEMENTSOF(numbers); i++) {
                int r = take_number(info, item, numbers[i].key, numbers[i].required, numbers[i].place);

                if (r <= 0)
                        return r;
        }
        return 1;
}

static int take_module(TreeInfo *info, const char *file, const json_t *list)
{
        size_t count = json_array_size(list);
        PciIdList *ids = &info->pci_ids[info->pci_ids_count];
        int r = module_name_from_file(file, &ids->module);

        if (r == -ENOMEM)
                return r;
        if (r < 0)
                return info_json_problem(info, "names in pci_ids what is no module file: ", file);
        info->pci_ids_count++;
        if (!json_is_array(list))
                return info_json_problem(info, "has in pci_ids no list for ", file);
        if (count == 0)
                return 0;
        ids->items = reallocarray(NULL, count, sizeof(*ids->items));
        if (!ids->items)
                return -ENOMEM;
        for (size_t i = 0; i < count; i++) {
                r = take_id(info, json_array_get(list, i), &ids->items[ids->count]);
                if (r < 0)
                        return r;
                ids->count += r > 0;
        }
        return 0;
}

int info_json_take_pci_ids(TreeInfo *info, const json_t *object)
{
        json_t *value = json_object_get(object, "pci_ids"), *list;
        const char *file;

        if (!value)
                return info_json_problem(info, "lacks the field ", "pci_ids");
        if (!json_is_object(value))
                return info_json_problem(info, "has no object in the field ", "pci_ids");
        info->pci_ids = calloc(json_object_size(value) + 1, sizeof(*info->pci_ids));
        if (!info->pci_ids)
                return -ENOMEM;
        json_object_foreach(value, file, list) if (take_module(info, file, list) < 0) return -ENOMEM;
        return 0;
}
