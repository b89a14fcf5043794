/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Symbols that a module exports or needs, with the CRCs of module versions. A value; no I/O. */
#pragma once

#include <stdint.h>

#include "util/macros.h"
#include "util/string-pool.h"

/* What has become of a symbol that is needed. */
typedef enum SymbolState {
        SYMBOL_UNKNOWN, /* nobody has offered it yet */
        SYMBOL_FOUND,   /* exported, with the same CRC if both sides have one */
        SYMBOL_CHANGED, /* exported with another CRC */
} SymbolState;

typedef struct Symbol {
        const char *name;
        uint32_t crc;
        bool has_crc;
        bool is_weak;     /* may be missing; but if somebody exports it, its CRC counts */
        bool offered_crc; /* who offered it had a CRC */
        SymbolState state;
} Symbol;

typedef struct SymbolTable {
        Symbol *items;
        size_t count;
        StringPool *names;
} SymbolTable;

/* Appends a symbol; CRC NULL: none. 0 or -ENOMEM. */
int symbol_table_add(SymbolTable *table, const char *name, const uint32_t *crc) WARN_UNUSED NONNULL(1, 2);
int symbol_table_add_weak(SymbolTable *table, const char *name, const uint32_t *crc) WARN_UNUSED
                NONNULL(1, 2);

/* Sorts by name, for all that follows. Of several with one name, one that has a CRC stays. */
void symbol_table_sort(SymbolTable *table) NONNULL(1);

/* NAME (SIZE bytes) in a sorted table, or NULL. */
Symbol *symbol_table_find(const SymbolTable *table, const char *name, size_t size) NONNULL(1, 2);

/* Says that somebody exports NAME: sets the state of that need unless it is decided already, so the one
 * whose export is really used must be asked first. CRC NULL: not known. */
void symbol_table_offer(SymbolTable *needs, const char *name, size_t size, const uint32_t *crc)
                NONNULL(1, 2);

/* Offers all of EXPORTS. Those that are weak and have no CRC may be nobody's, and aren't offered. */
void symbol_table_offer_all(SymbolTable *needs, const SymbolTable *exports) NONNULL(1, 2);

/* Whether NEEDS has a symbol that nobody has offered, and that must not be missing. */
bool symbol_table_lacks_any(const SymbolTable *needs) NONNULL(1);

void symbol_table_done(SymbolTable *table) NONNULL(1);
#define CLEANUP_SYMBOL_TABLE CLEANUP(symbol_table_done)
