/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* By the devices' own links to their drivers, and by the aliases of both modules. */

#include "change/checks/preflight-rivals.h"

#include <errno.h>
#include <string.h>

#include "host/hardware/device.h"
#include "host/module/module-read.h"
#include "util/exhausted.h"
#include "util/text-format.h"

/* A card may have hundreds of functions, all with one driver. */
#define DEVICES_MAX 1024

/* A module that holds devices, and those that it is for. */
typedef struct Holder {
        char *module;
        StringSet devices;
} Holder;

static void holder_done(Holder *holder)
{
        free(holder->module);
        string_set_done(&holder->devices);
}

/* Makes HOLDER be that of MODULE, which is taken over. 0 or a negative errno. */
static int look_up(const Hardware *hardware, SymbolSources *sources, char *module_taken, Holder *holder)
{
        ModuleFile *file CLEANUP(module_file_unrefp) = NULL;
        char *path CLEANUP_FREE = NULL;
        int fd CLEANUP_FD = -1;
        ModuleIndex *index;
        int r;

        holder_done(holder);
        *holder = (Holder){ .module = module_taken };
        r = symbol_sources_index(sources, &index);
        if (r < 0 || !index)
                return r;
        r = module_index_resolve(index, holder->module, &path);
        if (r < 0)
                return exhausted(r) ? r : 0;
        fd = symbol_sources_open(sources, path);
        if (fd < 0)
                return exhausted(fd) ? fd : 0;
        r = module_file_read(fd, NULL, &file);
        if (r < 0 || file->defect != MODULE_SOUND)
                return r;
        return hardware_devices(hardware, &(DeviceClaim){ .file = file, .module = holder->module },
                        &holder->devices);
}

static int add(const Holder *holder, const char *path, StringSet *ret)
{
        char *text CLEANUP_FREE = NULL;

        if (text_format(&text, "%s %s", holder->module, path) < 0)
                return -ENOMEM;
        return string_set_add(ret, text);
}

int preflight_gather_rivals(const HostRoot *root, const Hardware *hardware, SymbolSources *sources,
                const CatalogueFile *file, StringSet *ret)
{
        const DeviceClaim claim = device_claim_of_file(file);
        StringSet devices CLEANUP_STRING_SET = { 0 };
        Holder holder CLEANUP(holder_done) = { 0 };
        int r = hardware_devices(hardware, &claim, &devices);

        for (size_t i = 0; r >= 0 && i < devices.count && i < DEVICES_MAX; i++) {
                Device device CLEANUP_DEVICE = { 0 };

                r = device_read(root, devices.items[i], &device);
                if (r < 0)
                        break;
                if (device.module[0] == '\0' || strcmp(device.module, file->module) == 0 ||
                                symbol_sources_planned(sources, device.module))
                        continue;
                if (!holder.module || strcmp(holder.module, device.module) != 0)
                        r = look_up(hardware, sources, STEAL(device.module), &holder);
                if (r >= 0 && string_set_contains(&holder.devices, devices.items[i]))
                        r = add(&holder, devices.items[i], ret);
        }
        return r < 0 ? r : 0;
}
