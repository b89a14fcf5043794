/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads modprobe.d and the kernel's command line as libkmod does, its peculiarities included. It judges
 * nothing. */

#include "host/modprobe-rules.h"

#include <errno.h>
#include <fnmatch.h>
#include <string.h>

#include "host/kmod-config.h"
#include "util/exhausted.h"

/* The kernel's own limit is 2 to 4 KiB. */
#define COMMAND_LINE_MAX (64U * 1024)

const char *const modprobe_directories[MODPROBE_DIRECTORY_COUNT] = {
        "/etc/modprobe.d",
        "/run/modprobe.d",
        "/usr/local/lib/modprobe.d",
        "/usr/lib/modprobe.d",
        "/lib/modprobe.d",
};

typedef struct Reading {
        const StringSet *modules;
        ModprobeRules *rules; /* one for each */
} Reading;

static void line_done(ModprobeLine *line)
{
        free(line->file);
        free(line->text);
        *line = (ModprobeLine){ 0 };
}

void modprobe_rules_free(ModprobeRules *rules, size_t count)
{
        for (size_t i = 0; rules && i < count; i++) {
                line_done(&rules[i].install);
                line_done(&rules[i].softdep);
                line_done(&rules[i].blacklist);
                line_done(&rules[i].refused);
        }
        free(rules);
}

/* Of several lines the first one counts. */
static int set_line(ModprobeLine *line, const char *file, unsigned number, const char *text)
{
        ModprobeLine now = { .number = number };

        if (line->file)
                return 0;
        now.file = strdup(file);
        now.text = strdup(text);
        if (!now.file || !now.text) {
                line_done(&now);
                return -ENOMEM;
        }
        *line = now;
        return 0;
}

/* Spells a pattern as the kernel does its modules. Not so in brackets; one that isn't closed makes it none
 * (underscores() of libkmod 30). */
static bool spell_pattern(char *pattern)
{
        for (; *pattern != '\0'; pattern++) {
                if (*pattern == ']')
                        return false;
                if (*pattern == '-')
                        *pattern = '_';
                if (*pattern == '[') {
                        pattern = strchr(pattern, ']');
                        if (!pattern)
                                return false;
                }
        }
        return true;
}

/* Which of the rules a line of modprobe.d is about; NULL: none that matters. */
static ModprobeLine *rule_of(ModprobeRules *rules, const char *command)
{
        if (strcmp(command, "install") == 0)
                return &rules->install;
        if (strcmp(command, "softdep") == 0)
                return &rules->softdep;
        return strcmp(command, "blacklist") == 0 ? &rules->blacklist : NULL;
}

static int take_line(const Reading *reading, const char *file, unsigned number, char *line)
{
        char *rest = NULL, *command = strtok_r(line, KMOD_CONFIG_BLANKS, &rest);
        char *pattern = strtok_r(NULL, KMOD_CONFIG_BLANKS, &rest);
        bool blacklists = command && strcmp(command, "blacklist") == 0;
        size_t first = 0, end = reading->modules->count;
        bool exact;
        int r = 0;

        /* What is to be done must be said, be it nothing but a blank. */
        if (!pattern || !spell_pattern(pattern) || (!blacklists && *rest == '\0'))
                return 0;
        rest += strspn(rest, KMOD_CONFIG_BLANKS);
        exact = blacklists || !strpbrk(pattern, "*?[\\");
        if (exact) {
                first = string_set_find(reading->modules, pattern);
                end = first < end ? first + 1 : end;
        }
        for (size_t i = first; i < end && r >= 0; i++) {
                ModprobeLine *rule = rule_of(&reading->rules[i], command);

                if (!rule)
                        break;
                if (exact || fnmatch(pattern, reading->modules->items[i], 0) == 0)
                        r = set_line(rule, file, number, rest);
        }
        return r;
}

static int take_file(void *userdata, const char *file, const char *text)
{
        KmodConfigLines lines CLEANUP_KMOD_CONFIG_LINES = { 0 };
        int r = kmod_config_lines(&lines, text);

        while (r >= 0 && kmod_config_next(&lines))
                r = take_line(userdata, file, lines.number, lines.line);
        return r;
}

/* Takes a PARAMETER whose value is LIST. */
static int take_list(const Reading *reading, bool refused, const char *parameter, char *list)
{
        char *rest = NULL;
        int r = 0;

        for (char *name = strtok_r(list, ",", &rest); name && r >= 0; name = strtok_r(NULL, ",", &rest)) {
                size_t i = string_set_find(reading->modules, name);

                if (i < reading->modules->count)
                        r = set_line(refused ? &reading->rules[i].refused : &reading->rules[i].blacklist,
                                        KERNEL_COMMAND_LINE, 0, parameter);
        }
        return r;
}

/* Names are taken as they stand, "-" being no "_". */
static int take_command_line(const Reading *reading, char *text)
{
        static const char *const names[] = { "modprobe.blacklist=", "module_blacklist=" };
        char *rest = NULL;
        int r = 0;

        for (char *word = strtok_r(text, " \t\n", &rest); word && r >= 0;
                        word = strtok_r(NULL, " \t\n", &rest))
                for (size_t i = 0; i < ELEMENTSOF(names) && r >= 0; i++) {
                        char *list CLEANUP_FREE = NULL;

                        if (strncmp(word, names[i], strlen(names[i])) != 0)
                                continue;
                        list = strdup(word + strlen(names[i]));
                        r = list ? take_list(reading, i == 1, word, list) : -ENOMEM;
                }
        return r;
}

int modprobe_rules_read(const HostRoot *root, const StringSet *modules, ModprobeRules **ret)
{
        Reading reading = { .modules = modules, .rules = calloc(modules->count + 1, sizeof(ModprobeRules)) };
        char *command_line CLEANUP_FREE = NULL;
        int r = -ENOMEM;

        if (reading.rules)
                r = kmod_config_read(
                                root, modprobe_directories, MODPROBE_DIRECTORY_COUNT, take_file, &reading);
        if (r >= 0) {
                r = host_root_read(root, KERNEL_COMMAND_LINE, COMMAND_LINE_MAX, &command_line, NULL);
                if (!exhausted(r))
                        r = r < 0 ? 0 : take_command_line(&reading, command_line);
        }
        if (r < 0) {
                modprobe_rules_free(reading.rules, modules->count);
                return r;
        }
        *ret = reading.rules;
        return 0;
}
