/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A sentence for each line that counts: which one it is, what it does, and what to do with it. */

#include "model/modprobe-problems.h"

#include <errno.h>
#include <string.h>

#include "model/modprobe-line-text.h"
#include "model/modprobe-meaning.h"

static bool is_told(const ModprobeCase *subject, const char *code, const ModprobeLine *line)
{
        return subject->is_told && subject->is_told(subject->userdata, code, line);
}

/* `alias ice off` is the common way to say that nothing is to be loaded. */
static const char *target_of(const ModprobeLine *alias)
{
        return alias->command == MODPROBE_REMOVE || strcmp(alias->text, "off") == 0 ? "nothing"
                                                                                    : alias->text;
}

static int find_alias(const ModprobeCase *subject, ProblemList *ret)
{
        const ModprobeLine *line = subject->load->alias;

        if (!line || is_told(subject, "alias-elsewhere", line))
                return 0;
        if (subject->load->alias_blacklisted)
                return problem_list_add(ret, SEVERITY_WARNING, "alias-elsewhere",
                                "%s line %u of %s makes its name an alias, so that `modprobe %s` doesn't load "
                                "what is blacklisted. %s",
                                subject->prefix, line->number, line->file, subject->module,
                                modprobe_line_advice(line));
        return problem_list_add(ret, SEVERITY_WARNING, "alias-elsewhere",
                        "%s line %u of %s has `modprobe %s` load %s instead. %s", subject->prefix,
                        line->number, line->file, subject->module, target_of(line),
                        modprobe_line_advice(line));
}

static int find_device(const ModprobeCase *subject, ProblemList *ret)
{
        const ModprobeLine *line = subject->device ? subject->device->line : NULL;
        const StringSet *paths;
        bool runs;

        if (!line)
                return 0;
        runs = line->command == MODPROBE_INSTALL;
        paths = hardware_devices_at(subject->facts->hardware, subject->device->position);
        return problem_list_add(ret, SEVERITY_WARNING, "alias-elsewhere",
                        "%s line %u of %s has udev %s%s%s for the device %s instead. %s", subject->prefix,
                        line->number, line->file, runs ? "run `" : "load ", target_of(line), runs ? "`" : "",
                        paths->count > 0 ? paths->items[0] : "", modprobe_line_advice(line));
}

static int find_install(const ModprobeCase *subject, ProblemList *ret)
{
        const ModprobeLine *line = modprobe_install_line(subject->load);
        InstallMeaning meaning = line ? install_meaning(line->text, subject->module) : INSTALL_LOADS;

        if (meaning == INSTALL_LOADS)
                return 0;
        if (meaning == INSTALL_NOTHING && !is_told(subject, "blocked", line))
                return problem_list_add(ret, SEVERITY_WARNING, "blocked",
                                "%s line %u of %s has modprobe run `%s` instead of loading it. %s",
                                subject->prefix, line->number, line->file, line->text,
                                modprobe_line_advice(line));
        if (meaning == INSTALL_UNKNOWN && !is_told(subject, "install-command", line))
                return problem_list_add(ret, SEVERITY_WARNING, "install-command",
                                "%s line %u of %s has modprobe run `%s` instead of loading it: what is "
                                "loaded then, if anything, can't be told. %s",
                                subject->prefix, line->number, line->file, line->text,
                                modprobe_line_advice(line));
        return 0;
}

static int find_dependency(const ModprobeCase *subject, ProblemList *ret)
{
        const ModprobeLine *line = NULL;
        const ModprobeDependency *dependency = modprobe_dependency_blocked(subject->load, &line);
        char *text CLEANUP_FREE = NULL;

        /* One line may be about both, and is told once. */
        if (!dependency || line == modprobe_install_line(subject->load) ||
                        is_told(subject, "dependency-blocked", line))
                return 0;
        text = modprobe_dependency_text(dependency, line, subject->subject);
        return text ? problem_list_add(ret, SEVERITY_WARNING, "dependency-blocked", "%s", text) : -ENOMEM;
}

static int find_blacklist(const ModprobeCase *subject, ProblemList *ret)
{
        const ModprobeLine *line = subject->load->blacklist;

        if (!line || is_told(subject, "blocked", line))
                return 0;
        if (strcmp(line->file, KERNEL_COMMAND_LINE) == 0)
                return problem_list_add(ret, SEVERITY_WARNING, "blocked",
                                "%s the kernel was booted with %s, so that udev doesn't load it for its "
                                "devices. Boot without that, and remove it from the boot loader's "
                                "configuration.",
                                subject->prefix, line->text);
        return problem_list_add(ret, SEVERITY_WARNING, "blocked",
                        "%s line %u of %s blacklists it, so that udev doesn't load it for its devices. %s",
                        subject->prefix, line->number, line->file, modprobe_line_advice(line));
}

static int find_refused(const ModprobeCase *subject, ProblemList *ret)
{
        const ModprobeLine *line = subject->load->refused;

        if (!line || is_told(subject, "blocked", line))
                return 0;
        return problem_list_add(ret, SEVERITY_WARNING, "blocked",
                        "%s the kernel was booted with %s, and refuses to load it. Boot without that, and "
                        "remove it from the boot loader's configuration.",
                        subject->prefix, line->text);
}

/* Each version has its own answer. */
static int find_support(const ModprobeCase *subject, ProblemList *ret)
{
        const ModprobeLine *line = subject->facts ? subject->facts->supported_only : NULL;

        if (!line || !subject->file || subject->file->defect != MODULE_SOUND ||
                        module_file_is_supported(subject->file))
                return 0;
        return problem_list_add(ret, SEVERITY_WARNING, "unsupported-module",
                        "%s line %u of %s has modprobe load supported modules only, and this one isn't marked as "
                        "supported. Install a build that its vendor has had certified for this distribution, or "
                        "write \"allow_unsupported_modules 1\" to a file of that name in /etc/modprobe.d, and "
                        "rebuild the initramfs.",
                        subject->prefix, line->number, line->file);
}

int modprobe_find_problems(const ModprobeCase *subject, ProblemList *ret)
{
        static int (*const parts[])(const ModprobeCase *subject, ProblemList *ret) = {
                find_alias,
                find_device,
                find_install,
                find_dependency,
                find_blacklist,
                find_refused,
                find_support,
        };
        int r = 0;

        for (size_t i = 0; i < ELEMENTSOF(parts) && r >= 0; i++)
                r = parts[i](subject, ret);
        return r;
}

/* A blacklist of the module itself has a problem of its own; one of what the line names hasn't. */
static bool is_elsewhere(const AliasedDevice *device, const char *module, bool blacklisted)
{
        return !string_set_contains(&device->loaded, module) ||
               (!blacklisted && !string_set_contains(&device->listed, module));
}

int modprobe_find_aliased(
                const Facts *facts, const DeviceClaim *claim, bool blacklisted, const AliasedDevice **ret)
{
        bool *marks CLEANUP_FREE = NULL;

        *ret = NULL;
        if (facts->aliased_count == 0)
                return 0;
        marks = calloc(hardware_count(facts->hardware) + 1, sizeof(*marks));
        if (!marks)
                return -ENOMEM;
        if (!hardware_match(facts->hardware, claim, marks))
                return 0;
        for (size_t i = 0; i < facts->aliased_count && !*ret; i++)
                if (marks[facts->aliased[i].position] &&
                                is_elsewhere(&facts->aliased[i], claim->module, blacklisted))
                        *ret = &facts->aliased[i];
        return 0;
}
