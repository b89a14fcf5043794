/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What sysfs says of a module, with notes whose sizes lie and files that are no files. */

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <string.h>
#include <sys/stat.h>

#include "host/loaded.h"
#include "sample-root.h"

typedef struct Fixture {
        SampleRoot sample;
        LoadedModule loaded;
} Fixture;

static void set_up(Fixture *fixture, gconstpointer data)
{
        sample_root_init(&fixture->sample, "6.1.0");
}

static void tear_down(Fixture *fixture, gconstpointer data)
{
        loaded_module_done(&fixture->loaded);
        sample_root_done(&fixture->sample);
}

static const LoadedModule *read_module(Fixture *fixture, const char *module)
{
        loaded_module_done(&fixture->loaded);
        g_assert_cmpint(loaded_module_read(fixture->sample.root, module, &fixture->loaded), ==, 0);
        return &fixture->loaded;
}

static void test_absent(Fixture *fixture, gconstpointer data)
{
        const LoadedModule *loaded = read_module(fixture, "ice");

        g_assert_cmpint(loaded->state, ==, LOAD_ABSENT);
        g_assert_null(loaded->note_version);
        g_assert_null(loaded->build_id);
        temp_dir_write(&fixture->sample.dir, "sys/module/file", "");
        g_assert_cmpint(read_module(fixture, "file")->state, ==, LOAD_ABSENT);
}

static void test_live(Fixture *fixture, gconstpointer data)
{
        const LoadedModule *loaded;

        sample_root_load(&fixture->sample, &(SampleLoaded){
                                                           .module = "ice",
                                                           .version = "1.6.4-k",
                                                           .srcversion = "0123456789ABCDEF",
                                                           .note_version = "1.6.4",
                                                           .build_id = "00ff10",
                                           });
        loaded = read_module(fixture, "ice");
        g_assert_cmpint(loaded->state, ==, LOAD_LIVE);
        g_assert_cmpstr(loaded->version, ==, "1.6.4-k");
        g_assert_cmpstr(loaded->srcversion, ==, "0123456789ABCDEF");
        g_assert_cmpstr(loaded->note_version, ==, "1.6.4");
        g_assert_cmpstr(loaded->build_id, ==, "00ff10");
        g_assert_false(loaded->notes_defective);
        g_assert_cmpuint(loaded->devices.count, ==, 0);
}

static void test_says_nothing(Fixture *fixture, gconstpointer data)
{
        const LoadedModule *loaded;

        sample_root_load(&fixture->sample, &(SampleLoaded){ .module = "ice" });
        loaded = read_module(fixture, "ice");
        g_assert_cmpint(loaded->state, ==, LOAD_LIVE);
        g_assert_null(loaded->version);
        g_assert_null(loaded->srcversion);
        g_assert_null(loaded->note_version);
        g_assert_null(loaded->build_id);
        g_assert_false(loaded->notes_defective);
}

static void test_builtin(Fixture *fixture, gconstpointer data)
{
        sample_root_load(&fixture->sample,
                        &(SampleLoaded){ .module = "ice", .builtin = true, .version = "1.0" });
        g_assert_cmpint(read_module(fixture, "ice")->state, ==, LOAD_BUILTIN);
        g_assert_cmpstr(fixture->loaded.version, ==, "1.0");
        /* Kernels without CONFIG_MODULE_UNLOAD have no refcnt, but an initstate. */
        temp_dir_write(&fixture->sample.dir, "sys/module/ice/initstate", "live\n");
        g_assert_cmpint(read_module(fixture, "ice")->state, ==, LOAD_LIVE);
}

/* Records before ours are passed over; the first of type 1 counts. */
static void test_other_records(Fixture *fixture, gconstpointer data)
{
        g_autoptr(GByteArray) notes = g_byte_array_new();

        sample_note_append(notes, "Linux", 0x101, "x", 1);
        sample_note_append(notes, "XenServer", 2, "wrong", 6);
        sample_note_append(notes, "XenServer", 1, "1.11.17.1", 10);
        sample_note_append(notes, "XenServer", 1, "later", 6);
        sample_root_load(&fixture->sample,
                        &(SampleLoaded){ .module = "ice", .note = notes->data, .note_size = notes->len });
        g_assert_cmpstr(read_module(fixture, "ice")->note_version, ==, "1.11.17.1");
}

static void test_defective_notes(Fixture *fixture, gconstpointer data)
{
        static const guint32 lies[] = { 10, 0xffffffff, 1 };
        g_autofree guint8 *large = g_malloc0(100 * 1024);
        const struct {
                const void *note;
                size_t size;
                bool defective;
        } rows[] = {
                { lies, sizeof(lies), true },
                { "short", 5, true },
                { "", 0, false },
                { large, 100 * 1024, true },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
                const LoadedModule *loaded;

                sample_root_load(&fixture->sample, &(SampleLoaded){
                                                                   .module = "ice",
                                                                   .version = "1.0",
                                                                   .note = rows[i].note,
                                                                   .note_size = rows[i].size,
                                                                   .build_id = "aa",
                                                   });
                loaded = read_module(fixture, "ice");
                g_assert_cmpint(loaded->notes_defective, ==, rows[i].defective);
                g_assert_null(loaded->note_version);
                /* The other facts don't suffer. */
                g_assert_cmpstr(loaded->build_id, ==, "aa");
                g_assert_cmpstr(loaded->version, ==, "1.0");
        }
}

static void test_devices(Fixture *fixture, gconstpointer data)
{
        const SampleRoot *sample = &fixture->sample;
        const LoadedModule *loaded;

        sample_root_load(sample, &(SampleLoaded){ .module = "ice" });
        sample_root_load(sample, &(SampleLoaded){ .module = "other" });
        sample_root_add_device(sample, "pci", "0000:3b:00.1", "pci:a");
        sample_root_add_device(sample, "pci", "0000:3b:00.0", "pci:a");
        sample_root_add_device(sample, "pci", "0000:4c:00.0", "pci:b");
        sample_root_add_device(sample, "auxiliary", "ice.roce.0", NULL);
        sample_root_bind_device(sample, "pci", "0000:3b:00.1", "ice");
        sample_root_bind_device(sample, "pci", "0000:3b:00.0", "ice");
        sample_root_bind_device(sample, "auxiliary", "ice.roce.0", "ice");
        sample_root_bind_device(sample, "pci", "0000:4c:00.0", "other");
        loaded = read_module(fixture, "ice");
        g_assert_cmpuint(loaded->devices.count, ==, 3);
        g_assert_cmpstr(loaded->devices.items[0], ==, "/sys/devices/auxiliary/ice.roce.0");
        g_assert_cmpstr(loaded->devices.items[1], ==, "/sys/devices/pci/0000:3b:00.0");
        g_assert_cmpstr(loaded->devices.items[2], ==, "/sys/devices/pci/0000:3b:00.1");
}

/* Something in sysfs's place that would block or mislead a careless reader. */
static void test_no_regular_files(Fixture *fixture, gconstpointer data)
{
        const TempDir *dir = &fixture->sample.dir;
        const LoadedModule *loaded;

        sample_root_load(&fixture->sample, &(SampleLoaded){ .module = "ice" });
        temp_dir_mkdir(dir, "sys/module/ice/notes");
        g_assert_cmpint(mkfifoat(dir->fd, "sys/module/ice/notes/.note.XenServer", 0600), ==, 0);
        g_assert_cmpint(mkfifoat(dir->fd, "sys/module/ice/version", 0600), ==, 0);
        temp_dir_link(dir, "sys/module/ice/srcversion", "initstate");
        temp_dir_link(dir, "sys/module/ice/drivers/pci:out", "/etc");
        temp_dir_link(dir, "sys/module/ice/drivers/pci:dangling", "nothing");
        loaded = read_module(fixture, "ice");
        g_assert_cmpint(loaded->state, ==, LOAD_LIVE);
        g_assert_null(loaded->note_version);
        g_assert_null(loaded->version);
        g_assert_null(loaded->srcversion);
        g_assert_cmpuint(loaded->devices.count, ==, 0);
}

/* What this kernel itself says, if it has loaded any module. */
static void test_this_host(void)
{
        HostRoot *root CLEANUP(host_root_freep) = NULL;
        g_autofree char *text = NULL;
        char *end;
        LoadedModule loaded = { 0 };

        if (!g_file_get_contents("/proc/modules", &text, NULL, NULL) || text[0] == '\0') {
                g_test_skip("this kernel has loaded no module");
                return;
        }
        end = strchr(text, ' ');
        g_assert_nonnull(end);
        *end = '\0';
        g_assert_cmpint(host_root_new("/", NULL, &root), ==, 0);
        g_assert_cmpint(loaded_module_read(root, text, &loaded), ==, 0);
        g_assert_cmpint(loaded.state, ==, LOAD_LIVE);
        loaded_module_done(&loaded);
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
#define TEST(name, function) g_test_add("/loaded/" name, Fixture, NULL, set_up, function, tear_down)
        TEST("absent", test_absent);
        TEST("live", test_live);
        TEST("says-nothing", test_says_nothing);
        TEST("builtin", test_builtin);
        TEST("other-records", test_other_records);
        TEST("defective-notes", test_defective_notes);
        TEST("devices", test_devices);
        TEST("no-regular-files", test_no_regular_files);
        g_test_add_func("/loaded/this-host", test_this_host);
        return g_test_run();
}
