/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Distributions name images in their own ways; each is a row or a function. */

#include "host/initramfs/initramfs-find.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "host/initramfs/initramfs-preset.h"
#include "util/directory.h"
#include "util/exhausted.h"
#include "util/text-format.h"

/* What /etc/machine-id holds: 32 hexadecimal digits, and a newline. */
static int read_machine_id(const HostRoot *root, char **ret)
{
        char *id CLEANUP_FREE = NULL;
        int r = host_root_read(root, "/etc/machine-id", 64, &id, NULL);

        if (r < 0)
                return r;
        id[strcspn(id, "\n")] = '\0';
        if (strlen(id) != 32 || strspn(id, "0123456789abcdef") != 32)
                return -ENOENT;
        *ret = STEAL(id);
        return 0;
}

/* Takes PATH if it is the name of a regular file. */
static int try_path(const HostRoot *root, char *path_taken, char **ret_path, FileStamp *ret_stamp)
{
        char *path CLEANUP_FREE = path_taken;
        struct stat st;
        int fd CLEANUP_FD = -1;

        fd = host_root_open(root, path, O_PATH);
        if (fd < 0)
                return exhausted(fd) ? fd : -ENOENT;
        if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
                return -ENOENT;
        *ret_path = STEAL(path);
        *ret_stamp = file_stamp(&st);
        return 0;
}

static int find_named(const HostRoot *root, const char *release, char **ret_path, FileStamp *ret_stamp)
{
        static const struct {
                const char *before, *after;
        } rows[] = {
                { "/boot/initrd.img-", "" },    /* initramfs-tools; dracut on Debian */
                { "/boot/initramfs-", ".img" }, /* dracut, mkinitcpio */
                { "/boot/initrd-", "" },        /* dracut on SUSE; mkinitrd */
                { "/boot/initrd-", ".img" },    /* XenServer: a link to initrd-RELEASE.img */
                { "/lib/modules/", "/initrd" }, /* dracut where /boot is not to be written to */
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                char *path;
                int r;

                if (text_format(&path, "%s%s%s", rows[i].before, release, rows[i].after) < 0)
                        return -ENOMEM;
                r = try_path(root, path, ret_path, ret_stamp);
                if (r != -ENOENT)
                        return r;
        }
        return -ENOENT;
}

/* kernel-install(8), type 1 of the Boot Loader Specification: ROOT/MACHINE/RELEASE/initrd. */
static int find_installed(const HostRoot *root, const char *release, const char *id, char **ret_path,
                FileStamp *ret_stamp)
{
        static const char *const boots[] = { "/boot", "/efi", "/boot/efi" };
        static const char *const names[] = { "initrd", "initrd.img", "initramfs" };

        for (size_t i = 0; i < ELEMENTSOF(boots) * ELEMENTSOF(names); i++) {
                char *path;
                int r;

                if (text_format(&path, "%s/%s/%s/%s", boots[i / ELEMENTSOF(names)], id, release,
                                    names[i % ELEMENTSOF(names)]) < 0)
                        return -ENOMEM;
                r = try_path(root, path, ret_path, ret_stamp);
                if (r != -ENOENT)
                        return r;
        }
        return -ENOENT;
}

/* mkinitcpio's presets name the image after the package: /boot/initramfs-linux.img. */
static int find_of_package(const HostRoot *root, const char *release, char **ret_path, FileStamp *ret_stamp)
{
        char *package CLEANUP_FREE = NULL, *path = NULL;
        int r = initramfs_package(root, release, &package);

        if (r < 0)
                return r;
        if (text_format(&path, "/boot/initramfs-%s.img", package) < 0)
                return -ENOMEM;
        return try_path(root, path, ret_path, ret_stamp);
}

int initramfs_find(const HostRoot *root, const char *release, char **ret_path, FileStamp *ret_stamp)
{
        char *id CLEANUP_FREE = NULL;
        int r = find_named(root, release, ret_path, ret_stamp);

        if (r == -ENOENT)
                r = find_of_package(root, release, ret_path, ret_stamp);
        if (r != -ENOENT)
                return r;
        r = read_machine_id(root, &id);
        if (r < 0)
                return exhausted(r) ? r : -ENOENT;
        return find_installed(root, release, id, ret_path, ret_stamp);
}

/* "6.1.0-5" is in "arch-6.1.0-5.efi", but not in "arch-6.1.0-50.efi". */
static bool names_release(const char *name, const char *release)
{
        size_t size = strlen(release), length = strlen(name);

        if (length < 4 || strcmp(name + length - 4, ".efi") != 0)
                return false;
        for (const char *p = name; (p = strstr(p, release)); p++)
                if ((p == name || !isalnum((unsigned char) p[-1])) && !isalnum((unsigned char) p[size]))
                        return true;
        return false;
}

int initramfs_find_unified(const HostRoot *root, const char *release, StringSet *ret)
{
        static const char *const directories[] = { "/efi/EFI/Linux", "/boot/EFI/Linux",
                "/boot/efi/EFI/Linux" };
        int r = 0;

        for (size_t i = 0; r >= 0 && i < ELEMENTSOF(directories); i++) {
                DIR *dir CLEANUP_DIRECTORY = NULL;
                const struct dirent *entry;

                r = directory_open(host_root_open(root, directories[i], O_RDONLY | O_DIRECTORY), &dir);
                if (r < 0) {
                        r = exhausted(r) ? r : 0;
                        continue;
                }
                while (r >= 0 && (entry = readdir(dir))) {
                        char *path CLEANUP_FREE = NULL;

                        if (!names_release(entry->d_name, release))
                                continue;
                        if (text_format(&path, "%s/%s", directories[i], entry->d_name) < 0)
                                return -ENOMEM;
                        r = string_set_add(ret, path);
                }
        }
        return r < 0 ? r : 0;
}
