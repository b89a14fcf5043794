/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Every version that the trees of every installed kernel release hold: facts, without judgement. */
#pragma once

#include "host/module/module-file.h"
#include "host/tree/tree.h"
#include "util/string-pool.h"

/* One module file of one version, for one kernel release. Its strings are the catalogue's. */
typedef struct CatalogueFile {
        const Tree *tree;
        char *module;  /* canonical name, from the file's name */
        char *package; /* "" for the kernel tree */
        char *version; /* directory's name */
        char *path;    /* relative to the module directory: "xenserver/intel-ice/1.11.17.1/ice.ko" */
        FileStamp stamp;
        ModuleFile *file; /* never NULL; may be defective */
        TreeInfo *info;   /* may be NULL */
} CatalogueFile;

typedef struct CatalogueRelease {
        char *release;
        bool has_index;       /* modules.dep.bin is there */
        CatalogueFile *files; /* by module, then package, then version (strcmp), the kernel tree's last. No
                                 two have all of these in common: of several, the one of the first tree and
                                 then path stays, and the others are skips */
        size_t count;
        uint32_t *by_build; /* positions in files, by package, version and tree: catalogue_build() */
} CatalogueRelease;

typedef struct CatalogueSkip {
        char *path;   /* absolute beneath the root, escaped for print */
        char *reason; /* the end of a sentence */
        int error;    /* why a directory couldn't be read, so that nobody knows what it holds; 0: it is
                         something    that can be no version */
} CatalogueSkip;

typedef struct Catalogue {
        CatalogueRelease *releases; /* by name, strcmp; only those with a module directory */
        size_t release_count;
        CatalogueSkip *skips;
        size_t skip_count;
        StringSet modules;   /* names that a tree other than kernel ships: the drivers */
        StringPool *strings; /* what the pointers above lead to, but for the names in modules */
} Catalogue;

Catalogue *catalogue_free(Catalogue *catalogue);
DEFINE_CLEANUP(Catalogue, catalogue_free)

/* The files of MODULE (canonical) in RELEASE: *ret_count of them from the returned one. NULL if none. */
const CatalogueFile *catalogue_find(const CatalogueRelease *release, const char *module, size_t *ret_count)
                NONNULL(1, 2, 3);

/* The positions of all files that belong to the same version of the same package as FILE, which need not be
 * of this release: *ret_count of them from the returned one. */
const uint32_t *catalogue_build(const CatalogueRelease *release, const CatalogueFile *file,
                size_t *ret_count) NONNULL(1, 2, 3);

/* The positions of all files of PACKAGE, in any tree and version; likewise. */
const uint32_t *catalogue_package(const CatalogueRelease *release, const char *package, size_t *ret_count)
                NONNULL(1, 2, 3);

/* Fills by_build once the files are in order; catalogue_read() does it. 0 or -ENOMEM. */
int catalogue_order_builds(CatalogueRelease *release) WARN_UNUSED NONNULL(1);

const CatalogueRelease *catalogue_release(const Catalogue *catalogue, const char *release) NONNULL(1, 2);

/* The file of a release that lies at PATH (relative to the module directory), or NULL. */
const CatalogueFile *catalogue_file_at(const CatalogueRelease *release, const char *path) NONNULL(1, 2);
