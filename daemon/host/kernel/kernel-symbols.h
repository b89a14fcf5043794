/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The symbols that a kernel release exports, as its headers or its System.map tell them. Read only. */
#pragma once

#include "host/kernel/symbol-table.h"
#include "host/root.h"

/* Offers the exports of RELEASE to NEEDS (sorted): those of the kernel proper, and those that its modules
 * were built with only if WITH_MODULES: such a module may not be installed, or be another one meanwhile. In
 * this order, the first that is there: Module.symvers of /lib/modules/RELEASE/build, the compressed symvers
 * of Red Hat and others, System.map. The last one has CRCs only if the kernel was linked with absolute ones.
 * *ret_source is its path, freed by the caller; NULL if there is none: then nothing that is unknown may be
 * called missing. 0, or a negative errno. */
int kernel_symbols_offer(const HostRoot *root, const char *release, bool with_modules, SymbolTable *needs,
                char **ret_source) WARN_UNUSED NONNULL(1, 2, 4, 5);
