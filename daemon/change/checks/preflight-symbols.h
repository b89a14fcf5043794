/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What becomes of the modules and symbols that a module file needs. For preflight.c only; it reads only. */
#pragma once

#include "change/checks/symbol-sources.h"
#include "model/preflight.h"

/* Symbols are looked for where the kernel and depmod will find them: in what is selected together with FILE,
 * in the same version of the same package, in dependencies as the module index resolves them, in the kernel,
 * and in whatever module the index says exports them. Dependencies that no symbol is needed of aren't
 * missing. REFERENCE_FD (-1: none) is a module file of that kernel: the CRCs that it was built with count
 * where nothing else tells. *ret_symbols must be empty. 0, the error of reading FILE, or another negative
 * errno. */
int preflight_gather_symbols(SymbolSources *sources, const CatalogueFile *file, int reference_fd,
                StringSet *missing_dependencies, SymbolFindings *ret_symbols) WARN_UNUSED
                NONNULL(1, 2, 4, 5);
