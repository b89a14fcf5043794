/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Adds up what the file systems have to hold at the same time. */

#include "change/initramfs/initramfs-space.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "change/checks/space.h"
#include "host/initramfs/initramfs-generator.h"
#include "host/initramfs/initramfs-work.h"

/* A new image may be that much larger than the old one: an eighth, and a little for small ones. */
#define MARGIN_DIVISOR 8U
#define MARGIN_BYTES (4ULL * 1024 * 1024)

static uint64_t with_margin(uint64_t bytes)
{
        return bytes + bytes / MARGIN_DIVISOR + MARGIN_BYTES;
}

/* What the new images that lie on DEVICE may take. */
static uint64_t images_on(dev_t device, const ImageSwap *swaps, size_t count)
{
        uint64_t sum = 0;
        struct stat st;

        for (size_t i = 0; i < count; i++)
                if (fstatat(swaps[i].dir_fd, swaps[i].name, &st, AT_SYMLINK_NOFOLLOW) >= 0 &&
                                st.st_dev == device)
                        sum += with_margin((uint64_t) st.st_size);
        return sum;
}

int rebuild_check_space(const ImageSwap *swaps, size_t count, Refusal *refusal)
{
        for (size_t i = 0; i < count; i++) {
                uint64_t needed, available;
                struct stat st;

                if (fstatat(swaps[i].dir_fd, swaps[i].name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
                                space_available(swaps[i].dir_fd, &available) < 0)
                        continue;
                needed = images_on(st.st_dev, swaps, count);
                if (available < needed)
                        return refuse(refusal, REFUSAL_FAILED,
                                        "The file system of %s has %llu KiB of free space, but the new "
                                        "initramfs beside the old one may need %llu KiB. Make room there, by "
                                        "removing old kernels for example.",
                                        swaps[i].path, (unsigned long long) available / 1024,
                                        (unsigned long long) needed / 1024);
        }
        return 0;
}

int rebuild_check_work_space(const HostRoot *root, InitramfsGenerator generator, const RebuildItem *item,
                const ImageSwap *swaps, size_t count, Refusal *refusal)
{
        uint64_t needed = item->old ? initramfs_work_bytes(generator, item->old) : 0, available;
        char *path CLEANUP_FREE = NULL;
        int fd CLEANUP_FD = -1;
        struct stat st;
        int r = initramfs_work_directory(root, generator, &path);

        if (r < 0)
                return r;
        fd = host_root_open(root, path, O_RDONLY | O_DIRECTORY);
        if (needed == 0 || fd < 0 || fstat(fd, &st) < 0 || space_available(fd, &available) < 0)
                return 0;
        needed = with_margin(needed) + images_on(st.st_dev, swaps, count);
        if (available >= needed)
                return 0;
        return refuse(refusal, REFUSAL_FAILED,
                        "The file system of %s, where %s works, has %llu KiB of free space, but making the new "
                        "initramfs may need %llu KiB. Make room there.",
                        path, initramfs_generator_text(generator), (unsigned long long) available / 1024,
                        (unsigned long long) needed / 1024);
}
