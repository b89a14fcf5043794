/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How a version is called if nobody says. Pure. */

#include "change/adopt/version-default.h"

#include <errno.h>
#include <string.h>

#define BUILD_ID_DIGITS 12

/* Whether PACKAGE ships a module other than MODULE. */
static bool ships_others(const Catalogue *catalogue, const char *package, const char *module)
{
        for (size_t i = 0; i < catalogue->release_count; i++) {
                const CatalogueRelease *release = &catalogue->releases[i];

                for (size_t j = 0; j < release->count; j++)
                        if (release->files[j].tree->has_packages &&
                                        strcmp(release->files[j].package, package) == 0 &&
                                        strcmp(release->files[j].module, module) != 0)
                                return true;
        }
        return false;
}

/* NULL if there is none, or several. */
static const char *only_package(const Catalogue *catalogue, const char *module)
{
        const char *only = NULL;

        for (size_t i = 0; i < catalogue->release_count; i++) {
                size_t count = 0;
                const CatalogueFile *files = catalogue_find(&catalogue->releases[i], module, &count);

                for (size_t j = 0; files && j < count; j++) {
                        if (!files[j].tree->is_writable)
                                continue;
                        if (only && strcmp(only, files[j].package) != 0)
                                return NULL;
                        only = files[j].package;
                }
        }
        return only;
}

int version_default_package(const Facts *facts, const char *module, bool alone, char **ret)
{
        const char *package = only_package(facts->catalogue, module);

        if (package && alone && ships_others(facts->catalogue, package, module))
                package = NULL;
        *ret = strdup(package ? package : module);
        return *ret ? 0 : -ENOMEM;
}

int version_default_name(const ModuleFile *file, char **ret)
{
        char *name = NULL;

        if (file->version[0] != '\0')
                name = strdup(file->version);
        else if (file->build_id[0] != '\0')
                name = strndup(file->build_id, BUILD_ID_DIGITS);
        if (!name && (file->version[0] != '\0' || file->build_id[0] != '\0'))
                return -ENOMEM;
        *ret = name;
        return 0;
}
