/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Exchanges names in a directory; where a file system can't, the old image is kept under a second name. Our
 * files beside an image are told by their names: temporary ones, and ".initrd.img-6.1.0.hostdriver-" with
 * random digits for what is kept. */

#include "change/initramfs/initramfs-swap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "util/directory.h"
#include "util/fs-tree.h"
#include "util/fs.h"
#include "util/text-format.h"

/* --- the place of an image -------------------------------------------------------------------------- */

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

/* Opens the directory of the image at PATH (a link\'s target). *ret_path is the image\'s own beneath the
 * root, links resolved; the caller frees it. A descriptor or a negative errno. */
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

/* A new name for the old image NAME, or for one that is about to become it: hidden and random, so that no
 * boot loader takes it, and no image_place_sweep(). */
static int name_kept(const char *name, char ret[static NAME_MAX + 1])
{
        char temporary[FS_TEMPORARY_NAME_SIZE];
        int r = fs_temporary_name(temporary);

        if (r < 0)
                return r;
        return snprintf(ret, NAME_MAX + 1, ".%s%s", name, temporary) > NAME_MAX ? -ENAMETOOLONG : 0;
}

static bool is_kept(const char *entry, const char *name)
{
        size_t size = strlen(name);

        return entry[0] == '.' && strncmp(entry + 1, name, size) == 0 && fs_is_temporary(entry + 1 + size);
}

void image_place_sweep(const HostRoot *root, const char *path)
{
        char *resolved CLEANUP_FREE = NULL;
        int fd CLEANUP_FD = open_place(root, path, &resolved);

        /* What can't be removed is tried again at the next start. */
        if (fd >= 0)
                (void) !fs_sweep_temporaries(fd, S_IFREG);
}

/* How many images are kept beside the one at PATH; with REMOVE, they are gone then, if they can be. */
static unsigned find_kept(const HostRoot *root, const char *path, bool remove)
{
        char *resolved CLEANUP_FREE = NULL;
        DIR *dir CLEANUP_DIRECTORY = NULL;
        const struct dirent *entry;
        unsigned count = 0;

        if (directory_open(open_place(root, path, &resolved), &dir) < 0)
                return 0;
        while ((entry = readdir(dir))) {
                if (!is_kept(entry->d_name, strrchr(resolved, '/') + 1))
                        continue;
                count++;
                if (remove)
                        (void) !fs_remove_at(dirfd(dir), entry->d_name);
        }
        return count;
}

bool image_place_keeps(const HostRoot *root, const char *path)
{
        return find_kept(root, path, false) > 0;
}

void image_place_forget(const HostRoot *root, const char *path)
{
        (void) find_kept(root, path, true);
}

/* --- swaps ------------------------------------------------------------------------------------------ */

int image_swap_init(const HostRoot *root, const char *path, ImageSwap *ret)
{
        ImageSwap swap CLEANUP(image_swap_done) = { .dir_fd = -1 };
        char *resolved CLEANUP_FREE = NULL;
        char temporary[FS_TEMPORARY_NAME_SIZE];
        struct statvfs vfs;
        int r;

        swap.dir_fd = open_place(root, path, &resolved);
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
                        text_format(&swap.temporary_path, "%.*s/%s",
                                        (int) (strrchr(resolved, '/') - resolved), resolved,
                                        swap.temporary) < 0)
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

/* --- replacing -------------------------------------------------------------------------------------- */

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
        int r = name_kept(swap->name, kept);

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
        int r = name_kept(swap->name, kept);

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

        if (text_format(&name, "%s.bak", swap->name) < 0)
                return -ENOMEM;
        /* A rename changes the ctime, and what was written before stays in the mtime. */
        if (fstatat(swap->dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) >= 0 &&
                        (uint64_t) st.st_ctim.tv_sec * 1000000 >= booted_usec)
                return 0;
        if (renameat(swap->dir_fd, swap->temporary, swap->dir_fd, name) < 0)
                return -errno;
        return fs_sync(swap->dir_fd);
}
