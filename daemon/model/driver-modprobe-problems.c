/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where modprobe.d or the kernel's command line has another will than the selection: in the running release
 * first, and of the others what isn't the same there. */

#include "model/driver-modprobe-problems.h"

#include <errno.h>
#include <string.h>

#include "model/modprobe-line-text.h"
#include "model/modprobe-meaning.h"
#include "model/modprobe-problems.h"
#include "util/array.h"
#include "util/text-format.h"

/* What was told, of whichever release: most lines are about all of them. */
typedef struct ToldLine {
        const char *code;
        const ModprobeLine *line;
} ToldLine;

typedef struct Told {
        const Derivation *derivation;
        ToldLine *lines;
        size_t count;
        bool failed; /* there was no memory */
} Told;

static void told_done(Told *told)
{
        free(told->lines);
}

/* A file of ours that somebody has edited, which is told as drift already. */
static bool is_drift(const Derivation *derivation, const ModprobeLine *line)
{
        const char *file = modprobe_line_in_etc(line);
        char *module CLEANUP_FREE = NULL;

        return derivation->driver->drifts.count > 0 && file && block_file_module(file, &module) >= 0 &&
               strcmp(module, derivation->name) == 0;
}

/* Whether LINE was told by CODE; from now on it is. */
static bool is_told(void *userdata, const char *code, const ModprobeLine *line)
{
        Told *told = userdata;

        if (is_drift(told->derivation, line))
                return true;
        for (size_t i = 0; i < told->count; i++)
                if (told->lines[i].line == line && strcmp(told->lines[i].code, code) == 0)
                        return true;
        told->failed = told->failed || !array_reserve(told->lines, told->count);
        if (!told->failed)
                told->lines[told->count++] = (ToldLine){ code, line };
        return false;
}

/* Nothing of the driver may be loaded. Where the kernel refuses it, or what it needs can't be loaded,
 * nothing is. */
static int check_deselected(const Derivation *derivation, const ModprobeLoad *load, Told *told)
{
        ProblemList *problems = &derivation->driver->problems;
        const char *name = derivation->name;
        const ModprobeLine *line = modprobe_block_defeated(load, name);

        if (!line || is_told(told, "not-blocked", line))
                return 0;
        if (line == load->softdep)
                return problem_list_add(problems, SEVERITY_WARNING, "not-blocked",
                                "%s is deselected, but line %u of %s gives it soft dependencies, with which "
                                "modprobe passes over the block of %s/hostdriver-%s.conf and may load it. %s",
                                name, line->number, line->file, BLOCK_DIRECTORY, name,
                                modprobe_line_advice(line));
        return problem_list_add(problems, SEVERITY_WARNING, "not-blocked",
                        "%s is deselected, but line %u of %s has modprobe run `%s`, and counts before the "
                        "block of %s/hostdriver-%s.conf: it may be loaded. %s",
                        name, line->number, line->file, line->text, BLOCK_DIRECTORY, name,
                        modprobe_line_advice(line));
}

static int find_device(const Derivation *derivation, const DriverRelease *release, bool blacklisted,
                const AliasedDevice **ret)
{
        const DriverVersion *version = driver_version(derivation->driver, release->selected);
        DeviceClaim claim;

        if (!version || strcmp(release->release, derivation->facts->kernel) != 0)
                return 0;
        claim = driver_version_claim(derivation->driver, version);
        return modprobe_find_aliased(derivation->facts, &claim, blacklisted, ret);
}

static int check_selected(const Derivation *derivation, const DriverRelease *release, bool leads,
                const ModprobeLoad *load, Told *told)
{
        char *subject CLEANUP_FREE = NULL, *prefix CLEANUP_FREE = NULL;
        const char *selected = release->selected, *name = derivation->name, *kernel = release->release;
        ModprobeCase found = { .load = load,
                .module = name,
                .facts = derivation->facts,
                .is_told = is_told,
                .userdata = told };
        const DriverVersion *version = driver_version(derivation->driver, selected);
        const CatalogueFile *file =
                        version ? driver_version_file(derivation->facts, derivation->driver, version, kernel)
                                : NULL;
        int r = find_device(derivation, release, load->blacklist, &found.device);

        if (r < 0)
                return r;
        subject = text_new("Version %s of %s%s%s", selected, name, leads ? "" : " in kernel ",
                        leads ? "" : kernel);
        prefix = text_new("Version %s of %s is selected%s%s, but", selected, name,
                        leads ? "" : " for kernel ", leads ? "" : kernel);
        if (!subject || !prefix)
                return -ENOMEM;
        found.file = file ? file->file : NULL;
        found.subject = subject;
        found.prefix = prefix;
        r = modprobe_find_problems(&found, &derivation->driver->problems);
        return r >= 0 && told->failed ? -ENOMEM : r;
}

/* The release whose problems are told first: the running one, unless something is selected only in others.
 */
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

static int check_release(const Derivation *derivation, size_t position, bool leads, Told *told)
{
        const Facts *facts = derivation->facts;
        const DriverRelease *release = &derivation->driver->releases[position];
        const ModprobeLoad *load = &facts_effective(facts, position, derivation->module)->load;

        if (facts_is_builtin(facts, position, derivation->module))
                return 0;
        if (string_set_contains(&facts->selection->blocked, derivation->name))
                return check_deselected(derivation, load, told);
        return *release->selected ? check_selected(derivation, release, leads, load, told) : 0;
}

int driver_derive_modprobe_problems(const Derivation *derivation)
{
        const Driver *driver = derivation->driver;
        Told told CLEANUP(told_done) = { .derivation = derivation };
        size_t leading = leading_release(driver, derivation->facts->kernel);
        int r = driver->release_count > 0 ? check_release(derivation, leading, true, &told) : 0;

        for (size_t i = 0; i < driver->release_count && r >= 0; i++)
                if (i != leading)
                        r = check_release(derivation, i, false, &told);
        return r;
}
