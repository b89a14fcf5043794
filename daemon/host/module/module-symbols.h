/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The symbols that one module file exports and needs, with their CRCs. Read only. */
#pragma once

#include "host/kernel/symbol-table.h"

typedef struct ModuleSymbols {
        SymbolTable exports;
        SymbolTable imports;  /* and module_layout, as a weak one, if the file says its version */
        StringSet namespaces; /* that it imports */
        char *license;        /* as modinfo has it; NULL: it doesn't say */
        bool has_versions;    /* the file has a section for versions of its imports, be it empty */
} ModuleSymbols;

/* Reads the open module file FD, compressed or not. 0 with both tables sorted; -EBADMSG if it is no module
 * or lies about its size, or the error of reading it. End it with module_symbols_done(). */
int module_symbols_read(int fd, ModuleSymbols *ret) WARN_UNUSED NONNULL(2);
void module_symbols_done(ModuleSymbols *symbols) NONNULL(1);
#define CLEANUP_MODULE_SYMBOLS CLEANUP(module_symbols_done)
