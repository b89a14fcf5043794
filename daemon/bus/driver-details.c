/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* VersionDetails: what is known of each version. A key that has nothing to say is left out. */

#include "bus/driver-methods.h"
#include "bus/text.h"

static int append_bool(sd_bus_message *reply, const char *key, bool value)
{
        return sd_bus_message_append(reply, "{sv}", key, "b", (int) value);
}

static int append_kernels(sd_bus_message *reply, const StringSet *releases)
{
        int r;

        r = sd_bus_message_open_container(reply, 'e', "sv");
        if (r < 0)
                return r;
        r = sd_bus_message_append_basic(reply, 's', "kernels");
        if (r < 0)
                return r;
        r = sd_bus_message_open_container(reply, 'v', "as");
        if (r < 0)
                return r;
        r = text_append_set(reply, releases);
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
                { "vermagic", file->vermagic },
                { "signer", file->signer },
                { "license", file->license },
                { "status", version->status },
                { "module-version", version->info_version },
                { "defect", file->defect == MODULE_SOUND ? "" : module_defect_text(file->defect) },
        };
        int r = 0;

        for (size_t i = 0; r >= 0 && i < ELEMENTSOF(entries); i++)
                r = text_append_entry(reply, entries[i].key, entries[i].value);
        return r;
}

static int append_version(sd_bus_message *reply, const DriverVersion *version)
{
        int r;

        r = append_strings(reply, version);
        if (r >= 0)
                r = append_kernels(reply, &version->releases);
        if (r >= 0)
                r = append_bool(reply, "hardware-present", version->hardware_present);
        if (r >= 0 && version->file->defect == MODULE_SOUND)
                r = append_bool(reply, "signed", version->file->is_signed);
        if (r >= 0 && version->priority != 0)
                r = sd_bus_message_append(reply, "{sv}", "priority", "x", version->priority);
        return r;
}

int driver_append_details(sd_bus_message *reply, const Driver *driver)
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
                r = append_version(reply, &driver->versions[i]);
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
