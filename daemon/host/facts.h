/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* All facts about the host at one time, read in one go: the only thing that the model is derived from. */
#pragma once

#include "host/catalogue.h"
#include "host/hardware.h"
#include "host/loaded.h"
#include "host/selection.h"

/* What a module's name resolves to in one release. */
typedef struct EffectiveFile {
        char *path; /* relative to the module directory, links not followed; NULL if not in the index */
        bool builtin;
} EffectiveFile;

typedef struct Facts {
        char *kernel; /* the running release */
        Catalogue *catalogue;
        Selection *selection;
        Hardware *hardware;
        LoadedModule *loaded;     /* one for each of catalogue->modules, in that order */
        EffectiveFile *effective; /* [release * modules.count + module], both in the catalogue's order */
} Facts;

/* Reads everything. PREVIOUS and CACHE as for catalogue_read(). 0, or a negative errno. */
int facts_read(const HostRoot *root, const Config *config, const Facts *previous, const MetadataCache *cache,
                Facts **ret) WARN_UNUSED NONNULL(1, 2, 5);
Facts *facts_free(Facts *facts);
DEFINE_CLEANUP(Facts, facts_free)

/* The effective file of a module in a release, by their positions in the catalogue. */
const EffectiveFile *facts_effective(const Facts *facts, size_t release, size_t module) NONNULL(1);
