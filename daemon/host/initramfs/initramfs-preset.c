/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Packages and presets: /etc/mkinitcpio.d/PACKAGE.preset with PRESETS=('default' 'fallback') and
 * fallback_image=.
 */

#include "host/initramfs/initramfs-preset.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "host/initramfs/initramfs-settings.h"
#include "host/name.h"
#include "util/directory.h"
#include "util/exhausted.h"
#include "util/text-format.h"

/* --- packages ---------------------------------------------------------------------------------------- */

/* The name of the kernel's package, which Arch Linux keeps in the module directory. -ENOENT if there is
 * none. */
static int read_package(const HostRoot *root, const char *release, char **ret)
{
        char *path CLEANUP_FREE = NULL, *name CLEANUP_FREE = NULL;
        int r;

        if (text_format(&path, "/lib/modules/%s/pkgbase", release) < 0)
                return -ENOMEM;
        r = host_root_read(root, path, NAME_BYTES_MAX, &name, NULL);
        if (r < 0)
                return exhausted(r) ? r : -ENOENT;
        name[strcspn(name, "\n")] = '\0';
        if (!name_is_valid(name))
                return -ENOENT;
        *ret = STEAL(name);
        return 0;
}

/* Whether another release is of that package too: then the image belongs to one of them, and nothing says to
 * which. */
static int is_shared(const HostRoot *root, const char *release, const char *package)
{
        DIR *dir CLEANUP_DIRECTORY = NULL;
        const struct dirent *entry;
        int r = directory_open(host_root_open(root, "/lib/modules", O_RDONLY | O_DIRECTORY), &dir);

        if (r < 0)
                return r;
        while ((entry = readdir(dir))) {
                char *other CLEANUP_FREE = NULL;

                if (entry->d_name[0] == '.' || strcmp(entry->d_name, release) == 0)
                        continue;
                r = read_package(root, entry->d_name, &other);
                if (exhausted(r))
                        return r;
                if (r >= 0 && strcmp(other, package) == 0)
                        return 1;
        }
        return 0;
}

int initramfs_package(const HostRoot *root, const char *release, char **ret)
{
        char *package CLEANUP_FREE = NULL;
        int r = read_package(root, release, &package);

        if (r >= 0)
                r = is_shared(root, release, package);
        if (r != 0)
                return exhausted(r) ? r : -ENOENT;
        *ret = STEAL(package);
        return 0;
}

/* --- presets ----------------------------------------------------------------------------------------- */

/* The names in the last PRESETS=(…), which is one line. */
static int take_presets(void *userdata, char *text)
{
        StringSet *names = userdata;
        char *line, *word;
        int r = 0;

        while (r >= 0 && (line = strsep(&text, "\n"))) {
                char *value = settings_value(line + strspn(line, " \t"), "PRESETS");

                if (!value)
                        continue;
                string_set_done(names);
                value[strcspn(value, "#")] = '\0';
                while (r >= 0 && (word = strsep(&value, " \t\r()'\"")))
                        r = *word ? string_set_add(names, word) : 0;
        }
        return r < 0 ? r : 0;
}

static int add_image(
                const HostRoot *root, const char *preset, const char *name, const char *path, StringSet *ret)
{
        char *key CLEANUP_FREE = NULL, *image CLEANUP_FREE = NULL;
        int fd CLEANUP_FD = -1;
        int r;

        if (text_format(&key, "%s_image", name) < 0)
                return -ENOMEM;
        r = settings_last(root, preset, NULL, key, &image);
        if (r < 0 || !image || image[0] != '/' || strcmp(image, path) == 0)
                return r;
        fd = host_root_open(root, image, O_PATH);
        if (fd < 0)
                return exhausted(fd) ? fd : 0;
        r = string_set_add(ret, image);
        return r < 0 ? r : 0;
}

int initramfs_find_others(const HostRoot *root, const char *release, const char *path, StringSet *ret)
{
        StringSet names CLEANUP_STRING_SET = { 0 };
        char *package CLEANUP_FREE = NULL, *preset CLEANUP_FREE = NULL;
        int r = initramfs_package(root, release, &package);

        if (r < 0)
                return r == -ENOENT ? 0 : r;
        if (text_format(&preset, "/etc/mkinitcpio.d/%s.preset", package) < 0)
                return -ENOMEM;
        r = settings_read(root, preset, NULL, take_presets, &names);
        for (size_t i = 0; r >= 0 && i < names.count; i++)
                r = add_image(root, preset, names.items[i], path, ret);
        return r;
}
