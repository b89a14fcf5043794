/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who of many exports a symbol. A value; no I/O. */
#pragma once

#include "host/kernel/symbol-table.h"

typedef struct ExportEntry {
        const Symbol *symbol; /* borrowed */
        size_t owner;         /* a number of the caller's */
} ExportEntry;

typedef struct ExportIndex {
        ExportEntry *items; /* once sorted: by name, then owner */
        size_t count;
} ExportIndex;

/* Adds all of EXPORTS, which must outlive the index. 0 or -ENOMEM. */
int export_index_add(ExportIndex *index, const SymbolTable *exports, size_t owner) WARN_UNUSED NONNULL(1, 2);
/* Once, before the first look-up. */
void export_index_sort(ExportIndex *index) NONNULL(1);
/* The exports of NAME: *ret_count of them from the returned one, in the order of their owners. */
const ExportEntry *export_index_find(const ExportIndex *index, const char *name, size_t *ret_count)
                NONNULL(1, 2, 3);
void export_index_done(ExportIndex *index) NONNULL(1);
