/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Gathers what the preflight of one version in one kernel release needs to know of the host. It judges
 * nothing: model/preflight.c does. */

#include "change/preflight.h"

#include <errno.h>
#include <string.h>

#include "model/preflight.h"

/* The file of the version that is selected in RELEASE now, or NULL. */
static const ModuleFile *selected_file(
                const Facts *facts, const Driver *driver, const char *release, const char **ret_version)
{
        const DriverRelease *standing = driver_release(driver, release);
        const DriverVersion *selected = standing && standing->selected[0] != '\0'
                                                        ? driver_version(driver, standing->selected)
                                                        : NULL;
        const CatalogueFile *file = selected ? driver_version_file(facts, driver, selected, release) : NULL;

        *ret_version = selected ? selected->id : NULL;
        return file ? file->file : NULL;
}

/* A file of the kernel tree that the catalogue has read already, or NULL. */
static const ModuleFile *reference_in_catalogue(const CatalogueRelease *release)
{
        for (size_t i = 0; release && i < release->count; i++)
                if (release->files[i].tree == &tree_kernel && release->files[i].file->defect == MODULE_SOUND)
                        return release->files[i].file;
        return NULL;
}

int preflight_check(const HostRoot *root, const Facts *facts, const Driver *driver,
                const DriverVersion *version, const char *release, ProblemList *ret)
{
        PreflightFacts found = {
                .release = release,
                .file = driver_version_file(facts, driver, version, release),
                .reference = reference_in_catalogue(catalogue_release(facts->catalogue, release)),
                .hardware = facts->hardware,
        };

        if (!found.file)
                return 0;
        found.selected = selected_file(facts, driver, release, &found.selected_version);
        return preflight_find(&found, ret);
}
