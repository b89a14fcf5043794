/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Debian's flag files, as notify-reboot-required of update-notifier writes them; unattended-upgrades,
 * needrestart and login messages read them. */

#include "change/reboot-flag.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "util/fs.h"
#include "util/text-format.h"

#define RUN_DIRECTORY "/run"
#define FLAG "reboot-required"
#define PACKAGES "reboot-required.pkgs"
#define FLAG_TEXT "*** System restart required ***\n"
#define PACKAGE "hostdriver"

/* The other packages' lines are theirs, however many there are. */
#define PACKAGES_SIZE_MAX (1024U * 1024)

/* Stands there while the flag is one that we made. */
#define OURS_DIRECTORY "/run/hostdriver"
#define OURS "reboot-required"

/* TEXT without our lines; *ret_found tells whether there were any. The caller frees it. */
static char *without_us(const char *text, bool *ret_found)
{
        char *rest = malloc(strlen(text) + 1), *end = rest;

        if (!rest)
                return NULL;
        *ret_found = false;
        while (*text) {
                size_t length = strcspn(text, "\n"), size = length + (text[length] == '\n');

                if (length == strlen(PACKAGE) && strncmp(text, PACKAGE, length) == 0)
                        *ret_found = true;
                else
                        end = (char *) memcpy(end, text, size) + size;
                text += size;
        }
        *end = '\0';
        return rest;
}

static int exists(int directory_fd, const char *name)
{
        if (faccessat(directory_fd, name, F_OK, AT_SYMLINK_NOFOLLOW) >= 0)
                return 1;
        return errno == ENOENT ? 0 : -errno;
}

static int raise_flag(int run_fd, int ours_fd, const char *others, bool listed)
{
        char *packages CLEANUP_FREE = NULL;
        size_t length = strlen(others);
        int r;

        r = exists(run_fd, FLAG);
        if (r < 0)
                return r;
        if (r == 0) {
                r = fs_write_file_at(ours_fd, OURS, "", 0, 0644);
                if (r < 0)
                        return r;
                r = fs_write_file_at(run_fd, FLAG, FLAG_TEXT, strlen(FLAG_TEXT), 0644);
                if (r < 0)
                        return r;
        }
        if (listed)
                return 0;
        r = text_format(&packages, "%s%s%s\n", others, length > 0 && others[length - 1] != '\n' ? "\n" : "",
                        PACKAGE);
        return r < 0 ? r : fs_write_file_at(run_fd, PACKAGES, packages, strlen(packages), 0644);
}

static int lower_flag(int run_fd, int ours_fd, const char *others, bool listed)
{
        int r = 0;

        if (listed)
                r = *others ? fs_write_file_at(run_fd, PACKAGES, others, strlen(others), 0644)
                            : fs_remove_at(run_fd, PACKAGES);
        if (r < 0)
                return r;
        r = exists(ours_fd, OURS);
        if (r <= 0)
                return r;
        /* Somebody else wants a reboot, too: the flag is theirs from now on. */
        if (!*others) {
                r = fs_remove_at(run_fd, FLAG);
                if (r < 0)
                        return r;
        }
        r = fs_remove_at(ours_fd, OURS);
        return r < 0 ? r : 0;
}

static int open_directory(const HostRoot *root, const char *path, bool make)
{
        return make ? host_root_make_directory(root, path, 0755)
                    : host_root_open(root, path, O_RDONLY | O_DIRECTORY);
}

int reboot_flag_set(const HostRoot *root, bool required)
{
        char *text CLEANUP_FREE = NULL, *others CLEANUP_FREE = NULL;
        int run_fd CLEANUP_FD = -1, ours_fd CLEANUP_FD = -1;
        bool listed;
        int r;

        run_fd = open_directory(root, RUN_DIRECTORY, required);
        ours_fd = open_directory(root, OURS_DIRECTORY, required);
        /* Without these directories there is nothing of ours to take back. */
        if (!required && (run_fd == -ENOENT || ours_fd == -ENOENT))
                return 0;
        if (run_fd < 0 || ours_fd < 0)
                return run_fd < 0 ? run_fd : ours_fd;
        r = fs_read_file_at(run_fd, PACKAGES, PACKAGES_SIZE_MAX, &text, NULL);
        if (r < 0 && r != -ENOENT)
                return r;
        others = without_us(text ?: "", &listed);
        if (!others)
                return -ENOMEM;
        return required ? raise_flag(run_fd, ours_fd, others, listed)
                        : lower_flag(run_fd, ours_fd, others, listed);
}
