/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is wrong with a driver's files and packages, as sentences. It changes nothing but the problems. */

#include "model/driver-problems.h"

#include <errno.h>
#include <string.h>

#include "model/driver-selected.h"
#include "model/version-id.h"

static const char *defect_code(ModuleDefect defect)
{
        switch (defect) {
        case MODULE_NOT_REGULAR:
                return "not-regular";
        case MODULE_TOO_LARGE:
                return "too-large";
        case MODULE_NOT_A_MODULE:
                return "not-a-module";
        case MODULE_SOUND:
        case MODULE_UNREADABLE:
        default:
                return "unreadable";
        }
}

static int check_file(const Derivation *derivation, const char *release, const CatalogueFile *file)
{
        ProblemList *problems = &derivation->driver->problems;
        const ModuleFile *metadata = file->file;
        const char *reason = metadata->error < 0 ? strerrordesc_np(-metadata->error) : NULL;
        int r = 0;

        if (metadata->defect != MODULE_SOUND)
                r = problem_list_add(problems, SEVERITY_ERROR, defect_code(metadata->defect),
                                "/lib/modules/%s/%s %s%s%s. Reinstall its package.", release, file->path,
                                module_defect_text(metadata->defect), reason ? ": " : "",
                                reason ? reason : "");
        if (r >= 0 && file->info && *file->info->problem)
                r = problem_list_add(problems, SEVERITY_WARNING, "info-invalid",
                                "The information beside /lib/modules/%s/%s was passed over: %s", release,
                                file->path, file->info->problem);
        return r;
}

static int add_builtin(const Derivation *derivation, const char *release, bool runs)
{
        return problem_list_add(&derivation->driver->problems, SEVERITY_INFO, "builtin",
                        "%s is a part of the %skernel %s: none of its versions can be loaded there, and "
                        "selecting one has no effect on it.",
                        derivation->name, runs ? "running " : "", release);
}

/* The running kernel may have no module directory any more. */
static int check_builtin(const Derivation *derivation)
{
        const Driver *driver = derivation->driver;
        const char *running = derivation->facts->kernel;
        int r = derivation_is_builtin(derivation) ? add_builtin(derivation, running, true) : 0;

        for (size_t i = 0; i < driver->release_count && r >= 0; i++)
                if (driver->releases[i].builtin && strcmp(driver->releases[i].release, running) != 0)
                        r = add_builtin(derivation, driver->releases[i].release, false);
        return r;
}

int driver_derive_file_problems(const Derivation *derivation)
{
        const Catalogue *catalogue = derivation->facts->catalogue;

        for (size_t i = 0; i < catalogue->release_count; i++) {
                const CatalogueRelease *release = &catalogue->releases[i];
                size_t count = 0;
                const CatalogueFile *files = catalogue_find(release, derivation->name, &count);

                for (size_t j = 0; j < count; j++) {
                        int r = check_file(derivation, release->release, &files[j]);

                        if (r < 0)
                                return r;
                }
        }
        return check_builtin(derivation);
}

static int check_packages(const Derivation *derivation)
{
        const Driver *driver = derivation->driver;
        const DriverVersion *first = NULL;

        for (size_t i = 0; i < driver->version_count; i++) {
                const DriverVersion *version = &driver->versions[i];

                if (!version->tree->has_packages)
                        continue;
                if (!first) {
                        first = version;
                        continue;
                }
                if (version->tree == first->tree && strcmp(version->package, first->package) == 0)
                        continue;
                return problem_list_add(&derivation->driver->problems, SEVERITY_INFO, "duplicate-package",
                                "The packages %s/%s and %s/%s both ship %s, so that its versions are named "
                                "by their package too.",
                                first->tree->name, first->package, version->tree->name, version->package,
                                driver->name);
        }
        return 0;
}

static int check_names(const Derivation *derivation)
{
        const Driver *driver = derivation->driver;
        int r = 0;

        for (size_t i = 0; r >= 0 && i < driver->version_count; i++) {
                const DriverVersion *version = &driver->versions[i];

                if (driver_version_is_reserved(version))
                        r = problem_list_add(&derivation->driver->problems, SEVERITY_INFO,
                                        "reserved-version",
                                        "The package %s has a version directory \"%s\", which is what the "
                                        "kernel's own version is called, so that this version is named %s.",
                                        version->package, version->directory, version->id);
        }
        return r;
}

static bool same_build(const CatalogueFile *a, const CatalogueFile *b)
{
        return a->tree == b->tree && strcmp(a->package, b->package) == 0 &&
               strcmp(a->version, b->version) == 0;
}

/* The first other module that the build of CHOSEN ships, but that is selected from somewhere else. */
static const char *find_mixed(const Derivation *derivation, size_t position, const CatalogueFile *chosen)
{
        const Facts *facts = derivation->facts;
        const CatalogueRelease *release = &facts->catalogue->releases[position];
        size_t count;
        const uint32_t *build = catalogue_build(release, chosen, &count);

        for (size_t i = 0; i < count; i++) {
                const char *module = release->files[build[i]].module;
                const CatalogueFile *other;
                SelectedFile selected;

                if (strcmp(module, derivation->name) == 0)
                        continue;
                selected = selected_file(
                                facts, position, string_set_find(&facts->catalogue->modules, module));
                other = selected_file_winner(&selected);
                if (!other || !same_build(other, chosen))
                        return module;
        }
        return NULL;
}

static int check_mixed(const Derivation *derivation, size_t position)
{
        const char *release = derivation->facts->catalogue->releases[position].release, *other;
        SelectedFile selected = selected_file(derivation->facts, position, derivation->module);
        const CatalogueFile *chosen = selected_file_winner(&selected);
        const DriverVersion *version = chosen ? driver_version_of_file(derivation->driver, chosen) : NULL;

        if (!version || !version->tree->has_packages)
                return 0;
        other = find_mixed(derivation, position, chosen);
        if (!other)
                return 0;
        return problem_list_add(&derivation->driver->problems, SEVERITY_WARNING, "mixed-package",
                        "In kernel %s, %s is selected in version %s of the package %s, but its module %s is "
                        "not: they may not fit together. Run `hostdriverctl select %s %s`.",
                        release, derivation->name, version->id, version->package, other, derivation->name,
                        version->id);
}

int driver_derive_package_problems(const Derivation *derivation)
{
        int r = check_packages(derivation);

        if (r >= 0)
                r = check_names(derivation);
        for (size_t i = 0; i < derivation->facts->catalogue->release_count && r >= 0; i++)
                r = check_mixed(derivation, i);
        return r;
}
