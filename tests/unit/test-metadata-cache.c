/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is read of module files gets to the database and back, later and at once. */

#include <glib.h>

#include "host/module/module-assemble.h"
#include "host/tree/catalogue-file.h"
#include "registry/metadata-cache.h"
#include "store/store-open.h"
#include "store/store.h"
#include "temp-dir.h"

static const FileStamp stamp = { .device = 1, .inode = 2, .size = 3, .mtime_ns = 4, .ctime_ns = 5 };

static Store *open_store(const TempDir *dir)
{
        StoreCondition condition;
        Store *store = NULL;

        g_assert_cmpint(store_open(dir->path, &condition, NULL, &store), ==, 0);
        return store;
}

static void keep(RememberedMetadata *metadata, const char *path)
{
        ModuleFile *file CLEANUP(module_file_unrefp) = NULL;
        MetadataCache cache = remembered_metadata_cache(metadata);

        g_assert_cmpint(module_file_new_defective(MODULE_NOT_A_MODULE, 0, &file), >=, 0);
        g_assert_cmpint(cache.keep(cache.userdata, path, &stamp, file), ==, 0);
}

/* Whether the next start would find PATH; it asks for no other. */
static bool is_stored(Store *store, const char *path, RememberedMetadata *metadata)
{
        MetadataCache cache = remembered_metadata_cache(metadata);
        ModuleFile *file CLEANUP(module_file_unrefp) = NULL;
        bool found;

        g_assert_cmpint(remembered_metadata_load(metadata, store), ==, 0);
        found = cache.find(cache.userdata, path, &stamp, &file) > 0;
        g_assert_true(!found || file->defect == MODULE_NOT_A_MODULE);
        g_assert_cmpint(remembered_metadata_end(metadata), ==, 0);
        /* For the first reading only. */
        g_assert_cmpint(cache.find(cache.userdata, path, &stamp, &file), ==, 0);
        return found;
}

static void test_write(void)
{
        TempDir dir CLEANUP_TEMP_DIR;
        RememberedMetadata metadata CLEANUP(remembered_metadata_done) = { 0 };
        Store *store;

        temp_dir_init(&dir, "metadata");
        store = open_store(&dir);
        keep(&metadata, "/lib/modules/r/a.ko");
        keep(&metadata, "/lib/modules/r/b.ko");
        g_assert_cmpuint(metadata.pending_count, ==, 2);
        g_assert_cmpint(remembered_metadata_write(&metadata, store), ==, 0);
        g_assert_cmpuint(metadata.pending_count, ==, 0);
        (void) store_free(store);

        store = open_store(&dir);
        g_assert_true(is_stored(store, "/lib/modules/r/a.ko", &metadata));
        g_assert_cmpuint(metadata.pending_count, ==, 1); /* b.ko, which nobody asked for */
        g_assert_cmpint(remembered_metadata_write(&metadata, store), ==, 0);
        g_assert_false(is_stored(store, "/lib/modules/r/b.ko", &metadata));
        (void) store_free(store);
}

/* The later word on a path counts. */
static void test_order(void)
{
        TempDir dir CLEANUP_TEMP_DIR;
        RememberedMetadata metadata CLEANUP(remembered_metadata_done) = { 0 };
        Store *store;

        temp_dir_init(&dir, "metadata");
        store = open_store(&dir);
        keep(&metadata, "a");
        keep(&metadata, "b");
        g_assert_cmpint(remembered_metadata_write(&metadata, store), ==, 0);
        g_assert_true(is_stored(store, "a", &metadata));
        /* b is to be deleted, until it is there again. */
        keep(&metadata, "b");
        g_assert_cmpint(remembered_metadata_write(&metadata, store), ==, 0);
        g_assert_true(is_stored(store, "b", &metadata));
        (void) store_free(store);
}

/* Where nothing can be remembered, nothing piles up either. */
static void test_failure(void)
{
        TempDir dir CLEANUP_TEMP_DIR;
        RememberedMetadata metadata CLEANUP(remembered_metadata_done) = { 0 };
        g_autofree char *missing = NULL;
        StoreCondition condition;
        Store *store = NULL;

        temp_dir_init(&dir, "metadata");
        temp_dir_write(&dir, "file", "");
        missing = g_build_filename(dir.path, "file", NULL);
        g_assert_cmpint(store_open(missing, &condition, NULL, &store), ==, 0);
        g_assert_cmpint(condition, ==, STORE_ABSENT);
        keep(&metadata, "a");
        g_assert_cmpint(remembered_metadata_write(&metadata, store), <, 0);
        g_assert_cmpuint(metadata.pending_count, ==, 0);
        (void) store_free(store);
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/metadata-cache/write", test_write);
        g_test_add_func("/metadata-cache/order", test_order);
        g_test_add_func("/metadata-cache/failure", test_failure);
        return g_test_run();
}
