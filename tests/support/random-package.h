/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A host with a driver package whose modules need symbols at random: right ones, and every breakage that a
 * preflight is for. GLib's test seed decides. Every failure ends the test. */
#pragma once

#include "sample-root.h"

#define RANDOM_RELEASE "6.1.0"
#define RANDOM_VERSION "2.0"                          /* the one that is to be checked */
#define RANDOM_SYMVERS "boot/symvers-" RANDOM_RELEASE /* as text, for depmod */

/* One module of the package in that version. */
typedef struct RandomModule {
        char *name;
        char *path;      /* below the module directory */
        GArray *imports; /* of ModuleSymbol, as they stand in the file */
        GString *depends;
        ModuleVersions versions;
} RandomModule;

typedef struct RandomPackage {
        SampleRoot sample;
        GHashTable *exported; /* symbol -> CRC, once the version is selected: each has one exporter */
        GPtrArray *modules;   /* of RandomModule; one needs only those before it */
        GPtrArray *needable;  /* names: all of exported, and others that nobody exports */
        GStringChunk *strings;
        GString *symvers;
} RandomPackage;

/* Nothing is selected, or an older version is; the index is that of depmod. */
void random_package_init(RandomPackage *package) NONNULL(1);
void random_package_done(RandomPackage *package) NONNULL(1);

/* Makes the version selected, by links alone and without an index. */
void random_package_select(const RandomPackage *package) NONNULL(1);

/* The CRC of SYMBOL in *ret; false if nobody exports it. */
bool random_package_crc(const RandomPackage *package, const char *symbol, uint32_t *ret) NONNULL(1, 2, 3);
