/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What generators' sources say of their temporary files. */

#include "host/initramfs/initramfs-work.h"

#include <errno.h>
#include <string.h>

#include "host/initramfs/initramfs-settings.h"

typedef struct Place {
        InitramfsGenerator generator;
        const char *path; /* as settings_read() takes it, in the order in which the generator reads them */
        const char *ending;
        const char *key;
} Place;

static const Place places[] = {
        { INITRAMFS_TOOLS, "/etc/initramfs-tools/initramfs.conf", NULL, "TMPDIR" },
        { INITRAMFS_TOOLS, "/usr/share/initramfs-tools/conf.d", "", "TMPDIR" },
        { INITRAMFS_TOOLS, "/etc/initramfs-tools/conf.d", "", "TMPDIR" },
        { INITRAMFS_DRACUT, "/etc/dracut.conf", NULL, "tmpdir" },
        { INITRAMFS_DRACUT, "/usr/lib/dracut/dracut.conf.d", ".conf", "tmpdir" },
        { INITRAMFS_DRACUT, "/etc/dracut.conf.d", ".conf", "tmpdir" },
};

int initramfs_work_directory(const HostRoot *root, InitramfsGenerator generator, char **ret)
{
        char *path CLEANUP_FREE = NULL;
        int r = 0;

        for (size_t i = 0; r >= 0 && i < ELEMENTSOF(places); i++)
                if (places[i].generator == generator)
                        r = settings_last(root, places[i].path, places[i].ending, places[i].key, &path);
        if (r < 0)
                return r;
        /* What a shell would have to expand isn't known. */
        if (path && path[0] == '/' && !strpbrk(path, "$`\\"))
                *ret = STEAL(path);
        else
                *ret = strdup(generator == INITRAMFS_MKINITCPIO ? "/tmp" : "/var/tmp");
        return *ret ? 0 : -ENOMEM;
}

uint64_t initramfs_work_bytes(InitramfsGenerator generator, const InitramfsImage *image)
{
        if (image->error < 0)
                return 0;
        switch (generator) {
        case INITRAMFS_TOOLS:
                return 2 * image->unpacked;
        case INITRAMFS_DRACUT:
                return image->unpacked + (uint64_t) image->stamp.size;
        case INITRAMFS_MKINITCPIO:
                return image->unpacked;
        case INITRAMFS_AUTO:
        case INITRAMFS_NONE:
        default:
                return 0;
        }
}
