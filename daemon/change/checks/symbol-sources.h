/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where one kernel release's symbols come from once a change is made. Each file and list is read once,
 * however many modules ask for it. It reads only. */
#pragma once

#include "host/index/module-index.h"
#include "host/kernel/kernel-symbols.h"
#include "host/tree/catalogue.h"

/* The files that other modules of one release have once the change is made, whichever package they are of.
 * Borrowed from the catalogue. */
typedef struct PlannedFiles {
        const CatalogueFile **files;
        size_t count;
} PlannedFiles;

typedef struct SymbolSources SymbolSources;

/* The files of PLANNED are borrowed for the sources' life, as RELEASE is. 0 or -ENOMEM: what isn't
 * there, or can't be read, offers nothing. */
int symbol_sources_new(const HostRoot *root, const CatalogueRelease *release, const PlannedFiles *planned,
                SymbolSources **ret) WARN_UNUSED NONNULL(1, 2, 3, 4);
SymbolSources *symbol_sources_free(SymbolSources *sources);
DEFINE_CLEANUP(SymbolSources, symbol_sources_free)

/* Opens PATH, relative to the module directory. The caller closes it. A negative errno. */
int symbol_sources_open(const SymbolSources *sources, const char *path) WARN_UNUSED NONNULL(1, 2);

const CatalogueRelease *symbol_sources_release(const SymbolSources *sources) NONNULL(1);

/* The planned file of MODULE, or NULL. */
const CatalogueFile *symbol_sources_planned(const SymbolSources *sources, const char *module) NONNULL(1, 2);

/* Reads the module index at the first call. NULL: there is none. 0 or -ENOMEM. */
int symbol_sources_index(SymbolSources *sources, ModuleIndex **ret) WARN_UNUSED NONNULL(1, 2);

/* What the module file at PATH exports, kept for the next call. Empty if it can't be read: what is wrong
 * with that file is its own version's finding. Borrowed for the sources' life. 0 or -ENOMEM. */
int symbol_sources_exports(SymbolSources *sources, const char *path, const SymbolTable **ret) WARN_UNUSED
                NONNULL(1, 2, 3);

/* Offers to NEEDS what the planned files export, but for that of MODULE itself; the first one in their order
 * that has a symbol counts. Then the kernel's own list; *ret_source is its path, borrowed, or NULL if there
 * is none. 0, or a negative errno. */
int symbol_sources_offer_planned(SymbolSources *sources, const char *module, SymbolTable *needs) WARN_UNUSED
                NONNULL(1, 2, 3);
int symbol_sources_offer_kernel(SymbolSources *sources, SymbolTable *needs,
                const char **ret_source) WARN_UNUSED NONNULL(1, 2, 3);
