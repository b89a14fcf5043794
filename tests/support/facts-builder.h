/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Facts about a host that exists only in memory, from tables: tests of the model need no disk. Lists end
 * with an element whose first member is NULL. */
#pragma once

#include "host/facts.h"
#include "model/driver.h"

#define FACTS_LIST_MAX 16

/* The kernel that runs unless the specification says another one. */
#define FACTS_KERNEL "6.1"

typedef struct FactsFile {
        const char *path; /* "xenserver/intel-ice/1.6.4/ice.ko", "kernel/net/ice.ko": says tree, package, …
                           */
        const char *release; /* NULL: FACTS_KERNEL */
        ModuleDefect defect;
        int error;
        /* NULL: "" */
        const char *version, *srcversion, *build_id, *note_version, *description;
        const TreeInfo *info; /* its strings may be NULL for "" */
} FactsFile;

typedef struct FactsUpdate {
        const char *file;    /* the entry of updates/ */
        const char *release; /* NULL: FACTS_KERNEL */
        const char *path;    /* what it leads to */
        UpdateKind kind;
        bool absolute;
} FactsUpdate;

typedef struct FactsOverride {
        const char *module;
        const char *release; /* NULL: FACTS_KERNEL */
        const char *directory;
} FactsOverride;

typedef struct FactsEffective {
        const char *module;
        const char *release; /* NULL: FACTS_KERNEL */
        const char *path;    /* NULL: the index doesn't know it */
        bool builtin;
} FactsEffective;

typedef struct FactsLoaded {
        const char *module;
        LoadState state;
        bool notes_defective;
        const char *note_version, *build_id, *srcversion, *version;
} FactsLoaded;

typedef struct FactsSpec {
        const char *kernel;                        /* NULL: FACTS_KERNEL */
        const char *releases[FACTS_LIST_MAX];      /* none: FACTS_KERNEL; ascending */
        const char *without_index[FACTS_LIST_MAX]; /* releases that have no module index */
        FactsFile files[FACTS_LIST_MAX];
        FactsUpdate updates[FACTS_LIST_MAX];
        FactsOverride overrides[FACTS_LIST_MAX];
        FactsEffective effective[FACTS_LIST_MAX];
        const char *depmod; /* depmod's configuration; NULL: "search updates" */
        FactsLoaded loaded[FACTS_LIST_MAX];
        const char *blocked[FACTS_LIST_MAX];
        const char *edited_blocks[FACTS_LIST_MAX]; /* modules; likewise below */
        const char *edited_overrides[FACTS_LIST_MAX];
} FactsSpec;

/* Free it with facts_free(). A specification that contradicts itself ends the test. */
Facts *facts_build(const FactsSpec *spec) NONNULL(1);

/* The position of MODULE in facts->catalogue->modules. */
size_t facts_module(const Facts *facts, const char *module) NONNULL(1, 2);

/* The value of the driver MODULE by such facts. Free it with driver_free(). */
Driver *facts_derive(const FactsSpec *spec, const char *module) NONNULL(1, 2);

/* The codes of its problems, with blanks between. Free it with g_free(). */
char *facts_codes(const Driver *driver) NONNULL(1);
