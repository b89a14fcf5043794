/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads all drivers and sorts their versions by package and variant. It prints nothing. */

#include "packages.h"

#include <errno.h>
#include <string.h>

#include "bus.h"
#include "drivers.h"
#include "json.h"

void package_list_done(PackageList *list)
{
        free(list->items);
        json_decref(list->drivers);
        *list = (PackageList){ 0 };
}

static int compare(const void *a, const void *b)
{
        const PackageModule *x = a, *y = b;
        int order = strcmp(x->package, y->package);

        if (order == 0)
                order = strcmp(x->variant, y->variant);
        if (order == 0)
                order = strcmp(json_text(x->driver, "name"), json_text(y->driver, "name"));
        return order;
}

/* Two trees may hold packages of one name; of what they have in common the first id counts. */
static int compare_ids(const void *a, const void *b)
{
        int order = compare(a, b);

        return order != 0 ? order : strcmp(((const PackageModule *) a)->id, ((const PackageModule *) b)->id);
}

static void add_driver(PackageList *list, json_t *driver)
{
        json_t *details = json_object_get(driver, "version_details"), *version;
        const char *id;

        json_object_foreach(details, id, version)
        {
                const char *package = json_text(version, "package"), *slash = strrchr(id, '/');

                if (*package) /* the kernel's own module is of none */
                        list->items[list->count++] = (PackageModule){ .package = package,
                                .variant = slash ? slash + 1 : id,
                                .id = id,
                                .driver = driver,
                                .details = version };
        }
}

static int sort_modules(PackageList *list)
{
        size_t room = 1, kept = 0;

        for (size_t i = 0; i < json_array_size(list->drivers); i++)
                room += json_object_size(
                                json_object_get(json_array_get(list->drivers, i), "version_details"));
        list->items = calloc(room, sizeof(*list->items));
        if (!list->items)
                return -ENOMEM;
        for (size_t i = 0; i < json_array_size(list->drivers); i++)
                add_driver(list, json_array_get(list->drivers, i));
        qsort(list->items, list->count, sizeof(*list->items), compare_ids);
        for (size_t i = 0; i < list->count; i++)
                if (kept == 0 || compare(&list->items[kept - 1], &list->items[i]) != 0)
                        list->items[kept++] = list->items[i];
        list->count = kept;
        package_list_name(list);
        return 0;
}

int package_list_read(sd_bus *bus, PackageList *ret, Outcome *outcome)
{
        sd_bus_error error CLEANUP(sd_bus_error_free) = SD_BUS_ERROR_NULL;
        sd_bus_message *reply CLEANUP(sd_bus_message_unrefp) = NULL;
        PackageList list CLEANUP_PACKAGE_LIST = { 0 };
        int r = sd_bus_call_method(bus, SERVICE_NAME, MANAGER_PATH, OBJECT_MANAGER_INTERFACE,
                        "GetManagedObjects", &error, &reply, NULL);

        if (r >= 0)
                r = drivers_parse(reply, &list.drivers);
        if (r >= 0)
                r = sort_modules(&list);
        if (r < 0)
                return outcome_fail_bus(outcome, &error, r);
        *ret = list;
        list = (PackageList){ 0 };
        return 0;
}

/* No package is listed under the name of another's directory, and no variant under that of another of its
 * package. */
static bool is_called(const char *name, const char *listed, const char *directory)
{
        return strcmp(name, listed) == 0 || strcmp(name, directory) == 0;
}

const PackageModule *package_list_find(const PackageList *list, const char *package, const char *variant)
{
        const PackageModule *found = NULL;
        int best = -1;

        for (size_t i = 0; i < list->count; i++) {
                const PackageModule *item = &list->items[i];
                int rank = json_flag(item->details, "hardware_present")   ? 2
                           : json_flag(item->details, "hardware_missing") ? 1
                                                                          : 0;

                if (!is_called(package, item->name, item->package) ||
                                (variant && !is_called(variant, item->label, item->variant)))
                        continue;
                if (rank > best) {
                        best = rank;
                        found = item;
                }
        }
        return found;
}
