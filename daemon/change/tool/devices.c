/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Looks at the "driver" link of devices, and writes to their uevent files. */

#include "change/tool/devices.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

static int open_below(const HostRoot *root, const char *device, const char *name, int flags)
{
        char *path CLEANUP_FREE = NULL;

        if (asprintf(&path, "%s/%s", device, name) < 0) {
                path = NULL;
                return -ENOMEM;
        }
        return host_root_open(root, path, flags);
}

int devices_find_waiting(const HostRoot *root, const Facts *facts, const Driver *driver,
                const PlanSubject *subject, StringSet *ret)
{
        StringSet covered CLEANUP_STRING_SET = { 0 };
        const DriverVersion *version = driver_version(driver, subject->to);
        const CatalogueFile *file = NULL;
        DeviceClaim claim;
        int r;

        if (driver->loaded || !version || strcmp(subject->release, facts->kernel) != 0)
                return 0;
        file = driver_version_file(facts, driver, version, subject->release);
        if (!file)
                return 0;
        claim = device_claim_of_file(file);
        r = hardware_devices(facts->hardware, &claim, &covered);
        for (size_t i = 0; r >= 0 && i < covered.count; i++) {
                int fd CLEANUP_FD = open_below(root, covered.items[i], "driver", O_PATH);

                if (fd == -ENOENT)
                        r = string_set_add(ret, covered.items[i]);
                else if (fd == -ENOMEM)
                        r = fd;
        }
        return r < 0 ? r : 0;
}

int devices_announce(const HostRoot *root, const StringSet *devices, const char **ret_failed)
{
        static const char action[] = "add";
        int r = 0;

        for (size_t i = 0; i < devices->count; i++) {
                int fd CLEANUP_FD = open_below(root, devices->items[i], "uevent", O_WRONLY | O_NOCTTY);
                int error = fd < 0 ? fd : write(fd, action, strlen(action)) < 0 ? -errno : 0;

                if (error < 0 && r == 0) {
                        r = error;
                        *ret_failed = devices->items[i];
                }
        }
        return r;
}
