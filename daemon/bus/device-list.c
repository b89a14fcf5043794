/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Turns "which devices does a version cover" round. Every alias is looked up once among the modaliases; no
 * device is compared with all aliases. */

#include "bus/device-list.h"
#include "util/array.h"

#include <errno.h>
#include <string.h>

static const CandidateList no_candidates;

void device_list_done(DeviceList *list)
{
        for (size_t i = 0; list->candidates && i < hardware_count(list->hardware); i++)
                free(list->candidates[i].items);
        free(list->candidates);
        free(list->rows);
        list->hardware = hardware_free(list->hardware);
        *list = (DeviceList){ 0 };
}

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

        for (size_t i = 0; i < driver->version_count; i++) {
                const DeviceClaim claim = driver_version_claim(driver, &driver->versions[i]);

                if (!hardware_match(list->hardware, &claim, marks))
                        continue;
                for (size_t j = 0; j < count; j++) {
                        int r = marks[j] ? add_candidate(&list->candidates[j],
                                                           (DeviceCandidate){
                                                                           (uint32_t) entry, (uint32_t) i })
                                         : 0;

                        if (r < 0)
                                return r;
                        marks[j] = false;
                }
        }
        return 0;
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

int device_list_read(const Registry *registry, const StringSet *names, DeviceList *ret)
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
