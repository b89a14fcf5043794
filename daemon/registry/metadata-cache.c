/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Finds metadata in what the store remembers, and collects what is new. When to write it, others decide. An
 * error here is never one of the scan: the file is read instead. */

#include "registry/metadata-cache.h"

#include <errno.h>
#include <string.h>

#include "host/module/module-pack.h"
#include "store/store-cache.h"
#include "util/array.h"

typedef struct RememberedFile {
        char *path;
        FileStamp stamp;
        void *data;
        size_t size;
        bool asked_for;
} RememberedFile;

/* The later one of a path counts. */
typedef struct PendingItem {
        char *path;
        FileStamp stamp;
        ModuleFile *file; /* NULL: to be deleted */
} PendingItem;

/* --- what was loaded ----------------------------------------------------------------------------------- */

static void forget_files(RememberedMetadata *metadata)
{
        for (size_t i = 0; i < metadata->file_count; i++) {
                free(metadata->files[i].path);
                free(metadata->files[i].data);
        }
        free(STEAL(metadata->files));
        metadata->file_count = 0;
}

static int remember_file(void *userdata, const CacheKey *key, const void *data, size_t size)
{
        RememberedMetadata *metadata = userdata;
        RememberedFile *files = array_grow(metadata->files, metadata->file_count, sizeof(*files)), *file;

        if (!files)
                return -ENOMEM;
        metadata->files = files;
        file = &files[metadata->file_count++];
        *file = (RememberedFile){
                .path = strdup(key->path),
                .stamp = { key->device, key->inode, key->size, key->mtime_ns, key->ctime_ns },
                .data = malloc(size + 1),
                .size = size,
        };
        if (!file->path || !file->data)
                return -ENOMEM;
        memcpy(file->data, data, size);
        return 0;
}

int remembered_metadata_load(RememberedMetadata *metadata, Store *store)
{
        forget_files(metadata);
        return store_cache_load(store, remember_file, metadata) == -ENOMEM ? -ENOMEM : 0;
}

static int compare_path(const void *key, const void *file)
{
        return strcmp(key, ((const RememberedFile *) file)->path);
}

static int find(void *userdata, const char *path, const FileStamp *stamp, ModuleFile **ret)
{
        RememberedMetadata *metadata = userdata;
        RememberedFile *file;

        if (metadata->file_count == 0)
                return 0;
        file = bsearch(path, metadata->files, metadata->file_count, sizeof(*file), compare_path);
        if (!file)
                return 0;
        file->asked_for = true;
        if (!file_stamp_equal(&file->stamp, stamp))
                return 0;
        return module_file_unpack(file->data, file->size, ret) < 0 ? 0 : 1;
}

/* --- what is to be written ----------------------------------------------------------------------------- */

static void forget_pending(RememberedMetadata *metadata)
{
        for (size_t i = 0; i < metadata->pending_count; i++) {
                free(metadata->pending[i].path);
                (void) module_file_unref(metadata->pending[i].file);
        }
        free(STEAL(metadata->pending));
        metadata->pending_count = 0;
}

static int add_pending(
                RememberedMetadata *metadata, const char *path, const FileStamp *stamp, ModuleFile *file)
{
        char *copy CLEANUP_FREE = strdup(path);
        PendingItem *items = array_grow(metadata->pending, metadata->pending_count, sizeof(*items));

        if (items)
                metadata->pending = items;
        if (!items || !copy)
                return -ENOMEM;
        items[metadata->pending_count++] =
                        (PendingItem){ STEAL(copy), *stamp, file ? module_file_ref(file) : NULL };
        return 0;
}

static int keep(void *userdata, const char *path, const FileStamp *stamp, ModuleFile *file)
{
        return add_pending(userdata, path, stamp, file);
}

MetadataCache remembered_metadata_cache(RememberedMetadata *metadata)
{
        return (MetadataCache){ .find = find, .keep = keep, .userdata = metadata };
}

int remembered_metadata_end(RememberedMetadata *metadata)
{
        int r = 0;

        for (size_t i = 0; r >= 0 && i < metadata->file_count; i++)
                if (!metadata->files[i].asked_for)
                        r = add_pending(metadata, metadata->files[i].path, &(FileStamp){ 0 }, NULL);
        forget_files(metadata);
        return r;
}

static int write_item(Store *store, const PendingItem *item)
{
        const FileStamp *stamp = &item->stamp;
        const CacheKey key = { item->path, stamp->device, stamp->inode, stamp->size, stamp->mtime_ns,
                stamp->ctime_ns };
        void *data CLEANUP_FREE = NULL;
        size_t size;
        int r;

        if (!item->file)
                return store_cache_delete(store, item->path);
        r = module_file_pack(item->file, &data, &size);
        return r < 0 ? r : store_cache_put(store, &key, data, size);
}

int remembered_metadata_write(RememberedMetadata *metadata, Store *store)
{
        int r;

        if (metadata->pending_count == 0)
                return 0;
        r = store_begin(store);
        if (r >= 0) {
                for (size_t i = 0; r >= 0 && i < metadata->pending_count; i++)
                        r = write_item(store, &metadata->pending[i]);
                if (r >= 0)
                        r = store_commit(store);
                if (r < 0)
                        store_rollback(store);
        }
        forget_pending(metadata);
        return r;
}

void remembered_metadata_done(RememberedMetadata *metadata)
{
        forget_files(metadata);
        forget_pending(metadata);
}
