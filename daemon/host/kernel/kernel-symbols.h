/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The symbols that a kernel release exports, as its headers or its System.map tell them. Read only. */
#pragma once

#include "host/kernel/symbol-table.h"
#include "host/root.h"

typedef struct KernelSymbols KernelSymbols;

/* Reads the exports of RELEASE: those of the kernel proper, and those that its modules were built with only
 * if WITH_MODULES: such a module may not be installed, or be another one meanwhile. In this order, the first
 * that is there: Module.symvers of /lib/modules/RELEASE/build, the compressed symvers of Red Hat and others,
 * System.map. The last one has CRCs only if the kernel was linked with absolute ones. 0 also if there is
 * none; the caller frees *ret, which holds some MB. Or a negative errno. */
int kernel_symbols_read(const HostRoot *root, const char *release, bool with_modules,
                KernelSymbols **ret) WARN_UNUSED NONNULL(1, 2, 4);
KernelSymbols *kernel_symbols_free(KernelSymbols *symbols);
DEFINE_CLEANUP(KernelSymbols, kernel_symbols_free)

/* The path of what was read; NULL if there is none: then nothing that is unknown may be called missing. */
const char *kernel_symbols_source(const KernelSymbols *symbols) NONNULL(1);

/* Offers them to NEEDS (sorted). */
void kernel_symbols_offer(const KernelSymbols *symbols, SymbolTable *needs) NONNULL(1, 2);
