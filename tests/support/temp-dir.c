/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A real directory for one test. */

#include "temp-dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "util/fs.h"

void temp_dir_init(TempDir *dir, const char *name)
{
        char *template = g_strdup_printf("hostdriver-%s-XXXXXX", name);
        char *path = g_dir_make_tmp(template, NULL);

        g_assert_nonnull(path);
        dir->path = realpath(path, NULL);
        g_assert_nonnull(dir->path);
        dir->fd = open(dir->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        g_assert_cmpint(dir->fd, >=, 0);
        g_free(path);
        g_free(template);
}

static void remove_below(int parent, const char *name)
{
        struct dirent *entry;
        struct stat st;
        DIR *listing;
        int fd;

        g_assert_cmpint(fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW), ==, 0);
        if (!S_ISDIR(st.st_mode)) {
                g_assert_cmpint(unlinkat(parent, name, 0), ==, 0);
                return;
        }
        if ((st.st_mode & 0700) != 0700)
                g_assert_cmpint(fchmodat(parent, name, 0700, 0), ==, 0);
        fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        g_assert_cmpint(fd, >=, 0);
        listing = fdopendir(fd);
        g_assert_nonnull(listing);
        while ((entry = readdir(listing)))
                if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
                        remove_below(fd, entry->d_name);
        (void) closedir(listing);
        g_assert_cmpint(unlinkat(parent, name, AT_REMOVEDIR), ==, 0);
}

void temp_dir_done(TempDir *dir)
{
        if (!dir->path)
                return;
        remove_below(AT_FDCWD, dir->path);
        (void) fd_close(dir->fd);
        free(dir->path);
        *dir = (TempDir){ .fd = -1 };
}

void temp_dir_mkdir(const TempDir *dir, const char *path)
{
        char *absolute = temp_dir_path(dir, path);

        g_assert_cmpint(g_mkdir_with_parents(absolute, 0755), ==, 0);
        free(absolute);
}

/* The directories that lead to PATH. */
static void make_parents(const TempDir *dir, const char *path)
{
        char *parent = g_path_get_dirname(path);

        temp_dir_mkdir(dir, parent);
        g_free(parent);
}

void temp_dir_write(const TempDir *dir, const char *path, const char *text)
{
        char *absolute = temp_dir_path(dir, path);
        g_autoptr(GError) error = NULL;

        make_parents(dir, path);
        g_file_set_contents(absolute, text, -1, &error);
        g_assert_no_error(error);
        free(absolute);
}

void temp_dir_link(const TempDir *dir, const char *path, const char *target)
{
        make_parents(dir, path);
        g_assert_cmpint(symlinkat(target, dir->fd, path), ==, 0);
}

char *temp_dir_path(const TempDir *dir, const char *path)
{
        char *absolute;

        g_assert_cmpint(asprintf(&absolute, "%s/%s", dir->path, path), >, 0);
        return absolute;
}
