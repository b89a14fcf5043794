/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Gathers what the preflight of one version in one kernel release needs to know of the host. It judges
 * nothing: model/preflight.c does. */

#include "change/checks/preflight.h"

#include <errno.h>
#include <string.h>

#include "change/checks/preflight-dependents.h"
#include "change/checks/preflight-modprobe.h"
#include "change/checks/preflight-rivals.h"
#include "change/checks/preflight-symbols.h"
#include "host/kernel/firmware.h"
#include "host/kernel/kernel-config.h"
#include "host/kernel/kernel-reference.h"
#include "host/kernel/signature-policy.h"
#include "host/module/kmod-read.h"
#include "model/preflight.h"
#include "util/exhausted.h"

struct Preflight {
        ReleaseChange change;
        ModprobePlan modprobe;
        bool has_conditions; /* the following were read */
        SignaturePolicy signatures;
        KernelConfig config;
        ModuleFile *reference; /* a module file of the kernel's own, or NULL */
        int reference_fd;
};

/* What was gathered of one version, and must be freed. */
typedef struct Gathered {
        PreflightFacts facts;
        SymbolFindings symbols;
        ModuleFile *reference; /* should the shared one be the module's own */
        int reference_fd;
} Gathered;

static void gathered_done(Gathered *gathered)
{
        string_set_done(&gathered->facts.missing_dependencies);
        string_set_done(&gathered->facts.missing_firmware);
        string_set_done(&gathered->facts.rivals);
        modprobe_load_done(&gathered->facts.load);
        string_set_done(&gathered->symbols.missing);
        string_set_done(&gathered->symbols.changed);
        string_set_done(&gathered->symbols.gpl_only);
        string_set_done(&gathered->symbols.foreign);
        free(gathered->symbols.source);
        (void) module_file_unref(gathered->reference);
        (void) fd_close(gathered->reference_fd);
}

Preflight *preflight_free(Preflight *preflight)
{
        if (!preflight)
                return NULL;
        (void) symbol_sources_free(preflight->change.sources);
        modprobe_plan_done(&preflight->modprobe);
        signature_policy_done(&preflight->signatures);
        (void) module_file_unref(preflight->reference);
        (void) fd_close(preflight->reference_fd);
        free(preflight);
        return NULL;
}

int preflight_new(const HostRoot *root, const Facts *facts, const char *release, const PlannedFiles *planned,
                Preflight **ret)
{
        Preflight *preflight CLEANUP(preflight_freep) = calloc(1, sizeof(*preflight));
        int r;

        if (!preflight)
                return -ENOMEM;
        preflight->reference_fd = -1;
        preflight->change = (ReleaseChange){
                .root = root,
                .facts = facts,
                .release = release,
                .installed = catalogue_release(facts->catalogue, release),
                .planned = *planned,
        };
        if (preflight->change.installed) {
                r = symbol_sources_new(
                                root, preflight->change.installed, planned, &preflight->change.sources);
                if (r < 0)
                        return r;
        }
        *ret = STEAL(preflight);
        return 0;
}

/* What is the same for all modules. The reference is any module file of the kernel's, be it of a module that
 * is checked. */
static int take_conditions(Preflight *preflight)
{
        int r;

        if (preflight->has_conditions)
                return 0;
        r = kernel_reference_open(preflight->change.root, preflight->change.release, "",
                        &preflight->reference, &preflight->reference_fd);
        if (r < 0 && r != -ENOENT)
                return r;
        r = signature_policy_read(preflight->change.root, &preflight->signatures);
        if (r >= 0)
                r = kernel_config_read(
                                preflight->change.root, preflight->change.release, &preflight->config);
        preflight->has_conditions = r >= 0;
        return r;
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

/* Vendors used to overwrite the kernel's own file of their module, so that another one tells more. */
static int take_reference(Preflight *preflight, Gathered *gathered, int *ret_fd)
{
        const char *module = gathered->facts.file->module;
        int r;

        *ret_fd = preflight->reference_fd;
        gathered->facts.reference = preflight->reference;
        if (preflight->reference && strcmp(preflight->reference->name, module) != 0)
                return 0;
        r = preflight->reference ? kernel_reference_open(preflight->change.root, preflight->change.release,
                                                   module, &gathered->reference, &gathered->reference_fd)
                                 : -ENOENT;
        if (r < 0 && r != -ENOENT)
                return r;
        *ret_fd = gathered->reference_fd;
        gathered->facts.reference =
                        r < 0 ? kernels_own(preflight->change.installed, module) : gathered->reference;
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

static int gather(Preflight *preflight, Gathered *gathered)
{
        PreflightFacts *facts = &gathered->facts;
        int reference_fd = -1;
        int r = take_conditions(preflight);

        if (r >= 0)
                r = take_reference(preflight, gathered, &reference_fd);
        if (r >= 0)
                r = ask_kmod(preflight->change.root, facts);
        if (r >= 0)
                r = preflight_gather_modprobe(&preflight->change, &preflight->modprobe, facts);
        if (r >= 0)
                r = firmware_missing(preflight->change.root, preflight->change.release, facts->file->file,
                                &facts->missing_firmware);
        if (r >= 0 && facts->hardware)
                r = preflight_gather_rivals(preflight->change.root, facts->hardware,
                                preflight->change.sources, facts->file, &facts->rivals);
        if (r < 0)
                return r;
        facts->signatures = &preflight->signatures;
        facts->config = &preflight->config;
        facts->symbols = &gathered->symbols;
        return preflight_gather_symbols(preflight->change.sources, facts->file, reference_fd,
                        &facts->missing_dependencies, &gathered->symbols);
}

static bool is_builtin(const Facts *facts, const CatalogueRelease *release, const char *name)
{
        const StringSet *modules = &facts->catalogue->modules;
        size_t module = string_set_find(modules, name);

        return module < modules->count &&
               facts_is_builtin(facts, (size_t) (release - facts->catalogue->releases), module);
}

int preflight_check(
                Preflight *preflight, const Driver *driver, const DriverVersion *version, ProblemList *ret)
{
        const Facts *facts = preflight->change.facts;
        Gathered gathered CLEANUP(gathered_done) = { .reference_fd = -1 };
        PreflightFacts *found = &gathered.facts;
        int r;

        found->release = preflight->change.release;
        found->hardware = facts->hardware;
        found->file = driver_version_file(facts, driver, version, preflight->change.release);
        if (!preflight->change.installed || !found->file)
                return 0;
        take_selected(facts, driver, found);
        found->builtin = is_builtin(facts, preflight->change.installed, driver->name);
        if (found->file->file->defect != MODULE_SOUND)
                return preflight_find(found, ret);
        r = gather(preflight, &gathered);
        if (r == -ENOMEM)
                return r;
        if (r < 0) /* it was sound when the facts were read */
                return problem_list_add(ret, SEVERITY_ERROR, "unreadable",
                                "%s can't be read: %s. It has changed since the host was looked at: call "
                                "`hostdriverctl rescan`, or install its package again.",
                                found->file->path, strerror(-r));
        return preflight_find(found, ret);
}

int preflight_check_dependents(Preflight *preflight, ProblemList *ret)
{
        return dependents_check(&preflight->change, ret);
}
