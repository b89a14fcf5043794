/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Judges commands by their words: what isn't known to be harmless, may load anything. */

#include "model/modprobe-meaning.h"

#include <string.h>

/* What divides the words of a command, and its commands from each other. */
#define BLANKS " \t\r"
#define OPERATORS ";&|"

typedef struct Word {
        const char *text;
        size_t size;
} Word;

/* The next word of *REST; an operator is none. False at the end. RET_FIRST: whether a command begins with
 * it. */
static bool next_word(const char **rest, Word *ret, bool *ret_first)
{
        size_t gap = strspn(*rest, BLANKS OPERATORS);

        *ret_first = *ret_first || memchr(*rest, ';', gap) || memchr(*rest, '&', gap) ||
                     memchr(*rest, '|', gap);
        *rest += gap;
        *ret = (Word){ .text = *rest, .size = strcspn(*rest, BLANKS OPERATORS) };
        /* A redirection: ">&2". */
        while (ret->size > 0 && ret->text[ret->size - 1] == '>' && ret->text[ret->size] == '&')
                ret->size += 1 + strcspn(ret->text + ret->size + 1, BLANKS OPERATORS);
        *rest += ret->size;
        return ret->size > 0;
}

/* The last component of a path. */
static Word base_of(Word word)
{
        const char *slash = memrchr(word.text, '/', word.size);

        if (slash) {
                word.size -= (size_t) (slash + 1 - word.text);
                word.text = slash + 1;
        }
        return word;
}

static bool word_is(Word word, const char *text)
{
        return strlen(text) == word.size && strncmp(word.text, text, word.size) == 0;
}

static bool word_is_module(Word word, const char *module)
{
        if (strlen(module) != word.size)
                return false;
        for (size_t i = 0; i < word.size; i++)
                if ((word.text[i] == '-' ? '_' : word.text[i]) != module[i])
                        return false;
        return true;
}

static bool is_harmless(Word program)
{
        static const char *const names[] = { "false", "true", ":", "echo", "printf", "logger", "exit" };

        for (size_t i = 0; i < ELEMENTSOF(names); i++)
                if (word_is(base_of(program), names[i]))
                        return true;
        return false;
}

static bool does_nothing(const char *command)
{
        bool first = true;
        Word word;

        if (command[0] == '#')
                return true;
        if (strchr(command, '`') || strstr(command, "$("))
                return false;
        for (; next_word(&command, &word, &first); first = false)
                if (first && !is_harmless(word))
                        return false;
        return true;
}

/* `modprobe --ignore-install MODULE` anywhere: modprobe.d(5) has it so. */
static bool loads(const char *command, const char *module)
{
        bool modprobe = false, ignores = false, first = true;
        Word word;

        for (; next_word(&command, &word, &first); first = false) {
                if (first)
                        ignores = modprobe = false;
                if (word_is(base_of(word), "modprobe"))
                        modprobe = true;
                else if (word_is(word, "--ignore-install") || word_is(word, "-i"))
                        ignores = true;
                else if (modprobe && ignores && word_is_module(word, module))
                        return true;
        }
        return false;
}

InstallMeaning install_meaning(const char *command, const char *module)
{
        if (does_nothing(command))
                return INSTALL_NOTHING;
        return loads(command, module) ? INSTALL_LOADS : INSTALL_UNKNOWN;
}

const ModprobeLine *modprobe_install_line(const ModprobeLoad *load)
{
        return load->softdep ? NULL : load->install;
}

static bool is_nothing(const ModprobeLine *install, const char *module)
{
        return install && install_meaning(install->text, module) == INSTALL_NOTHING;
}

const ModprobeLine *modprobe_block_defeated(const ModprobeLoad *load, const char *module)
{
        const ModprobeLine *install = modprobe_install_line(load), *line = NULL;

        if (!load->install || load->refused)
                return NULL;
        if (!install)
                return modprobe_dependency_blocked(load, &line) ? NULL : load->softdep;
        return is_nothing(install, module) ? NULL : install;
}

const ModprobeDependency *modprobe_dependency_blocked(
                const ModprobeLoad *load, const ModprobeLine **ret_line)
{
        for (size_t i = 0; i < load->dependency_count; i++) {
                const ModprobeDependency *dependency = &load->dependencies[i];

                if (is_nothing(dependency->install, dependency->module)) {
                        *ret_line = dependency->install;
                        return dependency;
                }
                if (dependency->refused) {
                        *ret_line = dependency->refused;
                        return dependency;
                }
        }
        return NULL;
}

ModprobeObstacle modprobe_obstacle(const ModprobeLoad *load, const char *module)
{
        const ModprobeLine *install = modprobe_install_line(load), *line = NULL;
        const ModprobeDependency *dependency = modprobe_dependency_blocked(load, &line);

        if (load->alias && !load->alias_blacklisted)
                return (ModprobeObstacle){ .line = load->alias };
        if (is_nothing(install, module))
                return (ModprobeObstacle){ .line = install };
        if (load->refused)
                return (ModprobeObstacle){ .line = load->refused };
        if (dependency)
                return (ModprobeObstacle){ .line = line, .dependency = dependency->module };
        return (ModprobeObstacle){ .line = load->alias };
}
