/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The value that says what an image holds: its life and look-up. */

#include "host/initramfs/initramfs-image.h"

#include <string.h>

InitramfsImage *initramfs_image_ref(InitramfsImage *image)
{
        if (image)
                image->references++;
        return image;
}

InitramfsImage *initramfs_image_unref(InitramfsImage *image)
{
        if (!image || --image->references > 0)
                return NULL;
        for (size_t i = 0; i < image->count; i++) {
                free(image->modules[i].name);
                free(image->modules[i].path);
                (void) module_file_unref(image->modules[i].file);
        }
        free(image->modules);
        string_set_done(&image->asked);
        string_set_done(&image->blocked);
        modprobe_rules_done(&image->modprobe);
        free(image->release);
        free(image->path);
        free(image);
        return NULL;
}

const InitramfsModule *initramfs_image_module(const InitramfsImage *image, const char *name)
{
        for (size_t i = 0; i < image->count; i++)
                if (strcmp(image->modules[i].name, name) == 0)
                        return &image->modules[i];
        return NULL;
}

static bool same(const char *a, const char *b)
{
        return *a && strcmp(a, b) == 0;
}

bool initramfs_module_is(const InitramfsModule *module, const ModuleFile *file)
{
        const ModuleFile *inside = module->file;

        if (!inside || inside->defect != MODULE_SOUND || file->defect != MODULE_SOUND)
                return false;
        if (*file->build_id && *inside->build_id)
                return same(file->build_id, inside->build_id);
        if (*file->srcversion && *inside->srcversion)
                return same(file->srcversion, inside->srcversion);
        return same(file->version, inside->version);
}

const char *initramfs_module_path(const char *path, const char *release)
{
        size_t length = strlen(release);

        if (strncmp(path, "usr/", 4) == 0)
                path += 4;
        if (strncmp(path, "lib/modules/", 12) != 0 || strncmp(path + 12, release, length) != 0 ||
                        path[12 + length] != '/')
                return NULL;
        return path + 12 + length + 1;
}
