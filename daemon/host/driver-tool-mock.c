/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Finds xapi's driver-tool as xapi does (ocaml/xapi-idl/lib/xcp_service.ml of xen-api), and knows its
 * stand-in (Mock in ocaml/xapi/xapi_host_driver_tool.ml) by what it says. It judges nothing. */

#include "host/driver-tool-mock.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "util/directory.h"
#include "util/exhausted.h"
#include "util/string-set.h"
#include "util/text-format.h"

#define DEFAULT_PATH "/usr/sbin/driver-tool"
#define CONFIG_FILE "/etc/xapi.conf"
#define CONFIG_DIRECTORY "/etc/xapi.conf.d"
#define CONFIG_SIZE_MAX (1024U * 1024)
/* The stand-in of 2026 has 14 KiB. */
#define MOCK_SIZE_MAX (128U * 1024)

/* The value of a line "drivertool = VALUE", or NULL; changes LINE. */
static char *value_of(char *line)
{
        static const char key[] = "drivertool", blanks[] = " \t";
        size_t size;

        line[strcspn(line, "#\r")] = '\0';
        line += strspn(line, blanks);
        if (strncmp(line, key, strlen(key)) != 0)
                return NULL;
        line += strlen(key);
        line += strspn(line, blanks);
        if (*line++ != '=')
                return NULL;
        line += strspn(line, blanks);
        size = strlen(line);
        while (size > 0 && strchr(blanks, line[size - 1]))
                line[--size] = '\0';
        if (size < 2 || (*line != '"' && *line != '\'') || line[size - 1] != *line)
                return line;
        line[size - 1] = '\0';
        return line + 1;
}

/* The last line counts. */
static int take_file(const HostRoot *root, const char *file, char **path)
{
        char *text CLEANUP_FREE = NULL, *place = NULL;
        int r = host_root_read(root, file, CONFIG_SIZE_MAX, &text, NULL);

        if (r < 0)
                return exhausted(r) ? r : 0;
        for (char *line = strtok_r(text, "\n", &place); line; line = strtok_r(NULL, "\n", &place)) {
                const char *value = value_of(line);
                char *copy = value ? strdup(value) : NULL;

                if (!value)
                        continue;
                if (!copy)
                        return -ENOMEM;
                free(*path);
                *path = copy;
        }
        return 0;
}

static int list_fragments(const HostRoot *root, StringSet *ret)
{
        DIR *listing CLEANUP_DIRECTORY = NULL;
        const struct dirent *entry;
        int r = directory_open(host_root_open(root, CONFIG_DIRECTORY, O_RDONLY | O_DIRECTORY), &listing);

        if (r < 0)
                return exhausted(r) ? r : 0;
        while ((entry = readdir(listing)))
                if (entry->d_name[0] != '.' && string_set_add(ret, entry->d_name) < 0)
                        return -ENOMEM;
        return 0;
}

static int find_tool(const HostRoot *root, char **ret)
{
        StringSet fragments CLEANUP_STRING_SET = { 0 };
        char *path CLEANUP_FREE = strdup(DEFAULT_PATH);
        int r = path ? list_fragments(root, &fragments) : -ENOMEM;

        if (r >= 0)
                r = take_file(root, CONFIG_FILE, &path);
        for (size_t i = 0; i < fragments.count && r >= 0; i++) {
                char *file CLEANUP_FREE = NULL;

                r = text_format(&file, CONFIG_DIRECTORY "/%s", fragments.items[i]);
                if (r >= 0)
                        r = take_file(root, file, &path);
        }
        if (r >= 0)
                *ret = STEAL(path);
        return r;
}

/* A script that has the list of drivers in itself, and says that it is a mock. XenServer's and hostdriver's
 * own ask for theirs. */
static bool is_mock(const char *text)
{
        static const char *const marks[] = { "\"friendly_name\"", "\"hardware_present\"", "mock" };

        if (strncmp(text, "#!", 2) != 0)
                return false;
        for (size_t i = 0; i < ELEMENTSOF(marks); i++)
                if (!strstr(text, marks[i]))
                        return false;
        return true;
}

int driver_tool_mock_find(const HostRoot *root, char **ret)
{
        char *path CLEANUP_FREE = NULL, *text CLEANUP_FREE = NULL;
        int r = find_tool(root, &path);

        if (r >= 0)
                r = host_root_read(root, path, MOCK_SIZE_MAX, &text, NULL);
        if (r < 0)
                return exhausted(r) ? r : 0;
        if (!is_mock(text))
                return 0;
        *ret = STEAL(path);
        return 1;
}
