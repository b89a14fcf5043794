/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What can be asked of a module file's facts. It reads no file: see module-read.h. */

#include "host/module/module-file.h"

#include <errno.h>
#include <string.h>

#include "host/name.h"

FileStamp file_stamp(const struct stat *st)
{
        return (FileStamp){
                .device = st->st_dev,
                .inode = st->st_ino,
                .size = (uint64_t) st->st_size,
                .mtime_ns = (int64_t) st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec,
                .ctime_ns = (int64_t) st->st_ctim.tv_sec * 1000000000 + st->st_ctim.tv_nsec,
        };
}

bool file_stamp_equal(const FileStamp *a, const FileStamp *b)
{
        return a->device == b->device && a->inode == b->inode && a->size == b->size &&
               a->mtime_ns == b->mtime_ns && a->ctime_ns == b->ctime_ns;
}

ModuleFile *module_file_ref(ModuleFile *file)
{
        if (file)
                file->references++;
        return file;
}

ModuleFile *module_file_unref(ModuleFile *file)
{
        if (file && --file->references == 0)
                free(file);
        return NULL;
}

const char *module_file_identity(const ModuleFile *file)
{
        return file->build_id[0] != '\0' ? file->build_id : file->digest;
}

const char *module_file_next(const ModuleFile *file, const char *key, const char *previous)
{
        const char *end = file->modinfo + file->modinfo_size;
        const char *entry = previous ? previous + strlen(previous) + 1 : file->modinfo;
        size_t size = strlen(key);

        for (; entry < end; entry += strlen(entry) + 1)
                if (strncmp(entry, key, size) == 0 && entry[size] == '=')
                        return entry + size + 1;
        return NULL;
}

bool module_file_is_supported(const ModuleFile *file)
{
        const char *value = NULL;

        while ((value = module_file_next(file, "supported", value)))
                if (strcmp(value, "yes") == 0 || strcmp(value, "external") == 0)
                        return true;
        return false;
}

bool module_file_is_in_tree(const ModuleFile *file)
{
        return module_file_next(file, "intree", NULL) != NULL;
}

const char *module_defect_text(ModuleDefect defect)
{
        switch (defect) {
        case MODULE_SOUND:
                return "is a kernel module";
        case MODULE_UNREADABLE:
                return "can't be read";
        case MODULE_NOT_REGULAR:
                return "is not a regular file";
        case MODULE_TOO_LARGE:
                return "is larger than 256 MiB";
        case MODULE_NOT_A_MODULE:
                break;
        }
        return "is not a kernel module or is cut off";
}

int module_file_dependencies(const ModuleFile *file, StringSet *ret)
{
        const char *depends = module_file_next(file, "depends", NULL);
        char *list CLEANUP_FREE = strdup(depends ? depends : ""), *rest = list;
        int r = list ? 0 : -ENOMEM;

        while (rest && r >= 0) {
                char *module CLEANUP_FREE = NULL;

                /* What is no name is nobody's. */
                r = module_name_canonical(strsep(&rest, ","), &module);
                if (r >= 0)
                        r = string_set_add(ret, module);
                else if (r == -EINVAL)
                        r = 0;
        }
        return r < 0 ? r : 0;
}
