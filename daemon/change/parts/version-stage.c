/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Makes directories and copies files. It removes nothing. */

#include "change/parts/version-stage.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "host/module/module-read.h"
#include "util/directory.h"
#include "util/fs-copy.h"
#include "util/fs-tree.h"
#include "util/fs.h"

/* A disk that does less than that is broken. */
#define BYTES_PER_SEC_MIN (256U * 1024)
#define PATIENCE_SEC_MIN 60U

static bool is_unchanged(const ModuleFile *a, const ModuleFile *b)
{
        return a->defect == b->defect && a->machine == b->machine && a->is_signed == b->is_signed &&
               strcmp(a->name, b->name) == 0 && strcmp(a->vermagic, b->vermagic) == 0 &&
               strcmp(a->version, b->version) == 0 && strcmp(a->build_id, b->build_id) == 0;
}

/* What was checked must be what was copied. */
static int check_copy(int dir_fd, const StageFile *file, Refusal *refusal)
{
        ModuleFile *copied CLEANUP(module_file_unrefp) = NULL;
        int fd CLEANUP_FD = openat(dir_fd, file->name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        int r = fd < 0 ? -errno : module_file_read(fd, NULL, &copied);

        if (r < 0)
                return r;
        return is_unchanged(file->read, copied)
                               ? 0
                               : refuse(refusal, REFUSAL_FAILED,
                                                 "%s was changed while it was read. Import it again.",
                                                 file->name);
}

static int stage(const StageDirectory *directory, const StageFiles *files, Refusal *refusal)
{
        int fd CLEANUP_FD = -1;
        int r = 0;

        if (mkdirat(directory->fd, directory->name, 0755) < 0)
                return -errno;
        fd = fs_open_directory_at(directory->fd, directory->name, false);
        if (fd < 0)
                return fd;
        for (size_t i = 0; r >= 0 && i < files->count; i++) {
                const StageFile *file = &files->items[i];

                r = fs_copy_file_at(file->fd, fd, file->name, MODULE_FILE_SIZE_MAX, false);
                if (r >= 0)
                        r = check_copy(fd, file, refusal);
        }
        if (r >= 0)
                r = fs_sync(fd);
        return r < 0 ? r : fs_sync(directory->fd);
}

int version_stage_measure(StageFiles *files)
{
        uint64_t size = 0;

        for (size_t i = 0; i < files->count; i++) {
                struct stat st;

                if (fstat(files->items[i].fd, &st) < 0)
                        return -errno;
                size += (uint64_t) st.st_size;
        }
        files->size = size;
        return 0;
}

unsigned version_stage_patience(uint64_t size)
{
        return PATIENCE_SEC_MIN + (unsigned) (size / BYTES_PER_SEC_MIN);
}

int version_stage(const StageDirectory *directories, size_t directory_count, const StageFiles *files,
                Refusal *refusal)
{
        int r = 0;

        for (size_t i = 0; r >= 0 && i < directory_count; i++)
                r = stage(&directories[i], files, refusal);
        if (r >= 0 || r == -ECANCELED || r == -ENOMEM)
                return r;
        return refuse(refusal, REFUSAL_FAILED, "The files could not be copied to /lib/modules: %s.",
                        strerror(-r));
}

uint64_t version_stage_size(const StageDirectory *directory)
{
        DIR *dir CLEANUP_DIRECTORY = NULL;
        const struct dirent *entry;
        struct stat st;
        uint64_t sum = 0;

        if (directory_open(fs_open_directory_at(directory->fd, directory->name, false), &dir) < 0)
                return 0;
        while ((entry = readdir(dir)))
                if (fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) >= 0 && S_ISREG(st.st_mode))
                        sum += (uint64_t) st.st_size;
        return sum;
}
