/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads info.json with jansson. Whoever packaged the driver wrote the file: nothing in it is trusted. */

#include "host/tree/info-json.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>

#include "host/name.h"
#include "util/exhausted.h"
#include "util/fs.h"
#include "util/text-format.h"

/* Sets the problem "Its info.json TEXT DETAIL; repair …", unless there is one already: the first one is the
 * cause of others. DETAIL is the file's own and is escaped. 0 or -ENOMEM. */
static int set_problem_once(TreeInfo *info, const char *text, const char *detail)
{
        char *escaped CLEANUP_FREE = NULL, *sentence = NULL;

        if (info->problem)
                return 0;
        escaped = name_escape(detail);
        if (!escaped || text_format(&sentence, "Its " INFO_JSON_NAME " %s%s; repair the driver's package.",
                                        text, escaped) < 0)
                return -ENOMEM;
        info->problem = sentence;
        return 0;
}

/* The string of KEY; if there is none, a problem. */
static int take_string(TreeInfo *info, const json_t *object, const char *key, char **place)
{
        const json_t *value = json_object_get(object, key);

        if (!value)
                return set_problem_once(info, "lacks the field ", key);
        if (!json_is_string(value))
                return set_problem_once(info, "has no string in the field ", key);
        *place = strdup(json_string_value(value));
        return *place ? 0 : -ENOMEM;
}

static int take_priority(TreeInfo *info, const json_t *object)
{
        const json_t *value = json_object_get(object, "priority");

        if (!value)
                return set_problem_once(info, "lacks the field ", "priority");
        if (!json_is_integer(value))
                return set_problem_once(info, "has no whole number in the field ", "priority");
        info->priority = json_integer_value(value);
        info->has_priority = true;
        return 0;
}

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
        r = set_problem_once(info,
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
                return set_problem_once(info, "has in pci_ids an entry that is no object", "") < 0 ? -ENOMEM
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
                return set_problem_once(info, "names in pci_ids what is no module file: ", file);
        info->pci_ids_count++;
        if (!json_is_array(list))
                return set_problem_once(info, "has in pci_ids no list for ", file);
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

/* For each module file the PCI ids that it is for. What is wrong in it is a problem, what is sound is kept.
 * 0 or -ENOMEM. */
static int take_pci_ids(TreeInfo *info, const json_t *object)
{
        json_t *value = json_object_get(object, "pci_ids"), *list;
        const char *file;

        if (!value)
                return set_problem_once(info, "lacks the field ", "pci_ids");
        if (!json_is_object(value))
                return set_problem_once(info, "has no object in the field ", "pci_ids");
        info->pci_ids = calloc(json_object_size(value) + 1, sizeof(*info->pci_ids));
        if (!info->pci_ids)
                return -ENOMEM;
        json_object_foreach(value, file, list) if (take_module(info, file, list) < 0) return -ENOMEM;
        return 0;
}

static int take_fields(TreeInfo *info, const json_t *object)
{
        const struct {
                const char *key;
                char **place;
        } strings[] = {
                { "category", &info->type },
                { "name", &info->name },
                { "description", &info->description },
                { "variant", &info->variant },
                { "version", &info->version },
                { "status", &info->status },
        };

        if (!json_is_object(object))
                return set_problem_once(info, "is not a JSON object", "");
        for (size_t i = 0; i < ELEMENTSOF(strings); i++)
                if (take_string(info, object, strings[i].key, strings[i].place) < 0)
                        return -ENOMEM;
        if (take_priority(info, object) < 0)
                return -ENOMEM;
        return take_pci_ids(info, object);
}

/* No string of a TreeInfo is NULL. */
static int fill_gaps(TreeInfo *info)
{
        char **places[] = { &info->name, &info->variant, &info->type, &info->description, &info->version,
                &info->status, &info->problem };

        for (size_t i = 0; i < ELEMENTSOF(places); i++) {
                if (*places[i])
                        continue;
                *places[i] = strdup("");
                if (!*places[i])
                        return -ENOMEM;
        }
        return 0;
}

int info_json_parse(const char *text, size_t size, TreeInfo **ret)
{
        TreeInfo *info CLEANUP(tree_info_unrefp) = tree_info_new();
        json_t *object CLEANUP(json_decrefp) = NULL;
        json_error_t error;
        int r;

        if (!info)
                return -ENOMEM;
        /* jansson refuses NUL in strings, bytes that aren't UTF-8, and nesting deeper than 2048. */
        object = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error);
        if (!object && json_error_code(&error) == json_error_out_of_memory)
                return -ENOMEM;
        r = object ? take_fields(info, object) : set_problem_once(info, "is not JSON: ", error.text);
        if (r < 0)
                return r;
        r = fill_gaps(info);
        if (r < 0)
                return r;
        *ret = STEAL(info);
        return 0;
}

static int unreadable(int error, TreeInfo **ret)
{
        TreeInfo *info CLEANUP(tree_info_unrefp) = tree_info_new();
        const char *detail = error == -EFBIG                       ? "it is larger than 1 MiB"
                             : error == -EINVAL || error == -ELOOP ? "it is not a regular file"
                                                                   : strerror(-error);

        if (!info || set_problem_once(info, error == -ENOENT ? "is missing" : "can't be read: ",
                                     error == -ENOENT ? "" : detail) < 0)
                return -ENOMEM;
        if (fill_gaps(info) < 0)
                return -ENOMEM;
        *ret = STEAL(info);
        return 0;
}

int info_json_read(int directory_fd, TreeInfo **ret)
{
        char *text CLEANUP_FREE = NULL;
        size_t size;
        int r = fs_read_file_at(directory_fd, INFO_JSON_NAME, INFO_JSON_SIZE_MAX, &text, &size);

        if (exhausted(r))
                return r;
        return r < 0 ? unreadable(r, ret) : info_json_parse(text, size, ret);
}
