/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Modaliases of the host's devices, and which of them a module file's aliases match. It touches no device.
 */

#include "host/hardware.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "host/path.h"
#include "util/directory.h"
#include "util/fs.h"

/* Attributes of sysfs are a page at most. */
#define ATTRIBUTE_SIZE_MAX (64U * 1024)

typedef struct Modalias {
        char *text; /* normalized */
        StringSet devices;
} Modalias;

struct Hardware {
        Modalias *items; /* by text (strcmp), so that those of one beginning lie side by side */
        size_t count;
};

Hardware *hardware_free(Hardware *hardware)
{
        if (!hardware)
                return NULL;
        for (size_t i = 0; i < hardware->count; i++) {
                free(hardware->items[i].text);
                string_set_done(&hardware->items[i].devices);
        }
        free(hardware->items);
        free(hardware);
        return NULL;
}

size_t hardware_count(const Hardware *hardware)
{
        return hardware->count;
}

/* As depmod and libkmod do before they compare: "-" is "_", but within brackets. In its place. */
static void normalize(char *alias)
{
        for (; *alias != '\0'; alias++) {
                if (*alias == '[')
                        alias += strcspn(alias, "]");
                if (*alias == '\0')
                        return;
                if (*alias == '-')
                        *alias = '_';
        }
}

/* The first of the modaliases that isn't before the SIZE bytes of TEXT. */
static size_t first_from(const Hardware *hardware, const char *text, size_t size)
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

/* Adds a device; takes TEXT. */
static int add_device(Hardware *hardware, char *text, const char *device)
{
        size_t position;
        Modalias *item;

        normalize(text);
        position = first_from(hardware, text, strlen(text) + 1);
        item = position < hardware->count ? &hardware->items[position] : NULL;
        if (item && strcmp(item->text, text) == 0) {
                free(text);
                return string_set_add(&item->devices, device);
        }
        /* The capacity is the next power of two. */
        if ((hardware->count & (hardware->count - 1)) == 0) {
                size_t capacity = hardware->count > 0 ? hardware->count * 2 : 1;
                Modalias *larger = reallocarray(hardware->items, capacity, sizeof(*larger));

                if (!larger) {
                        free(text);
                        return -ENOMEM;
                }
                hardware->items = larger;
        }
        item = &hardware->items[position];
        memmove(item + 1, item, (hardware->count - position) * sizeof(*item));
        *item = (Modalias){ .text = text };
        hardware->count++;
        return string_set_add(&item->devices, device);
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
        if (r != -ENOMEM)
                r = read_attribute(root, device, "uevent", &text);
        if (r < 0)
                return r == -ENOMEM ? r : 0;
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

/* Adds the devices in PATH, "/sys/bus/pci/devices". */
static int read_devices(const HostRoot *root, const char *path, Hardware *hardware)
{
        DIR *dir CLEANUP_DIRECTORY = NULL;
        const struct dirent *entry;
        int fd = host_root_open(root, path, O_RDONLY | O_DIRECTORY), r = 0;

        r = directory_open(fd, &dir);
        if (r < 0)
                return r == -ENOMEM ? r : 0;
        while (r >= 0 && (entry = readdir(dir))) {
                char *target CLEANUP_FREE = NULL, *device CLEANUP_FREE = NULL;
                char *modalias = NULL;

                r = fs_read_link_at(fd, entry->d_name, &target);
                if (r < 0) {
                        r = r == -ENOMEM ? r : 0; /* unplugged, or "." */
                        continue;
                }
                r = path_of_link(path, target, &device);
                if (r >= 0)
                        r = read_modalias(root, device, &modalias);
                if (r > 0)
                        r = add_device(hardware, modalias, device);
        }
        return r;
}

int hardware_read(const HostRoot *root, Hardware **ret)
{
        Hardware *hardware CLEANUP(hardware_freep) = calloc(1, sizeof(*hardware));
        DIR *dir CLEANUP_DIRECTORY = NULL;
        const struct dirent *entry;
        int r;

        if (!hardware)
                return -ENOMEM;
        r = directory_open(host_root_open(root, "/sys/bus", O_RDONLY | O_DIRECTORY), &dir);
        if (r == -ENOMEM)
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
        if (r < 0)
                return r;
        *ret = STEAL(hardware);
        return 0;
}

/* Adds the devices that ALIAS, a pattern, matches to DEVICES; with NULL only finds out. 1 if there are any.
 */
static int match_alias(const Hardware *hardware, const char *alias, StringSet *devices)
{
        char *pattern CLEANUP_FREE = strdup(alias);
        size_t size;
        int matches = 0;

        if (!pattern)
                return -ENOMEM;
        normalize(pattern);
        /* Only modaliases that begin like the pattern up to its first special character can match: a handful
         * of the hundreds that a host has. */
        size = strcspn(pattern, "*?[\\");
        for (size_t i = first_from(hardware, pattern, size); i < hardware->count; i++) {
                const Modalias *item = &hardware->items[i];

                if (strncmp(item->text, pattern, size) != 0)
                        break;
                if (fnmatch(pattern, item->text, 0) != 0)
                        continue;
                matches = 1;
                if (!devices)
                        break;
                if (string_set_add_all(devices, &item->devices) < 0)
                        return -ENOMEM;
        }
        return matches;
}

bool hardware_covers(const Hardware *hardware, const ModuleFile *file)
{
        const char *alias = NULL;

        if (hardware->count == 0)
                return false;
        while ((alias = module_file_next(file, "alias", alias)))
                if (match_alias(hardware, alias, NULL) > 0)
                        return true;
        return false;
}

int hardware_devices(const Hardware *hardware, const ModuleFile *file, StringSet *ret)
{
        StringSet devices CLEANUP_STRING_SET = { 0 };
        const char *alias = NULL;

        while (hardware->count > 0 && (alias = module_file_next(file, "alias", alias)))
                if (match_alias(hardware, alias, &devices) < 0)
                        return -ENOMEM;
        return string_set_add_all(ret, &devices);
}
