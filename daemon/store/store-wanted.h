/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which version was last wanted of a driver in a kernel release. What is selected, only the host's links
 * say. */
#pragma once

#include "store/store.h"

/* VERSION is an id, or what names the version in full; "" means deselected. Which build that is isn't known
 * any more. */
int store_wanted_set(Store *store, const char *name, const char *release, const char *version) WARN_UNUSED
                NONNULL(1, 2, 3, 4);
/* The same, of the build that is known, if VERSION is what was wanted before. */
int store_wanted_keep(Store *store, const char *name, const char *release, const char *version) WARN_UNUSED
                NONNULL(1, 2, 3, 4);
/* BUILD is what tells the version's file from other builds; "" forgets it. Without a row nothing happens. */
int store_wanted_set_build(Store *store, const char *name, const char *release,
                const char *build) WARN_UNUSED NONNULL(1, 2, 3, 4);
/* The caller frees *ret. -ENOENT if nothing was ever wanted. */
int store_wanted_get(Store *store, const char *name, const char *release, char **ret) WARN_UNUSED
                NONNULL(1, 2, 3, 4);

/* As if nothing was ever wanted there. */
int store_wanted_remove(Store *store, const char *name, const char *release) WARN_UNUSED NONNULL(1, 2, 3);

/* Reads them all, in order of name, then release. BUILD is "" if it isn't known. LAST_KIND is the kind of
 * the newest change of the driver in that release that is done, "" if none is recorded; a version that comes
 * or goes selects nothing, and is passed over. The callback borrows everything and returns 0 or a negative
 * errno, which ends it. */
int store_wanted_load(Store *store,
                int (*found)(void *userdata, const char *name, const char *release, const char *version,
                                const char *build, const char *last_kind),
                void *userdata) WARN_UNUSED NONNULL(1, 2);
