/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads the modaliases of the host's devices from sysfs, and tells which of them a module file's claim
 * covers. It touches no device. */

#include "host/hardware/hardware.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <string.h>

#include "host/links.h"
#include "util/array.h"
#include "util/directory.h"
#include "util/exhausted.h"
#include "util/fs.h"
#include "util/text-format.h"

/* Attributes of sysfs are a page at most. */
#define ATTRIBUTE_SIZE_MAX (64U * 1024)

/* libkmod takes no more of an alias. */
#define ALIAS_SIZE_MAX PATH_MAX

typedef struct Modalias {
        char *text; /* normalized */
        char *raw;  /* as the kernel has it; often the same pointer */
        uint64_t hash;
        StringSet devices;
} Modalias;

struct Hardware {
        Modalias *items; /* by text, then raw (strcmp), so that those of one beginning lie side by side */
        size_t count;
};

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

/* Puts ALIAS into the form in which aliases and modaliases are compared. False if no module can have it: a
 * bracket in it isn't closed, or not opened. */
static bool alias_normalize(const char *alias, char ret[static ALIAS_SIZE_MAX])
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

/* The first of the modaliases that isn't before the SIZE bytes of TEXT. */
static size_t first_from(const Hardware *hardware, const char *text, size_t size)
{
        return array_search(i, hardware->count, strncmp(hardware->items[i].text, text, size) < 0);
}

/* FNV-1a, 64 bit (RFC 9923), of TEXT and its NUL. */
static uint64_t hash_text(uint64_t hash, const char *text)
{
        do
                hash = (hash ^ (uint8_t) *text) * 0x100000001B3U;
        while (*text++ != '\0');
        return hash;
}

static int compare(const Modalias *item, const char *text, const char *raw)
{
        int order = strcmp(item->text, text);

        return order != 0 ? order : strcmp(item->raw, raw);
}

static int add_device(Hardware *hardware, const char *raw, const char *device)
{
        char text[ALIAS_SIZE_MAX];
        char *copy, *normalized;
        size_t position;

        if (!alias_normalize(raw, text))
                return 0; /* no module can be for it */
        position = first_from(hardware, text, strlen(text) + 1);
        while (position < hardware->count && compare(&hardware->items[position], text, raw) < 0)
                position++;
        if (position < hardware->count && compare(&hardware->items[position], text, raw) == 0)
                return string_set_add(&hardware->items[position].devices, device);
        copy = strdup(raw);
        normalized = !copy || strcmp(raw, text) == 0 ? copy : strdup(text);
        if (!normalized || !array_reserve(hardware->items, hardware->count)) {
                if (normalized != copy)
                        free(normalized);
                free(copy);
                return -ENOMEM;
        }
        memmove(&hardware->items[position + 1], &hardware->items[position],
                        (hardware->count - position) * sizeof(*hardware->items));
        hardware->count++;
        hardware->items[position] = (Modalias){ .text = normalized, .raw = copy };
        return string_set_add(&hardware->items[position].devices, device);
}

static int read_attribute(const HostRoot *root, const char *device, const char *name, char **ret)
{
        char *path CLEANUP_FREE = NULL;

        if (text_format(&path, "%s/%s", device, name) < 0)
                return -ENOMEM;
        return host_root_read(root, path, ATTRIBUTE_SIZE_MAX, ret, NULL);
}

/* The modalias of a device, as the bus publishes it or else as its uevents carry it. 1, or 0 if it has none.
 */
static int read_modalias(const HostRoot *root, const char *device, char **ret)
{
        static const char key[] = "MODALIAS=";
        char *text CLEANUP_FREE = NULL;
        int r = read_attribute(root, device, "modalias", &text);

        if (r >= 0) {
                text[strcspn(text, "\n")] = '\0';
                *ret = STEAL(text);
                return **ret != '\0' ? 1 : (free(STEAL(*ret)), 0);
        }
        if (!exhausted(r))
                r = read_attribute(root, device, "uevent", &text);
        if (r < 0)
                return exhausted(r) ? r : 0;
        for (const char *line = text; line; line = strchr(line, '\n')) {
                line += *line == '\n';
                if (strncmp(line, key, strlen(key)) != 0)
                        continue;
                line += strlen(key);
                *ret = strndup(line, strcspn(line, "\n"));
                return *ret ? 1 : -ENOMEM;
        }
        return 0;
}

typedef struct DeviceWalk {
        const HostRoot *root;
        Hardware *hardware;
} DeviceWalk;

static int on_device(void *userdata, const char *device)
{
        const DeviceWalk *walk = userdata;
        char *modalias CLEANUP_FREE = NULL;
        int r = read_modalias(walk->root, device, &modalias);

        return r > 0 ? add_device(walk->hardware, modalias, device) : r;
}

/* Adds the devices in PATH, "/sys/bus/pci/devices". */
static int read_devices(const HostRoot *root, const char *path, Hardware *hardware)
{
        DeviceWalk walk = { root, hardware };

        return links_read(root, path, on_device, &walk);
}

static int read_buses(const HostRoot *root, Hardware *hardware)
{
        DIR *dir CLEANUP_DIRECTORY = NULL;
        const struct dirent *entry;
        int r = directory_open(host_root_open(root, "/sys/bus", O_RDONLY | O_DIRECTORY), &dir);

        if (exhausted(r))
                return r;
        r = 0;
        while (dir && r >= 0 && (entry = readdir(dir))) {
                char *path CLEANUP_FREE = NULL;

                if (entry->d_name[0] == '.')
                        continue;
                if (text_format(&path, "/sys/bus/%s/devices", entry->d_name) < 0)
                        return -ENOMEM;
                r = read_devices(root, path, hardware);
        }
        return r;
}

int hardware_read(const HostRoot *root, Hardware **ret)
{
        /* The classes, drivers/firmware/dmi-id.c and drivers/input/input.c of the kernel. */
        static const char *const classes[] = { "/sys/class/dmi", "/sys/class/input" };
        Hardware *hardware CLEANUP(hardware_freep) = calloc(1, sizeof(*hardware));
        int r;

        if (!hardware)
                return -ENOMEM;
        r = read_buses(root, hardware);
        for (size_t i = 0; r >= 0 && i < ELEMENTSOF(classes); i++)
                r = read_devices(root, classes[i], hardware);
        if (r < 0)
                return r;
        for (size_t i = 0; i < hardware->count; i++) {
                Modalias *item = &hardware->items[i];

                item->hash = hash_text(0xCBF29CE484222325U, item->raw);
                for (size_t j = 0; j < item->devices.count; j++)
                        item->hash = hash_text(item->hash, item->devices.items[j]);
        }
        *ret = STEAL(hardware);
        return 0;
}

/* Marks what PATTERN, normalized, matches. Only modaliases that begin like the pattern up to its first
 * wildcard can: a handful of the hundreds that a host has. */
static bool match_pattern(const Hardware *hardware, const char *pattern, bool marks[])
{
        size_t size = strcspn(pattern, "*?[");
        bool any = false;

        if (*pattern == '\0')
                return false;
        for (size_t i = first_from(hardware, pattern, size); i < hardware->count; i++) {
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
