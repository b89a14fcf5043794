/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Symbols that a module exports or needs, with the CRCs of module versions. A value; no I/O. */
#pragma once

#include <stdint.h>

#include "util/macros.h"
#include "util/string-pool.h"
#include "util/string-set.h"

/* What has become of a symbol that is needed. */
typedef enum SymbolState {
        SYMBOL_UNKNOWN,  /* nobody has offered it yet */
        SYMBOL_FOUND,    /* exported, with the same CRC if both sides have one */
        SYMBOL_CHANGED,  /* exported with another CRC */
        SYMBOL_GPL_ONLY, /* exported for modules with a GPL-compatible licence, and the needing one has none
                          */
        SYMBOL_FOREIGN,  /* exported in a namespace that the needing module doesn't import */
} SymbolState;

/* The module that needs the symbols of a table, as the kernel's loader looks at it. Borrowed. */
typedef struct SymbolImporter {
        const char *module; /* canonical */
        bool is_gpl_compatible;
        const StringSet *namespaces; /* those that it imports */
} SymbolImporter;

/* What somebody exports. Borrowed; the strings end at their size or at a NUL before it. */
typedef struct SymbolExport {
        const char *name;
        size_t size;
        const uint32_t *crc; /* NULL: not known */
        bool is_gpl_only;
        const char *name_space; /* NULL and "": none */
        size_t name_space_size;
} SymbolExport;

typedef struct Symbol {
        const char *name;
        uint32_t crc;
        bool has_crc;
        bool is_weak;           /* may be missing; but if somebody exports it, its CRC counts */
        bool offered_crc;       /* who offered it had a CRC */
        bool is_gpl_only;       /* an export: EXPORT_SYMBOL_GPL */
        const char *name_space; /* an export: its namespace, or NULL */
        SymbolState state;
} Symbol;

typedef struct SymbolTable {
        Symbol *items;
        size_t count;
        StringPool *names;
        const SymbolImporter *importer; /* of needs; NULL: licence and namespaces aren't asked for */
} SymbolTable;

/* Appends a symbol; CRC NULL: none. 0 or -ENOMEM. */
int symbol_table_add(SymbolTable *table, const char *name, const uint32_t *crc) WARN_UNUSED NONNULL(1, 2);
int symbol_table_add_weak(SymbolTable *table, const char *name, const uint32_t *crc) WARN_UNUSED
                NONNULL(1, 2);

/* Sorts by name, for all that follows. Of several with one name, one that has a CRC stays. */
void symbol_table_sort(SymbolTable *table) NONNULL(1);

/* NAME (SIZE bytes) in a sorted table, or NULL. */
Symbol *symbol_table_find(const SymbolTable *table, const char *name, size_t size) NONNULL(1, 2);

/* Says that somebody exports a symbol: sets the state of that need unless it is decided already, so the one
 * whose export is really used must be asked first. It judges in the order of the kernel's resolve_symbol()
 * (kernel/module/main.c): licence, CRC, namespace. A weak need that the licence forbids is found: the kernel
 * loads the module without it. */
void symbol_table_offer(SymbolTable *needs, const SymbolExport *offered) NONNULL(1, 2);

/* What becomes of NEED if OFFERED is what exports it; NULL: nobody does. IMPORTER may be NULL, as above. */
SymbolState symbol_judge(const Symbol *need, const Symbol *offered, const SymbolImporter *importer)
                NONNULL(1);

/* Offers one of a module's exports, or all of them. Those that are weak and have no CRC may be nobody's, and
 * aren't offered. */
void symbol_table_offer_symbol(SymbolTable *needs, const Symbol *exported) NONNULL(1, 2);
void symbol_table_offer_all(SymbolTable *needs, const SymbolTable *exports) NONNULL(1, 2);

/* Whether NEEDS has a symbol that nobody has offered, and that must not be missing. */
bool symbol_table_lacks_any(const SymbolTable *needs) NONNULL(1);

void symbol_table_done(SymbolTable *table) NONNULL(1);
#define CLEANUP_SYMBOL_TABLE CLEANUP(symbol_table_done)
