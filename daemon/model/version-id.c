/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An id names as much of its origin as tells it from others. */

#include "model/version-id.h"

#include <string.h>

#include "util/text-format.h"

char *version_id_spell(const DriverVersion *version, VersionIdForm form)
{
        if (!version->tree->has_packages || form == VERSION_ID_BARE)
                return strdup(version->directory);
        if (form == VERSION_ID_PACKAGE)
                return text_new("%s/%s", version->package, version->directory);
        return text_new("%s/%s/%s", version->tree->name, version->package, version->directory);
}

bool driver_version_is_reserved(const DriverVersion *version)
{
        return version->tree->has_packages && strcmp(version->directory, KERNEL_VERSION_ID) == 0;
}

char *driver_version_full(const DriverVersion *version)
{
        return version_id_spell(version, VERSION_ID_FULL);
}

/* Passes over WORD and the slash behind it. */
static bool pass(const char **text, const char *word)
{
        size_t size = strlen(word);

        if (strncmp(*text, word, size) != 0 || (*text)[size] != '/')
                return false;
        *text += size + 1;
        return true;
}

static bool is_spelled(const DriverVersion *version, VersionIdForm form, const char *text)
{
        if (!version->tree->has_packages)
                return false;
        if (form == VERSION_ID_FULL && !pass(&text, version->tree->name))
                return false;
        if (form != VERSION_ID_BARE && !pass(&text, version->package))
                return false;
        return strcmp(text, version->directory) == 0;
}

/* NULL if it isn't exactly one. */
static const DriverVersion *find_spelled(const Driver *driver, VersionIdForm form, const char *text)
{
        const DriverVersion *found = NULL;

        for (size_t i = 0; i < driver->version_count; i++) {
                if (!is_spelled(&driver->versions[i], form, text))
                        continue;
                if (found)
                        return NULL;
                found = &driver->versions[i];
        }
        return found;
}

const DriverVersion *driver_version_meant(const Driver *driver, const char *text)
{
        const DriverVersion *version = find_spelled(driver, VERSION_ID_FULL, text);

        if (!version)
                version = driver_version(driver, text);
        /* The bare word is never anything else's. */
        if (version || strcmp(text, KERNEL_VERSION_ID) == 0)
                return version;
        version = find_spelled(driver, VERSION_ID_PACKAGE, text);
        return version ? version : find_spelled(driver, VERSION_ID_BARE, text);
}
