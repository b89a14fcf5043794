/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the object manager answers, as an array of drivers. It asks nobody. */

#include <errno.h>
#include <string.h>

#include "bus.h"
#include "drivers.h"
#include "json.h"

static int compare_names(const void *a, const void *b)
{
        return strcmp(json_text(*(json_t *const *) a, "name"), json_text(*(json_t *const *) b, "name"));
}

static int sort_by_name(json_t *drivers, json_t **ret)
{
        size_t count = json_array_size(drivers);
        json_t **items CLEANUP_FREE = calloc(count + 1, sizeof(json_t *));
        json_t *sorted CLEANUP_JSON = json_array();

        if (!items)
                return -ENOMEM;
        for (size_t i = 0; i < count; i++)
                items[i] = json_array_get(drivers, i);
        qsort(items, count, sizeof(*items), compare_names);
        for (size_t i = 0; i < count; i++)
                if (json_array_append(sorted, items[i]) < 0)
                        return -ENOMEM;
        *ret = STEAL(sorted);
        return *ret ? 0 : -ENOMEM;
}

/* One entry of a{oa{sa{sv}}}: appends its properties to DRIVERS if it is a driver. */
static int read_object(sd_bus_message *reply, json_t *drivers)
{
        json_t *driver CLEANUP_JSON = NULL;
        const char *path;
        int r = sd_bus_message_read_basic(reply, 'o', &path);

        if (r >= 0)
                r = json_read_interface(reply, DRIVER_INTERFACE, &driver);
        if (r <= 0)
                return r;
        if (json_object_set_new(driver, "path", json_string(path)) < 0 ||
                        json_array_append(drivers, driver) < 0)
                return -ENOMEM;
        return 0;
}

int drivers_parse(sd_bus_message *reply, json_t **ret)
{
        json_t *drivers CLEANUP_JSON = json_array();
        int r = sd_bus_message_enter_container(reply, SD_BUS_TYPE_ARRAY, "{oa{sa{sv}}}");

        if (r < 0)
                return r;
        while ((r = sd_bus_message_enter_container(reply, SD_BUS_TYPE_DICT_ENTRY, "oa{sa{sv}}")) > 0) {
                r = read_object(reply, drivers);
                if (r >= 0)
                        r = sd_bus_message_exit_container(reply);
                if (r < 0)
                        return r;
        }
        return r < 0 ? r : sort_by_name(drivers, ret);
}
