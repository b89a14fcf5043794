/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a module file says of itself, against the kernel release that is to load it. Pure. */

#include "model/preflight.h"

#include <elf.h>
#include <errno.h>
#include <string.h>

#include "host/name.h"

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

int preflight_find(const PreflightFacts *facts, ProblemList *ret)
{
        static int (*const parts[])(const PreflightFacts *, ProblemList *) = {
                find_compression,
                find_architecture,
                find_vermagic,
                find_name,
                preflight_find_symbols,
                preflight_find_signature,
                preflight_find_hardware,
                find_builtin,
        };
        int r = find_defect(facts, ret);

        if (facts->file->file->defect != MODULE_SOUND)
                return r;
        for (size_t i = 0; i < ELEMENTSOF(parts) && r >= 0; i++)
                r = parts[i](facts, ret);
        return r;
}
