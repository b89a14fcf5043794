/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Takes lists of modules out of configuration files. */

#include "host/initramfs/initramfs-listed.h"

#include <errno.h>
#include <string.h>

#include "host/initramfs/initramfs-settings.h"
#include "host/name.h"
#include "util/exhausted.h"

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
                return exhausted(r) ? r : 0;
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
                        char *value = settings_value(line, variables[i]);

                        if (value)
                                r = parse_value(value, set);
                }
        }
        return r;
}

static int take_lines(void *userdata, char *text)
{
        return parse_lines(text, userdata);
}

static int take_variables(void *userdata, char *text)
{
        return parse_variables(text, userdata);
}

int initramfs_listed(const HostRoot *root, InitramfsGenerator generator, StringSet *ret)
{
        int r = 0;

        for (size_t i = 0; r >= 0 && i < ELEMENTSOF(sources); i++)
                if (sources[i].generator == generator)
                        r = settings_read(root, sources[i].path, sources[i].ending,
                                        sources[i].form == LIST_LINES ? take_lines : take_variables, ret);
        return r;
}
