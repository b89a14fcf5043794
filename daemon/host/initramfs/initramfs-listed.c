/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads lists of modules out of configuration files, which a shell reads in earnest: only plain words count.
 */

#include "host/initramfs/initramfs-listed.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "host/name.h"
#include "util/directory.h"

#define CONFIGURATION_MAX (256U * 1024)
#define BLANKS " \t\r"

/* How a file names modules. */
typedef enum ListForm {
        LIST_LINES,     /* the first word of each line */
        LIST_VARIABLES, /* KEY="a b", KEY+=" a b ", KEY=(a b), over lines if need be */
} ListForm;

typedef struct Source {
        InitramfsGenerator generator;
        ListForm form;
        const char *path; /* of a file, or of a directory if there is an ending */
        const char *ending;
} Source;

static const Source sources[] = {
        { INITRAMFS_TOOLS, LIST_LINES, "/etc/initramfs-tools/modules", NULL },
        { INITRAMFS_TOOLS, LIST_LINES, "/usr/share/initramfs-tools/modules.d", "" },
        { INITRAMFS_DRACUT, LIST_VARIABLES, "/etc/dracut.conf", NULL },
        { INITRAMFS_DRACUT, LIST_VARIABLES, "/etc/dracut.conf.d", ".conf" },
        { INITRAMFS_DRACUT, LIST_VARIABLES, "/usr/lib/dracut/dracut.conf.d", ".conf" },
        { INITRAMFS_MKINITCPIO, LIST_VARIABLES, "/etc/mkinitcpio.conf", NULL },
        { INITRAMFS_MKINITCPIO, LIST_VARIABLES, "/etc/mkinitcpio.conf.d", ".conf" },
};

static const char *const variables[] = { "add_drivers", "force_drivers", "drivers", "MODULES" };

static int add_word(const char *word, StringSet *set)
{
        char *name CLEANUP_FREE = NULL;
        int r;

        if (*word == '\0')
                return 0;
        r = module_name_canonical(word, &name);
        if (r < 0)
                return r == -ENOMEM ? r : 0;
        r = string_set_add(set, name);
        return r < 0 ? r : 0;
}

static int parse_lines(char *text, StringSet *set)
{
        char *line;
        int r = 0;

        while (r >= 0 && (line = strsep(&text, "\n"))) {
                line += strspn(line, BLANKS);
                line[strcspn(line, BLANKS "#")] = '\0';
                r = add_word(line, set);
        }
        return r;
}

/* What stands behind KEY= or KEY+= at the beginning of LINE; NULL if another thing does. */
static char *value_of(char *line, const char *key)
{
        size_t size = strlen(key);

        if (strncmp(line, key, size) != 0)
                return NULL;
        line += size;
        line += *line == '+';
        return *line == '=' ? line + 1 : NULL;
}

/* The words up to the quote or bracket that ends the value, or up to the line's end. */
static int parse_value(char *value, StringSet *set)
{
        char closing[] = { *value == '(' ? ')' : *value, '\0' };
        bool quoted = *value != '\0' && strchr("\"'(", *value);
        char *copy CLEANUP_FREE = strdup(quoted ? value + 1 : value);
        char *rest = copy, *word;
        int r = 0;

        if (!copy)
                return -ENOMEM;
        copy[strcspn(copy, quoted ? closing : BLANKS "\n")] = '\0';
        while (r >= 0 && (word = strsep(&rest, BLANKS "\n\"'")))
                r = add_word(word, set);
        return r;
}

static int parse_variables(char *text, StringSet *set)
{
        int r = 0;

        for (char *line = text; r >= 0 && line; line = strchr(line, '\n')) {
                line += *line == '\n';
                line += strspn(line, BLANKS);
                for (size_t i = 0; r >= 0 && i < ELEMENTSOF(variables); i++) {
                        char *value = value_of(line, variables[i]);

                        if (value)
                                r = parse_value(value, set);
                }
        }
        return r;
}

static int read_file(const HostRoot *root, const char *path, ListForm form, StringSet *set)
{
        char *text CLEANUP_FREE = NULL;
        int r = host_root_read(root, path, CONFIGURATION_MAX, &text, NULL);

        if (r < 0)
                return r == -ENOMEM ? r : 0;
        return form == LIST_LINES ? parse_lines(text, set) : parse_variables(text, set);
}

static bool ends_with(const char *text, const char *ending)
{
        size_t size = strlen(text), ending_size = strlen(ending);

        return size >= ending_size && strcmp(text + size - ending_size, ending) == 0;
}

static int read_directory(const HostRoot *root, const Source *source, StringSet *set)
{
        DIR *dir CLEANUP_DIRECTORY = NULL;
        const struct dirent *entry;
        int r = directory_open(host_root_open(root, source->path, O_RDONLY | O_DIRECTORY), &dir);

        if (r < 0)
                return r == -ENOMEM ? r : 0;
        r = 0;
        while (r >= 0 && (entry = readdir(dir))) {
                char *path CLEANUP_FREE = NULL;

                if (entry->d_name[0] == '.' || !ends_with(entry->d_name, source->ending))
                        continue;
                if (asprintf(&path, "%s/%s", source->path, entry->d_name) < 0) {
                        path = NULL;
                        return -ENOMEM;
                }
                r = read_file(root, path, source->form, set);
        }
        return r;
}

int initramfs_listed(const HostRoot *root, InitramfsGenerator generator, StringSet *ret)
{
        int r = 0;

        for (size_t i = 0; r >= 0 && i < ELEMENTSOF(sources); i++) {
                if (sources[i].generator != generator)
                        continue;
                r = sources[i].ending ? read_directory(root, &sources[i], ret)
                                      : read_file(root, sources[i].path, sources[i].form, ret);
        }
        return r;
}
