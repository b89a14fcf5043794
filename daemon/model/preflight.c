/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a module file says of itself and what it needs, against the kernel release that is to load it and
 * what the host has. Pure. */

#include "model/preflight.h"

#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "host/name.h"
#include "model/modprobe-problems.h"
#include "util/text-format.h"

static int find_defect(const PreflightFacts *facts, ProblemList *ret)
{
        const ModuleFile *file = facts->file->file;
        const char *path = facts->file->path, *text = module_defect_text(file->defect);

        switch (file->defect) {
        case MODULE_SOUND:
                return 0;
        case MODULE_NOT_REGULAR:
                return problem_list_add(ret, SEVERITY_ERROR, "not-regular",
                                "%s %s. Put the module file itself in its place.", path, text);
        case MODULE_UNREADABLE:
                return problem_list_add(ret, SEVERITY_ERROR, "unreadable",
                                "%s %s: %s. Check its permissions and the file system, or install its "
                                "package again.",
                                path, text, strerror(-file->error));
        case MODULE_TOO_LARGE:
                return problem_list_add(ret, SEVERITY_ERROR, "unreadable", "%s %s. No module is that large.",
                                path, text);
        case MODULE_NOT_A_MODULE:
                break;
        }
        return problem_list_add(ret, SEVERITY_ERROR, "not-a-module",
                        "%s %s. Install its package again, or choose another version.", path, text);
}

static int find_compression(const PreflightFacts *facts, ProblemList *ret)
{
        if (facts->kmod == KMOD_READS)
                return 0;
        if (facts->kmod == KMOD_CANNOT_READ_UNSIZED)
                return problem_list_add(ret, SEVERITY_ERROR, "compression-unsupported",
                                "%s doesn't say in its zstd header how large its content is, and this host's "
                                "kmod can't read such a file: modprobe can't load it. Compress it again with "
                                "`zstd FILE`, which writes the size, rather than through a pipe; or install it "
                                "uncompressed.",
                                facts->file->path);
        return problem_list_add(ret, SEVERITY_ERROR, "compression-unsupported",
                        "%s is compressed in a way that this host's kmod can't read (`kmod --version` tells "
                        "what it can), so that modprobe can't load it. Install it uncompressed, or compressed as "
                        "the kernel's own modules are.",
                        facts->file->path);
}

/* The usual name of an e_machine, or NULL. */
static const char *machine_name(uint16_t machine)
{
        static const struct {
                uint16_t machine;
                const char *name;
        } rows[] = {
                { EM_386, "i386" },
                { EM_X86_64, "x86-64" },
                { EM_ARM, "arm" },
                { EM_AARCH64, "arm64" },
                { EM_PPC, "powerpc" },
                { EM_PPC64, "powerpc64" },
                { EM_S390, "s390" },
                { EM_RISCV, "riscv" },
                { EM_LOONGARCH, "loongarch" },
                { EM_MIPS, "mips" },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                if (rows[i].machine == machine)
                        return rows[i].name;
        return "another machine";
}

static int find_architecture(const PreflightFacts *facts, ProblemList *ret)
{
        const ModuleFile *file = facts->file->file, *kernel = facts->reference;

        if (!kernel || (file->machine == kernel->machine && file->elf_class == kernel->elf_class &&
                                       file->byte_order == kernel->byte_order))
                return 0;
        return problem_list_add(ret, SEVERITY_ERROR, "wrong-architecture",
                        "%s is built for %s (%d-bit, %s-endian), but the kernel %s is for %s. Install the "
                        "package for this architecture.",
                        facts->file->path, machine_name(file->machine),
                        file->elf_class == ELFCLASS32 ? 32 : 64,
                        file->byte_order == ELFDATA2MSB ? "big" : "little", facts->release,
                        machine_name(kernel->machine));
}

bool flags_have_word(const char *flags, const char *word)
{
        size_t size = strlen(word);

        for (const char *place = flags; *place != '\0'; place += strspn(place, " ")) {
                size_t length = strcspn(place, " ");

                if (length == size && memcmp(place, word, size) == 0)
                        return true;
                place += length;
        }
        return false;
}

bool vermagic_is_compatible(const char *module, const char *kernel)
{
        /* The kernel asks whether the file has CRCs; whoever writes this word also writes those. */
        if (flags_have_word(module, "modversions") && flags_have_word(kernel, "modversions")) {
                module += strcspn(module, " ");
                kernel += strcspn(kernel, " ");
        }
        return strcmp(module, kernel) == 0;
}

static int find_vermagic(const PreflightFacts *facts, ProblemList *ret)
{
        const char *magic = facts->file->file->vermagic;
        const char *kernel = facts->reference ? facts->reference->vermagic : "";
        size_t size = strcspn(magic, " ");

        if (kernel[0] != '\0') {
                if (vermagic_is_compatible(magic, kernel))
                        return 0;
                return problem_list_add(ret, SEVERITY_ERROR, "vermagic-mismatch",
                                "%s is built for a kernel with the version magic \"%s\", but %s has \"%s\" "
                                "and would refuse it. Install a build of this version for %s.",
                                facts->file->path, magic, facts->release, kernel, facts->release);
        }
        /* Nothing to compare the flags with. With module versions the CRCs would decide. */
        if (flags_have_word(magic, "modversions") ||
                        (strlen(facts->release) == size && memcmp(magic, facts->release, size) == 0))
                return 0;
        return problem_list_add(ret, SEVERITY_ERROR, "vermagic-mismatch",
                        "%s is built for the kernel \"%.*s\" and not for %s, which would refuse it. Install "
                        "a build of this version for %s.",
                        facts->file->path, (int) size, magic, facts->release, facts->release);
}

static int find_name(const PreflightFacts *facts, ProblemList *ret)
{
        const ModuleFile *file = facts->file->file;
        char *name CLEANUP_FREE = NULL;
        int r;

        if (file->name[0] == '\0') /* before Linux 4.14 they don't say */
                return 0;
        r = module_name_canonical(file->name, &name);
        if (r == -ENOMEM)
                return r;
        if (r >= 0 && strcmp(name, facts->file->module) == 0)
                return 0;
        return problem_list_add(ret, SEVERITY_ERROR, "name-mismatch",
                        "%s holds the module %s, not %s: the kernel would load it by that other name. "
                        "Install its package again, or choose another version.",
                        facts->file->path, file->name, facts->file->module);
}

static int find_builtin(const PreflightFacts *facts, ProblemList *ret)
{
        if (!facts->builtin)
                return 0;
        return problem_list_add(ret, SEVERITY_WARNING, "builtin",
                        "%s is a part of the kernel %s, which loads no file of it: selecting %s has no effect "
                        "there. Boot a kernel that has it as a module.",
                        facts->file->module, facts->release, facts->file->path);
}

/* What a driver that is selected has for a problem. */
static int find_modprobe(const PreflightFacts *facts, ProblemList *ret)
{
        ModprobeCase subject = { .load = &facts->load,
                .module = facts->file->module,
                .subject = facts->file->path,
                .facts = facts->all,
                .file = facts->file->file,
                .device = facts->aliased };
        char *prefix CLEANUP_FREE = NULL;

        /* Nothing is loaded there, whatever modprobe.d says. */
        if (facts->builtin)
                return 0;
        prefix = text_new("%s would be selected, but", facts->file->path);
        if (!prefix)
                return -ENOMEM;
        subject.prefix = prefix;
        return modprobe_find_problems(&subject, ret);
}

/* A sentence names that many of a list, and then their number. */
#define NAMED_MAX 4

/* "a, b, c, d and 5 more". The caller frees it; NULL: no memory. */
static char *enumerate(const StringSet *set)
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
        names = enumerate(set);
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

static int find_symbols(const PreflightFacts *facts, ProblemList *ret)
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

static int find_signature(const PreflightFacts *facts, ProblemList *ret)
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
        text = enumerate(&dropped);
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

/* One warning for each module that holds devices. */
static int find_rivals(const PreflightFacts *facts, ProblemList *ret)
{
        const StringSet *rivals = &facts->rivals;
        int r = 0;

        for (size_t i = 0; r >= 0 && i < rivals->count;) {
                size_t size = strcspn(rivals->items[i], " ");
                StringSet devices CLEANUP_STRING_SET = { 0 };
                char *text CLEANUP_FREE = NULL;
                const char *rival = rivals->items[i];

                for (; r >= 0 && i < rivals->count && strncmp(rivals->items[i], rival, size + 1) == 0; i++)
                        r = string_set_add(&devices, rivals->items[i] + size + 1);
                text = r >= 0 ? enumerate(&devices) : NULL;
                if (!text)
                        return -ENOMEM;
                r = problem_list_add(ret, SEVERITY_WARNING, "rival-driver",
                                "%.*s drives %s, which %s is for, too: after a boot the first of the two that "
                                "is loaded has it. To leave it to %s, deselect %.*s if it is a driver of this "
                                "service, or write \"blacklist %.*s\" to a file in /etc/modprobe.d; then "
                                "rebuild the initramfs, and reboot.",
                                (int) size, rival, text, facts->file->path, facts->file->module, (int) size,
                                rival, (int) size, rival);
        }
        return r;
}

static int find_hardware(const PreflightFacts *facts, ProblemList *ret)
{
        int r = 0;

        if (facts->hardware && hardware_count(facts->hardware) > 0)
                r = find_devices(facts, ret);
        if (r >= 0)
                r = find_rivals(facts, ret);
        if (r < 0)
                return r;
        return add_set(ret, SEVERITY_WARNING, "firmware-missing", facts, &facts->missing_firmware,
                        "may ask for firmware that isn't installed:",
                        ". Install it beneath /lib/firmware if the driver's devices need it.");
}

int preflight_find(const PreflightFacts *facts, ProblemList *ret)
{
        static int (*const parts[])(const PreflightFacts *, ProblemList *) = {
                find_compression,
                find_architecture,
                find_vermagic,
                find_name,
                find_symbols,
                find_signature,
                find_hardware,
                find_builtin,
                find_modprobe,
        };
        int r = find_defect(facts, ret);

        if (facts->file->file->defect != MODULE_SOUND)
                return r;
        for (size_t i = 0; i < ELEMENTSOF(parts) && r >= 0; i++)
                r = parts[i](facts, ret);
        return r;
}

/* "doesn't export a, b, and exports c in another version". The caller frees it; NULL: no memory. */
static char *tell_losses(const DependentFacts *facts)
{
        char *missing CLEANUP_FREE = enumerate(&facts->missing);
        char *changed CLEANUP_FREE = enumerate(&facts->changed);
        bool both = facts->missing.count > 0 && facts->changed.count > 0;

        if (!missing || !changed)
                return NULL;
        return text_new("%s%s%s%s%s%s", facts->missing.count > 0 ? "doesn't export " : "", missing,
                        both ? ", and " : "", facts->changed.count > 0 ? "exports " : "", changed,
                        facts->changed.count > 0 ? " in another version" : "");
}

int preflight_find_dependent(const DependentFacts *facts, ProblemList *ret)
{
        const Severity severity =
                        facts->is_loaded || facts->has_hardware ? SEVERITY_ERROR : SEVERITY_WARNING;
        const char *state = facts->is_loaded ? ", which is loaded now," : "";
        char *losses CLEANUP_FREE = NULL;
        int r;

        if (facts->missing.count + facts->changed.count == 0)
                return 0;
        losses = tell_losses(facts);
        if (!losses)
                return -ENOMEM;
        if (facts->has_versions)
                r = problem_list_add(ret, severity, "dependent-breaks",
                                "%s%s would no longer load with %s, which %s. Select the matching version of "
                                "%s in the same call.",
                                facts->path, state, facts->needed->path, losses, facts->module);
        else
                r = problem_list_add(ret, severity, "dependent-breaks",
                                "%s%s would no longer load with %s, which %s. Choose another version of %s, "
                                "or install a build of %s for this one.",
                                facts->path, state, facts->needed->path, losses, facts->needed->module,
                                facts->module);
        return r < 0 ? r : problem_list_name_module(ret, facts->needed->module);
}
