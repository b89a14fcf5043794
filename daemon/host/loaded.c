/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads /sys/module/NAME (Documentation/ABI/stable/sysfs-module, ABI/testing/sysfs-module). It judges
 * nothing. */

#include "host/loaded.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "host/links.h"
#include "host/module/elf-note.h"
#include "util/exhausted.h"
#include "util/fs.h"
#include "util/text-format.h"

/* The notes of a module have some hundred bytes. */
#define NOTE_SIZE_MAX (64U * 1024)

/* Attributes of sysfs are a page at most. */
#define ATTRIBUTE_SIZE_MAX (64U * 1024)

void loaded_module_done(LoadedModule *loaded)
{
        free(loaded->note_version);
        free(loaded->build_id);
        free(loaded->srcversion);
        free(loaded->version);
        string_set_done(&loaded->devices);
        *loaded = (LoadedModule){ 0 };
}

/* Errors of a single file only leave its fact unknown: the module may be unloaded while it is read. */
static int known(int r)
{
        return exhausted(r) ? r : 0;
}

static int read_attribute(int fd, const char *name, char **place)
{
        int r = fs_read_file_at(fd, name, ATTRIBUTE_SIZE_MAX, place, NULL);

        if (r < 0)
                return known(r);
        (*place)[strcspn(*place, "\n")] = '\0';
        return 0;
}

static int read_notes(int fd, LoadedModule *loaded)
{
        char *note CLEANUP_FREE = NULL, *build_id CLEANUP_FREE = NULL;
        size_t size;
        int r;

        /* Sections of the module file, under their own names: with a dot in front. */
        r = fs_read_file_at(fd, "notes/.note.XenServer", NOTE_SIZE_MAX, &note, &size);
        if (r >= 0)
                r = elf_note_xenserver(
                                (const uint8_t *) note, size, XENSERVER_NOTE_VARIANT, &loaded->note_version);
        if (r == -EBADMSG || r == -EFBIG)
                loaded->notes_defective = true;
        if (exhausted(r))
                return r;
        r = fs_read_file_at(fd, "notes/.note.gnu.build-id", NOTE_SIZE_MAX, &build_id, &size);
        if (r >= 0)
                r = elf_note_build_id((const uint8_t *) build_id, size, &loaded->build_id);
        return known(r);
}

typedef struct DriverWalk {
        const HostRoot *root;
        LoadedModule *loaded;
} DriverWalk;

static int on_device(void *userdata, const char *device)
{
        LoadedModule *loaded = userdata;

        /* The link "module" leads to /sys/module. */
        if (strncmp(device, "/sys/devices/", strlen("/sys/devices/")) != 0)
                return 0;
        return string_set_add(&loaded->devices, device);
}

/* "/sys/bus/pci/drivers/ice". */
static int on_driver(void *userdata, const char *driver)
{
        const DriverWalk *walk = userdata;

        return links_read(walk->root, driver, on_device, walk->loaded);
}

static int read_drivers(const HostRoot *root, const char *module_path, LoadedModule *loaded)
{
        DriverWalk walk = { root, loaded };
        char *path CLEANUP_FREE = NULL;

        if (text_format(&path, "%s/drivers", module_path) < 0)
                return -ENOMEM;
        return links_read(root, path, on_driver, &walk);
}

/* Modules in the kernel image have a directory if they have parameters or a version, but neither of these
 * files. */
static LoadState load_state(int fd)
{
        if (faccessat(fd, "initstate", F_OK, 0) >= 0 || faccessat(fd, "refcnt", F_OK, 0) >= 0)
                return LOAD_LIVE;
        return LOAD_BUILTIN;
}

int loaded_module_read(const HostRoot *root, const char *module, LoadedModule *ret)
{
        LoadedModule loaded CLEANUP(loaded_module_done) = { 0 };
        char *path CLEANUP_FREE = NULL;
        int fd CLEANUP_FD = -1;
        int r;

        if (text_format(&path, "/sys/module/%s", module) < 0)
                return -ENOMEM;
        fd = host_root_open(root, path, O_RDONLY | O_DIRECTORY);
        if (fd < 0 && fd != -ENOENT && fd != -ENOTDIR)
                return fd;
        if (fd >= 0) {
                loaded.state = load_state(fd);
                r = read_notes(fd, &loaded);
                if (r >= 0)
                        r = read_attribute(fd, "srcversion", &loaded.srcversion);
                if (r >= 0)
                        r = read_attribute(fd, "version", &loaded.version);
                if (r >= 0)
                        r = read_drivers(root, path, &loaded);
                if (r < 0)
                        return r;
        }
        *ret = loaded;
        loaded = (LoadedModule){ 0 };
        return 0;
}
