/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Exchanges names in a directory; where a file system can't, the old image is kept under a second name. */

#include "change/initramfs/initramfs-swap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "change/disk/transaction-parts.h"

/* A new image may be that much larger than the old one: an eighth, and a little for small ones. */
#define MARGIN_DIVISOR 8U
#define MARGIN_BYTES (4ULL * 1024 * 1024)

/* --- places ------------------------------------------------------------------------------------------ */

/* PATH with its links resolved, but still beneath the root. */
static int resolve_inside(const HostRoot *root, const char *path, char **ret)
{
        char *base CLEANUP_FREE = NULL, *resolved CLEANUP_FREE = NULL;
        const char *inside;
        size_t size;
        int r = host_root_resolve(root, "/", &base);

        if (r >= 0)
                r = host_root_resolve(root, path, &resolved);
        if (r < 0)
                return r;
        size = strcmp(base, "/") == 0 ? 0 : strlen(base);
        if (strncmp(resolved, base, size) != 0 || resolved[size] != '/')
                return -EXDEV;
        inside = resolved + size;
        *ret = strdup(inside);
        return *ret ? 0 : -ENOMEM;
}

/* Opens the directory of an image; *ret_path is the image's own, links resolved. */
static int open_place(const HostRoot *root, const char *path, char **ret_path)
{
        char *resolved CLEANUP_FREE = NULL, *directory CLEANUP_FREE = NULL;
        int r = resolve_inside(root, path, &resolved), fd;

        if (r < 0)
                return r;
        directory = strndup(resolved, (size_t) (strrchr(resolved, '/') - resolved) + 1);
        if (!directory)
                return -ENOMEM;
        fd = host_root_open(root, directory, O_RDONLY | O_DIRECTORY);
        if (fd >= 0)
                *ret_path = STEAL(resolved);
        return fd;
}

int image_swap_init(const HostRoot *root, const char *path, ImageSwap *ret)
{
        ImageSwap swap CLEANUP(image_swap_done) = { .dir_fd = -1 };
        char *resolved CLEANUP_FREE = NULL;
        struct statvfs vfs;
        int r;

        swap.dir_fd = open_place(root, path, &resolved);
        if (swap.dir_fd < 0)
                return swap.dir_fd;
        if (fstatvfs(swap.dir_fd, &vfs) >= 0 && (vfs.f_flag & ST_RDONLY))
                return -EROFS;
        r = fs_temporary_name(swap.temporary);
        if (r < 0)
                return r;
        swap.path = strdup(path);
        swap.name = strdup(strrchr(resolved, '/') + 1);
        if (!swap.path || !swap.name ||
                        asprintf(&swap.temporary_path, "%.*s/%s", (int) (strrchr(resolved, '/') - resolved),
                                        resolved, swap.temporary) < 0)
                return -ENOMEM;
        *ret = swap;
        swap = (ImageSwap){ .dir_fd = -1 };
        return 0;
}

void image_swap_done(ImageSwap *swap)
{
        if (swap->dir_fd >= 0)
                (void) !fs_remove_at(swap->dir_fd, swap->temporary);
        swap->dir_fd = fd_close(swap->dir_fd);
        free(swap->path);
        free(swap->name);
        free(swap->temporary_path);
        *swap = (ImageSwap){ .dir_fd = -1 };
}

void image_swap_sweep(const HostRoot *root, const char *path)
{
        char *resolved CLEANUP_FREE = NULL;
        int fd CLEANUP_FD = open_place(root, path, &resolved);

        /* What can't be removed is tried again at the next start. */
        if (fd >= 0)
                (void) !sweep_temporaries(fd, S_IFREG);
}

/* --- space ------------------------------------------------------------------------------------------- */

/* What the new image of SWAP may take, on *ret_device. */
static uint64_t needed_bytes(const ImageSwap *swap, dev_t *ret_device)
{
        struct stat st;

        if (fstatat(swap->dir_fd, swap->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
                return 0;
        *ret_device = st.st_dev;
        return (uint64_t) st.st_size + (uint64_t) st.st_size / MARGIN_DIVISOR + MARGIN_BYTES;
}

int image_swaps_check_space(const ImageSwap *swaps, size_t count, Refusal *refusal)
{
        for (size_t i = 0; i < count; i++) {
                uint64_t needed = 0, available;
                dev_t device = 0, other = 0;
                struct statvfs vfs;

                (void) needed_bytes(&swaps[i], &device);
                for (size_t j = 0; j < count; j++) {
                        uint64_t bytes = needed_bytes(&swaps[j], &other);

                        needed += other == device ? bytes : 0;
                }
                if (fstatvfs(swaps[i].dir_fd, &vfs) < 0)
                        continue;
                available = (uint64_t) vfs.f_frsize * (geteuid() == 0 ? vfs.f_bfree : vfs.f_bavail);
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

/* --- replacing --------------------------------------------------------------------------------------- */

int image_swap_sync(const ImageSwap *swap)
{
        int fd CLEANUP_FD = openat(swap->dir_fd, swap->temporary,
                        O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
        struct stat st;

        if (fd < 0)
                return errno == ELOOP ? -ENOENT : -errno;
        if (fstat(fd, &st) < 0)
                return -errno;
        return S_ISREG(st.st_mode) && st.st_size > 0 ? fs_sync(fd) : -ENOENT;
}

static int copy_file(int dir_fd, const char *from, const char *to)
{
        int source CLEANUP_FD = openat(dir_fd, from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        int target CLEANUP_FD = -1;
        struct stat st;
        ssize_t n;

        if (source < 0 || fstat(source, &st) < 0)
                return -errno;
        target = openat(dir_fd, to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, st.st_mode & 0777);
        if (target < 0)
                return -errno;
        do
                n = sendfile(target, source, NULL, 1U << 30);
        while (n > 0);
        return n < 0 ? -errno : fs_sync(target);
}

/* For file systems that can't exchange: the old image gets a second name (FAT: a copy) before the new one
 * takes its place. */
static int replace_by_rename(ImageSwap *swap)
{
        char aside[FS_TEMPORARY_NAME_SIZE];
        int r = fs_temporary_name(aside);

        if (r < 0)
                return r;
        if (linkat(swap->dir_fd, swap->name, swap->dir_fd, aside, 0) < 0)
                r = copy_file(swap->dir_fd, swap->name, aside);
        if (r >= 0 && renameat(swap->dir_fd, swap->temporary, swap->dir_fd, swap->name) < 0)
                r = -errno;
        if (r < 0)
                (void) !fs_remove_at(swap->dir_fd, aside);
        else
                memcpy(swap->temporary, aside, sizeof(aside));
        return r;
}

static int replace(ImageSwap *swap)
{
        int r = 0;

        if (renameat2(swap->dir_fd, swap->temporary, swap->dir_fd, swap->name, RENAME_EXCHANGE) < 0)
                r = errno == EINVAL || errno == ENOSYS ? replace_by_rename(swap) : -errno;
        swap->swapped = r >= 0;
        return r < 0 ? r : fs_sync(swap->dir_fd);
}

int image_swaps_restore(ImageSwap *swaps, size_t count, Refusal *refusal)
{
        int r = 0;

        for (size_t i = count; i > 0; i--) {
                ImageSwap *swap = &swaps[i - 1];

                if (!swap->swapped)
                        continue;
                if (renameat(swap->dir_fd, swap->temporary, swap->dir_fd, swap->name) < 0)
                        r = refuse(refusal, REFUSAL_FAILED, "The old %s could not be put back: %s.",
                                        swap->path, strerror(errno));
                else
                        (void) !fs_sync(swap->dir_fd);
                swap->swapped = false;
        }
        return r;
}

int image_swaps_replace(ImageSwap *swaps, size_t count, Refusal *refusal)
{
        for (size_t i = 0; i < count; i++) {
                Refusal restoring CLEANUP_REFUSAL = { 0 };
                int r = replace(&swaps[i]);

                if (r >= 0)
                        continue;
                (void) !image_swaps_restore(swaps, count, &restoring);
                return refuse(refusal, REFUSAL_FAILED, "The new %s could not be put in place: %s.%s%s",
                                swaps[i].path, strerror(-r), restoring.sentence ? " " : "",
                                restoring.sentence ? restoring.sentence : "");
        }
        return 0;
}
