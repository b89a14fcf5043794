/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A sorted array: a module needs some hundred symbols, and what is offered is looked up in them. */

#include "host/symbol-table.h"

#include <errno.h>
#include <string.h>

#include "util/array.h"

static int append(SymbolTable *table, const char *name, Symbol symbol)
{
        Symbol *items = array_grow(table->items, table->count, sizeof(*items));

        if (!items)
                return -ENOMEM;
        table->items = items;
        symbol.name = string_pool_add(&table->names, name);
        if (!symbol.name)
                return -ENOMEM;
        table->items[table->count++] = symbol;
        return 0;
}

int symbol_table_add(SymbolTable *table, const char *name, const uint32_t *crc)
{
        return append(table, name, (Symbol){ .crc = crc ? *crc : 0, .has_crc = crc != NULL });
}

int symbol_table_add_weak(SymbolTable *table, const char *name, const uint32_t *crc)
{
        return append(table, name,
                        (Symbol){ .crc = crc ? *crc : 0, .has_crc = crc != NULL, .is_weak = true });
}

/* Those with a CRC come first among their like, and then those that must not be missing. */
static int compare(const void *a, const void *b)
{
        const Symbol *first = a, *second = b;
        int order = strcmp(first->name, second->name);

        if (order == 0)
                order = (int) second->has_crc - (int) first->has_crc;
        return order != 0 ? order : (int) first->is_weak - (int) second->is_weak;
}

void symbol_table_sort(SymbolTable *table)
{
        size_t kept = 0;

        if (table->count == 0)
                return;
        qsort(table->items, table->count, sizeof(*table->items), compare);
        for (size_t i = 1; i < table->count; i++)
                if (strcmp(table->items[kept].name, table->items[i].name) != 0)
                        table->items[++kept] = table->items[i];
        table->count = kept + 1;
}

Symbol *symbol_table_find(const SymbolTable *table, const char *name, size_t size)
{
        size_t low = 0, high = table->count;

        size = strnlen(name, size);
        while (low < high) {
                size_t middle = low + (high - low) / 2;
                Symbol *symbol = &table->items[middle];
                int order = strncmp(symbol->name, name, size);

                if (order == 0 && symbol->name[size] == '\0')
                        return symbol;
                if (order < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return NULL;
}

void symbol_table_offer(SymbolTable *needs, const char *name, size_t size, const uint32_t *crc)
{
        Symbol *need = symbol_table_find(needs, name, size);

        if (!need || need->state != SYMBOL_UNKNOWN)
                return;
        need->offered_crc = crc != NULL;
        need->state = crc && need->has_crc && need->crc != *crc ? SYMBOL_CHANGED : SYMBOL_FOUND;
}

void symbol_table_offer_all(SymbolTable *needs, const SymbolTable *exports)
{
        for (size_t i = 0; i < exports->count; i++) {
                const Symbol *symbol = &exports->items[i];

                if (symbol->is_weak && !symbol->has_crc)
                        continue;
                symbol_table_offer(needs, symbol->name, strlen(symbol->name),
                                symbol->has_crc ? &symbol->crc : NULL);
        }
}

bool symbol_table_lacks_any(const SymbolTable *needs)
{
        for (size_t i = 0; i < needs->count; i++)
                if (needs->items[i].state == SYMBOL_UNKNOWN && !needs->items[i].is_weak)
                        return true;
        return false;
}

void symbol_table_done(SymbolTable *table)
{
        free(table->items);
        table->names = string_pool_free(table->names);
        *table = (SymbolTable){ 0 };
}
