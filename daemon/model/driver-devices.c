/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* By the running kernel alone: its devices are the ones that are here. */

#include "model/driver-devices.h"

#include <errno.h>
#include <string.h>

#include "model/modprobe-meaning.h"

/* What modprobe would go by, were a version selected; NULL: nothing is known of the running kernel. */
static const ModprobeLoad *load_of(const Facts *facts, const Driver *driver, bool *ret_builtin)
{
        size_t module = string_set_find(&facts->catalogue->modules, driver->name);

        for (size_t i = 0; i < facts->catalogue->release_count; i++) {
                const EffectiveFile *effective;

                if (strcmp(facts->catalogue->releases[i].release, facts->kernel) != 0)
                        continue;
                effective = facts_effective(facts, i, module);
                *ret_builtin = effective->builtin || facts_is_builtin(facts, i, module);
                return effective->unblocked ? effective->unblocked : &effective->load;
        }
        return NULL;
}

/* Of the selected version's modules all count, as the index has them; of another one's those that it names.
 */
static int needs_blocked(const Driver *driver, const DriverVersion *version, const ModprobeLoad *load)
{
        StringSet needs CLEANUP_STRING_SET = { 0 };
        int r;

        if (!load->dependency_count)
                return 0;
        if (strcmp(driver->selected, version->id) == 0) {
                const ModprobeLine *line;

                return modprobe_dependency_blocked(load, &line) != NULL;
        }
        r = module_file_dependencies(version->file, &needs);
        for (size_t i = 0; r >= 0 && i < load->dependency_count; i++) {
                const ModprobeLoad one = { .dependencies = &load->dependencies[i], .dependency_count = 1 };
                const ModprobeLine *line;

                if (string_set_contains(&needs, load->dependencies[i].module) &&
                                modprobe_dependency_blocked(&one, &line))
                        return 1;
        }
        return r < 0 ? r : 0;
}

DeviceReach driver_version_reach(const Facts *facts, const Driver *driver, const DriverVersion *version)
{
        DeviceReach reach = { .facts = facts, .module = driver->name };
        bool builtin = false;
        const ModprobeLoad *load = load_of(facts, driver, &builtin);
        const ModprobeLine *install = load ? modprobe_install_line(load) : NULL;

        if (!load)
                return reach;
        reach.blacklisted = load->blacklist != NULL;
        /* Without memory nothing is known to keep it. */
        reach.never = builtin || load->refused ||
                      (facts->supported_only && !module_file_is_supported(version->file)) ||
                      (install && install_meaning(install->text, driver->name) == INSTALL_NOTHING) ||
                      needs_blocked(driver, version, load) > 0;
        return reach;
}

bool device_reach_covers(const DeviceReach *reach, const char *modalias)
{
        const Facts *facts = reach->facts;

        if (reach->never)
                return false;
        for (size_t i = 0; i < facts->aliased_count; i++) {
                const AliasedDevice *device = &facts->aliased[i];

                if (strcmp(hardware_modalias(facts->hardware, device->position), modalias) == 0)
                        return string_set_contains(&device->listed, reach->module);
        }
        return !reach->blacklisted;
}

int driver_version_devices(const Facts *facts, const Driver *driver, const DriverVersion *version,
                StringSet *ret_covers, StringSet *ret_kept)
{
        const Hardware *hardware = facts->hardware;
        const DeviceClaim claim = driver_version_claim(driver, version);
        const DeviceReach reach = driver_version_reach(facts, driver, version);
        bool *marks CLEANUP_FREE = calloc(hardware_count(hardware) + 1, sizeof(*marks));
        int r = 0;

        if (!marks)
                return -ENOMEM;
        if (!hardware_match(hardware, &claim, marks))
                return 0;
        for (size_t i = 0; i < hardware_count(hardware) && r >= 0; i++)
                if (marks[i])
                        r = string_set_add_all(device_reach_covers(&reach, hardware_modalias(hardware, i))
                                                               ? ret_covers
                                                               : ret_kept,
                                        hardware_devices_at(hardware, i));
        return r < 0 ? r : 0;
}

/* A number that differs if the version is kept from other devices; 0: from none. */
static int fill_kept(const Derivation *derivation, DriverVersion *version)
{
        const Facts *facts = derivation->facts;
        const DeviceClaim claim = driver_version_claim(derivation->driver, version);
        const DeviceReach reach = driver_version_reach(facts, derivation->driver, version);
        bool *marks CLEANUP_FREE = NULL;

        if (version->covered == 0 || (!reach.never && !reach.blacklisted && facts->aliased_count == 0))
                return 0;
        marks = calloc(hardware_count(facts->hardware) + 1, sizeof(*marks));
        if (!marks)
                return -ENOMEM;
        (void) hardware_match(facts->hardware, &claim, marks);
        for (size_t i = 0; i < hardware_count(facts->hardware); i++)
                if (marks[i] && !device_reach_covers(&reach, hardware_modalias(facts->hardware, i)))
                        version->kept = version->kept * 31 + i + 1;
        return 0;
}

int driver_derive_devices(const Derivation *derivation)
{
        const Driver *driver = derivation->driver;
        int r = 0;

        /* The array is the driver's own. */
        for (size_t i = 0; derivation->facts->hardware && i < driver->version_count && r >= 0; i++)
                r = fill_kept(derivation, &driver->versions[i]);
        return r;
}
