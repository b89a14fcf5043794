/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the store remembers as wanted, in the form that the model compares with what stands. It writes
 * nothing. */
#pragma once

#include "registry/registry.h"

/* Everything that was last wanted, by driver. */
typedef struct WantedTable {
        WantedVersion *items;
        struct WantedName {
                char *driver;
                bool renewed; /* the store says it otherwise, or not which build it is */
        } * names;            /* of each */
        size_t count;
        bool any_renewed;
        const RegistryHost *host;
} WantedTable;

/* Reads the registry's store. One that can't be read remembers nothing, which is logged. 0 or -ENOMEM. */
int wanted_table_load(const Registry *registry, WantedTable *ret) WARN_UNUSED NONNULL(1, 2);
/* Writes what wanted_table_respell() and wanted_table_identify() have changed. A store that can't be written
 * has it as it was. */
void wanted_table_save(const WantedTable *table, Store *store) NONNULL(1, 2);
void wanted_table_done(WantedTable *table) NONNULL(1);
#define CLEANUP_WANTED_TABLE CLEANUP(wanted_table_done)

/* Names the versions wanted of DRIVER in full, since their ids change when another package ships the module,
 * or doesn't any more. 0 or -ENOMEM. */
int wanted_table_respell(WantedTable *table, const Driver *driver) WARN_UNUSED NONNULL(1, 2);

/* Takes down which build each version wanted of DRIVER is, as FACTS have its file, where nobody has yet: at
 * the first look after it was selected. 0 or -ENOMEM. */
int wanted_table_identify(WantedTable *table, const Facts *facts, const Driver *driver) WARN_UNUSED
                NONNULL(1, 2, 3);

/* Derives the driver at position MODULE of the facts, with the problem `drift` for what somebody else has
 * changed, and `version-changed` for a wanted version whose file has become another build. While a change of
 * the module is under way nothing is compared, since what it wants isn't recorded yet, and what it is about
 * to settle is no problem; nor is, in the releases COMING, what is about to be carried over. COMING may be
 * NULL. 0 or a negative errno. */
int wanted_derive_driver(const Registry *registry, const Facts *facts, const WantedTable *wanted,
                size_t module, const StringSet *coming, Driver **ret) WARN_UNUSED NONNULL(1, 2, 3, 6);
