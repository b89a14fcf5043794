/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What crashes leave in /lib/modules, or in a module directory: version directories that were being added,
 * or were removed. */
#pragma once

#include "host/root.h"
#include "host/tree/catalogue.h"
#include "store/store-journal.h"

/* Removes it, but for what OPEN_ENTRIES name; what can't be removed is logged, and tried again at the next
 * start. */
void aside_sweep(const HostRoot *root, const Catalogue *catalogue, const JournalList *open_entries)
                NONNULL(1, 2, 3);
