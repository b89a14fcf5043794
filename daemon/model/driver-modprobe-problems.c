/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where modprobe.d or the kernel's command line has another will than the selection, as sentences: which
 * line it is and what to do with it. */

#include "model/driver-modprobe-problems.h"

#include <string.h>

#include "model/modprobe-meaning.h"

/* The name of the line's file, if that lies in the administrator's directory; else NULL. */
static const char *name_in_etc(const ModprobeLine *line)
{
        size_t size = strlen(BLOCK_DIRECTORY "/");

        return strncmp(line->file, BLOCK_DIRECTORY "/", size) == 0 ? line->file + size : NULL;
}

/* Any other file comes again with the next package, or boot; one of the same name in /etc stands for it. */
static const char *advice(const ModprobeLine *line)
{
        return name_in_etc(line) ? "Remove that line."
                                 : "Copy the file to " BLOCK_DIRECTORY " and remove that line there.";
}

/* A file of ours that somebody has edited, which is told as drift already. */
static bool is_told(const Derivation *derivation, const ModprobeLine *line)
{
        const char *file = name_in_etc(line);
        char *module CLEANUP_FREE = NULL;

        return derivation->driver->drifts.count > 0 && file && block_file_module(file, &module) >= 0 &&
               strcmp(module, derivation->name) == 0;
}

/* Nothing of the driver may be loaded. */
static int check_deselected(const Derivation *derivation, const ModprobeRules *rules)
{
        ProblemList *problems = &derivation->driver->problems;
        const char *name = derivation->name;
        const ModprobeLine *line = modprobe_block_defeated(rules, name);

        if (!line || is_told(derivation, line))
                return 0;
        if (line == &rules->softdep)
                return problem_list_add(problems, SEVERITY_WARNING, "not-blocked",
                                "%s is deselected, but line %u of %s gives it soft dependencies, with which "
                                "modprobe passes over the block of %s/hostdriver-%s.conf and loads it. %s",
                                name, line->number, line->file, BLOCK_DIRECTORY, name, advice(line));
        return problem_list_add(problems, SEVERITY_WARNING, "not-blocked",
                        "%s is deselected, but line %u of %s has modprobe run `%s`, and counts before the "
                        "block of %s/hostdriver-%s.conf: it may be loaded. %s",
                        name, line->number, line->file, line->text, BLOCK_DIRECTORY, name, advice(line));
}

static const char *install_code(InstallMeaning meaning)
{
        return meaning == INSTALL_NOTHING ? "blocked" : "install-command";
}

static int check_install(const Derivation *derivation, const ModprobeRules *rules, const char *version)
{
        const ModprobeLine *line = modprobe_install_line(rules);
        InstallMeaning meaning;

        if (!line || is_told(derivation, line))
                return 0;
        meaning = install_meaning(line->text, derivation->name);
        if (meaning == INSTALL_LOADS)
                return 0;
        return problem_list_add(&derivation->driver->problems, SEVERITY_WARNING, install_code(meaning),
                        "Version %s of %s is selected, but line %u of %s has modprobe run `%s` instead of "
                        "loading it%s. %s",
                        version, derivation->name, line->number, line->file, line->text,
                        meaning == INSTALL_NOTHING ? ""
                                                   : ": what is loaded then, if anything, can't be told",
                        advice(line));
}

static int check_blacklist(const Derivation *derivation, const ModprobeLine *line, const char *version)
{
        ProblemList *problems = &derivation->driver->problems;

        if (!line->file || is_told(derivation, line))
                return 0;
        if (strcmp(line->file, KERNEL_COMMAND_LINE) == 0)
                return problem_list_add(problems, SEVERITY_WARNING, "blocked",
                                "Version %s of %s is selected, but the kernel was booted with %s, so that "
                                "udev doesn't load it for its devices. Boot without that, and remove it from "
                                "the boot loader's configuration.",
                                version, derivation->name, line->text);
        return problem_list_add(problems, SEVERITY_WARNING, "blocked",
                        "Version %s of %s is selected, but line %u of %s blacklists it, so that udev doesn't "
                        "load it for its devices. %s",
                        version, derivation->name, line->number, line->file, advice(line));
}

static int check_refused(const Derivation *derivation, const ModprobeLine *line, const char *version)
{
        if (!line->file)
                return 0;
        return problem_list_add(&derivation->driver->problems, SEVERITY_WARNING, "blocked",
                        "Version %s of %s is selected, but the kernel was booted with %s, and refuses to "
                        "load it. Boot without that, and remove it from the boot loader's configuration.",
                        version, derivation->name, line->text);
}

/* The version that is selected in the running release, else in any. NULL: none. */
static const char *selected_version(const Driver *driver)
{
        if (*driver->selected)
                return driver->selected;
        for (size_t i = 0; i < driver->release_count; i++)
                if (*driver->releases[i].selected)
                        return driver->releases[i].selected;
        return NULL;
}

int driver_derive_modprobe_problems(const Derivation *derivation)
{
        const Facts *facts = derivation->facts;
        const ModprobeRules *rules = &facts->rules[derivation->module];
        const char *version = selected_version(derivation->driver);
        int r;

        if (derivation_is_builtin(derivation))
                return 0;
        if (string_set_contains(&facts->selection->blocked, derivation->name))
                return check_deselected(derivation, rules);
        if (!version)
                return 0;
        r = check_install(derivation, rules, version);
        if (r >= 0)
                r = check_blacklist(derivation, &rules->blacklist, version);
        return r < 0 ? r : check_refused(derivation, &rules->refused, version);
}
