/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Why(): the candidates for a module's name, and which of them the module index resolves to. */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "bus/driver-methods.h"
#include "bus/service.h"
#include "bus/text.h"

/* Where the effective file is reached through a link in updates/, the link's own entry. */
static const UpdateEntry *effective_link(const Facts *facts, const Driver *driver, const char *prefix)
{
        const ReleaseSelection *selection = selection_release(facts->selection, facts->kernel);
        size_t length = strlen(prefix);
        const char *name;

        if (!selection || strncmp(driver->effective, prefix, length) != 0 ||
                        strncmp(driver->effective + length, "updates/", 8) != 0)
                return NULL;
        name = driver->effective + length + 8;
        for (size_t i = 0; i < selection->update_count; i++)
                if (strcmp(selection->updates[i].file, name) == 0)
                        return &selection->updates[i];
        return NULL;
}

static const char *version_of(const Facts *facts, const Driver *driver, const CatalogueFile *file)
{
        for (size_t i = 0; i < driver->version_count; i++)
                if (driver_version_file(facts, driver, &driver->versions[i], facts->kernel) == file)
                        return driver->versions[i].id;
        return "";
}

static int append_candidate(sd_bus_message *reply, const char *path, const char *version, bool effective,
                const char *reason)
{
        int r;

        r = sd_bus_message_open_container(reply, 'r', "ssbs");
        if (r < 0)
                return r;
        r = text_append(reply, path);
        if (r < 0)
                return r;
        r = sd_bus_message_append(reply, "sbs", version, (int) effective, reason);
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

static int append_candidates(sd_bus_message *reply, const Facts *facts, const Driver *driver)
{
        const CatalogueRelease *release = catalogue_release(facts->catalogue, facts->kernel);
        char *prefix CLEANUP_FREE = NULL;
        const CatalogueFile *files;
        const UpdateEntry *link;
        bool found = false;
        size_t count = 0;
        int r = 0;

        if (!release)
                return 0;
        if (asprintf(&prefix, "/lib/modules/%s/", facts->kernel) < 0) {
                prefix = NULL;
                return -ENOMEM;
        }
        files = catalogue_find(release, driver->name, &count);
        link = effective_link(facts, driver, prefix);
        for (size_t i = 0; r >= 0 && i < count; i++) {
                char *path CLEANUP_FREE = NULL;
                bool direct, linked;

                if (asprintf(&path, "%s%s", prefix, files[i].path) < 0) {
                        path = NULL;
                        return -ENOMEM;
                }
                direct = strcmp(path, driver->effective) == 0;
                linked = link && link->path && strcmp(link->path, files[i].path) == 0;
                found = found || direct || linked;
                r = append_candidate(reply, path, version_of(facts, driver, &files[i]), direct || linked,
                                direct   ? "The module index resolves the name to this file."
                                : linked ? "The module index resolves the name to a link to this file."
                                         : "The module index resolves the name to another file.");
        }
        if (r >= 0 && !found && *driver->effective)
                r = append_candidate(reply, driver->effective, "", true,
                                "The module index resolves the name to this file, which is in no tree.");
        return r;
}

int driver_why(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        sd_bus_message *reply CLEANUP(sd_bus_message_unrefp) = NULL;
        const DriverEntry *entry = userdata;
        int r;

        r = sd_bus_message_new_method_return(message, &reply);
        if (r < 0)
                return r;
        r = sd_bus_message_open_container(reply, 'a', "(ssbs)");
        if (r < 0)
                return r;
        r = append_candidates(reply, entry->service->registry->facts, entry->value);
        if (r < 0)
                return r;
        r = sd_bus_message_close_container(reply);
        return r < 0 ? r : sd_bus_message_send(reply);
}
