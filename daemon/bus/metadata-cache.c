/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Finds and keeps metadata in the store. An error here is never one of the scan: the file is read instead.
 */

#include "bus/metadata-cache.h"
#include "util/array.h"

#include <errno.h>
#include <string.h>

typedef struct RememberedFile {
        char *path;
        FileStamp stamp;
        void *data;
        size_t size;
        bool asked_for;
} RememberedFile;

struct RememberedMetadata {
        Store *store;
        RememberedFile *files; /* by path */
        size_t count;
        bool in_transaction;
};

static int remember_file(void *userdata, const CacheKey *key, const void *data, size_t size)
{
        RememberedMetadata *remembered = userdata;
        RememberedFile file = {
                .stamp = { key->device, key->inode, key->size, key->mtime_ns, key->ctime_ns },
                .size = size,
        };
        RememberedFile *files = array_grow(remembered->files, remembered->count, sizeof(*files));

        if (!files)
                return -ENOMEM;
        remembered->files = files;
        file.path = strdup(key->path);
        file.data = malloc(size + 1);
        if (!file.path || !file.data) {
                free(file.path);
                free(file.data);
                return -ENOMEM;
        }
        memcpy(file.data, data, size);
        remembered->files[remembered->count++] = file;
        return 0;
}

static int compare_path(const void *key, const void *file)
{
        return strcmp(key, ((const RememberedFile *) file)->path);
}

static int find(void *userdata, const char *path, const FileStamp *stamp, ModuleFile **ret)
{
        RememberedMetadata *remembered = userdata;
        RememberedFile *file;

        if (remembered->count == 0)
                return 0;
        file = bsearch(path, remembered->files, remembered->count, sizeof(*file), compare_path);
        if (!file)
                return 0;
        file->asked_for = true;
        if (!file_stamp_equal(&file->stamp, stamp))
                return 0;
        return module_file_unpack(file->data, file->size, ret) < 0 ? 0 : 1;
}

static int keep_in(Store *store, const char *path, const FileStamp *stamp, const ModuleFile *file)
{
        const CacheKey key = { path, stamp->device, stamp->inode, stamp->size, stamp->mtime_ns,
                stamp->ctime_ns };
        void *data CLEANUP_FREE = NULL;
        size_t size;
        int r;

        r = module_file_pack(file, &data, &size);
        return r < 0 ? r : store_cache_put(store, &key, data, size);
}

static int keep(void *userdata, const char *path, const FileStamp *stamp, const ModuleFile *file)
{
        return keep_in(userdata, path, stamp, file);
}

/* Begins the one transaction with the first write, so that a scan without news writes nothing. */
static void write_together(RememberedMetadata *remembered)
{
        if (!remembered->in_transaction)
                remembered->in_transaction = store_begin(remembered->store) >= 0;
}

static int keep_remembered(void *userdata, const char *path, const FileStamp *stamp, const ModuleFile *file)
{
        RememberedMetadata *remembered = userdata;

        write_together(remembered);
        return keep_in(remembered->store, path, stamp, file);
}

MetadataCache metadata_cache_of_store(Store *store)
{
        return (MetadataCache){ .keep = keep, .userdata = store };
}

MetadataCache remembered_metadata_cache(RememberedMetadata *remembered)
{
        return (MetadataCache){ .find = find, .keep = keep_remembered, .userdata = remembered };
}

int remembered_metadata_load(Store *store, RememberedMetadata **ret)
{
        RememberedMetadata *remembered CLEANUP(remembered_metadata_freep) = calloc(1, sizeof(*remembered));

        if (!remembered)
                return -ENOMEM;
        remembered->store = store;
        if (store_cache_load(store, remember_file, remembered) == -ENOMEM)
                return -ENOMEM;
        *ret = STEAL(remembered);
        return 0;
}

void remembered_metadata_settle(RememberedMetadata *remembered)
{
        int r = 0;

        for (size_t i = 0; r >= 0 && i < remembered->count; i++)
                if (!remembered->files[i].asked_for) {
                        write_together(remembered);
                        r = store_cache_delete(remembered->store, remembered->files[i].path);
                }
        if (!remembered->in_transaction)
                return;
        remembered->in_transaction = false;
        if (r >= 0)
                r = store_commit(remembered->store);
        /* Then the next start reads the files again. */
        if (r < 0)
                store_rollback(remembered->store);
}

RememberedMetadata *remembered_metadata_free(RememberedMetadata *remembered)
{
        if (!remembered)
                return NULL;
        if (remembered->in_transaction)
                store_rollback(remembered->store);
        for (size_t i = 0; i < remembered->count; i++) {
                free(remembered->files[i].path);
                free(remembered->files[i].data);
        }
        free(remembered->files);
        free(remembered);
        return NULL;
}
