/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads the modaliases of the host's devices from sysfs. It touches no device and matches nothing. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "host/hardware/hardware-internal.h"
#include "host/links.h"
#include "util/directory.h"
#include "util/exhausted.h"
#include "util/fs.h"

/* Attributes of sysfs are a page at most. */
#define ATTRIBUTE_SIZE_MAX (64U * 1024)

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

/* Makes room for one more item at POSITION. The capacity is the next power of two. */
static int open_gap(Hardware *hardware, size_t position)
{
        if ((hardware->count & (hardware->count - 1)) == 0) {
                size_t capacity = hardware->count > 0 ? hardware->count * 2 : 1;
                Modalias *larger = reallocarray(hardware->items, capacity, sizeof(*larger));

                if (!larger)
                        return -ENOMEM;
                hardware->items = larger;
        }
        memmove(&hardware->items[position + 1], &hardware->items[position],
                        (hardware->count - position) * sizeof(*hardware->items));
        hardware->count++;
        return 0;
}

static int add_device(Hardware *hardware, const char *raw, const char *device)
{
        char text[ALIAS_SIZE_MAX];
        char *copy, *normalized;
        size_t position;

        if (!alias_normalize(raw, text))
                return 0; /* no module can be for it */
        position = hardware_first_from(hardware, text, strlen(text) + 1);
        while (position < hardware->count && compare(&hardware->items[position], text, raw) < 0)
                position++;
        if (position < hardware->count && compare(&hardware->items[position], text, raw) == 0)
                return string_set_add(&hardware->items[position].devices, device);
        copy = strdup(raw);
        normalized = !copy || strcmp(raw, text) == 0 ? copy : strdup(text);
        if (!normalized || open_gap(hardware, position) < 0) {
                if (normalized != copy)
                        free(normalized);
                free(copy);
                return -ENOMEM;
        }
        hardware->items[position] = (Modalias){ .text = normalized, .raw = copy };
        return string_set_add(&hardware->items[position].devices, device);
}

static int read_attribute(const HostRoot *root, const char *device, const char *name, char **ret)
{
        char *path CLEANUP_FREE = NULL;

        if (asprintf(&path, "%s/%s", device, name) < 0)
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
                if (asprintf(&path, "/sys/bus/%s/devices", entry->d_name) < 0)
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
