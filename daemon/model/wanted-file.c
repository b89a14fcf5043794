/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Compares what was taken down of a file with what it is, and says what to do. */

#include "model/wanted-file.h"

#include <string.h>

#include "model/version-id.h"

const CatalogueFile *wanted_file(const Facts *facts, const Driver *driver, const WantedVersion *wanted)
{
        const DriverVersion *version =
                        *wanted->version ? driver_version_meant(driver, wanted->version) : NULL;

        if (!version || version->tree->is_fallback)
                return NULL;
        return driver_version_file(facts, driver, version, wanted->release);
}

const CatalogueFile *wanted_file_changed(
                const Facts *facts, const Driver *driver, const WantedVersion *wanted)
{
        const CatalogueFile *file =
                        wanted->build && *wanted->build ? wanted_file(facts, driver, wanted) : NULL;
        const char *identity = file ? module_file_identity(file->file) : "";

        return *identity && strcmp(identity, wanted->build) != 0 ? file : NULL;
}

int wanted_file_tell(Driver *driver, const WantedVersion *wanted, const char *path, const char *package)
{
        const DriverVersion *version = driver_version_meant(driver, wanted->version);
        const char *id = version ? version->id : wanted->version;
        const char *option = driver->release_count > 1 ? " --kernel=" : "";
        const char *release = driver->release_count > 1 ? wanted->release : "";

        if (package)
                return problem_list_add(&driver->problems, SEVERITY_INFO, "version-changed",
                                "The package %s has put another build of %s %s in the place of the one that was "
                                "selected, %s. Run `hostdriverctl select %s %s%s%s` to take it for the selected "
                                "one.",
                                package, driver->name, id, path, driver->name, id, option, release);
        return problem_list_add(&driver->problems, SEVERITY_WARNING, "version-changed",
                        "%s is another build than the one that was selected as %s %s: somebody has written it "
                        "anew, maybe through the link in updates/. Run `hostdriverctl import %s --as-version=NAME` "
                        "to have the new file as a version of its own, and restore the former one; or run "
                        "`hostdriverctl select %s %s%s%s` to take it for the selected one.",
                        path, driver->name, id, path, driver->name, id, option, release);
}
