/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where modprobe.d or the kernel's command line has another will than the selection, as sentences: which
 * line it is and what to do with it. */

#include "model/driver-modprobe-problems.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "model/modprobe-line-text.h"
#include "model/modprobe-meaning.h"
#include "util/text-format.h"

/* A file of ours that somebody has edited, which is told as drift already. */
static bool is_told(const Derivation *derivation, const ModprobeLine *line)
{
        const char *file = modprobe_line_in_etc(line);
        char *module CLEANUP_FREE = NULL;

        return derivation->driver->drifts.count > 0 && file && block_file_module(file, &module) >= 0 &&
               strcmp(module, derivation->name) == 0;
}

/* Nothing of the driver may be loaded. */
static int check_deselected(const Derivation *derivation, const ModprobeLoad *load)
{
        ProblemList *problems = &derivation->driver->problems;
        const char *name = derivation->name;
        const ModprobeLine *line = modprobe_block_defeated(load, name);

        if (!line || is_told(derivation, line))
                return 0;
        if (line == load->softdep)
                return problem_list_add(problems, SEVERITY_WARNING, "not-blocked",
                                "%s is deselected, but line %u of %s gives it soft dependencies, with which "
                                "modprobe passes over the block of %s/hostdriver-%s.conf and loads it. %s",
                                name, line->number, line->file, BLOCK_DIRECTORY, name,
                                modprobe_line_advice(line));
        return problem_list_add(problems, SEVERITY_WARNING, "not-blocked",
                        "%s is deselected, but line %u of %s has modprobe run `%s`, and counts before the "
                        "block of %s/hostdriver-%s.conf: it may be loaded. %s",
                        name, line->number, line->file, line->text, BLOCK_DIRECTORY, name,
                        modprobe_line_advice(line));
}

static const char *install_code(InstallMeaning meaning)
{
        return meaning == INSTALL_NOTHING ? "blocked" : "install-command";
}

static int check_install(const Derivation *derivation, const ModprobeLoad *load, const char *version)
{
        const ModprobeLine *line = modprobe_install_line(load);
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
                        modprobe_line_advice(line));
}

static int check_blacklist(const Derivation *derivation, const ModprobeLoad *load, const char *version)
{
        ProblemList *problems = &derivation->driver->problems;
        const ModprobeLine *line = load->blacklist;

        if (!line || is_told(derivation, line))
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
                        version, derivation->name, line->number, line->file, modprobe_line_advice(line));
}

static int check_refused(const Derivation *derivation, const ModprobeLoad *load, const char *version)
{
        if (!load->refused)
                return 0;
        return problem_list_add(&derivation->driver->problems, SEVERITY_WARNING, "blocked",
                        "Version %s of %s is selected, but the kernel was booted with %s, and refuses to "
                        "load it. Boot without that, and remove it from the boot loader's configuration.",
                        version, derivation->name, load->refused->text);
}

static int check_dependencies(const Derivation *derivation, const ModprobeLoad *load, const char *version)
{
        const ModprobeLine *line = NULL;
        const ModprobeDependency *dependency = modprobe_dependency_blocked(load, &line);
        char *subject CLEANUP_FREE = NULL, *text CLEANUP_FREE = NULL;

        /* One line may be about both, and is told once. */
        if (!dependency || line == modprobe_install_line(load))
                return 0;
        if (text_format(&subject, "Version %s of %s", version, derivation->name) < 0)
                return -ENOMEM;
        text = modprobe_dependency_text(dependency, line, subject);
        return text ? problem_list_add(&derivation->driver->problems, SEVERITY_WARNING, "dependency-blocked",
                                      "%s", text)
                    : -ENOMEM;
}

/* `alias ice off` is the common way to say that nothing is to be loaded. */
static const char *target_of(const ModprobeLine *alias)
{
        return alias->command == MODPROBE_REMOVE || strcmp(alias->text, "off") == 0 ? "nothing"
                                                                                    : alias->text;
}

static int check_alias(const Derivation *derivation, const ModprobeLoad *load, const char *version)
{
        const ModprobeLine *line = load->alias;

        if (!line)
                return 0;
        return problem_list_add(&derivation->driver->problems, SEVERITY_WARNING, "alias-elsewhere",
                        "Version %s of %s is selected, but line %u of %s has `modprobe %s` load %s instead. %s",
                        version, derivation->name, line->number, line->file, derivation->name,
                        target_of(line), modprobe_line_advice(line));
}

/* The first device of the selected version for which udev is told to load others. */
static const AliasedDevice *aliased_device(const Derivation *derivation, const bool *marks)
{
        const Facts *facts = derivation->facts;

        for (size_t i = 0; i < facts->aliased_count; i++)
                if (marks[facts->aliased[i].position] &&
                                !string_set_contains(&facts->aliased[i].loaded, derivation->name))
                        return &facts->aliased[i];
        return NULL;
}

static int check_devices(const Derivation *derivation, const ModprobeLoad *load, const char *id)
{
        const Facts *facts = derivation->facts;
        const DriverVersion *version = driver_version(derivation->driver, id);
        bool *marks CLEANUP_FREE = NULL;
        const AliasedDevice *device;
        const StringSet *paths;
        DeviceClaim claim;
        bool runs;

        (void) load;
        if (facts->aliased_count == 0 || !version)
                return 0;
        marks = calloc(hardware_count(facts->hardware) + 1, sizeof(*marks));
        if (!marks)
                return -ENOMEM;
        claim = driver_version_claim(derivation->driver, version);
        device = hardware_match(facts->hardware, &claim, marks) ? aliased_device(derivation, marks) : NULL;
        if (!device)
                return 0;
        runs = device->line->command == MODPROBE_INSTALL;
        paths = hardware_devices_at(facts->hardware, device->position);
        return problem_list_add(&derivation->driver->problems, SEVERITY_WARNING, "alias-elsewhere",
                        "Version %s of %s is selected, but line %u of %s has udev %s%s%s for the device %s "
                        "instead. %s",
                        id, derivation->name, device->line->number, device->line->file,
                        runs ? "run `" : "load ", target_of(device->line), runs ? "`" : "",
                        paths->count > 0 ? paths->items[0] : "", modprobe_line_advice(device->line));
}

/* The release whose problems are told: the running one, unless something is selected only in others. */
static size_t leading_release(const Driver *driver, const char *running)
{
        size_t first = driver->release_count, here = 0;

        for (size_t i = 0; i < driver->release_count; i++) {
                bool selected = *driver->releases[i].selected != '\0';

                if (strcmp(driver->releases[i].release, running) == 0) {
                        if (selected)
                                return i;
                        here = i;
                }
                if (selected && first == driver->release_count)
                        first = i;
        }
        return first < driver->release_count ? first : here;
}

int driver_derive_modprobe_problems(const Derivation *derivation)
{
        static int (*const checks[])(
                        const Derivation *derivation, const ModprobeLoad *load, const char *version) = {
                check_alias,
                check_devices,
                check_install,
                check_dependencies,
                check_blacklist,
                check_refused,
        };
        const Facts *facts = derivation->facts;
        const Driver *driver = derivation->driver;
        size_t leading = leading_release(driver, facts->kernel);
        const ModprobeLoad *load;
        int r = 0;

        if (driver->release_count == 0 || derivation_is_builtin(derivation))
                return 0;
        load = &facts_effective(facts, leading, derivation->module)->load;
        if (string_set_contains(&facts->selection->blocked, derivation->name))
                return check_deselected(derivation, load);
        for (size_t i = 0; i < ELEMENTSOF(checks) && *driver->releases[leading].selected && r >= 0; i++)
                r = checks[i](derivation, load, driver->releases[leading].selected);
        return r;
}
