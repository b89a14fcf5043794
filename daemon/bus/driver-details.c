/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* VersionDetails: what is known of each version. A key that has nothing to say is left out. */

#include "bus/driver-details.h"

#include "bus/text.h"
#include "model/driver-devices.h"

static int append_bool(sd_bus_message *reply, const char *key, bool value)
{
        return sd_bus_message_append(reply, "{sv}", key, "b", (int) value);
}

static int append_set(sd_bus_message *reply, const char *key, const StringSet *set)
{
        int r;

        r = sd_bus_message_open_container(reply, 'e', "sv");
        if (r < 0)
                return r;
        r = sd_bus_message_append_basic(reply, 's', key);
        if (r < 0)
                return r;
        r = sd_bus_message_open_container(reply, 'v', "as");
        if (r < 0)
                return r;
        r = text_append_set(reply, set);
        if (r < 0)
                return r;
        r = sd_bus_message_close_container(reply);
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

static int append_strings(sd_bus_message *reply, const DriverVersion *version)
{
        const ModuleFile *file = version->file;
        const struct {
                const char *key, *value;
        } entries[] = {
                { "tree", version->tree->name },
                { "package", version->package },
                { "path", version->path },
                { "version", file->version },
                { "srcversion", file->srcversion },
                { "build-id", file->build_id },
                { "note", file->note_version },
                { "note-version", file->note_driver_version },
                { "note-release", file->note_release },
                { "vermagic", file->vermagic },
                { "signer", file->signer },
                { "license", file->license },
                { "status", driver_version_status(version) },
                { "module-version", driver_version_told(version) },
                { "driver-name", version->info ? version->info->name : "" },
                { "variant", version->info ? version->info->variant : "" },
                { "defect", file->defect == MODULE_SOUND ? "" : module_defect_text(file->defect) },
        };
        int r = 0;

        for (size_t i = 0; r >= 0 && i < ELEMENTSOF(entries); i++)
                r = text_append_entry(reply, entries[i].key, entries[i].value);
        return r;
}

/* What the version covers is found anew for each answer: kept for thousands of versions, it would take more
 * memory than all else. */
static int append_hardware(sd_bus_message *reply, const Facts *facts, const Driver *driver,
                const DriverVersion *version)
{
        StringSet covered CLEANUP_STRING_SET = { 0 }, kept CLEANUP_STRING_SET = { 0 };
        int r = append_bool(reply, "hardware-present", version->covered != 0);

        if (r >= 0 && version->hardware_missing)
                r = append_bool(reply, "hardware-missing", true);
        if (r >= 0 && version->covered != 0)
                r = driver_version_devices(facts, driver, version, &covered, &kept);
        if (r >= 0)
                r = append_set(reply, "covers", &covered);
        return r < 0 || kept.count == 0 ? r : append_set(reply, "kept-from", &kept);
}

static int append_version(sd_bus_message *reply, const Facts *facts, const Driver *driver,
                const DriverVersion *version)
{
        int r;

        r = append_strings(reply, version);
        if (r >= 0)
                r = append_set(reply, "kernels", &version->releases);
        if (r >= 0)
                r = append_hardware(reply, facts, driver, version);
        if (r >= 0 && version->file->defect == MODULE_SOUND)
                r = append_bool(reply, "signed", version->file->is_signed);
        if (r >= 0 && version->file->defect == MODULE_SOUND)
                r = append_bool(reply, "in-tree", module_file_is_in_tree(version->file));
        if (r >= 0 && version->info && version->info->has_priority)
                r = sd_bus_message_append(reply, "{sv}", "priority", "x", version->info->priority);
        return r;
}

int driver_append_details(sd_bus_message *reply, const Facts *facts, const Driver *driver)
{
        int r;

        r = sd_bus_message_open_container(reply, 'a', "{sa{sv}}");
        if (r < 0)
                return r;
        for (size_t i = 0; i < driver->version_count; i++) {
                r = sd_bus_message_open_container(reply, 'e', "sa{sv}");
                if (r < 0)
                        return r;
                r = text_append(reply, driver->versions[i].id);
                if (r < 0)
                        return r;
                r = sd_bus_message_open_container(reply, 'a', "{sv}");
                if (r < 0)
                        return r;
                r = append_version(reply, facts, driver, &driver->versions[i]);
                if (r < 0)
                        return r;
                r = sd_bus_message_close_container(reply);
                if (r < 0)
                        return r;
                r = sd_bus_message_close_container(reply);
                if (r < 0)
                        return r;
        }
        return sd_bus_message_close_container(reply);
}
