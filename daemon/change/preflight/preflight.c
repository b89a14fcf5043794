/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Gathers what the preflight of one version in one kernel release needs to know of the host. It judges
 * nothing: model/preflight.c does. */

#include "change/preflight/preflight.h"

#include <errno.h>
#include <string.h>

#include "change/preflight/preflight-symbols.h"
#include "host/kernel/firmware.h"
#include "host/kernel/kernel-config.h"
#include "host/kernel/kernel-reference.h"
#include "host/module/kmod-read.h"
#include "model/preflight.h"

/* What was gathered, and must be freed. */
typedef struct Gathered {
        PreflightFacts facts;
        SignaturePolicy signatures;
        KernelConfig config;
        SymbolFindings symbols;
        ModuleFile *reference;
        int reference_fd;
} Gathered;

static void gathered_done(Gathered *gathered)
{
        string_set_done(&gathered->facts.missing_dependencies);
        string_set_done(&gathered->facts.missing_firmware);
        signature_policy_done(&gathered->signatures);
        string_set_done(&gathered->symbols.missing);
        string_set_done(&gathered->symbols.changed);
        string_set_done(&gathered->symbols.gpl_only);
        string_set_done(&gathered->symbols.foreign);
        free(gathered->symbols.source);
        (void) module_file_unref(gathered->reference);
        (void) fd_close(gathered->reference_fd);
}

/* The file of the version that is selected in the release now, if there is one. */
static void take_selected(const Facts *facts, const Driver *driver, PreflightFacts *ret)
{
        const DriverRelease *standing = driver_release(driver, ret->release);
        const DriverVersion *selected = standing && standing->selected[0] != '\0'
                                                        ? driver_version(driver, standing->selected)
                                                        : NULL;
        const CatalogueFile *file =
                        selected ? driver_version_file(facts, driver, selected, ret->release) : NULL;

        if (file) {
                ret->selected = file;
                ret->selected_version = selected->id;
        }
}

/* The module's own file below kernel/, should it be the only one there, or NULL. */
static const ModuleFile *kernels_own(const CatalogueRelease *release, const char *module)
{
        size_t count = 0;
        const CatalogueFile *files = catalogue_find(release, module, &count);

        for (size_t i = 0; i < count; i++)
                if (files[i].tree->is_fallback && files[i].file->defect == MODULE_SOUND)
                        return files[i].file;
        return NULL;
}

static int take_reference(const HostRoot *root, const CatalogueRelease *release, Gathered *gathered)
{
        int r = kernel_reference_open(root, release->release, gathered->facts.file->module,
                        &gathered->reference, &gathered->reference_fd);

        if (r < 0 && r != -ENOENT)
                return r;
        gathered->facts.reference =
                        r < 0 ? kernels_own(release, gathered->facts.file->module) : gathered->reference;
        return 0;
}

/* Any kmod reads what isn't compressed. */
static int ask_kmod(const HostRoot *root, PreflightFacts *facts)
{
        const char *path = facts->file->path, *ending = strrchr(path, '.');

        if (ending && strcmp(ending, ".ko") == 0)
                return 0;
        return kmod_read(root, facts->release, path, &facts->kmod);
}

static int gather(const HostRoot *root, const CatalogueRelease *release, const PlannedFiles *together,
                Gathered *gathered)
{
        PreflightFacts *facts = &gathered->facts;
        int r = take_reference(root, release, gathered);

        if (r >= 0)
                r = signature_policy_read(root, &gathered->signatures);
        if (r >= 0)
                r = kernel_config_read(root, release->release, &gathered->config);
        if (r >= 0)
                r = ask_kmod(root, facts);
        if (r >= 0)
                r = firmware_missing(root, release->release, facts->file->file, &facts->missing_firmware);
        if (r < 0)
                return r;
        facts->signatures = &gathered->signatures;
        facts->config = &gathered->config;
        facts->symbols = &gathered->symbols;
        return preflight_gather_symbols(root, release, facts->file, together, gathered->reference_fd,
                        &facts->missing_dependencies, &gathered->symbols);
}

static bool is_builtin(const Facts *facts, const CatalogueRelease *release, const char *name)
{
        const StringSet *modules = &facts->catalogue->modules;
        size_t module = string_set_find(modules, name);

        return module < modules->count &&
               facts_is_builtin(facts, (size_t) (release - facts->catalogue->releases), module);
}

int preflight_check(const HostRoot *root, const Facts *facts, const Driver *driver,
                const DriverVersion *version, const char *release, const PlannedFiles *together,
                ProblemList *ret)
{
        const CatalogueRelease *installed = catalogue_release(facts->catalogue, release);
        Gathered gathered CLEANUP(gathered_done) = { .reference_fd = -1 };
        PreflightFacts *found = &gathered.facts;
        int r;

        found->release = release;
        found->hardware = facts->hardware;
        found->file = driver_version_file(facts, driver, version, release);
        if (!installed || !found->file)
                return 0;
        take_selected(facts, driver, found);
        found->builtin = is_builtin(facts, installed, driver->name);
        if (found->file->file->defect != MODULE_SOUND)
                return preflight_find(found, ret);
        r = gather(root, installed, together, &gathered);
        if (r == -ENOMEM)
                return r;
        if (r < 0) /* it was sound when the facts were read */
                return problem_list_add(ret, SEVERITY_ERROR, "unreadable",
                                "%s can't be read: %s. It has changed since the host was looked at: call "
                                "`hostdriverctl rescan`, or install its package again.",
                                found->file->path, strerror(-r));
        return preflight_find(found, ret);
}
