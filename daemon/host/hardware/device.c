/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads the links of a device's directory in sysfs (Documentation/ABI/stable/sysfs-devices). It judges
 * nothing.
 */

#include "host/hardware/device.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "host/path.h"
#include "util/exhausted.h"
#include "util/fs.h"

void device_done(Device *device)
{
        free(device->bus);
        free(device->driver);
        free(device->module);
        *device = (Device){ 0 };
}

static const char *last_component(const char *path)
{
        const char *slash = strrchr(path, '/');

        return slash ? slash + 1 : path;
}

/* What the link NAME in the directory PATH leads to; "" if there is no such link. */
static int read_link(const HostRoot *root, const char *path, const char *name, char **ret)
{
        int fd CLEANUP_FD = host_root_open(root, path, O_RDONLY | O_DIRECTORY);
        char *target CLEANUP_FREE = NULL;
        int r = fd < 0 ? fd : fs_read_link_at(fd, name, &target);

        if (exhausted(r))
                return r;
        if (r >= 0)
                return path_of_link(path, target, ret);
        *ret = strdup("");
        return *ret ? 0 : -ENOMEM;
}

/* The last component of what the link leads to. */
static int read_name(const HostRoot *root, const char *path, const char *name, char **ret)
{
        char *target CLEANUP_FREE = NULL;
        int r = read_link(root, path, name, &target);

        if (r < 0)
                return r;
        *ret = strdup(last_component(target));
        return *ret ? 0 : -ENOMEM;
}

int device_read(const HostRoot *root, const char *path, Device *ret)
{
        Device device CLEANUP_DEVICE = { 0 };
        char *driver CLEANUP_FREE = NULL;
        int r = read_name(root, path, "subsystem", &device.bus);

        if (r >= 0)
                r = read_link(root, path, "driver", &driver);
        if (r < 0)
                return r;
        device.driver = strdup(last_component(driver));
        r = *driver ? read_name(root, driver, "module", &device.module) : 0;
        if (r >= 0 && !device.module)
                device.module = strdup("");
        if (r < 0 || !device.driver || !device.module)
                return -ENOMEM;
        *ret = device;
        device = (Device){ 0 };
        return 0;
}
