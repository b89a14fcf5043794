/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The service's drivers, folded into the packages that ship them: what driver-tool calls drivers. */
#pragma once

#include <jansson.h>

#include "outcome.h"

/* One module in one variant of a package. All borrowed from the list's drivers. */
typedef struct PackageModule {
        const char *package; /* the directories' names */
        const char *variant;
        const char *name; /* what the package and the variant are listed as: package_list_name() */
        const char *label;
        const char *id; /* of the version, as the service has it */
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

/* Gives all items the names that they are listed as. XenServer's tool lists by the name and the variant of
 * info.json, and selects by the names of directories; what one name would be listed for twice has the
 * directory's. */
void package_list_name(PackageList *list) NONNULL(1);

/* The object `drivers` of the output; NULL: no memory. The caller unrefs it. */
json_t *package_list_describe(const PackageList *list) WARN_UNUSED NONNULL(1);

/* The module by which the service is told to select VARIANT of PACKAGE, which takes all modules of the
 * package: one whose hardware is there, else one whose hardware is missed, so that the service says so. Both
 * are what they are listed as, or the names of directories. VARIANT NULL: any. NULL if there is none. */
const PackageModule *package_list_find(
                const PackageList *list, const char *package, const char *variant) WARN_UNUSED NONNULL(1, 2);
