/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Turns "which devices does a version cover" round, and replies. Every alias is looked up once among the
 * modaliases; no device is compared with all aliases. */

#include "bus/device-list.h"

#include <errno.h>
#include <string.h>

#include "bus/driver-lookup.h"
#include "bus/error.h"
#include "bus/options.h"
#include "bus/service.h"
#include "bus/text.h"
#include "host/hardware/device.h"
#include "host/name.h"
#include "model/driver-devices.h"
#include "util/array.h"

/* A version, by the positions of its driver in the registry and in that driver's versions. */
typedef struct DeviceCandidate {
        uint32_t entry;
        uint32_t version;
        bool kept; /* udev wouldn't load it for the device */
} DeviceCandidate;

/* Those of one modalias. */
typedef struct CandidateList {
        DeviceCandidate *items;
        size_t count;
} CandidateList;

typedef struct DeviceRow {
        const char *path;     /* "/sys/devices/…" */
        const char *modalias; /* NULL if it has none */
        const CandidateList *covered_by;
        bool is_driven; /* by the module of a driver in scope */
} DeviceRow;

typedef struct DeviceList {
        Hardware *hardware;
        CandidateList *candidates; /* one for each modalias of the hardware */
        DeviceRow *rows;           /* by path */
        size_t count;
} DeviceList;

static const CandidateList no_candidates;

static void device_list_done(DeviceList *list)
{
        for (size_t i = 0; list->candidates && i < hardware_count(list->hardware); i++)
                free(list->candidates[i].items);
        free(list->candidates);
        free(list->rows);
        list->hardware = hardware_free(list->hardware);
        *list = (DeviceList){ 0 };
}

#define CLEANUP_DEVICE_LIST CLEANUP(device_list_done)

static int add_candidate(CandidateList *list, DeviceCandidate candidate)
{
        DeviceCandidate *items = array_grow(list->items, list->count, sizeof(*items));

        if (!items)
                return -ENOMEM;
        list->items = items;
        items[list->count++] = candidate;
        return 0;
}

static bool is_in_scope(const StringSet *names, const DriverEntry *entry)
{
        return names->count == 0 || string_set_contains(names, entry->name);
}

static int find_candidates(const Registry *registry, size_t entry, bool marks[], DeviceList *list)
{
        const Driver *driver = registry->entries[entry]->value;
        size_t count = hardware_count(list->hardware);
        int r = 0;

        for (size_t i = 0; i < driver->version_count && r >= 0; i++) {
                const DeviceClaim claim = driver_version_claim(driver, &driver->versions[i]);
                DeviceCandidate candidate = { .entry = (uint32_t) entry, .version = (uint32_t) i };
                DeviceReach reach;

                if (!hardware_match(list->hardware, &claim, marks))
                        continue;
                reach = driver_version_reach(registry->facts, driver, &driver->versions[i]);
                for (size_t j = 0; j < count && r >= 0; j++) {
                        if (!marks[j])
                                continue;
                        candidate.kept = !device_reach_covers(&reach, hardware_modalias(list->hardware, j));
                        r = add_candidate(&list->candidates[j], candidate);
                        marks[j] = false;
                }
        }
        return r;
}

static int find_all_candidates(const Registry *registry, const StringSet *names, DeviceList *list)
{
        size_t count = hardware_count(list->hardware);
        bool *marks CLEANUP_FREE = calloc(count + 1, sizeof(*marks));
        int r = 0;

        list->candidates = calloc(count + 1, sizeof(*list->candidates));
        if (!marks || !list->candidates)
                return -ENOMEM;
        for (size_t i = 0; r >= 0 && i < registry->count; i++)
                if (is_in_scope(names, registry->entries[i]))
                        r = find_candidates(registry, i, marks, list);
        return r;
}

static int compare_rows(const void *a, const void *b)
{
        return strcmp(((const DeviceRow *) a)->path, ((const DeviceRow *) b)->path);
}

/* Room for all devices, covered or not, and for those that drivers of the registry drive. */
static int make_rows(const Registry *registry, DeviceList *list)
{
        size_t room = 1;

        for (size_t i = 0; i < hardware_count(list->hardware); i++)
                room += hardware_devices_at(list->hardware, i)->count;
        for (size_t i = 0; i < registry->count; i++)
                room += registry->entries[i]->value->devices.count;
        list->rows = calloc(room, sizeof(*list->rows));
        if (!list->rows)
                return -ENOMEM;
        for (size_t i = 0; i < hardware_count(list->hardware); i++) {
                const StringSet *devices = hardware_devices_at(list->hardware, i);

                for (size_t j = 0; j < devices->count; j++)
                        list->rows[list->count++] = (DeviceRow){
                                .path = devices->items[j],
                                .modalias = hardware_modalias(list->hardware, i),
                                .covered_by = &list->candidates[i],
                        };
        }
        qsort(list->rows, list->count, sizeof(*list->rows), compare_rows);
        return 0;
}

/* Marks what DRIVER drives, as the facts have it. A device without a modalias gets a row of its own, behind
 * the sorted ones of which there are COUNT. */
static void mark_driven(const Driver *driver, size_t count, DeviceList *list)
{
        for (size_t i = 0; i < driver->devices.count; i++) {
                const DeviceRow key = { .path = driver->devices.items[i] };
                DeviceRow *row = bsearch(&key, list->rows, count, sizeof(key), compare_rows);

                if (!row) {
                        row = &list->rows[list->count++];
                        *row = (DeviceRow){ .path = key.path, .covered_by = &no_candidates };
                }
                row->is_driven = true;
        }
}

/* Reads the devices anew, and looks up which versions cover them. NAMES are canonical names of drivers;
 * empty means all. The list holds only as long as the registry isn't refreshed. 0, or a negative errno. */
static int device_list_read(const Registry *registry, const StringSet *names, DeviceList *ret)
{
        DeviceList list CLEANUP_DEVICE_LIST = { 0 };
        size_t count, kept = 0;
        int r = hardware_read(registry->root, &list.hardware);

        if (r >= 0)
                r = find_all_candidates(registry, names, &list);
        if (r >= 0)
                r = make_rows(registry, &list);
        if (r < 0)
                return r;
        count = list.count;
        for (size_t i = 0; i < registry->count; i++)
                if (is_in_scope(names, registry->entries[i]))
                        mark_driven(registry->entries[i]->value, count, &list);
        for (size_t i = 0; i < list.count; i++)
                if (list.rows[i].is_driven || list.rows[i].covered_by->count > 0)
                        list.rows[kept++] = list.rows[i];
        list.count = kept;
        qsort(list.rows, list.count, sizeof(*list.rows), compare_rows);
        *ret = list;
        list = (DeviceList){ 0 };
        return 0;
}

/* --- ListDevices() ----------------------------------------------------------------------------------- */

static int append_candidates(sd_bus_message *reply, const char *key, bool kept, const Registry *registry,
                const CandidateList *list)
{
        int r = sd_bus_message_open_container(reply, 'e', "sv");

        if (r >= 0)
                r = sd_bus_message_append_basic(reply, 's', key);
        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'v', "a(ss)");
        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'a', "(ss)");
        for (size_t i = 0; r >= 0 && i < list->count; i++) {
                const DriverEntry *entry = registry->entries[list->items[i].entry];

                if (list->items[i].kept != kept)
                        continue;
                r = sd_bus_message_append(reply, "(ss)", entry->name,
                                entry->value->versions[list->items[i].version].id);
        }
        if (r >= 0)
                r = sd_bus_message_close_container(reply);
        if (r >= 0)
                r = sd_bus_message_close_container(reply);
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

static bool has_kept(const CandidateList *list)
{
        for (size_t i = 0; i < list->count; i++)
                if (list->items[i].kept)
                        return true;
        return false;
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
                r = append_candidates(reply, "covered-by", false, registry, row->covered_by);
        if (r >= 0 && has_kept(row->covered_by))
                r = append_candidates(reply, "kept-from", true, registry, row->covered_by);
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
