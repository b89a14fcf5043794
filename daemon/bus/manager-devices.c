/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The Manager's method that lists devices. It only reads. */

#include <errno.h>
#include <string.h>

#include "bus/device-list.h"
#include "bus/driver-lookup.h"
#include "bus/error.h"
#include "bus/manager-object.h"
#include "bus/options.h"
#include "bus/service.h"
#include "bus/text.h"
#include "host/hardware/device.h"
#include "host/name.h"

static int append_candidates(sd_bus_message *reply, const Registry *registry, const CandidateList *list)
{
        int r = sd_bus_message_open_container(reply, 'e', "sv");

        if (r >= 0)
                r = sd_bus_message_append_basic(reply, 's', "covered-by");
        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'v', "a(ss)");
        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'a', "(ss)");
        for (size_t i = 0; r >= 0 && i < list->count; i++) {
                const DriverEntry *entry = registry->entries[list->items[i].entry];

                r = sd_bus_message_append(reply, "(ss)", entry->name,
                                entry->value->versions[list->items[i].version].id);
        }
        if (r >= 0)
                r = sd_bus_message_close_container(reply);
        if (r >= 0)
                r = sd_bus_message_close_container(reply);
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

/* The version of MODULE that is active, "" if it is none of ours or not known. */
static const char *active_version(const Registry *registry, const char *module)
{
        const DriverEntry *entry = registry_find(registry, module);

        return entry ? entry->value->active : "";
}

static int append_device(sd_bus_message *reply, const Registry *registry, const DeviceRow *row)
{
        const char *slash = strrchr(row->path, '/');
        Device device CLEANUP_DEVICE = { 0 };
        int r = device_read(registry->root, row->path, &device);

        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'a', "{sv}");
        if (r >= 0)
                r = text_append_entry(reply, "path", row->path);
        if (r >= 0)
                r = text_append_entry(reply, "bus", device.bus);
        if (r >= 0)
                r = text_append_entry(reply, "id", slash ? slash + 1 : row->path);
        if (r >= 0)
                r = text_append_entry(reply, "modalias", row->modalias);
        if (r >= 0)
                r = text_append_entry(reply, "driver", device.driver);
        if (r >= 0)
                r = text_append_entry(reply, "module", device.module);
        if (r >= 0)
                r = text_append_entry(reply, "active", active_version(registry, device.module));
        if (r >= 0)
                r = append_candidates(reply, registry, row->covered_by);
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

/* The canonical names of the drivers that the option names. */
static int look_up(const Registry *registry, const StringSet *wanted, StringSet *ret, sd_bus_error *error)
{
        for (size_t i = 0; i < wanted->count; i++) {
                const DriverEntry *entry = driver_look_up(registry, wanted->items[i], error);

                if (!entry)
                        return -sd_bus_error_get_errno(error);
                if (string_set_add(ret, entry->name) < 0)
                        return -ENOMEM;
        }
        return 0;
}

int manager_list_devices(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        const Registry *registry = ((Service *) userdata)->registry;
        sd_bus_message *reply CLEANUP(sd_bus_message_unrefp) = NULL;
        DeviceList list CLEANUP_DEVICE_LIST = { 0 };
        StringSet names CLEANUP_STRING_SET = { 0 };
        Options options CLEANUP_OPTIONS = { 0 };
        int r = options_read(message, OPTION_DRIVERS, &options, error);

        if (r >= 0)
                r = look_up(registry, &options.drivers, &names, error);
        if (r < 0)
                return r;
        r = device_list_read(registry, &names, &list);
        if (r < 0)
                return error_from_errno(error, r, "Reading the devices");
        r = sd_bus_message_new_method_return(message, &reply);
        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'a', "a{sv}");
        for (size_t i = 0; r >= 0 && i < list.count; i++)
                r = append_device(reply, registry, &list.rows[i]);
        if (r >= 0)
                r = sd_bus_message_close_container(reply);
        return r < 0 ? r : sd_bus_message_send(reply);
}
