/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Looks up names in modprobe.d and the index as kmod_module_new_from_lookup() does, and follows dependencies
 * as kmod_module_probe_insert_module() does (libkmod 30). */

#include "host/index/modprobe-load.h"

#include <errno.h>
#include <string.h>

#include "host/selection.h"
#include "util/array.h"
#include "util/string-set.h"

#define SOFTDEP_BLANKS " \t\n\v\f\r"

bool modprobe_line_is_block(const ModprobeLine *line, const char *module)
{
        static const char prefix[] = BLOCK_DIRECTORY "/hostdriver-", suffix[] = ".conf";
        size_t size = strlen(module);

        return strncmp(line->file, prefix, strlen(prefix)) == 0 &&
               strncmp(line->file + strlen(prefix), module, size) == 0 &&
               strcmp(line->file + strlen(prefix) + size, suffix) == 0;
}

void modprobe_load_done(ModprobeLoad *load)
{
        for (size_t i = 0; i < load->dependency_count; i++)
                free(load->dependencies[i].module);
        free(load->dependencies);
        *load = (ModprobeLoad){ 0 };
}

static const ModprobeLine *next_line(const ModprobeRelease *release, ModprobeCommand command,
                const char *name, const ModprobeLine *previous)
{
        const ModprobeLine *line = modprobe_rules_next(release->common, command, name, previous);

        while (line && release->unblocked && modprobe_line_is_block(line, release->unblocked))
                line = modprobe_rules_next(release->common, command, name, line);
        return line;
}

static const ModprobeLine *first_line(
                const ModprobeRelease *release, ModprobeCommand command, const char *name)
{
        return next_line(release, command, name, NULL);
}

/* A file stands where its name has it among the others, of whatever directory. */
static bool sorts_before_own(const ModprobeLine *line)
{
        return strcmp(strrchr(line->file, '/') + 1, MODULES_SOFTDEP) < 0;
}

static const ModprobeLine *softdep_line(const ModprobeRelease *release, const char *module)
{
        const ModprobeLine *common = first_line(release, MODPROBE_SOFTDEP, module), *own;

        if (common && sorts_before_own(common))
                return common;
        own = modprobe_rules_next(release->own, MODPROBE_SOFTDEP, module, NULL);
        return own ? own : common;
}

/* The line of install or remove that makes NAME known: only one that spells it out does. */
static const ModprobeLine *command_line_of(const ModprobeRelease *release, const char *name)
{
        static const ModprobeCommand commands[] = { MODPROBE_INSTALL, MODPROBE_REMOVE };

        for (size_t i = 0; i < ELEMENTSOF(commands); i++) {
                const ModprobeLine *line = first_line(release, commands[i], name);

                for (; line; line = next_line(release, commands[i], name, line))
                        if (strcmp(line->pattern, name) == 0)
                                return line;
        }
        return NULL;
}

/* libkmod asks for a module's own name, and for a symbol, before it looks at such lines; for aliases, a
 * device's among them, after that. 1, 0 or -ENOMEM. */
static int command_counts(const ModprobeRelease *release, const char *name)
{
        char *path CLEANUP_FREE = NULL;
        StringSet found CLEANUP_STRING_SET = { 0 };
        int r = 0;

        if (!command_line_of(release, name))
                return 0;
        if (!release->index)
                return 1;
        if (!strchr(name, ':'))
                r = module_index_resolve(release->index, name, &path);
        else if (strncmp(name, "symbol:", strlen("symbol:")) == 0)
                r = module_index_look_up(release->index, name, &found);
        return r == -ENOMEM ? r : !path && found.count == 0;
}

/* The modules that NAME is looked up as: none, if it isn't known. */
static int look_up(const ModprobeRelease *release, const char *name, StringSet *ret)
{
        const ModprobeLine *line = first_line(release, MODPROBE_ALIAS, name);
        int r = 0;

        for (; line && r >= 0; line = next_line(release, MODPROBE_ALIAS, name, line))
                r = string_set_add(ret, line->text);
        if (r < 0 || ret->count > 0)
                return r;
        r = command_counts(release, name);
        if (r > 0)
                r = string_set_add(ret, name);
        else if (r == 0 && release->index)
                r = module_index_look_up(release->index, name, ret);
        return r < 0 ? r : 0;
}

/* Adds what MODULE's soft dependencies are looked up as. */
static int look_up_softdeps(const ModprobeRelease *release, const ModprobeLine *line, StringSet *ret)
{
        char *text CLEANUP_FREE = strdup(line->text), *rest = NULL;
        bool counts = false;
        int r = text ? 0 : -ENOMEM;

        for (char *word = text ? strtok_r(text, SOFTDEP_BLANKS, &rest) : NULL; word && r >= 0;
                        word = strtok_r(NULL, SOFTDEP_BLANKS, &rest)) {
                StringSet found CLEANUP_STRING_SET = { 0 };

                if (strcmp(word, "pre:") == 0 || strcmp(word, "post:") == 0) {
                        counts = true;
                } else if (counts && modprobe_name_spell(word)) {
                        r = look_up(release, word, &found);
                        if (r >= 0)
                                r = string_set_add_all(ret, &found);
                }
        }
        return r;
}

/* The line of soft dependencies that has MODULE's install line passed over. */
static int read_softdep(const ModprobeRelease *release, const char *module, const ModprobeLine **ret)
{
        const ModprobeLine *line = softdep_line(release, module);
        StringSet found CLEANUP_STRING_SET = { 0 };
        int r = line ? look_up_softdeps(release, line, &found) : 0;

        *ret = found.count > 0 ? line : NULL;
        return r;
}

static int add_dependency(const ModprobeRelease *release, const char *module, ModprobeLoad *load)
{
        ModprobeDependency dependency = {
                .install = first_line(release, MODPROBE_INSTALL, module),
                .refused = first_line(release, MODPROBE_REFUSED, module),
        };
        const ModprobeLine *softdep = NULL;
        int r = dependency.install ? read_softdep(release, module, &softdep) : 0;

        if (r < 0)
                return r;
        if (softdep)
                dependency.install = NULL;
        if (!dependency.install && !dependency.refused)
                return 0;
        if (!array_reserve(load->dependencies, load->dependency_count))
                return -ENOMEM;
        dependency.module = strdup(module);
        if (!dependency.module)
                return -ENOMEM;
        load->dependencies[load->dependency_count++] = dependency;
        return 0;
}

static bool has_line_of(const ModprobeRules *rules, ModprobeCommand command)
{
        for (size_t i = 0; i < rules->count; i++)
                if (rules->lines[i].command == command)
                        return true;
        return false;
}

static int read_dependencies(const ModprobeRelease *release, const StringSet *needed, ModprobeLoad *load)
{
        int r = 0;

        for (size_t i = 0; i < needed->count && r >= 0; i++)
                r = add_dependency(release, needed->items[i], load);
        return r;
}

/* Most hosts have no line about anything that a driver needs. */
static bool may_block(const ModprobeRelease *release)
{
        return has_line_of(release->common, MODPROBE_INSTALL) ||
               has_line_of(release->common, MODPROBE_REFUSED);
}

/* Adds to PENDING what is loaded with MODULE: what it needs, and all their soft dependencies. */
static int add_company(const ModprobeRelease *release, const char *module, StringSet *pending)
{
        StringSet needed CLEANUP_STRING_SET = { 0 };
        int r = string_set_add(&needed, module);

        if (r >= 0)
                r = module_index_dependencies(release->index, module, &needed);
        for (size_t i = 0; i < needed.count && r >= 0; i++) {
                const ModprobeLine *line = softdep_line(release, needed.items[i]);

                if (line)
                        r = look_up_softdeps(release, line, pending);
        }
        return r < 0 ? r : string_set_add_all(pending, &needed);
}

/* Adds all that is loaded with the modules of PENDING, which are among it. */
static int read_company(const ModprobeRelease *release, StringSet *pending, StringSet *ret)
{
        for (size_t i = 0; i < pending->count; i++) {
                char *next CLEANUP_FREE = NULL;
                int r = string_set_add(ret, pending->items[i]);

                if (r < 0)
                        return r;
                if (r == 0 || !release->index)
                        continue;
                next = strdup(pending->items[i]);
                r = next ? add_company(release, next, pending) : -ENOMEM;
                if (r < 0)
                        return r;
                /* The set is sorted: what came may stand anywhere. */
                i = (size_t) -1;
        }
        return 0;
}

/* Where the name itself stands for a module, which has no file: what is done in its place, if anything. */
static int read_command(const ModprobeRelease *release, const char *name, const ModprobeLine **ret)
{
        int r = command_counts(release, name);
        const ModprobeLine *line = r > 0 ? first_line(release, MODPROBE_INSTALL, name) : NULL;

        if (r > 0)
                *ret = line ? line : command_line_of(release, name);
        return r < 0 ? r : 0;
}

/* Adds those of FOUND that aren't blacklisted, and all that is loaded with them. */
static int read_listed(const ModprobeRelease *release, const StringSet *found, StringSet *ret)
{
        StringSet left CLEANUP_STRING_SET = { 0 };
        int r = 0;

        for (size_t i = 0; i < found->count && r >= 0; i++)
                if (!first_line(release, MODPROBE_BLACKLIST, found->items[i]))
                        r = string_set_add(&left, found->items[i]);
        return r < 0 ? r : read_company(release, &left, ret);
}

int modprobe_alias_read(const ModprobeRelease *release, const char *alias, const ModprobeLine **ret_line,
                StringSet *ret_loaded, StringSet *ret_listed)
{
        StringSet found CLEANUP_STRING_SET = { 0 };
        char *name CLEANUP_FREE = strdup(alias);
        bool spelt;
        int r = 0;

        if (!name)
                return -ENOMEM;
        spelt = modprobe_name_spell(name);
        *ret_line = spelt ? first_line(release, MODPROBE_ALIAS, name) : NULL;
        if (spelt && !*ret_line)
                r = read_command(release, name, ret_line);
        if (r < 0 || !*ret_line)
                return r;
        r = look_up(release, name, &found);
        if (r >= 0 && ret_listed)
                r = read_listed(release, &found, ret_listed);
        return r < 0 ? r : read_company(release, &found, ret_loaded);
}

/* The line that has others loaded by MODULE's name, but not MODULE. modprobe passes over what it has found
 * by an alias if that is blacklisted (KMOD_PROBE_APPLY_BLACKLIST_ALIAS_ONLY); a line of install is no alias.
 */
static int read_alias(const ModprobeRelease *release, const char *module, ModprobeLoad *load)
{
        StringSet loaded CLEANUP_STRING_SET = { 0 }, listed CLEANUP_STRING_SET = { 0 };
        const ModprobeLine *line;
        int r = modprobe_alias_read(release, module, &line, &loaded, &listed);

        if (r < 0 || !line)
                return r;
        if (string_set_contains(line->command == MODPROBE_ALIAS ? &listed : &loaded, module))
                return 0;
        load->alias = line;
        load->alias_blacklisted = string_set_contains(&loaded, module);
        return 0;
}

/* NEEDS: what MODULE needs directly; NULL: as the index has it. */
static int read_needed(const ModprobeRelease *release, const char *module, const StringSet *needs,
                ModprobeLoad *load)
{
        StringSet needed CLEANUP_STRING_SET = { 0 };
        int r = 0;

        if (!may_block(release))
                return 0;
        if (needs)
                r = string_set_add_all(&needed, needs);
        else if (release->index)
                r = module_index_dependencies(release->index, module, &needed);
        for (size_t i = 0; needs && i < needs->count && release->index && r >= 0; i++)
                r = module_index_dependencies(release->index, needs->items[i], &needed);
        return r < 0 ? r : read_dependencies(release, &needed, load);
}

static int read_load(const ModprobeRelease *release, const char *module, const StringSet *needs,
                ModprobeLoad *ret)
{
        ModprobeLoad load CLEANUP(modprobe_load_done) = {
                .install = first_line(release, MODPROBE_INSTALL, module),
                .blacklist = first_line(release, MODPROBE_BLACKLIST, module),
                .refused = first_line(release, MODPROBE_REFUSED, module),
        };
        int r = read_alias(release, module, &load);

        if (r >= 0 && load.install)
                r = read_softdep(release, module, &load.softdep);
        if (r >= 0)
                r = read_needed(release, module, needs, &load);
        if (r < 0)
                return r;
        *ret = load;
        load = (ModprobeLoad){ 0 };
        return 0;
}

int modprobe_load_read(const ModprobeRelease *release, const char *module, ModprobeLoad *ret)
{
        return read_load(release, module, NULL, ret);
}

int modprobe_file_load_read(const ModprobeRelease *release, const char *module, const StringSet *needs,
                ModprobeLoad *ret)
{
        return read_load(release, module, needs, ret);
}
