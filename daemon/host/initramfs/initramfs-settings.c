/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lines that begin with KEY=, in a file or in a directory of drop-ins. */

#include "host/initramfs/initramfs-settings.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "util/directory.h"
#include "util/exhausted.h"
#include "util/string-set.h"
#include "util/text-format.h"

#define CONFIGURATION_MAX (256U * 1024)
#define BLANKS " \t\r"

static int read_file(const HostRoot *root, const char *path, SettingsTake take, void *userdata)
{
        char *text CLEANUP_FREE = NULL;
        int r = host_root_read(root, path, CONFIGURATION_MAX, &text, NULL);

        if (r < 0)
                return exhausted(r) ? r : 0;
        return take(userdata, text);
}

static bool ends_with(const char *text, const char *ending)
{
        size_t size = strlen(text), ending_size = strlen(ending);

        return size >= ending_size && strcmp(text + size - ending_size, ending) == 0;
}

static int list_directory(const HostRoot *root, const char *path, const char *ending, StringSet *ret)
{
        DIR *dir CLEANUP_DIRECTORY = NULL;
        const struct dirent *entry;
        int r = directory_open(host_root_open(root, path, O_RDONLY | O_DIRECTORY), &dir);

        if (r < 0)
                return exhausted(r) ? r : 0;
        r = 0;
        while (r >= 0 && (entry = readdir(dir)))
                if (entry->d_name[0] != '.' && ends_with(entry->d_name, ending))
                        r = string_set_add(ret, entry->d_name);
        return r < 0 ? r : 0;
}

int settings_read(const HostRoot *root, const char *path, const char *ending, SettingsTake take,
                void *userdata)
{
        StringSet names CLEANUP_STRING_SET = { 0 };
        int r;

        if (!ending)
                return read_file(root, path, take, userdata);
        r = list_directory(root, path, ending, &names);
        for (size_t i = 0; r >= 0 && i < names.count; i++) {
                char *file CLEANUP_FREE = NULL;

                if (text_format(&file, "%s/%s", path, names.items[i]) < 0)
                        return -ENOMEM;
                r = read_file(root, file, take, userdata);
        }
        return r;
}

char *settings_value(char *line, const char *key)
{
        size_t size = strlen(key);

        if (strncmp(line, key, size) != 0)
                return NULL;
        line += size;
        line += *line == '+';
        return *line == '=' ? line + 1 : NULL;
}

typedef struct Search {
        const char *key;
        char **value;
} Search;

static int take_last(void *userdata, char *text)
{
        const Search *search = userdata;
        char *line;

        while ((line = strsep(&text, "\n"))) {
                char *value = settings_value(line + strspn(line, BLANKS), search->key), *copy;

                if (!value)
                        continue;
                value += strspn(value, "\"'");
                value[strcspn(value, BLANKS "\"'#;")] = '\0';
                copy = strdup(value);
                if (!copy)
                        return -ENOMEM;
                free(*search->value);
                *search->value = copy;
        }
        return 0;
}

int settings_last(const HostRoot *root, const char *path, const char *ending, const char *key, char **ret)
{
        Search search = { .key = key, .value = ret };

        return settings_read(root, path, ending, take_last, &search);
}
