/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads info.json with jansson. Whoever packaged the driver wrote the file: nothing in it is trusted. */

#include "host/tree/info-json.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "host/name.h"
#include "host/tree/info-json-internal.h"
#include "util/exhausted.h"
#include "util/fs.h"

int info_json_problem(TreeInfo *info, const char *text, const char *detail)
{
        char *escaped CLEANUP_FREE = NULL, *sentence = NULL;

        if (info->problem)
                return 0;
        escaped = name_escape(detail);
        if (!escaped || asprintf(&sentence, "Its " INFO_JSON_NAME " %s%s; repair the driver's package.",
                                        text, escaped) < 0)
                return -ENOMEM;
        info->problem = sentence;
        return 0;
}

/* The string of KEY; if there is none, a problem. PLACE may be NULL: then it is only checked. */
static int take_string(TreeInfo *info, const json_t *object, const char *key, char **place)
{
        const json_t *value = json_object_get(object, key);

        if (!value)
                return info_json_problem(info, "lacks the field ", key);
        if (!json_is_string(value))
                return info_json_problem(info, "has no string in the field ", key);
        if (!place)
                return 0;
        *place = strdup(json_string_value(value));
        return *place ? 0 : -ENOMEM;
}

static int take_priority(TreeInfo *info, const json_t *object)
{
        const json_t *value = json_object_get(object, "priority");

        if (!value)
                return info_json_problem(info, "lacks the field ", "priority");
        if (!json_is_integer(value))
                return info_json_problem(info, "has no whole number in the field ", "priority");
        info->priority = json_integer_value(value);
        return 0;
}

static int take_fields(TreeInfo *info, const json_t *object)
{
        const struct {
                const char *key;
                char **place;
        } strings[] = {
                { "category", &info->type },
                { "name", NULL },
                { "description", &info->description },
                { "variant", NULL },
                { "version", &info->version },
                { "status", &info->status },
        };

        if (!json_is_object(object))
                return info_json_problem(info, "is not a JSON object", "");
        for (size_t i = 0; i < ELEMENTSOF(strings); i++)
                if (take_string(info, object, strings[i].key, strings[i].place) < 0)
                        return -ENOMEM;
        if (take_priority(info, object) < 0)
                return -ENOMEM;
        return info_json_take_pci_ids(info, object);
}

/* No string of a TreeInfo is NULL. */
static int fill_gaps(TreeInfo *info)
{
        char **places[] = { &info->type, &info->description, &info->version, &info->status, &info->problem };

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
        r = object ? take_fields(info, object) : info_json_problem(info, "is not JSON: ", error.text);
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

        if (!info || info_json_problem(info, error == -ENOENT ? "is missing" : "can't be read: ",
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
