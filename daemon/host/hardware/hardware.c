/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which of the host's modaliases a module file's claim covers. It reads nothing. */

#include "host/hardware/hardware.h"

#include <errno.h>
#include <fnmatch.h>
#include <string.h>

#include "host/hardware/hardware-internal.h"

DeviceClaim device_claim_of_file(const CatalogueFile *file)
{
        return (DeviceClaim){ file->file, file->info, file->module };
}

Hardware *hardware_free(Hardware *hardware)
{
        if (!hardware)
                return NULL;
        for (size_t i = 0; i < hardware->count; i++) {
                Modalias *item = &hardware->items[i];

                if (item->text != item->raw)
                        free(item->text);
                free(item->raw);
                string_set_done(&item->devices);
        }
        free(hardware->items);
        free(hardware);
        return NULL;
}

size_t hardware_count(const Hardware *hardware)
{
        return hardware->count;
}

const char *hardware_modalias(const Hardware *hardware, size_t position)
{
        return hardware->items[position].raw;
}

const StringSet *hardware_devices_at(const Hardware *hardware, size_t position)
{
        return &hardware->items[position].devices;
}

bool alias_normalize(const char *alias, char ret[static ALIAS_SIZE_MAX])
{
        size_t size = strnlen(alias, ALIAS_SIZE_MAX - 1), open = size;

        for (size_t i = 0; i < size; i++) {
                bool within = open < size;

                ret[i] = alias[i] == '-' && !within ? '_' : alias[i];
                if (alias[i] == ']' && !within)
                        return false;
                if (alias[i] == '[' && !within)
                        open = i;
                else if (alias[i] == ']')
                        open = size;
        }
        ret[size] = '\0';
        return open == size;
}

size_t hardware_first_from(const Hardware *hardware, const char *text, size_t size)
{
        size_t low = 0, high = hardware->count;

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (strncmp(hardware->items[middle].text, text, size) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

/* Marks what PATTERN, normalized, matches. Only modaliases that begin like the pattern up to its first
 * wildcard can: a handful of the hundreds that a host has. */
static bool match_pattern(const Hardware *hardware, const char *pattern, bool marks[])
{
        size_t size = strcspn(pattern, "*?[");
        bool any = false;

        if (*pattern == '\0')
                return false;
        for (size_t i = hardware_first_from(hardware, pattern, size); i < hardware->count; i++) {
                const char *text = hardware->items[i].text;

                if (strncmp(text, pattern, size) != 0)
                        break;
                /* A pattern without wildcard ends here, and so must the text. */
                if (!marks[i] && fnmatch(pattern + size, text + size, 0) == 0)
                        marks[i] = true;
                any = any || marks[i];
        }
        return any;
}

static bool match_ids(const Hardware *hardware, const DeviceClaim *claim, bool marks[])
{
        bool any = false;

        for (size_t i = 0; claim->info && i < claim->info->pci_ids_count; i++) {
                const PciIdList *list = &claim->info->pci_ids[i];

                if (strcmp(list->module, claim->module) != 0)
                        continue;
                for (size_t j = 0; j < list->count; j++) {
                        char pattern[PCI_ID_PATTERN_SIZE];

                        pci_id_pattern(&list->items[j], pattern);
                        any |= match_pattern(hardware, pattern, marks);
                }
        }
        return any;
}

bool hardware_match(const Hardware *hardware, const DeviceClaim *claim, bool marks[])
{
        const char *alias = NULL;
        bool any = false;

        if (hardware->count == 0)
                return false;
        while ((alias = module_file_next(claim->file, "alias", alias))) {
                char pattern[ALIAS_SIZE_MAX];

                if (alias_normalize(alias, pattern))
                        any |= match_pattern(hardware, pattern, marks);
        }
        return match_ids(hardware, claim, marks) || any;
}

int hardware_fingerprint(const Hardware *hardware, const DeviceClaim *claim, uint64_t *ret)
{
        bool *marks CLEANUP_FREE = calloc(hardware->count + 1, sizeof(*marks));
        uint64_t sum = 0;

        if (!marks)
                return -ENOMEM;
        if (!hardware_match(hardware, claim, marks)) {
                *ret = 0;
                return 0;
        }
        for (size_t i = 0; i < hardware->count; i++)
                sum += marks[i] ? hardware->items[i].hash : 0;
        *ret = sum != 0 ? sum : 1;
        return 0;
}

int hardware_devices(const Hardware *hardware, const DeviceClaim *claim, StringSet *ret)
{
        bool *marks CLEANUP_FREE = calloc(hardware->count + 1, sizeof(*marks));

        if (!marks)
                return -ENOMEM;
        if (!hardware_match(hardware, claim, marks))
                return 0;
        for (size_t i = 0; i < hardware->count; i++)
                if (marks[i] && string_set_add_all(ret, &hardware->items[i].devices) < 0)
                        return -ENOMEM;
        return 0;
}

/* Whether devices of that alias are there before any driver is; of a name like "fs-ext4" nothing follows. */
static bool is_of_hardware(const char *alias)
{
        static const char *const buses[] = { "pci:", "usb:", "acpi",
                "pnp:", "of:", "virtio:", "vmbus:", "xen:", "ccw:" };

        for (size_t i = 0; i < ELEMENTSOF(buses); i++)
                if (strncmp(alias, buses[i], strlen(buses[i])) == 0)
                        return true;
        return false;
}

bool device_claim_is_on_hardware(const DeviceClaim *claim)
{
        const char *alias = NULL;
        bool found = false;

        while ((alias = module_file_next(claim->file, "alias", alias))) {
                if (!strchr(alias, ':')) /* "fs-ext4", "net-pf-10": no device */
                        continue;
                if (!is_of_hardware(alias))
                        return false;
                found = true;
        }
        for (size_t i = 0; claim->info && i < claim->info->pci_ids_count; i++)
                found = found || (claim->info->pci_ids[i].count > 0 &&
                                                 strcmp(claim->info->pci_ids[i].module, claim->module) == 0);
        return found;
}
