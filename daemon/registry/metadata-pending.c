/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A list in the order in which things came: the later one of a path counts. When to write it, others decide.
 */

#include "registry/metadata-pending.h"

#include <errno.h>
#include <string.h>

#include "store/store-cache.h"
#include "store/store.h"
#include "util/array.h"

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
