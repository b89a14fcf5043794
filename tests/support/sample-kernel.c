/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The sysfs of a sample root: what is loaded, and which devices there are. */

#include <fcntl.h>
#include <string.h>

#include "host/module/module-file.h"
#include "host/module/module-read.h"
#include "sample-root.h"
#include "util/fs.h"

#define GNU_BUILD_ID 3 /* NT_GNU_BUILD_ID of elf(5) */
#define XENSERVER_VERSION 1

static void write_bytes(const SampleRoot *sample, const char *path, const void *data, size_t size)
{
        char *absolute CLEANUP_FREE = temp_dir_path(&sample->dir, path);
        g_autofree char *parent = g_path_get_dirname(path);
        g_autoptr(GError) error = NULL;

        temp_dir_mkdir(&sample->dir, parent);
        g_file_set_contents(absolute, data, (gssize) size, &error);
        g_assert_no_error(error);
}

static void write_attribute(const SampleRoot *sample, const char *module, const char *name, const char *text)
{
        g_autofree char *path = g_strdup_printf("sys/module/%s/%s", module, name);
        g_autofree char *line = g_strdup_printf("%s\n", text);

        temp_dir_write(&sample->dir, path, line);
}

static void write_build_id(const SampleRoot *sample, const char *module, const char *digits)
{
        g_autofree char *path = g_strdup_printf("sys/module/%s/notes/.note.gnu.build-id", module);
        g_autoptr(GByteArray) notes = g_byte_array_new(), bytes = g_byte_array_new();

        for (; digits[0] != '\0'; digits += 2) {
                guint8 byte = (guint8) (g_ascii_xdigit_value(digits[0]) << 4 |
                                        g_ascii_xdigit_value(digits[1]));

                g_byte_array_append(bytes, &byte, 1);
        }
        sample_note_append(notes, "GNU", GNU_BUILD_ID, bytes->data, bytes->len);
        write_bytes(sample, path, notes->data, notes->len);
}

static void write_note(const SampleRoot *sample, const SampleLoaded *loaded)
{
        g_autofree char *path = g_strdup_printf("sys/module/%s/notes/.note.XenServer", loaded->module);
        g_autoptr(GByteArray) notes = g_byte_array_new();

        if (loaded->note) {
                write_bytes(sample, path, loaded->note, loaded->note_size);
        } else if (loaded->note_version) {
                sample_note_append(notes, "XenServer", XENSERVER_VERSION, loaded->note_version,
                                (guint32) strlen(loaded->note_version) + 1);
                write_bytes(sample, path, notes->data, notes->len);
        }
}

void sample_root_load(const SampleRoot *sample, const SampleLoaded *loaded)
{
        g_autofree char *directory = g_strdup_printf("sys/module/%s/drivers", loaded->module);

        sample_root_unload(sample, loaded->module);
        temp_dir_mkdir(&sample->dir, directory);
        if (!loaded->builtin) {
                write_attribute(sample, loaded->module, "initstate", "live");
                write_attribute(sample, loaded->module, "refcnt", "0");
        }
        if (loaded->srcversion)
                write_attribute(sample, loaded->module, "srcversion", loaded->srcversion);
        if (loaded->version)
                write_attribute(sample, loaded->module, "version", loaded->version);
        if (loaded->build_id)
                write_build_id(sample, loaded->module, loaded->build_id);
        write_note(sample, loaded);
}

/* NULL for what a module file doesn't say, as sysfs does it. */
static const char *said(const char *text)
{
        return text[0] != '\0' ? text : NULL;
}

void sample_root_load_file(const SampleRoot *sample, const char *release, const char *path)
{
        g_autofree char *below = g_strdup_printf("lib/modules/%s/%s", release, path);
        int fd CLEANUP_FD = openat(sample->dir.fd, below, O_RDONLY | O_CLOEXEC);
        ModuleFile *file CLEANUP(module_file_unrefp) = NULL;

        g_assert_cmpint(fd, >=, 0);
        g_assert_cmpint(module_file_read(fd, NULL, &file), ==, 0);
        g_assert_cmpint(file->defect, ==, MODULE_SOUND);
        sample_root_load(sample, &(SampleLoaded){
                                                 .module = file->name,
                                                 .srcversion = said(file->srcversion),
                                                 .version = said(file->version),
                                                 .note_version = said(file->note_version),
                                                 .build_id = said(file->build_id),
                                 });
}

static void remove_tree(const SampleRoot *sample, const char *path)
{
        char *absolute CLEANUP_FREE = temp_dir_path(&sample->dir, path);
        int fd = open(absolute, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

        if (fd >= 0) {
                TempDir dir = { .path = STEAL(absolute), .fd = fd };

                temp_dir_done(&dir);
        }
}

void sample_root_unload(const SampleRoot *sample, const char *module)
{
        g_autofree char *path = g_strdup_printf("sys/module/%s", module);

        remove_tree(sample, path);
}

void sample_root_add_device(
                const SampleRoot *sample, const char *bus, const char *name, const char *modalias)
{
        g_autofree char *attribute = g_strdup_printf("sys/devices/%s/%s/modalias", bus, name);
        g_autofree char *uevent = g_strdup_printf("sys/devices/%s/%s/uevent", bus, name);
        g_autofree char *link = g_strdup_printf("sys/bus/%s/devices/%s", bus, name);
        g_autofree char *target = g_strdup_printf("../../../devices/%s/%s", bus, name);
        g_autofree char *subsystem = g_strdup_printf("sys/devices/%s/%s/subsystem", bus, name);
        g_autofree char *subsystem_target = g_strdup_printf("../../../bus/%s", bus);
        g_autofree char *line = g_strdup_printf("%s\n", modalias ? modalias : "");

        temp_dir_write(&sample->dir, uevent, "");
        if (modalias)
                temp_dir_write(&sample->dir, attribute, line);
        temp_dir_link(&sample->dir, link, target);
        temp_dir_link(&sample->dir, subsystem, subsystem_target);
}

void sample_root_bind_device(const SampleRoot *sample, const char *bus, const char *name, const char *module)
{
        g_autofree char *driver = g_strdup_printf("../../../bus/%s/drivers/%s", bus, module);
        g_autofree char *driver_link = g_strdup_printf("sys/module/%s/drivers/%s:%s", module, bus, module);
        g_autofree char *device = g_strdup_printf("../../../../devices/%s/%s", bus, name);
        g_autofree char *device_link = g_strdup_printf("sys/bus/%s/drivers/%s/%s", bus, module, name);
        g_autofree char *own_link = g_strdup_printf("sys/devices/%s/%s/driver", bus, name);
        g_autofree char *own_target = g_strdup_printf("../../../bus/%s/drivers/%s", bus, module);
        g_autofree char *module_link = g_strdup_printf("sys/bus/%s/drivers/%s/module", bus, module);
        g_autofree char *module_target = g_strdup_printf("../../../../module/%s", module);
        char *absolute CLEANUP_FREE = temp_dir_path(&sample->dir, driver_link);

        temp_dir_link(&sample->dir, device_link, device);
        temp_dir_link(&sample->dir, own_link, own_target);
        if (g_file_test(absolute, G_FILE_TEST_IS_SYMLINK))
                return; /* its second device */
        temp_dir_link(&sample->dir, driver_link, driver);
        temp_dir_link(&sample->dir, module_link, module_target);
}
