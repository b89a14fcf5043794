/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads modprobe.d as libkmod does, its peculiarities included. It judges nothing. */

#include "host/modprobe-rules.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "host/kmod-config.h"
#include "util/array.h"
#include "util/exhausted.h"
#include "util/fs.h"
#include "util/text-format.h"

/* No file is this large. */
#define SOFTDEP_SIZE_MAX (16U * 1024 * 1024)

const char *const modprobe_directories[MODPROBE_DIRECTORY_COUNT] = {
        "/etc/modprobe.d",
        "/run/modprobe.d",
        "/usr/local/lib/modprobe.d",
        "/usr/lib/modprobe.d",
        "/lib/modprobe.d",
};

static void line_done(ModprobeLine *line)
{
        free(line->pattern);
        free(line->file);
        free(line->text);
}

void modprobe_rules_done(ModprobeRules *rules)
{
        for (size_t i = 0; i < rules->count; i++)
                line_done(&rules->lines[i]);
        free(rules->lines);
        *rules = (ModprobeRules){ 0 };
}

bool modprobe_name_spell(char *name)
{
        for (; *name != '\0'; name++) {
                if (*name == ']')
                        return false;
                if (*name == '-')
                        *name = '_';
                if (*name == '[') {
                        name = strchr(name, ']');
                        if (!name)
                                return false;
                }
        }
        return true;
}

int modprobe_rules_add(ModprobeRules *rules, ModprobeCommand command, const char *pattern, const char *text,
                const char *file, unsigned number)
{
        ModprobeLine line = { .command = command, .number = number };

        if (!array_reserve(rules->lines, rules->count))
                return -ENOMEM;
        line.pattern = strdup(pattern);
        line.file = strdup(file);
        line.text = strdup(text);
        if (!line.pattern || !line.file || !line.text) {
                line_done(&line);
                return -ENOMEM;
        }
        /* The command line's names are taken as they stand. */
        if (number > 0 && (!modprobe_name_spell(line.pattern) ||
                                          (command == MODPROBE_ALIAS && !modprobe_name_spell(line.text)))) {
                line_done(&line);
                return 0;
        }
        rules->lines[rules->count++] = line;
        return 0;
}

/* The command that a word is; -1: none that matters. */
static int command_of(const char *word)
{
        static const char *const words[] = {
                [MODPROBE_ALIAS] = "alias",
                [MODPROBE_BLACKLIST] = "blacklist",
                [MODPROBE_INSTALL] = "install",
                [MODPROBE_REFUSED] = "",
                [MODPROBE_REMOVE] = "remove",
                [MODPROBE_SOFTDEP] = "softdep",
                [MODPROBE_SUPPORT] = "allow_unsupported_modules",
        };

        for (size_t i = 0; i < ELEMENTSOF(words); i++)
                if (strcmp(word, words[i]) == 0)
                        return (int) i;
        return -1;
}

static int take_line(ModprobeRules *rules, const char *file, unsigned number, char *line)
{
        char *rest = NULL, *word = strtok_r(line, KMOD_CONFIG_BLANKS, &rest);
        char *pattern = strtok_r(NULL, KMOD_CONFIG_BLANKS, &rest);
        int command = word && pattern ? command_of(word) : -1;

        if (command < 0)
                return 0;
        if (command == MODPROBE_SUPPORT)
                return modprobe_rules_add(rules, MODPROBE_SUPPORT, pattern, "", file, number);
        if (command == MODPROBE_ALIAS)
                rest = strtok_r(NULL, KMOD_CONFIG_BLANKS, &rest);
        /* What is to be done must be said, be it nothing but a blank. */
        if (!rest || (command != MODPROBE_BLACKLIST && *rest == '\0'))
                return 0;
        rest += strspn(rest, KMOD_CONFIG_BLANKS);
        return modprobe_rules_add(rules, (ModprobeCommand) command, pattern, rest, file, number);
}

static int take_file(void *userdata, const char *file, const char *text)
{
        KmodConfigLines lines CLEANUP_KMOD_CONFIG_LINES = { 0 };
        int r = kmod_config_lines(&lines, text);

        while (r >= 0 && kmod_config_next(&lines))
                r = take_line(userdata, file, lines.number, lines.line);
        return r;
}

/* Takes every name of LIST, the value of a PARAMETER. */
static int take_list(ModprobeRules *rules, ModprobeCommand command, const char *parameter, char *list)
{
        char *rest = NULL;
        int r = 0;

        for (char *name = strtok_r(list, ",", &rest); name && r >= 0; name = strtok_r(NULL, ",", &rest))
                r = modprobe_rules_add(rules, command, name, parameter, KERNEL_COMMAND_LINE, 0);
        return r;
}

static int take_command_line(const HostRoot *root, ModprobeRules *rules)
{
        char *text CLEANUP_FREE = NULL, *list CLEANUP_FREE = NULL, *parameter CLEANUP_FREE = NULL;
        size_t position = 0;
        int r = host_root_read(root, KERNEL_COMMAND_LINE, KERNEL_COMMAND_LINE_MAX, &text, NULL);

        if (r < 0)
                return exhausted(r) ? r : 0;
        /* kmod looks for its own, each of which counts; the kernel takes the last one. */
        while ((r = kernel_command_line_blacklist(text, &position, &list)) > 0) {
                free(parameter);
                parameter = text_new("modprobe.blacklist=%s", list);
                r = parameter ? take_list(rules, MODPROBE_BLACKLIST, parameter, list) : -ENOMEM;
                free(list);
                list = NULL;
                if (r < 0)
                        return r;
        }
        if (r >= 0)
                r = kernel_command_line_value(text, "module_blacklist", &list);
        if (r <= 0)
                return r;
        free(parameter);
        parameter = text_new("module_blacklist=%s", list);
        return parameter ? take_list(rules, MODPROBE_REFUSED, parameter, list) : -ENOMEM;
}

int modprobe_rules_add_file(ModprobeRules *rules, const char *file, const char *text)
{
        return take_file(rules, file, text);
}

int modprobe_rules_read(const HostRoot *root, ModprobeRules *ret)
{
        ModprobeRules rules CLEANUP_MODPROBE_RULES = { 0 };
        int r = kmod_config_read(root, modprobe_directories, MODPROBE_DIRECTORY_COUNT, take_file, &rules);

        if (r >= 0)
                r = take_command_line(root, &rules);
        if (r < 0)
                return r;
        *ret = rules;
        rules = (ModprobeRules){ 0 };
        return 0;
}

static bool is_one_of(const char *word, const char *a, const char *b)
{
        return strcmp(word, a) == 0 || strcmp(word, b) == 0;
}

int modprobe_rules_support(const HostRoot *root, const ModprobeRules *rules, const ModprobeLine **ret)
{
        int fd CLEANUP_FD = host_root_open(root, "/proc/sys/kernel/unsupported", O_PATH);

        *ret = NULL;
        if (fd < 0)
                return exhausted(fd) ? fd : 0;
        for (size_t i = 0; i < rules->count; i++) {
                const ModprobeLine *line = &rules->lines[i];

                if (line->command != MODPROBE_SUPPORT)
                        continue;
                if (is_one_of(line->pattern, "0", "no"))
                        *ret = line;
                else if (is_one_of(line->pattern, "1", "yes"))
                        *ret = NULL;
        }
        return 0;
}

int modprobe_rules_read_release(const HostRoot *root, const char *release, ModprobeRules *ret)
{
        ModprobeRules rules CLEANUP_MODPROBE_RULES = { 0 };
        char *path CLEANUP_FREE = NULL, *text CLEANUP_FREE = NULL;
        int r;

        if (text_format(&path, "/lib/modules/%s/" MODULES_SOFTDEP, release) < 0)
                return -ENOMEM;
        r = host_root_read(root, path, SOFTDEP_SIZE_MAX, &text, NULL);
        if (r >= 0)
                r = take_file(&rules, path, text);
        if (exhausted(r))
                return r;
        *ret = rules;
        rules = (ModprobeRules){ 0 };
        return 0;
}

const ModprobeLine *modprobe_rules_next(const ModprobeRules *rules, ModprobeCommand command,
                const char *name, const ModprobeLine *previous)
{
        bool exact = command == MODPROBE_BLACKLIST || command == MODPROBE_REFUSED;

        for (size_t i = previous ? (size_t) (previous - rules->lines) + 1 : 0; i < rules->count; i++) {
                const ModprobeLine *line = &rules->lines[i];

                if (line->command == command && (exact ? strcmp(line->pattern, name) == 0
                                                       : fnmatch(line->pattern, name, 0) == 0))
                        return line;
        }
        return NULL;
}
