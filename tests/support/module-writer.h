/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Writes kernel module files that depmod, modinfo and libkmod take for real ones: ELF relocatable files with
 * .modinfo, notes and symbols. They hold no code, so a kernel would refuse them. Every failure ends the
 * program. */
#pragma once

#include <stdint.h>

#include "util/macros.h"

/* What a kernel with module versions would say of the release 6.1.0. */
#define MODULE_WRITER_VERMAGIC "6.1.0 SMP preempt mod_unload modversions "

typedef enum ModuleCompression {
        MODULE_PLAIN,
        MODULE_GZIP,
        MODULE_XZ,
        MODULE_ZSTD,
        MODULE_ZSTD_UNSIZED, /* as from a pipe: the header doesn't have the size of the content */
} ModuleCompression;

typedef struct ModuleSymbol {
        const char *name; /* NULL ends an array */
        uint32_t crc;     /* an import of CRC 0 has no version */
        bool is_weak;
        bool is_unused;   /* an import that has a version, but isn't in the symbol table: "module_layout" */
        bool is_gpl_only; /* an export: EXPORT_SYMBOL_GPL */
        const char *name_space; /* an export's, or NULL */
} ModuleSymbol;

/* Where the versions of imports stand. */
typedef enum ModuleVersions {
        MODULE_VERSIONS_BASIC,    /* __versions */
        MODULE_VERSIONS_EXTENDED, /* __version_ext_*, since Linux 6.14 */
        MODULE_VERSIONS_BOTH,
        MODULE_VERSIONS_NONE, /* nowhere, whatever the vermagic says */
} ModuleVersions;

/* NULL or 0: the module file doesn't say. */
typedef struct ModuleSpec {
        const char *name; /* must not be NULL: as in modinfo's "name" and in struct module */
        const char *version;
        const char *srcversion;
        const char *vermagic;
        const char *description;
        const char *license;
        const char *depends;        /* "a,b"; the entry is there even if NULL, as modpost does it */
        const char *softdep;        /* "pre: a post: b" */
        const char *supported;      /* "yes", "external" */
        const char *intree;         /* "Y" */
        const char *const *aliases; /* ends with NULL, if not NULL itself; likewise below */
        const char *const *firmware;
        const char *const *namespaces;   /* that it imports */
        const char *note_version;        /* desc of the XenServer note of type 1, with its NUL */
        const char *note_driver_version; /* of type 2 */
        const char *note_release;        /* of type 3 */
        const char *build_id;            /* hex digits */
        const ModuleSymbol *exports;
        const ModuleSymbol *imports;
        ModuleVersions versions;
        bool absolute_crcs; /* __crc_X as absolute symbols, as kernels before 6.0 have them */
        uint16_t machine;   /* 0: this machine's */
        uint8_t elf_class;  /* 0: ELFCLASS64 */
        uint8_t byte_order; /* 0: this machine's */
        size_t padding;     /* bytes of .text: what gives a module its size */
        const char *signer; /* appends a signature (no valid one) that names this signer */
        ModuleCompression compression;
} ModuleSpec;

/* The ELF image, with the signature if there is to be one, not compressed. The caller frees *ret. */
void module_writer_image(const ModuleSpec *spec, uint8_t **ret, size_t *ret_size) NONNULL(1, 2, 3);

/* Writes the file PATH, which must not exist; its directory must. */
void module_writer_write(const ModuleSpec *spec, const char *path) NONNULL(1, 2);

/* DATA as one stream of the compression. The caller frees *ret. */
void module_writer_compress(const void *data, size_t size, ModuleCompression compression, void **ret,
                size_t *ret_size) NONNULL(4, 5);
