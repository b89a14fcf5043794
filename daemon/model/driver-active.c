/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which version the kernel has loaded, told by evidence alone (design, section 4): the note, the build-id,
 * the srcversion, the version. Where they don't decide, it says why and doesn't guess. */

#include "model/driver-active.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "util/text-format.h"

/* What one piece of evidence says: how many versions fit, and which one if it is one. */
typedef struct Evidence {
        const char *value; /* what the kernel says; NULL if nothing */
        size_t matches;
        const DriverVersion *version; /* of exactly one match */
} Evidence;

typedef const char *(*FileField)(const ModuleFile *file);

static const char *build_id_of(const ModuleFile *file)
{
        return file->build_id;
}

static const char *srcversion_of(const ModuleFile *file)
{
        return file->srcversion;
}

static const char *version_of(const ModuleFile *file)
{
        return file->version;
}

static void add_match(Evidence *evidence, const DriverVersion *version)
{
        evidence->matches++;
        evidence->version = evidence->matches == 1 ? version : NULL;
}

/* Only files of the running kernel can have been loaded into it. */
static bool could_be_loaded(const Derivation *derivation, const DriverVersion *version)
{
        return string_set_contains(&version->releases, derivation->facts->kernel);
}

static Evidence match_field(const Derivation *derivation, const char *value, FileField field)
{
        const Driver *driver = derivation->driver;
        Evidence evidence = { .value = value };

        if (!value || !*value)
                return (Evidence){ 0 };
        for (size_t i = 0; i < driver->version_count; i++)
                if (could_be_loaded(derivation, &driver->versions[i]) &&
                                strcmp(field(driver->versions[i].file), value) == 0)
                        add_match(&evidence, &driver->versions[i]);
        return evidence;
}

/* Whether a note's text is one of the names that a version goes by: its directory's, modinfo's, one of
 * info.json's, or that of the note in its own file. */
static bool is_called(const DriverVersion *version, const char *name)
{
        return strcmp(version->directory, name) == 0 || strcmp(version->file->version, name) == 0 ||
               strcmp(driver_version_told(version), name) == 0 ||
               (version->info && strcmp(version->info->variant, name) == 0) ||
               strcmp(version->file->note_version, name) == 0;
}

static Evidence match_note(const Derivation *derivation)
{
        const Driver *driver = derivation->driver;
        Evidence evidence = { .value = derivation->loaded->note_version };

        if (!evidence.value || !*evidence.value)
                return (Evidence){ 0 };
        evidence.version = driver_version(driver, evidence.value);
        if (evidence.version) {
                evidence.matches = 1;
                return evidence;
        }
        for (size_t i = 0; i < driver->version_count; i++)
                if (could_be_loaded(derivation, &driver->versions[i]) &&
                                is_called(&driver->versions[i], evidence.value))
                        add_match(&evidence, &driver->versions[i]);
        return evidence;
}

static int explain(char **text, const char *what, const Evidence *evidence)
{
        if (!evidence->value)
                return 0;
        if (evidence->matches == 0)
                return text_join(text, "; ", "its %s %s is that of no version", what, evidence->value);
        return text_join(text, "; ", "its %s %s is that of %zu versions", what, evidence->value,
                        evidence->matches);
}

static int add_unknown(const Derivation *derivation, const Evidence evidence[static 4])
{
        static const char *const names[] = { "note", "build-id", "srcversion", "version" };
        char *reasons CLEANUP_FREE = NULL;
        int r = 0;

        if (derivation->loaded->notes_defective)
                r = text_join(&reasons, "; ", "its version note can't be read");
        for (size_t i = 0; i < ELEMENTSOF(names) && r >= 0; i++)
                r = explain(&reasons, names[i], &evidence[i]);
        if (r >= 0 && !reasons)
                r = text_join(&reasons, "; ", "the kernel says nothing by which to tell its file");
        if (r < 0)
                return r;
        return problem_list_add(&derivation->driver->problems, SEVERITY_WARNING, "active-unknown",
                        "%s is loaded, but from which version is unknown: %s. Its file may be gone, changed "
                        "or in the initramfs; a reboot loads the selected version.",
                        derivation->name, reasons);
}

static int add_disagreement(const Derivation *derivation, const Evidence *note, const Evidence *build_id)
{
        const char *noted = note->version->id, *name = derivation->name;

        if (build_id->version)
                return problem_list_add(&derivation->driver->problems, SEVERITY_WARNING, "note-disagrees",
                                "The note of the loaded %s says version %s, but its build-id is that of "
                                "%s, which counts. One of the two files is mislabelled: reinstall their "
                                "package.",
                                name, noted, build_id->version->id);
        return problem_list_add(&derivation->driver->problems, SEVERITY_WARNING, "note-disagrees",
                        "The note of the loaded %s says version %s, but its build-id is that of other "
                        "versions. One of the files is mislabelled: reinstall their package.",
                        name, noted);
}

/* True if the build-id fits some version, and not the one that the note names. */
static bool disagree(const Derivation *derivation, const Evidence *note, const Evidence *build_id)
{
        return note->version && build_id->matches > 0 && note->version != build_id->version &&
               !(could_be_loaded(derivation, note->version) &&
                               strcmp(note->version->file->build_id, build_id->value) == 0);
}

static const DriverVersion *decide(
                const Derivation *derivation, const Evidence evidence[static 4], const char **ret_by)
{
        static const char *const names[] = { "note", "build-id", "srcversion", "version" };
        bool note_is_wrong = disagree(derivation, &evidence[0], &evidence[1]);

        for (size_t i = note_is_wrong ? 1 : 0; i < ELEMENTSOF(names); i++) {
                if (evidence[i].version) {
                        *ret_by = names[i];
                        return evidence[i].version;
                }
                /* A build-id that several files share is known: what it rules out, nothing weaker names. */
                if (i == 1 && evidence[i].matches > 1 && note_is_wrong)
                        break;
        }
        *ret_by = "";
        return NULL;
}

/* The file may have been replaced after it was loaded: then the same version would load something else. */
static int check_loaded_file(const Derivation *derivation, const DriverVersion *version)
{
        const char *loaded = derivation->loaded->build_id, *file = version->file->build_id;

        if (!loaded || !*loaded || !*file || !could_be_loaded(derivation, version) ||
                        strcmp(loaded, file) == 0)
                return 0;
        return problem_list_add(&derivation->driver->problems, SEVERITY_WARNING, "active-file-changed",
                        "The loaded %s is version %s, but %s is another build by now. A reboot loads what "
                        "is selected then.",
                        derivation->name, version->id, version->path);
}

static int derive_live(const Derivation *derivation, const DriverVersion **ret_version)
{
        const LoadedModule *loaded = derivation->loaded;
        Evidence evidence[] = {
                match_note(derivation),
                match_field(derivation, loaded->build_id, build_id_of),
                match_field(derivation, loaded->srcversion, srcversion_of),
                match_field(derivation, loaded->version, version_of),
        };
        const DriverVersion *version = decide(derivation, evidence, &derivation->driver->active_by);
        int r;

        *ret_version = version;
        if (disagree(derivation, &evidence[0], &evidence[1])) {
                r = add_disagreement(derivation, &evidence[0], &evidence[1]);
                if (r < 0)
                        return r;
        }
        if (!version)
                return add_unknown(derivation, evidence);
        return check_loaded_file(derivation, version);
}

int driver_derive_active(const Derivation *derivation)
{
        Driver *driver = derivation->driver;
        const DriverVersion *version = NULL;
        bool builtin = derivation_is_builtin(derivation);
        int r = 0;

        driver->loaded = builtin || derivation->loaded->state != LOAD_ABSENT;
        driver->active_by = "";
        if (builtin)
                driver->active_by = "builtin";
        else if (derivation->loaded->state == LOAD_LIVE)
                r = derive_live(derivation, &version);
        if (r < 0)
                return r;
        driver->active = strdup(version ? version->id : "");
        if (!driver->active)
                return -ENOMEM;
        driver->reboot_required =
                        driver_reboot_required(derivation->loaded->state, driver->selected, driver->active);
        return 0;
}
