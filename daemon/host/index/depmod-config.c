/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads depmod.d as depmod does, its peculiarities included. It judges nothing. */

#include "host/index/depmod-config.h"

#include <errno.h>
#include <regex.h>
#include <string.h>

#include "host/kmod-config.h"
#include "util/text-format.h"

/* No kernel release takes more in a pattern. */
#define REPETITIONS_MAX 12

const char *const depmod_directories[DEPMOD_DIRECTORY_COUNT] = {
        "/etc/depmod.d",
        "/run/depmod.d",
        "/usr/local/lib/depmod.d",
        "/usr/lib/depmod.d",
        "/lib/depmod.d",
};

void depmod_config_done(DepmodConfig *config)
{
        for (size_t i = 0; i < config->search_count; i++) {
                free(config->searches[i].directory);
                free(config->searches[i].file);
        }
        for (size_t i = 0; i < config->override_count; i++) {
                free(config->overrides[i].path);
                free(config->overrides[i].file);
        }
        for (size_t i = 0; i < config->external_count; i++) {
                free(config->externals[i].name);
                free(config->externals[i].file);
        }
        for (size_t i = 0; i < config->exclude_count; i++) {
                free(config->excludes[i].name);
                free(config->excludes[i].file);
        }
        free(config->searches);
        free(config->overrides);
        free(config->externals);
        free(config->excludes);
        *config = (DepmodConfig){ 0 };
}

static int add_search(DepmodConfig *config, const char *word, const char *file)
{
        DepmodSearch search = { .kind = DEPMOD_SEARCH_DIRECTORY };
        DepmodSearch *larger;

        if (strcmp(word, "built-in") == 0)
                search.kind = DEPMOD_SEARCH_BUILT_IN;
        else if (strcmp(word, "external") == 0)
                search.kind = DEPMOD_SEARCH_EXTERNAL;
        larger = reallocarray(config->searches, config->search_count + 1, sizeof(*larger));
        if (!larger)
                return -ENOMEM;
        config->searches = larger;
        search.directory = strdup(search.kind == DEPMOD_SEARCH_DIRECTORY ? word : "");
        search.file = strdup(file);
        if (!search.directory || !search.file) {
                free(search.directory);
                free(search.file);
                return -ENOMEM;
        }
        config->searches[config->search_count++] = search;
        return 0;
}

static int add_override(DepmodConfig *config, const char *module, const char *directory, const char *file)
{
        DepmodOverride override;
        DepmodOverride *larger =
                        reallocarray(config->overrides, config->override_count + 1, sizeof(*larger));

        if (!larger)
                return -ENOMEM;
        config->overrides = larger;
        if (text_format(&override.path, "%s/%s", directory, module) < 0)
                return -ENOMEM;
        override.file = strdup(file);
        if (!override.file) {
                free(override.path);
                return -ENOMEM;
        }
        config->overrides[config->override_count++] = override;
        return 0;
}

static int add_directory(DepmodDirectory **items, size_t *count, const char *name, const char *file)
{
        DepmodDirectory *larger = reallocarray(*items, *count + 1, sizeof(*larger));
        DepmodDirectory directory;

        if (!larger)
                return -ENOMEM;
        *items = larger;
        directory = (DepmodDirectory){ .name = strdup(name), .file = strdup(file) };
        if (!directory.name || !directory.file) {
                free(directory.name);
                free(directory.file);
                return -ENOMEM;
        }
        larger[(*count)++] = directory;
        return 0;
}

/* regcomp() of glibc copies what is repeated, once for each repetition of a repetition: some twenty of them
 * are all memory that there is. */
static bool is_affordable(const char *pattern)
{
        unsigned repetitions = 0;

        for (const char *place = pattern; *place != '\0'; place++)
                if (*place == '{') /* times a number, up to 32767 */
                        repetitions += REPETITIONS_MAX / 2;
                else if (strchr("*+?", *place))
                        repetitions++;
        return repetitions <= REPETITIONS_MAX;
}

/* PATTERN is an extended regular expression without anchors; what isn't one matches nothing. */
static bool matches_release(const char *pattern, const char *release)
{
        regex_t expression;
        bool matches;

        if (strcmp(pattern, "*") == 0)
                return true;
        if (!is_affordable(pattern))
                return false;
        if (regcomp(&expression, pattern, REG_EXTENDED | REG_NOSUB) != 0)
                return false;
        matches = regexec(&expression, release, 0, NULL, 0) == 0;
        regfree(&expression);
        return matches;
}

/* Takes LINE apart, whose first word is COMMAND. */
static int parse_command(DepmodConfig *config, const char *release, const char *file, const char *command,
                char **rest)
{
        const char *word = strtok_r(NULL, KMOD_CONFIG_BLANKS, rest);
        int r = 0;

        if (strcmp(command, "search") == 0) {
                for (; word && r >= 0; word = strtok_r(NULL, KMOD_CONFIG_BLANKS, rest))
                        r = add_search(config, word, file);
        } else if (strcmp(command, "exclude") == 0) {
                for (; word && r >= 0; word = strtok_r(NULL, KMOD_CONFIG_BLANKS, rest))
                        r = add_directory(&config->excludes, &config->exclude_count, word, file);
        } else if (strcmp(command, "external") == 0) {
                const char *directory = strtok_r(NULL, KMOD_CONFIG_BLANKS, rest);

                if (directory && matches_release(word, release))
                        r = add_directory(&config->externals, &config->external_count, directory, file);
        } else if (strcmp(command, "override") == 0) {
                const char *pattern = strtok_r(NULL, KMOD_CONFIG_BLANKS, rest);
                const char *directory = strtok_r(NULL, KMOD_CONFIG_BLANKS, rest);

                if (directory && matches_release(pattern, release))
                        r = add_override(config, word, directory, file);
        }
        return r;
}

int depmod_config_parse(DepmodConfig *config, const char *release, const char *file, const char *text)
{
        KmodConfigLines lines CLEANUP_KMOD_CONFIG_LINES = { 0 };
        int r = kmod_config_lines(&lines, text);

        while (r >= 0 && kmod_config_next(&lines)) {
                char *rest = NULL;
                const char *command;

                /* Only in the first column. */
                if (lines.line[0] == '#')
                        continue;
                command = strtok_r(lines.line, KMOD_CONFIG_BLANKS, &rest);
                if (command)
                        r = parse_command(config, release, file, command, &rest);
        }
        return r;
}

/* A configuration that is being read. */
typedef struct Reading {
        DepmodConfig config;
        const char *release;
} Reading;

static int take_file(void *userdata, const char *file, const char *text)
{
        Reading *reading = userdata;

        return depmod_config_parse(&reading->config, reading->release, file, text);
}

int depmod_config_read(const HostRoot *root, const char *release, DepmodConfig *ret)
{
        Reading reading = { .release = release };
        int r = kmod_config_read(root, depmod_directories, DEPMOD_DIRECTORY_COUNT, take_file, &reading);

        if (r >= 0 && reading.config.search_count == 0)
                r = add_search(&reading.config, "updates", "");
        if (r < 0) {
                depmod_config_done(&reading.config);
                return r;
        }
        *ret = reading.config;
        return 0;
}
