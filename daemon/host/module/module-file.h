/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What one module file says of itself: modinfo, notes, machine. Read once, never changed, shared by
 * reference. */
#pragma once

#include <stdint.h>
#include <sys/stat.h>

#include "util/string-set.h"

/* A file larger than this, or one that would be after decompression, is not read (MODULE_TOO_LARGE). */
#define MODULE_FILE_SIZE_MAX (256U * 1024 * 1024)

typedef enum ModuleDefect {
        MODULE_SOUND,
        MODULE_UNREADABLE,  /* open, read or decompression failed: see error */
        MODULE_NOT_REGULAR, /* a FIFO, socket, device or directory, or a link that leads elsewhere */
        MODULE_TOO_LARGE,
        MODULE_NOT_A_MODULE, /* no ELF relocatable file with .modinfo or module sections; truncated */
} ModuleDefect;

/* What identifies a file's content without opening it. */
typedef struct FileStamp {
        uint64_t device;
        uint64_t inode;
        uint64_t size;    /* bytes */
        int64_t mtime_ns; /* ns since the epoch */
        int64_t ctime_ns; /* ns since the epoch */
} FileStamp;

typedef struct ModuleFile {
        unsigned references;
        ModuleDefect defect; /* unless MODULE_SOUND, the strings below are "" and the lists empty */
        int error;           /* 0, or the negative errno behind MODULE_UNREADABLE */
        uint16_t machine;    /* e_machine of elf(5), 0 if unknown */
        uint8_t elf_class;   /* ELFCLASS32, ELFCLASS64 */
        uint8_t byte_order;  /* ELFDATA2LSB, ELFDATA2MSB */
        bool is_signed;      /* has the appended signature (Documentation/admin-guide/module-signing.rst) */
        uint32_t modinfo_size;

        /* Never NULL; "" where the file doesn't say. All lie in one block with the structure. */
        const char *name; /* as modinfo has it, canonical spelling not enforced */
        const char *version;
        const char *srcversion;
        const char *vermagic;
        const char *description;
        const char *license;
        const char *signer;       /* common name of the signature's issuer, as libkmod tells it */
        const char *note_version; /* of the XenServer note: which version the file says it is; and below,
                                   * what else the notes say, for people */
        const char *note_driver_version;
        const char *note_release;
        const char *build_id; /* lower-case hex */
        const char *digest;   /* of a sound file without a build-id: see module-digest.h */
        const char *modinfo;  /* alias=, depends=, firmware=, softdep=, supported= and intree= entries, NUL
                                 after NUL:  module_file_next() */
} ModuleFile;

FileStamp file_stamp(const struct stat *st) NONNULL(1);
bool file_stamp_equal(const FileStamp *a, const FileStamp *b) NONNULL(1, 2);

ModuleFile *module_file_ref(ModuleFile *file);
ModuleFile *module_file_unref(ModuleFile *file);
DEFINE_CLEANUP(ModuleFile, module_file_unref)

/* What tells this build of the module from others: its build-id, else the digest; "" of a defective file, of
 * which nothing can be said. srcversion doesn't: it leaves out the compiler, the configuration and assembler
 * files (scripts/mod/sumversion.c). Borrowed from FILE. */
const char *module_file_identity(const ModuleFile *file) NONNULL(1);

/* The next value of KEY ("alias", "depends", "firmware", "softdep", "supported", "intree") behind PREVIOUS,
 * or the first one if that is NULL. "depends" is one value with commas. Borrowed from FILE; NULL at the end.
 */
const char *module_file_next(const ModuleFile *file, const char *key, const char *previous) NONNULL(1, 2);

/* Whether the file is marked as one that SUSE or its vendor supports: modinfo's "supported" is "yes" or
 * "external" (check_module_supported() of openSUSE's kmod). */
bool module_file_is_supported(const ModuleFile *file) NONNULL(1);

/* Whether it was built with the kernel's own sources: modpost writes "intree=Y" then, since Linux 3.3. */
bool module_file_is_in_tree(const ModuleFile *file) NONNULL(1);

/* Adds the canonical names of the modules that FILE says it needs ("depends"). 0 or -ENOMEM. */
int module_file_dependencies(const ModuleFile *file, StringSet *ret) WARN_UNUSED NONNULL(1, 2);

/* "is not a kernel module", … as the end of a sentence. Static. */
const char *module_defect_text(ModuleDefect defect);
