/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A sorted array over the exports of many files, so that a need is looked up once and not in each of them.
 */

#include "change/checks/export-index.h"

#include <errno.h>
#include <string.h>

#include "util/array.h"

int export_index_add(ExportIndex *index, const SymbolTable *exports, size_t owner)
{
        for (size_t i = 0; i < exports->count; i++) {
                if (!array_reserve(index->items, index->count))
                        return -ENOMEM;
                index->items[index->count++] = (ExportEntry){ &exports->items[i], owner };
        }
        return 0;
}

static int compare(const void *x, const void *y)
{
        const ExportEntry *a = x, *b = y;
        int order = strcmp(a->symbol->name, b->symbol->name);

        return order != 0 ? order : (a->owner > b->owner) - (a->owner < b->owner);
}

void export_index_sort(ExportIndex *index)
{
        if (index->count > 0)
                qsort(index->items, index->count, sizeof(*index->items), compare);
}

const ExportEntry *export_index_find(const ExportIndex *index, const char *name, size_t *ret_count)
{
        size_t low = array_search(i, index->count, strcmp(index->items[i].symbol->name, name) < 0),
               count = 0;

        while (low + count < index->count && strcmp(index->items[low + count].symbol->name, name) == 0)
                count++;
        *ret_count = count;
        return count > 0 ? &index->items[low] : NULL;
}

void export_index_done(ExportIndex *index)
{
        free(index->items);
        *index = (ExportIndex){ 0 };
}
