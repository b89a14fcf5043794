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
                bool respelled; /* it means the same as in the store, but says so in full */
        } * names;              /* of each */
        size_t count;
        bool any_respelled;
        const RegistryHost *host;
} WantedTable;

/* Reads the registry's store. One that can't be read remembers nothing, which is logged. 0 or -ENOMEM. */
int wanted_table_load(const Registry *registry, WantedTable *ret) WARN_UNUSED NONNULL(1, 2);
/* Writes what wanted_table_respell() has changed. A store that can't be written has it as it was. */
void wanted_table_save(const WantedTable *table, Store *store) NONNULL(1, 2);
void wanted_table_done(WantedTable *table) NONNULL(1);
#define CLEANUP_WANTED_TABLE CLEANUP(wanted_table_done)

/* Names the versions wanted of DRIVER in full, since their ids change when another package ships the module,
 * or doesn't any more. 0 or -ENOMEM. */
int wanted_table_respell(WantedTable *table, const Driver *driver) WARN_UNUSED NONNULL(1, 2);

/* Derives the driver at position MODULE of the facts, with the problem `drift` for what somebody else has
 * changed. While a change of the module is under way nothing is compared, since what it wants isn't recorded
 * yet, and what it is about to settle is no problem; nor is, in the releases COMING, what is about to be
 * carried over. COMING may be NULL. 0 or a negative errno. */
int wanted_derive_driver(const Registry *registry, const Facts *facts, const WantedTable *wanted,
                size_t module, const StringSet *coming, Driver **ret) WARN_UNUSED NONNULL(1, 2, 3, 6);
