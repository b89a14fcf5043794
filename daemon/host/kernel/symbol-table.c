/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A sorted array: a module needs some hundred symbols, and what is offered is looked up in them. */

#include "host/kernel/symbol-table.h"

#include <errno.h>
#include <string.h>

#include "util/array.h"

static int append(SymbolTable *table, const char *name, Symbol symbol)
{
        if (!array_reserve(table->items, table->count))
                return -ENOMEM;
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

/* "module:a,b_*" is the namespace of the modules that it lists, whose names may end with an asterisk
 * (verify_module_namespace() in the kernel's kernel/module/main.c, since Linux 6.16). */
static bool is_listed(const char *list, size_t size, const char *module)
{
        static const char prefix[] = "module:";
        const char *end = list + size;

        if (size < strlen(prefix) || memcmp(list, prefix, strlen(prefix)) != 0)
                return false;
        for (const char *name = list + strlen(prefix), *next; name < end; name = next + (next < end)) {
                size_t length;
                bool is_start;

                next = memchr(name, ',', (size_t) (end - name));
                if (!next)
                        next = end;
                is_start = next > name && next[-1] == '*';
                length = (size_t) (next - name) - is_start;
                if (strncmp(name, module, length) == 0 && (is_start || strlen(module) == length))
                        return true;
        }
        return false;
}

static bool has_imported(const SymbolImporter *importer, const char *name_space, size_t size)
{
        size = name_space ? strnlen(name_space, size) : 0;
        if (size == 0 || is_listed(name_space, size, importer->module))
                return true;
        for (size_t i = 0; i < importer->namespaces->count; i++)
                if (strlen(importer->namespaces->items[i]) == size &&
                                memcmp(importer->namespaces->items[i], name_space, size) == 0)
                        return true;
        return false;
}

static SymbolState judge(const Symbol *need, const SymbolExport *offered, const SymbolImporter *importer)
{
        if (offered->is_gpl_only && importer && !importer->is_gpl_compatible)
                return need->is_weak ? SYMBOL_FOUND : SYMBOL_GPL_ONLY;
        if (offered->crc && need->has_crc && need->crc != *offered->crc)
                return SYMBOL_CHANGED;
        if (importer && !has_imported(importer, offered->name_space, offered->name_space_size))
                return SYMBOL_FOREIGN;
        return SYMBOL_FOUND;
}

void symbol_table_offer(SymbolTable *needs, const SymbolExport *offered)
{
        Symbol *need = symbol_table_find(needs, offered->name, offered->size);

        if (!need || need->state != SYMBOL_UNKNOWN)
                return;
        need->offered_crc = offered->crc != NULL;
        need->state = judge(need, offered, needs->importer);
}

static SymbolExport export_of(const Symbol *symbol)
{
        return (SymbolExport){
                .name = symbol->name,
                .size = strlen(symbol->name),
                .crc = symbol->has_crc ? &symbol->crc : NULL,
                .is_gpl_only = symbol->is_gpl_only,
                .name_space = symbol->name_space,
                .name_space_size = symbol->name_space ? strlen(symbol->name_space) : 0,
        };
}

SymbolState symbol_judge(const Symbol *need, const Symbol *offered, const SymbolImporter *importer)
{
        SymbolExport export;

        if (!offered)
                return SYMBOL_UNKNOWN;
        export = export_of(offered);
        return judge(need, &export, importer);
}

void symbol_table_offer_symbol(SymbolTable *needs, const Symbol *exported)
{
        const SymbolExport offered = export_of(exported);

        if (!exported->is_weak || offered.crc)
                symbol_table_offer(needs, &offered);
}

void symbol_table_offer_all(SymbolTable *needs, const SymbolTable *exports)
{
        for (size_t i = 0; i < exports->count; i++)
                symbol_table_offer_symbol(needs, &exports->items[i]);
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
