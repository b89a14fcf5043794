/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Finds metadata in what the store remembers, and collects new ones in the order in which they come: the
 * later one of a path counts. When to write them, others decide. An error here is never one of the scan: the
 * file is read instead. */

#include "registry/metadata-cache.h"

#include <errno.h>
#include <string.h>

#include "host/tree/catalogue-file.h"
#include "store/store-cache.h"
#include "store/store.h"
#include "util/array.h"

/* --- what is still to be written ----------------------------------------------------------------------- */

struct PendingItem {
        char *path;
        FileStamp stamp;
        ModuleFile *file; /* NULL: to be deleted */
};

static int add(MetadataPending *pending, const char *path, const FileStamp *stamp, ModuleFile *file)
{
        char *copy CLEANUP_FREE = strdup(path);
        PendingItem *items = array_grow(pending->items, pending->count, sizeof(*items));

        if (items)
                pending->items = items;
        if (!items || !copy)
                return -ENOMEM;
        pending->items[pending->count++] =
                        (PendingItem){ STEAL(copy), *stamp, file ? module_file_ref(file) : NULL };
        return 0;
}

int metadata_pending_keep(
                MetadataPending *pending, const char *path, const FileStamp *stamp, ModuleFile *file)
{
        return add(pending, path, stamp, file);
}

int metadata_pending_forget(MetadataPending *pending, const char *path)
{
        return add(pending, path, &(FileStamp){ 0 }, NULL);
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

int metadata_pending_write(MetadataPending *pending, Store *store)
{
        int r = 0;

        if (pending->count == 0)
                return 0;
        r = store_begin(store);
        if (r >= 0) {
                for (size_t i = 0; r >= 0 && i < pending->count; i++)
                        r = write_item(store, &pending->items[i]);
                if (r >= 0)
                        r = store_commit(store);
                if (r < 0)
                        store_rollback(store);
        }
        metadata_pending_done(pending);
        return r;
}

void metadata_pending_done(MetadataPending *pending)
{
        for (size_t i = 0; i < pending->count; i++) {
                free(pending->items[i].path);
                (void) module_file_unref(pending->items[i].file);
        }
        free(pending->items);
        *pending = (MetadataPending){ 0 };
}

/* --- what is remembered -------------------------------------------------------------------------------- */

typedef struct RememberedFile {
        char *path;
        FileStamp stamp;
        void *data;
        size_t size;
        bool asked_for;
} RememberedFile;

struct RememberedMetadata {
        MetadataPending *pending;
        RememberedFile *files; /* by path */
        size_t count;
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

static int keep(void *userdata, const char *path, const FileStamp *stamp, ModuleFile *file)
{
        return metadata_pending_keep(userdata, path, stamp, file);
}

static int keep_remembered(void *userdata, const char *path, const FileStamp *stamp, ModuleFile *file)
{
        RememberedMetadata *remembered = userdata;

        return metadata_pending_keep(remembered->pending, path, stamp, file);
}

MetadataCache metadata_cache_without(MetadataPending *pending)
{
        return (MetadataCache){ .keep = keep, .userdata = pending };
}

MetadataCache remembered_metadata_cache(RememberedMetadata *remembered)
{
        return (MetadataCache){ .find = find, .keep = keep_remembered, .userdata = remembered };
}

int remembered_metadata_load(Store *store, MetadataPending *pending, RememberedMetadata **ret)
{
        RememberedMetadata *remembered CLEANUP(remembered_metadata_freep) = calloc(1, sizeof(*remembered));

        if (!remembered)
                return -ENOMEM;
        remembered->pending = pending;
        if (store_cache_load(store, remember_file, remembered) == -ENOMEM)
                return -ENOMEM;
        *ret = STEAL(remembered);
        return 0;
}

int remembered_metadata_forget_gone(RememberedMetadata *remembered)
{
        int r = 0;

        for (size_t i = 0; r >= 0 && i < remembered->count; i++)
                if (!remembered->files[i].asked_for)
                        r = metadata_pending_forget(remembered->pending, remembered->files[i].path);
        return r;
}

RememberedMetadata *remembered_metadata_free(RememberedMetadata *remembered)
{
        if (!remembered)
                return NULL;
        for (size_t i = 0; i < remembered->count; i++) {
                free(remembered->files[i].path);
                free(remembered->files[i].data);
        }
        free(remembered->files);
        free(remembered);
        return NULL;
}
