/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* All versions of a sample host: order, sharing of metadata, files of every kind, changes while it is read.
 */

#include <errno.h>
#include <glib.h>
#include <string.h>

#include "host/tree/catalogue-file.h"
#include "host/tree/catalogue-read.h"
#include "sample-catalogue.h"

static void set_up_xenserver(SampleCatalogue *fixture, gconstpointer data)
{
        sample_root_init_xenserver(&fixture->sample);
}

/* "MODULE|TREE|PACKAGE|VERSION|PATH" of each file, in the catalogue's order. */
static char *describe(const CatalogueRelease *release)
{
        GString *text = g_string_new(NULL);

        for (size_t i = 0; i < release->count; i++) {
                const CatalogueFile *file = &release->files[i];

                g_string_append_printf(text, "%s|%s|%s|%s|%s\n", file->module, file->tree->name,
                                file->package, file->version, file->path);
        }
        return g_string_free(text, FALSE);
}

static void assert_files(const CatalogueRelease *release, const char *expected)
{
        g_autofree char *text = describe(release);

        g_assert_cmpstr(text, ==, expected);
}

static void test_xenserver(SampleCatalogue *fixture, gconstpointer data)
{
        const Catalogue *catalogue = sample_catalogue_read(fixture);
        const CatalogueRelease *release = catalogue_release(catalogue, SAMPLE_KERNEL);
        const CatalogueFile *files;
        size_t count;

        g_assert_cmpuint(catalogue->release_count, ==, 1);
        g_assert_nonnull(release);
        g_assert_true(release->has_index);
        assert_files(release,
                        "bnx2fc|xenserver|bnx2fc|2.12.13|xenserver/bnx2fc/2.12.13/bnx2fc.ko\n"
                        "bnx2fc|xenserver|bnx2fc|2.12.20-dell|xenserver/bnx2fc/2.12.20-dell/bnx2fc.ko\n"
                        "bnx2fc|kernel||kernel|kernel/drivers/scsi/bnx2fc/bnx2fc.ko\n"
                        "dell_laptop|xenserver|dell_laptop|1.2.3|"
                        "xenserver/dell_laptop/1.2.3/dell_laptop.ko\n"
                        "dell_laptop|kernel||kernel|kernel/drivers/platform/x86/dell-laptop.ko\n"
                        "ice|xenserver|intel-ice|1.11.17.1|xenserver/intel-ice/1.11.17.1/ice.ko\n"
                        "ice|xenserver|intel-ice|1.6.4|xenserver/intel-ice/1.6.4/ice.ko\n"
                        "ice|kernel||kernel|kernel/drivers/net/ethernet/intel/ice/ice.ko\n");
        g_assert_cmpuint(catalogue->skip_count, ==, 0);
        g_assert_cmpuint(catalogue->modules.count, ==, 3);
        files = catalogue_find(release, "ice", &count);
        g_assert_cmpuint(count, ==, 3);
        g_assert_cmpstr(files[0].file->version, ==, "1.11.17.1");
        g_assert_cmpstr(files[0].file->note_version, ==, "1.11.17.1");
        g_assert_cmpint(files[0].file->defect, ==, MODULE_SOUND);
        g_assert_null(files[0].info);
        g_assert_null(catalogue_find(release, "e1000e", &count));
        g_assert_cmpuint(count, ==, 0);
        g_assert_null(catalogue_find(release, "zzz", &count));
        g_assert_null(catalogue_release(catalogue, "4.19.0"));
        g_assert_true(catalogue_file_at(release, "xenserver/intel-ice/1.6.4/ice.ko") == &files[1]);
        g_assert_null(catalogue_file_at(release, "xenserver/intel-ice/1.6/ice.ko"));
        g_assert_null(catalogue_file_at(release, "ice"));
        g_assert_null(catalogue_file_at(release, ""));
}

static void test_releases(SampleCatalogue *fixture, gconstpointer data)
{
        const TempDir *dir = &fixture->sample.dir;
        const Catalogue *catalogue;
        size_t count;

        sample_root_add_kernel(&fixture->sample, "5.10.0");
        sample_root_add_module(&fixture->sample, "5.10.0", "kernel/net/ice.ko", NULL);
        sample_catalogue_add(fixture, "xenserver/p/1/ice.ko");
        temp_dir_write(dir, "lib/modules/a-file", "");
        temp_dir_mkdir(dir, "lib/modules/bad\nname");
        temp_dir_link(dir, "lib/modules/6.1-alias", "6.1.0");
        temp_dir_link(dir, "lib/modules/6.1-dangling", "nothing");
        temp_dir_mkdir(dir, "lib/modules/6.2-hollow");
        catalogue = sample_catalogue_read(fixture);
        g_assert_cmpuint(catalogue->release_count, ==, 4);
        g_assert_cmpstr(catalogue->releases[0].release, ==, "5.10.0");
        g_assert_cmpstr(catalogue->releases[1].release, ==, "6.1-alias");
        g_assert_cmpstr(catalogue->releases[2].release, ==, "6.1.0");
        g_assert_cmpstr(catalogue->releases[3].release, ==, "6.2-hollow");
        g_assert_false(catalogue->releases[2].has_index);
        g_assert_cmpuint(catalogue->skip_count, ==, 1);
        g_assert_cmpstr(catalogue->skips[0].path, ==, "/lib/modules/bad\\x0aname");
        g_assert_cmpstr(catalogue->skips[0].reason, ==, "holds a control character");
        /* A driver of one release is one in all of them. */
        g_assert_nonnull(catalogue_find(&catalogue->releases[0], "ice", &count));
        g_assert_cmpuint(count, ==, 1);
}

/* depmod makes an index for none of these. Those that hold nothing, and other names of a release, are passed
 * over without a word. */
static void test_not_releases(SampleCatalogue *fixture, gconstpointer data)
{
        const TempDir *dir = &fixture->sample.dir;
        const Catalogue *catalogue;

        temp_dir_mkdir(dir, "lib/modules/6/kernel");
        temp_dir_mkdir(dir, "lib/modules/custom/xenserver/p/1");
        temp_dir_mkdir(dir, "lib/modules/v6.1/dmv");
        temp_dir_mkdir(dir, "lib/modules/extramodules-6.1/gz");
        temp_dir_link(dir, "lib/modules/current", "6.1.0");
        catalogue = sample_catalogue_read(fixture);
        g_assert_cmpuint(catalogue->release_count, ==, 1);
        g_assert_cmpstr(catalogue->releases[0].release, ==, "6.1.0");
        g_assert_cmpuint(catalogue->skip_count, ==, 3);
        for (size_t i = 0; i < catalogue->skip_count; i++) {
                g_assert_true(g_str_has_prefix(catalogue->skips[i].path, "/lib/modules/"));
                g_assert_nonnull(strstr(catalogue->skips[i].reason, "depmod takes it for none"));
        }
}

static void test_nothing(void)
{
        TempDir dir CLEANUP_TEMP_DIR = { 0 };
        HostRoot *root CLEANUP(host_root_freep) = NULL;
        Catalogue *catalogue CLEANUP(catalogue_freep) = NULL;

        temp_dir_init(&dir, "catalogue");
        g_assert_cmpint(host_root_new(dir.path, "6.1.0", &root), ==, 0);
        g_assert_cmpint(catalogue_read(root, &sample_catalogue_config, NULL, NULL, &catalogue), ==, 0);
        g_assert_cmpuint(catalogue->release_count, ==, 0);
        catalogue = catalogue_free(catalogue);
        temp_dir_write(&dir, "lib/modules", "a file");
        g_assert_cmpint(catalogue_read(root, &sample_catalogue_config, NULL, NULL, &catalogue), ==,
                        -ENOTDIR);
        g_assert_null(catalogue);
}

/* Two files of one module in one version, and one version in two trees. */
static void test_twice(SampleCatalogue *fixture, gconstpointer data)
{
        const Catalogue *catalogue;

        sample_catalogue_add(fixture, "xenserver/p/1/b/ice.ko");
        sample_catalogue_add(fixture, "xenserver/p/1/a/ice.ko.xz");
        sample_catalogue_add(fixture, "dmv/p/1/ice.ko");
        sample_catalogue_add(fixture, "dmv/p/2/ice.ko");
        sample_catalogue_add(fixture, "xenserver/p/3/dell-laptop.ko");
        sample_catalogue_add(fixture, "xenserver/p/3/dell_laptop.ko");
        sample_catalogue_add(fixture, "kernel/ice.ko");
        sample_catalogue_add(fixture, "kernel/net/ice.ko");
        catalogue = sample_catalogue_read(fixture);
        assert_files(&catalogue->releases[0], "dell_laptop|xenserver|p|3|xenserver/p/3/dell-laptop.ko\n"
                                              "ice|xenserver|p|1|xenserver/p/1/a/ice.ko.xz\n"
                                              "ice|dmv|p|2|dmv/p/2/ice.ko\n"
                                              "ice|kernel||kernel|kernel/ice.ko\n");
        g_assert_cmpuint(catalogue->skip_count, ==, 4);
        g_assert_cmpstr(catalogue->skips[0].path, ==, "/lib/modules/6.1.0/xenserver/p/3/dell_laptop.ko");
        g_assert_cmpstr(catalogue->skips[0].reason, ==, "is a second file of this module in this version");
        g_assert_nonnull(sample_catalogue_file(fixture, "dmv/p/2/ice.ko")->info);
}

/* Unchanged files are not read again; changed ones are. */
static void test_shares(SampleCatalogue *fixture, gconstpointer data)
{
        Catalogue *second CLEANUP(catalogue_freep) = NULL;
        ModuleFile *kept, *changed;

        sample_catalogue_add(fixture, "xenserver/p/1/ice.ko");
        sample_catalogue_add(fixture, "xenserver/p/2/ice.ko");
        (void) sample_catalogue_read(fixture);
        kept = sample_catalogue_file(fixture, "xenserver/p/1/ice.ko")->file;
        changed = sample_catalogue_file(fixture, "xenserver/p/2/ice.ko")->file;
        sample_root_add_module(&fixture->sample, "6.1.0", "xenserver/p/2/ice.ko", "another");
        g_assert_cmpint(catalogue_read(fixture->sample.root, &sample_catalogue_config, fixture->catalogue,
                                        NULL, &second),
                        ==, 0);
        fixture->catalogue = catalogue_free(fixture->catalogue);
        fixture->catalogue = STEAL(second);
        g_assert_true(sample_catalogue_file(fixture, "xenserver/p/1/ice.ko")->file == kept);
        g_assert_cmpuint(kept->references, ==, 1);
        g_assert_true(sample_catalogue_file(fixture, "xenserver/p/2/ice.ko")->file != changed);
        g_assert_cmpstr(sample_catalogue_file(fixture, "xenserver/p/2/ice.ko")->file->version, ==,
                        "another");
}

typedef struct Memory {
        GHashTable *files; /* path → ModuleFile */
        FileStamp stamp;   /* the last one */
        unsigned found, kept;
} Memory;

static int memory_find(void *userdata, const char *path, const FileStamp *stamp, ModuleFile **ret)
{
        Memory *memory = userdata;
        ModuleFile *file = g_hash_table_lookup(memory->files, path);

        memory->stamp = *stamp;
        if (!file)
                return 0;
        memory->found++;
        *ret = module_file_ref(file);
        return 1;
}

static int memory_keep(void *userdata, const char *path, const FileStamp *stamp, ModuleFile *file)
{
        Memory *memory = userdata;

        memory->kept++;
        g_assert_true(file_stamp_equal(&memory->stamp, stamp));
        g_hash_table_insert(memory->files, g_strdup(path), module_file_ref((ModuleFile *) file));
        return -EIO; /* no reason to fail */
}

static void free_file(gpointer file)
{
        (void) module_file_unref(file);
}

static void test_cache(SampleCatalogue *fixture, gconstpointer data)
{
        Memory memory = { .files = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_file) };
        MetadataCache cache = { .find = memory_find, .keep = memory_keep, .userdata = &memory };

        sample_catalogue_add(fixture, "xenserver/p/1/ice.ko");
        sample_catalogue_add(fixture, "kernel/ice.ko");
        temp_dir_link(&fixture->sample.dir, "lib/modules/6.1.0/xenserver/p/1/dangling.ko", "nothing");
        for (unsigned i = 0; i < 2; i++) {
                fixture->catalogue = catalogue_free(fixture->catalogue);
                g_assert_cmpint(catalogue_read(fixture->sample.root, &sample_catalogue_config, NULL, &cache,
                                                &fixture->catalogue),
                                ==, 0);
                g_assert_cmpuint(memory.kept, ==, 2);
                g_assert_cmpuint(memory.found, ==, 2 * i);
        }
        g_assert_true(g_hash_table_contains(memory.files, "/lib/modules/6.1.0/xenserver/p/1/ice.ko"));
        g_assert_true(g_hash_table_contains(memory.files, "/lib/modules/6.1.0/kernel/ice.ko"));
        /* A catalogue that has been read is asked before the cache. */
        {
                Catalogue *second CLEANUP(catalogue_freep) = NULL;

                g_assert_cmpint(catalogue_read(fixture->sample.root, &sample_catalogue_config,
                                                fixture->catalogue, &cache, &second),
                                ==, 0);
                g_assert_cmpuint(memory.found, ==, 2);
        }
        g_hash_table_unref(memory.files);
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
#define TEST(name, function)                                                                     \
        g_test_add("/catalogue/" name, SampleCatalogue, NULL, sample_catalogue_set_up, function, \
                        sample_catalogue_tear_down)
        g_test_add("/catalogue/xenserver", SampleCatalogue, NULL, set_up_xenserver, test_xenserver,
                        sample_catalogue_tear_down);
        TEST("releases", test_releases);
        TEST("not-releases", test_not_releases);
        g_test_add_func("/catalogue/nothing", test_nothing);
        TEST("twice", test_twice);
        TEST("shares", test_shares);
        TEST("cache", test_cache);
        return g_test_run();
}
