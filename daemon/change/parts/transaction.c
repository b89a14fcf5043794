/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The order in which a plan reaches the disk. What each kind of thing needs is in link.c, override-file.c,
 * block-file.c, version-file.c and version-directory.c. */

#include "change/parts/transaction.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "change/parts/transaction-parts.h"
#include "util/fs.h"

int blame(Refusal *refusal, const char *path, int error)
{
        int r = refuse(refusal, REFUSAL_FAILED, "%s could not be written: %s.", path, strerror(-error));

        return r == -ENOMEM ? r : error;
}

int open_configuration(const HostRoot *root, const char *parent, const char *path)
{
        int parent_fd CLEANUP_FD = -1;
        int fd CLEANUP_FD = host_root_open(root, path, O_RDONLY | O_DIRECTORY);
        int r;

        if (fd != -ENOENT)
                return fd_steal(&fd);
        fd = host_root_make_directory(root, path, 0755);
        if (fd < 0)
                return fd_steal(&fd);
        parent_fd = host_root_open(root, parent, O_RDONLY | O_DIRECTORY);
        r = parent_fd < 0 ? parent_fd : fs_sync(parent_fd);
        return r < 0 ? r : fd_steal(&fd);
}

int sweep_temporaries(int dir_fd, mode_t type)
{
        int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        DIR *dir = fd < 0 ? NULL : fdopendir(fd);
        struct dirent *entry;
        struct stat st;
        int r = 0;

        if (!dir) {
                r = -errno;
                (void) fd_close(fd);
                return r;
        }
        while (r >= 0 && (entry = readdir(dir))) {
                if (strncmp(entry->d_name, FS_TEMPORARY_PREFIX, strlen(FS_TEMPORARY_PREFIX)) != 0)
                        continue;
                if (fstatat(dir_fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) >= 0 &&
                                (st.st_mode & S_IFMT) == type)
                        r = fs_remove_at(dir_fd, entry->d_name);
        }
        (void) closedir(dir);
        return r < 0 ? r : 0;
}

typedef int (*ReleasePart)(const HostRoot *root, const Plan *plan, const char *release, Refusal *refusal);

/* Each part for all releases, before the next part. */
static int run_parts(const HostRoot *root, const Plan *plan, const StringSet *releases,
                const ReleasePart *parts, size_t part_count, Refusal *refusal)
{
        int r = 0;

        for (size_t i = 0; r >= 0 && i < part_count; i++)
                for (size_t j = 0; r >= 0 && j < releases->count; j++)
                        r = parts[i](root, plan, releases->items[j], refusal);
        return r;
}

static int check(const HostRoot *root, const Plan *plan, const StringSet *releases, Refusal *refusal)
{
        static const ReleasePart parts[] = { version_directories_check, version_files_check, links_check };
        int r = override_file_check(root, plan, refusal);

        return r < 0 ? r : run_parts(root, plan, releases, parts, ELEMENTSOF(parts), refusal);
}

int transaction_check(const HostRoot *root, const Plan *plan, Refusal *refusal)
{
        StringSet releases CLEANUP_STRING_SET = { 0 };
        int r = plan_releases(plan, &releases);

        return r < 0 ? r : check(root, plan, &releases, refusal);
}

int transaction_apply(const HostRoot *root, const Plan *plan, Refusal *refusal)
{
        static const ReleasePart placing[] = { version_directories_place, version_files_place, links_apply };
        static const ReleasePart taking[] = { version_files_take, version_directories_take };
        StringSet releases CLEANUP_STRING_SET = { 0 };
        int r = plan_releases(plan, &releases);

        if (r >= 0)
                r = check(root, plan, &releases, refusal);
        /* What is to be kept from loading is blocked before its link goes, and what is selected stays
         * blocked until everything else is in place: at no time can a version load that nobody chose. */
        if (r >= 0)
                r = block_files_write(root, plan, refusal);
        if (r >= 0)
                r = run_parts(root, plan, &releases, placing, ELEMENTSOF(placing), refusal);
        if (r >= 0)
                r = override_file_apply(root, plan, refusal);
        /* Only now, when nothing names them any more. */
        if (r >= 0)
                r = run_parts(root, plan, &releases, taking, ELEMENTSOF(taking), refusal);
        if (r >= 0)
                r = block_files_remove(root, plan, refusal);
        return r;
}
