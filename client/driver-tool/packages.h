/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The service's drivers, folded into the packages that ship them: what driver-tool calls drivers. */
#pragma once

#include <jansson.h>

#include "outcome.h"

/* One module in one variant of a package. All borrowed from the list's drivers. */
typedef struct PackageModule {
        const char *package;
        const char *variant; /* the version directory's name */
        const char *id;      /* of the version, as the service has it */
        const json_t *driver;
        const json_t *details; /* of the version */
} PackageModule;

typedef struct PackageList {
        json_t *drivers;
        PackageModule *items; /* by package, variant and module; no two have all of these in common */
        size_t count;
} PackageList;

/* Asks the service for everything. 0, or the outcome's code. End it with package_list_done(). */
int package_list_read(sd_bus *bus, PackageList *ret, Outcome *outcome) WARN_UNUSED NONNULL(1, 2, 3);
void package_list_done(PackageList *list) NONNULL(1);
#define CLEANUP_PACKAGE_LIST CLEANUP(package_list_done)

/* The object `drivers` of the output; NULL: no memory. The caller unrefs it. */
json_t *package_list_describe(const PackageList *list) WARN_UNUSED NONNULL(1);

/* The module by which the service is told to select VARIANT of PACKAGE, which takes all modules of the
 * package: one whose hardware is there, else one whose hardware is missed, so that the service says so.
 * VARIANT NULL: any. NULL if there is none. */
const PackageModule *package_list_find(
                const PackageList *list, const char *package, const char *variant) WARN_UNUSED NONNULL(1, 2);
