/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Finds and reads the configuration files of kmod's tools as these do. */

#include "host/kmod-config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "util/directory.h"
#include "util/exhausted.h"
#include "util/fs.h"
#include "util/string-set.h"
#include "util/text-format.h"

/* No configuration is this large. */
#define FILE_SIZE_MAX (16U * 1024 * 1024)

static bool is_config_name(const char *name)
{
        size_t size = strlen(name);

        return name[0] != '.' && size > strlen(".conf") &&
               strcmp(name + size - strlen(".conf"), ".conf") == 0;
}

/* The names of the configuration files in one directory. */
static int list_directory(const HostRoot *root, const char *path, StringSet *names)
{
        DIR *dir CLEANUP_DIRECTORY = NULL;
        const struct dirent *entry;
        int r = directory_open(host_root_open(root, path, O_RDONLY | O_DIRECTORY), &dir);

        if (r < 0)
                return exhausted(r) ? r : 0;
        while (r >= 0 && (entry = readdir(dir)))
                if (is_config_name(entry->d_name))
                        r = string_set_add(names, entry->d_name);
        return r < 0 ? r : 0;
}

/* Whether what stands at PATH, which isn't readable, takes the place of a file in a later directory. */
static bool masks(const HostRoot *root, const char *path)
{
        int fd CLEANUP_FD = host_root_open(root, path, O_PATH);
        int link_fd CLEANUP_FD = -1;
        struct stat st;

        if (fd >= 0)
                return fstat(fd, &st) < 0 || !S_ISDIR(st.st_mode);
        link_fd = host_root_open(root, path, O_PATH | O_NOFOLLOW);
        return link_fd >= 0;
}

/* Reads NAME from the first directory that has it. */
static int read_file(const HostRoot *root, const char *const directories[], size_t count, const char *name,
                KmodConfigTake take, void *userdata)
{
        for (size_t i = 0; i < count; i++) {
                char *path CLEANUP_FREE = NULL, *text CLEANUP_FREE = NULL;
                int r;

                if (text_format(&path, "%s/%s", directories[i], name) < 0)
                        return -ENOMEM;
                r = host_root_read(root, path, FILE_SIZE_MAX, &text, NULL);
                if (r >= 0)
                        return take(userdata, path, text);
                if (exhausted(r) || masks(root, path))
                        return exhausted(r) ? r : 0;
        }
        return 0;
}

int kmod_config_read(const HostRoot *root, const char *const directories[], size_t count,
                KmodConfigTake take, void *userdata)
{
        StringSet names CLEANUP_STRING_SET = { 0 };
        int r = 0;

        for (size_t i = 0; i < count && r >= 0; i++)
                r = list_directory(root, directories[i], &names);
        for (size_t i = 0; i < names.count && r >= 0; i++)
                r = read_file(root, directories, count, names.items[i], take, userdata);
        return r < 0 ? r : 0;
}

int kmod_config_lines(KmodConfigLines *lines, const char *text)
{
        *lines = (KmodConfigLines){ .rest = text, .line = malloc(strlen(text) + 1) };
        return lines->line ? 0 : -ENOMEM;
}

bool kmod_config_next(KmodConfigLines *lines)
{
        const char *from = lines->rest;
        char *to = lines->line;

        lines->number = lines->read + 1;
        for (; *from != '\0' && *from != '\n'; from++) {
                if (from[0] == '\\' && from[1] != '\0' && *++from == '\n') {
                        lines->read++;
                        continue;
                }
                *to++ = *from;
        }
        if (*from == '\0' && to == lines->line)
                return false;
        *to = '\0';
        lines->read++;
        lines->rest = from + (*from == '\n');
        return true;
}

void kmod_config_lines_done(KmodConfigLines *lines)
{
        free(lines->line);
        *lines = (KmodConfigLines){ 0 };
}
