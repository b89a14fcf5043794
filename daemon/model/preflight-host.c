/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a module file needs, against what the host has: symbols, dependencies, a signature, hardware,
 * firmware. Pure. */

#include "model/preflight.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* A sentence names that many of a list, and then their number. */
#define NAMED_MAX 4

char *preflight_enumerate(const StringSet *set)
{
        size_t named = set->count <= NAMED_MAX ? set->count : NAMED_MAX;
        char *text = NULL;
        size_t size;
        FILE *stream = open_memstream(&text, &size);

        if (!stream)
                return NULL;
        for (size_t i = 0; i < named; i++)
                (void) fprintf(stream, "%s%s", i > 0 ? ", " : "", set->items[i]);
        if (named < set->count)
                (void) fprintf(stream, " and %zu more", set->count - named);
        if (fclose(stream) != 0) {
                free(text);
                return NULL;
        }
        return text;
}

/* Adds a problem whose FORMAT has the file's path and the enumeration, unless the set is empty. */
static int add_set(ProblemList *ret, Severity severity, const char *code, const PreflightFacts *facts,
                const StringSet *set, const char *before, const char *after)
{
        char *names CLEANUP_FREE = NULL;

        if (set->count == 0)
                return 0;
        names = preflight_enumerate(set);
        if (!names)
                return -ENOMEM;
        return problem_list_add(ret, severity, code, "%s %s %s%s", facts->file->path, before, names, after);
}

bool license_is_gpl_compatible(const char *license)
{
        static const char *const compatible[] = {
                "GPL",
                "GPL v2",
                "GPL and additional rights",
                "Dual BSD/GPL",
                "Dual MIT/GPL",
                "Dual MPL/GPL",
        };

        for (size_t i = 0; license && i < ELEMENTSOF(compatible); i++)
                if (strcmp(license, compatible[i]) == 0)
                        return true;
        return false;
}

/* What the exporter allows. */
static int find_conditions(const PreflightFacts *facts, ProblemList *ret)
{
        const SymbolFindings *symbols = facts->symbols;
        bool refuses = facts->config && facts->config->any_namespace == KERNEL_OPTION_OFF;
        int r = add_set(ret, SEVERITY_ERROR, "symbol-gpl-only", facts, &symbols->gpl_only,
                        "needs symbols that are there for modules with a GPL-compatible licence alone, which "
                        "it doesn't have:",
                        ". Install a build of this version for this kernel release, or choose another "
                        "version.");

        if (r < 0)
                return r;
        return add_set(ret, refuses ? SEVERITY_ERROR : SEVERITY_WARNING, "symbol-namespace", facts,
                        &symbols->foreign, "uses symbols of namespaces that it doesn't import:",
                        refuses ? ". This kernel release would refuse it. Install a build of this version for "
                                  "this kernel release."
                                : ". Most kernels would refuse it. Install a build of this version for this "
                                  "kernel release.");
}

/* A kernel with module versions takes a file that has none for one that is loaded by force
 * (check_version() in its kernel/module/version.c). */
static int find_lacking_versions(const PreflightFacts *facts, ProblemList *ret)
{
        const KernelOption expected = facts->config ? facts->config->module_versions : KERNEL_OPTION_UNKNOWN;
        const KernelOption force = facts->config ? facts->config->force_load : KERNEL_OPTION_UNKNOWN;
        bool has_word = flags_have_word(facts->file->file->vermagic, "modversions");
        bool wants = facts->reference ? flags_have_word(facts->reference->vermagic, "modversions")
                                      : expected == KERNEL_OPTION_ON;

        /* Without that word, the version magic differs. */
        if (!facts->symbols->lacks_versions || !has_word || !wants)
                return 0;
        if (force == KERNEL_OPTION_ON)
                return problem_list_add(ret, SEVERITY_WARNING, "symbol-versions-missing",
                                "%s doesn't say which versions of symbols it was built against. %s would load "
                                "it by force and be tainted. Install a complete build of this version.",
                                facts->file->path, facts->release);
        return problem_list_add(ret, force == KERNEL_OPTION_OFF ? SEVERITY_ERROR : SEVERITY_WARNING,
                        "symbol-versions-missing",
                        "%s doesn't say which versions of symbols it was built against, and %s %s refuse it. "
                        "Install a complete build of this version.",
                        facts->file->path, facts->release, force == KERNEL_OPTION_OFF ? "would" : "may");
}

int preflight_find_symbols(const PreflightFacts *facts, ProblemList *ret)
{
        const SymbolFindings *symbols = facts->symbols;
        int r = add_set(ret, SEVERITY_ERROR, "dependency-missing", facts, &facts->missing_dependencies,
                        "needs modules that this kernel release doesn't have:",
                        ". Install the packages that ship them for this release.");

        if (r >= 0 && symbols)
                r = find_lacking_versions(facts, ret);
        if (r < 0 || !symbols || !symbols->needs_any)
                return r;
        r = add_set(ret, SEVERITY_ERROR, "symbol-missing", facts, &symbols->missing,
                        "needs symbols that neither the kernel nor any of its modules exports:",
                        ". Install a build of this version for this kernel release.");
        if (r >= 0)
                r = add_set(ret, SEVERITY_ERROR, "symbol-crc-mismatch", facts, &symbols->changed,
                                "was built against other versions of the symbols",
                                ": the kernel would refuse it (\"disagrees about version of symbol\"). "
                                "Install a build of this version for this kernel release, or select the "
                                "matching version of what exports them.");
        if (r >= 0)
                r = find_conditions(facts, ret);
        if (r >= 0 && !symbols->source)
                r = problem_list_add(ret, SEVERITY_INFO, "symbols-unchecked",
                                "It couldn't be checked whether %s exports the symbols that %s needs: there "
                                "is neither a Module.symvers nor a System.map of it. Install the headers of "
                                "this kernel release to have it checked.",
                                facts->release, facts->file->path);
        else if (r >= 0 && symbols->crcs_unchecked)
                r = problem_list_add(ret, SEVERITY_INFO, "symbols-unchecked",
                                "All symbols that %s needs are in %s, which doesn't say in which version. "
                                "Install the headers of this kernel release to have that checked.",
                                facts->file->path, symbols->source);
        return r;
}

int preflight_find_signature(const PreflightFacts *facts, ProblemList *ret)
{
        const SignaturePolicy *policy = facts->signatures;
        const ModuleFile *file = facts->file->file;

        if (!policy)
                return 0;
        if (!file->is_signed && policy->is_enforced)
                return problem_list_add(ret, SEVERITY_ERROR, "not-signed",
                                "%s is not signed, and this host's kernel loads signed modules only. "
                                "Install a signed build, or sign it with a key that the kernel trusts.",
                                facts->file->path);
        if (!file->is_signed && policy->secure_boot)
                return problem_list_add(ret, SEVERITY_WARNING, "not-signed",
                                "%s is not signed, and this host boots with Secure Boot, where most kernels "
                                "load signed modules only. Sign it with a key that the kernel trusts.",
                                facts->file->path);
        if (file->is_signed && policy->is_enforced && policy->keys_known && file->signer[0] != '\0' &&
                        !string_set_contains(&policy->keys, file->signer))
                return problem_list_add(ret, SEVERITY_WARNING, "signer-unknown",
                                "%s is signed by \"%s\", which is none of the keys that the kernel knows by "
                                "name, and the kernel loads only what it can verify. Enrol that key "
                                "(mokutil --import), or install a build signed by a known one.",
                                facts->file->path, file->signer);
        return 0;
}

static int find_dropped(const PreflightFacts *facts, const StringSet *after, ProblemList *ret)
{
        StringSet before CLEANUP_STRING_SET = { 0 }, dropped CLEANUP_STRING_SET = { 0 };
        char *text CLEANUP_FREE = NULL;
        DeviceClaim claim;
        int r;

        if (!facts->selected || facts->selected->file->defect != MODULE_SOUND)
                return 0;
        claim = device_claim_of_file(facts->selected);
        r = hardware_devices(facts->hardware, &claim, &before);
        if (r >= 0)
                r = string_set_difference(&before, after, &dropped);
        if (r < 0 || dropped.count == 0)
                return r;
        text = preflight_enumerate(&dropped);
        if (!text)
                return -ENOMEM;
        return problem_list_add(ret, SEVERITY_ERROR, "device-dropped",
                        "%s doesn't cover devices that the selected version %s covers: %s. Choose a version "
                        "that covers them, or they will have no driver.",
                        facts->file->path, facts->selected_version, text);
}

static int find_devices(const PreflightFacts *facts, ProblemList *ret)
{
        const DeviceClaim claim = device_claim_of_file(facts->file);
        StringSet covered CLEANUP_STRING_SET = { 0 };
        int r = hardware_devices(facts->hardware, &claim, &covered);

        if (r >= 0 && covered.count == 0 && device_claim_is_on_hardware(&claim))
                r = problem_list_add(ret, SEVERITY_ERROR, "no-hardware",
                                "This host has no device that %s is for. Choose a version that covers its "
                                "devices.",
                                facts->file->path);
        return r < 0 ? r : find_dropped(facts, &covered, ret);
}

int preflight_find_hardware(const PreflightFacts *facts, ProblemList *ret)
{
        int r = 0;

        if (facts->hardware && hardware_count(facts->hardware) > 0)
                r = find_devices(facts, ret);
        if (r < 0)
                return r;
        return add_set(ret, SEVERITY_WARNING, "firmware-missing", facts, &facts->missing_firmware,
                        "may ask for firmware that isn't installed:",
                        ". Install it beneath /lib/firmware if the driver's devices need it.");
}
