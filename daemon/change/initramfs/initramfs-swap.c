/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Exchanges names in a directory; where a file system can't, the old image is kept under a second name. */

#include "change/initramfs/initramfs-swap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "change/initramfs/initramfs-place.h"
#include "util/fs.h"

/* --- swaps ------------------------------------------------------------------------------------------- */

int image_swap_init(const HostRoot *root, const char *path, ImageSwap *ret)
{
        ImageSwap swap CLEANUP(image_swap_done) = { .dir_fd = -1 };
        char *resolved CLEANUP_FREE = NULL;
        char temporary[FS_TEMPORARY_NAME_SIZE];
        struct statvfs vfs;
        int r;

        swap.dir_fd = image_place_open(root, path, &resolved);
        if (swap.dir_fd < 0)
                return swap.dir_fd;
        if (fstatvfs(swap.dir_fd, &vfs) >= 0 && (vfs.f_flag & ST_RDONLY))
                return -EROFS;
        r = fs_temporary_name(temporary);
        if (r < 0)
                return r;
        memcpy(swap.temporary, temporary, sizeof(temporary));
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
        if (swap->dir_fd >= 0 && !swap->kept)
                (void) !fs_remove_at(swap->dir_fd, swap->temporary);
        swap->dir_fd = fd_close(swap->dir_fd);
        free(swap->path);
        free(swap->name);
        free(swap->temporary_path);
        *swap = (ImageSwap){ .dir_fd = -1 };
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
        char kept[NAME_MAX + 1];
        int r = image_place_name_kept(swap->name, kept);

        if (r < 0)
                return r;
        if (linkat(swap->dir_fd, swap->name, swap->dir_fd, kept, 0) < 0)
                r = copy_file(swap->dir_fd, swap->name, kept);
        if (r >= 0 && renameat(swap->dir_fd, swap->temporary, swap->dir_fd, swap->name) < 0)
                r = -errno;
        if (r < 0)
                (void) !fs_remove_at(swap->dir_fd, kept);
        else
                memcpy(swap->temporary, kept, sizeof(kept));
        return r;
}

/* The old image gets the name that the new one has, so that this has to be one which is kept. */
static int replace(ImageSwap *swap)
{
        char kept[NAME_MAX + 1];
        int r = image_place_name_kept(swap->name, kept);

        if (r >= 0 && renameat(swap->dir_fd, swap->temporary, swap->dir_fd, kept) < 0)
                r = -errno;
        if (r < 0)
                return r;
        memcpy(swap->temporary, kept, sizeof(kept));
        if (renameat2(swap->dir_fd, swap->temporary, swap->dir_fd, swap->name, RENAME_EXCHANGE) < 0)
                r = errno == EINVAL || errno == ENOSYS ? replace_by_rename(swap) : -errno;
        swap->swapped = r >= 0;
        return r < 0 ? r : fs_sync(swap->dir_fd);
}

/* Adds to the refusal, which may tell of another image already. */
static int tell_kept(const ImageSwap *swap, int error, Refusal *refusal)
{
        char *before CLEANUP_FREE = STEAL(refusal->sentence);
        const char *slash = strrchr(swap->temporary_path, '/');

        return refuse(refusal, REFUSAL_FAILED,
                        "%s%sThe old %s could not be put back: %s. It is kept as %.*s/%s: move it back, or run "
                        "`hostdriverctl initramfs rebuild`.",
                        before ? before : "", before ? " " : "", swap->path, strerror(error),
                        (int) (slash - swap->temporary_path), swap->temporary_path, swap->temporary);
}

int image_swaps_restore(ImageSwap *swaps, size_t count, Refusal *refusal)
{
        int r = 0;

        for (size_t i = count; i > 0; i--) {
                ImageSwap *swap = &swaps[i - 1];

                if (!swap->swapped)
                        continue;
                swap->swapped = false;
                swap->kept = renameat(swap->dir_fd, swap->temporary, swap->dir_fd, swap->name) < 0;
                if (swap->kept)
                        r = tell_kept(swap, errno, refusal);
                else
                        (void) !fs_sync(swap->dir_fd);
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

int image_swap_back_up(const ImageSwap *swap, uint64_t booted_usec)
{
        char *name CLEANUP_FREE = NULL;
        struct stat st;

        if (asprintf(&name, "%s.bak", swap->name) < 0) {
                name = NULL;
                return -ENOMEM;
        }
        /* A rename changes the ctime, and what was written before stays in the mtime. */
        if (fstatat(swap->dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) >= 0 &&
                        (uint64_t) st.st_ctim.tv_sec * 1000000 >= booted_usec)
                return 0;
        if (renameat(swap->dir_fd, swap->temporary, swap->dir_fd, name) < 0)
                return -errno;
        return fs_sync(swap->dir_fd);
}
