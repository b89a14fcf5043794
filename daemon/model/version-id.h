/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How a version of a driver is called, and which one a name is of. Pure. */
#pragma once

#include "model/driver.h"

/* How much of its origin an id must name so that no two versions share one. */
typedef enum VersionIdForm {
        VERSION_ID_BARE,
        VERSION_ID_PACKAGE,
        VERSION_ID_FULL, /* two trees hold packages of one name */
} VersionIdForm;

/* The id of VERSION in that form; KERNEL_VERSION_ID of the kernel's own in any. The caller frees it; NULL:
 * no memory. */
char *version_id_spell(const DriverVersion *version, VersionIdForm form) WARN_UNUSED NONNULL(1);

/* Whether its directory is called "kernel", which is the id of the kernel's own: its id names the package.
 */
bool driver_version_is_reserved(const DriverVersion *version) NONNULL(1);

/* "TREE/PACKAGE/VERSION", or "kernel": what names a version whatever other packages come and go, as its id
 * doesn't. The caller frees it; NULL: no memory. */
char *driver_version_full(const DriverVersion *version) WARN_UNUSED NONNULL(1);

/* The version that TEXT was written for: as driver_version_full() has it, else by its id, else by what its
 * id was before or may become, if that is but one version's. NULL: none, or nobody can say which. */
const DriverVersion *driver_version_meant(const Driver *driver, const char *text) NONNULL(1, 2);
