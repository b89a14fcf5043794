/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Packages as the JSON that xapi's parser takes (ocaml/xapi/xapi_host_driver_tool.ml of xen-api): every
 * member of the right type, since one that isn't makes it refuse all. It asks nobody. */

#include <stdio.h>
#include <string.h>

#include "json.h"
#include "packages.h"

/* Its numbers are OCaml's, which have 63 bits. */
#define INTEGER_MAX ((INT64_C(1) << 62) - 1)

/* The modules of one package. */
typedef struct Group {
        const PackageModule *items;
        size_t count;
} Group;

/* TEXT without what its database, which is XML, can't hold. */
static json_t *plain_text(const char *text)
{
        char *copy CLEANUP_FREE = strdup(text);

        for (char *place = copy; place && *place; place++)
                if ((unsigned char) *place < ' ' || *place == '\x7f')
                        *place = ' ';
        return copy ? json_string(copy) : NULL;
}

/* The first KEY that isn't empty: of the drivers, or of the versions' details. */
static const char *first_text(const Group *group, bool of_driver, const char *key)
{
        for (size_t i = 0; i < group->count; i++) {
                const char *text =
                                json_text(of_driver ? group->items[i].driver : group->items[i].details, key);

                if (*text)
                        return text;
        }
        return "";
}

/* Whether the modules agree that VARIANT is the one that KEY ("selected" or "active") says. What isn't
 * loaded has no say in what is active. */
static bool is_agreed(const Group *group, const char *variant, const char *key)
{
        bool any = false, active = strcmp(key, "active") == 0;

        for (size_t i = 0; i < group->count; i++) {
                const PackageModule *item = &group->items[i];
                const char *id = json_text(item->driver, key);
                bool is = strcmp(id, item->id) == 0;

                if (active && !json_flag(item->driver, "loaded"))
                        continue;
                if (active && !*id) /* loaded, but from which file isn't known */
                        return false;
                if (is != (strcmp(item->variant, variant) == 0))
                        return false;
                any = any || is;
        }
        return any;
}

static json_t *agreed(const Group *group, const char *key)
{
        for (size_t i = 0; i < group->count; i++)
                if (is_agreed(group, group->items[i].variant, key))
                        return json_string(group->items[i].label);
        return json_null();
}

/* "xz", … of "ice.ko.xz" isn't what XenServer's tool calls a module. */
static size_t without_compression(const char *file)
{
        const char *end = strstr(file, ".ko.");

        return end ? (size_t) (end - file) + strlen(".ko") : strlen(file);
}

/* The modules that are loaded, from whatever file, by the names of the package's own files. */
static json_t *loaded_modules(const Group *group)
{
        json_t *modules CLEANUP_JSON = json_object(), *names CLEANUP_JSON = json_array(), *name;
        const char *module;

        for (size_t i = 0; i < group->count; i++) {
                const json_t *driver = group->items[i].driver;
                const char *path = json_text(group->items[i].details, "path"), *slash = strrchr(path, '/');
                const char *file = slash ? slash + 1 : path;

                /* Part of the kernel image: no module. */
                if (!json_flag(driver, "loaded") || strcmp(json_text(driver, "active_by"), "builtin") == 0)
                        continue;
                if (json_object_set_new(modules, json_text(driver, "name"),
                                    json_stringn(file, without_compression(file))) < 0)
                        return NULL;
        }
        json_object_foreach(modules, module, name) if (json_array_append(names, name) < 0) return NULL;
        return STEAL(names);
}

/* False if xapi should refuse to select it: where no module's hardware is there, and one's is missed. */
static bool has_hardware(const Group *variant)
{
        bool missing = false;

        for (size_t i = 0; i < variant->count; i++) {
                if (json_flag(variant->items[i].details, "hardware_present"))
                        return true;
                missing = missing || json_flag(variant->items[i].details, "hardware_missing");
        }
        return !missing;
}

static json_t *priority_of(const Group *variant)
{
        json_int_t priority = 0;

        for (size_t i = 0; i < variant->count && priority == 0; i++)
                priority = json_integer_value(json_object_get(variant->items[i].details, "priority"));
        return priority > INTEGER_MAX || priority < -INTEGER_MAX ? json_real((double) priority)
                                                                 : json_integer(priority);
}

static json_t *describe_variant(const Group *variant)
{
        const char *version = first_text(variant, false, "module_version");

        if (!*version)
                version = first_text(variant, false, "version");
        if (!*version)
                version = variant->items[0].variant;
        return json_pack("{s:o, s:b, s:o, s:o}", "version", plain_text(version), "hardware_present",
                        (int) has_hardware(variant), "priority", priority_of(variant), "status",
                        plain_text(first_text(variant, false, "status")));
}

static json_t *describe_variants(const Group *group)
{
        json_t *variants CLEANUP_JSON = json_object();

        for (size_t i = 0; i < group->count;) {
                Group variant = { .items = &group->items[i] };

                while (i < group->count && strcmp(group->items[i].variant, variant.items[0].variant) == 0) {
                        variant.count++;
                        i++;
                }
                if (json_object_set_new(variants, variant.items[0].label, describe_variant(&variant)) < 0)
                        return NULL;
        }
        return STEAL(variants);
}

/* Its friendly name is its name: xapi takes that for the key and selects by it. */
static json_t *describe_package(const Group *group)
{
        const char *name = group->items[0].name;

        return json_pack("{s:o, s:s, s:o, s:s, s:o, s:o, s:o, s:o}", "type",
                        plain_text(first_text(group, true, "type")), "friendly_name", name, "description",
                        plain_text(first_text(group, true, "description")), "info", name, "selected",
                        agreed(group, "selected"), "active", agreed(group, "active"), "loaded modules",
                        loaded_modules(group), "variants", describe_variants(group));
}

json_t *package_list_describe(const PackageList *list)
{
        json_t *packages CLEANUP_JSON = json_object();

        for (size_t i = 0; i < list->count;) {
                Group group = { .items = &list->items[i] };

                while (i < list->count && strcmp(list->items[i].package, group.items[0].package) == 0) {
                        group.count++;
                        i++;
                }
                if (json_object_set_new(packages, group.items[0].name, describe_package(&group)) < 0)
                        return NULL;
        }
        return STEAL(packages);
}
