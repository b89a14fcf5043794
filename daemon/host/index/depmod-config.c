/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads depmod.d as depmod does, its peculiarities included. It judges nothing. */

#include "host/index/depmod-config.h"

#include <errno.h>
#include <regex.h>
#include <string.h>

#include "host/index/override-list.h"
#include "host/kmod-config.h"
#include "host/name.h"
#include "util/array.h"
#include "util/text-format.h"

/* No kernel release takes more in a pattern. */
#define REPETITIONS_MAX 12

/* Where a line stands. */
typedef struct Place {
        const char *file;
        unsigned line;
} Place;

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
        free(config->by_path);
        free(config->externals);
        free(config->excludes);
        *config = (DepmodConfig){ 0 };
}

static int add_search(DepmodConfig *config, const char *word, const Place *place)
{
        DepmodSearch search = { .kind = DEPMOD_SEARCH_DIRECTORY, .line = place->line };
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
        search.file = strdup(place->file);
        if (!search.directory || !search.file) {
                free(search.directory);
                free(search.file);
                return -ENOMEM;
        }
        config->searches[config->search_count++] = search;
        return 0;
}

static int add_override(DepmodConfig *config, const char *module, const char *directory, const Place *place)
{
        DepmodOverride override = { .line = place->line };
        DepmodOverride *larger =
                        reallocarray(config->overrides, config->override_count + 1, sizeof(*larger));

        if (!larger)
                return -ENOMEM;
        config->overrides = larger;
        if (text_format(&override.path, "%s/%s", directory, module) < 0)
                return -ENOMEM;
        override.file = strdup(place->file);
        if (!override.file) {
                free(override.path);
                return -ENOMEM;
        }
        config->overrides[config->override_count++] = override;
        return 0;
}

static int add_directory(DepmodDirectory **items, size_t *count, const char *name, const Place *place)
{
        DepmodDirectory *larger = reallocarray(*items, *count + 1, sizeof(*larger));
        DepmodDirectory directory;

        if (!larger)
                return -ENOMEM;
        *items = larger;
        directory = (DepmodDirectory){
                .name = strdup(name), .file = strdup(place->file), .line = place->line
        };
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
static int parse_command(DepmodConfig *config, const char *release, const Place *place, const char *command,
                char **rest)
{
        const char *word = strtok_r(NULL, KMOD_CONFIG_BLANKS, rest);
        int r = 0;

        if (strcmp(command, "search") == 0) {
                for (; word && r >= 0; word = strtok_r(NULL, KMOD_CONFIG_BLANKS, rest))
                        r = add_search(config, word, place);
        } else if (strcmp(command, "exclude") == 0) {
                for (; word && r >= 0; word = strtok_r(NULL, KMOD_CONFIG_BLANKS, rest))
                        r = add_directory(&config->excludes, &config->exclude_count, word, place);
        } else if (strcmp(command, "external") == 0) {
                const char *directory = strtok_r(NULL, KMOD_CONFIG_BLANKS, rest);

                if (directory && matches_release(word, release))
                        r = add_directory(&config->externals, &config->external_count, directory, place);
        } else if (strcmp(command, "override") == 0) {
                const char *pattern = strtok_r(NULL, KMOD_CONFIG_BLANKS, rest);
                const char *directory = strtok_r(NULL, KMOD_CONFIG_BLANKS, rest);

                if (directory && matches_release(pattern, release))
                        r = add_override(config, word, directory, place);
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
                Place place;

                /* Only in the first column. */
                if (lines.line[0] == '#')
                        continue;
                place = (Place){ file, lines.number };
                command = strtok_r(lines.line, KMOD_CONFIG_BLANKS, &rest);
                if (command)
                        r = parse_command(config, release, &place, command, &rest);
        }
        return r;
}

static int compare_positions(const void *x, const void *y, void *userdata)
{
        const DepmodConfig *config = userdata;
        uint32_t a = *(const uint32_t *) x, b = *(const uint32_t *) y;
        int order = strcmp(config->overrides[a].path, config->overrides[b].path);

        return order != 0 ? order : (a > b) - (a < b);
}

static int order_overrides(DepmodConfig *config)
{
        config->by_path = reallocarray(NULL, config->override_count + 1, sizeof(*config->by_path));
        if (!config->by_path)
                return -ENOMEM;
        for (size_t i = 0; i < config->override_count; i++)
                config->by_path[i] = (uint32_t) i;
        qsort_r(config->by_path, config->override_count, sizeof(*config->by_path), compare_positions,
                        config);
        return 0;
}

/* The order of an override's path and the first SIZE bytes of PATH. */
static int compare_path(const DepmodOverride *override, const char *path, size_t size)
{
        int order = strncmp(override->path, path, size);

        return order != 0 ? order : override->path[size] != '\0';
}

const DepmodOverride *depmod_config_override(const DepmodConfig *config, const char *path)
{
        const char *file = strrchr(path, '/');
        size_t size = (size_t) (file ? file + 1 - path : 0) + module_file_stem(file ? file + 1 : path);
        const DepmodOverride *found = NULL;
        size_t behind;

        /* depmod compares what lies in the module directory alone. */
        if (path[0] == '/')
                return NULL;
        if (config->by_path) {
                behind = array_search(i, config->override_count,
                                compare_path(&config->overrides[config->by_path[i]], path, size) <= 0);
                found = behind > 0 ? &config->overrides[config->by_path[behind - 1]] : NULL;
                return found && compare_path(found, path, size) == 0 ? found : NULL;
        }
        for (size_t i = 0; i < config->override_count; i++)
                if (compare_path(&config->overrides[i], path, size) == 0)
                        found = &config->overrides[i];
        return found;
}

/* A configuration that is being read. */
typedef struct Reading {
        DepmodConfig config;
        const char *release;
        const char *text; /* of our file, as it will be; NULL: as it is */
        bool ours;        /* that was taken */
} Reading;

/* In its place among all files, whether it is there by now or not. */
static int take_ours(Reading *reading)
{
        reading->ours = true;
        return depmod_config_parse(&reading->config, reading->release, OVERRIDE_FILE_PATH, reading->text);
}

static int take_file(void *userdata, const char *file, const char *text)
{
        Reading *reading = userdata;
        int order = strcmp(strrchr(file, '/') + 1, OVERRIDE_FILE_NAME), r = 0;

        if (reading->text && !reading->ours && order >= 0)
                r = take_ours(reading);
        /* What another directory has of that name is masked by a text, and by none it isn't. */
        if (r < 0 || (reading->text && order == 0 &&
                                     (*reading->text || strcmp(file, OVERRIDE_FILE_PATH) == 0)))
                return r;
        return depmod_config_parse(&reading->config, reading->release, file, text);
}

static int read_config(const HostRoot *root, const char *release, const char *text, DepmodConfig *ret)
{
        Reading reading = { .release = release, .text = text };
        int r = kmod_config_read(root, depmod_directories, DEPMOD_DIRECTORY_COUNT, take_file, &reading);

        if (r >= 0 && text && !reading.ours)
                r = take_ours(&reading);
        if (r >= 0 && reading.config.search_count == 0)
                r = add_search(&reading.config, "updates", &(Place){ .file = "" });
        if (r >= 0)
                r = order_overrides(&reading.config);
        if (r < 0) {
                depmod_config_done(&reading.config);
                return r;
        }
        *ret = reading.config;
        return 0;
}

int depmod_config_read(const HostRoot *root, const char *release, DepmodConfig *ret)
{
        return read_config(root, release, NULL, ret);
}

int depmod_config_foresee(const HostRoot *root, const char *release, const char *text, DepmodConfig *ret)
{
        return read_config(root, release, text, ret);
}
