/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Asks whoever will be there when the file is loaded: its companions, its dependencies, the kernel, and any
 * other module that exports what is left. It judges nothing. */

#include "change/checks/preflight-symbols.h"

#include <errno.h>
#include <string.h>

#include "host/module/module-symbols.h"

typedef struct Gathering {
        SymbolSources *sources;
        const CatalogueRelease *release;
        const CatalogueFile *file;
        ModuleIndex *index; /* NULL: there is none */
        SymbolTable *needs;
        StringSet *missing;
} Gathering;

/* The files of the same version of the same package. A kernel's own are no package that switches as a whole.
 */
static const uint32_t *build_of(const Gathering *gathering, size_t *ret_count)
{
        *ret_count = 0;
        if (!gathering->file->tree->has_packages)
                return NULL;
        return catalogue_build(gathering->release, gathering->file, ret_count);
}

/* The path of MODULE in the same change, else in the same version of the same package, or NULL. */
static const char *companion(const Gathering *gathering, const char *module)
{
        const CatalogueFile *files = gathering->release->files;
        const CatalogueFile *planned = symbol_sources_planned(gathering->sources, module);
        size_t count;
        const uint32_t *build = build_of(gathering, &count);

        if (planned)
                return planned->path;
        for (size_t i = 0; i < count; i++)
                if (strcmp(files[build[i]].module, module) == 0)
                        return files[build[i]].path;
        return NULL;
}

/* 1 with *ret_path (NULL: built in, or not to be found out), 0 if this release doesn't have MODULE. */
static int find_dependency(const Gathering *gathering, const char *module, char **ret_path)
{
        const char *path = companion(gathering, module);
        int r;

        *ret_path = NULL;
        if (path) {
                *ret_path = strdup(path);
                return *ret_path ? 1 : -ENOMEM;
        }
        if (!gathering->index || module_index_is_builtin(gathering->index, module))
                return 1;
        r = module_index_resolve(gathering->index, module, ret_path);
        return r == -ENOENT ? 0 : r == -ENOMEM ? r : 1;
}

static int offer_exports(const Gathering *gathering, const char *path)
{
        const SymbolTable *exports;
        int r = symbol_sources_exports(gathering->sources, path, &exports);

        if (r >= 0)
                symbol_table_offer_all(gathering->needs, exports);
        return r;
}

/* What is selected together with the file, whether the file says that it needs it or not: modprobe goes by
 * the symbols, which depmod compares. */
static int offer_companions(const Gathering *gathering)
{
        size_t count;
        const uint32_t *build = build_of(gathering, &count);
        int r = symbol_sources_offer_planned(gathering->sources, gathering->file->module, gathering->needs);

        for (size_t i = 0; i < count && r >= 0; i++) {
                const CatalogueFile *file = &gathering->release->files[build[i]];

                if (file != gathering->file && !symbol_sources_planned(gathering->sources, file->module))
                        r = offer_exports(gathering, file->path);
        }
        return r;
}

static int take_dependency(const Gathering *gathering, const char *module)
{
        char *path CLEANUP_FREE = NULL;
        int r = find_dependency(gathering, module, &path);

        if (r == 0)
                r = string_set_add(gathering->missing, module);
        else if (r > 0 && path && !companion(gathering, module))
                r = offer_exports(gathering, path);
        return r < 0 ? r : 0;
}

static int take_dependencies(const Gathering *gathering)
{
        StringSet modules CLEANUP_STRING_SET = { 0 };
        int r = module_file_dependencies(gathering->file->file, &modules);

        for (size_t i = 0; i < modules.count && r >= 0; i++)
                r = take_dependency(gathering, modules.items[i]);
        return r;
}

/* Has the module that exports SYMBOL offer it, unless that one will be another file by then. */
static int ask_exporter(const Gathering *gathering, const char *symbol)
{
        char *module CLEANUP_FREE = NULL, *path CLEANUP_FREE = NULL;
        int r = module_index_exporter(gathering->index, symbol, &module);

        if (r >= 0 && !companion(gathering, module))
                r = module_index_resolve(gathering->index, module, &path);
        return r == -ENOMEM ? r : path ? offer_exports(gathering, path) : 0;
}

/* What the file needs and doesn't tell of: depmod finds it all the same. */
static int ask_exporters(const Gathering *gathering)
{
        int r = 0;

        if (!gathering->index)
                return 0;
        for (size_t i = 0; i < gathering->needs->count && r >= 0; i++)
                if (gathering->needs->items[i].state == SYMBOL_UNKNOWN)
                        r = ask_exporter(gathering, gathering->needs->items[i].name);
        return r;
}

/* What a module of that kernel was built with is what the kernel exports. */
static int offer_reference(SymbolTable *needs, int fd)
{
        ModuleSymbols symbols CLEANUP_MODULE_SYMBOLS = { 0 };
        int r = fd < 0 ? -ENOENT : module_symbols_read(fd, &symbols);

        if (r >= 0)
                symbol_table_offer_all(needs, &symbols.imports);
        return r == -ENOMEM ? r : 0;
}

/* The names of missing dependencies tell more than those of the symbols that they would export. */
static int conclude(const SymbolTable *needs, StringSet *missing_dependencies, SymbolFindings *findings)
{
        bool is_explained = missing_dependencies->count > 0;
        int r = 0;

        /* modprobe doesn't care about dependencies of which no symbol is needed, or only weak ones. */
        if (!symbol_table_lacks_any(needs))
                string_set_done(missing_dependencies);
        for (size_t i = 0; i < needs->count && r >= 0; i++) {
                const Symbol *symbol = &needs->items[i];

                if (symbol->state == SYMBOL_CHANGED)
                        r = string_set_add(&findings->changed, symbol->name);
                else if (symbol->state == SYMBOL_GPL_ONLY)
                        r = string_set_add(&findings->gpl_only, symbol->name);
                else if (symbol->state == SYMBOL_FOREIGN)
                        r = string_set_add(&findings->foreign, symbol->name);
                else if (symbol->state == SYMBOL_UNKNOWN && !symbol->is_weak && findings->source &&
                                !is_explained)
                        r = string_set_add(&findings->missing, symbol->name);
                else if (symbol->state == SYMBOL_FOUND && symbol->has_crc && !symbol->offered_crc)
                        findings->crcs_unchecked = true;
        }
        return r < 0 ? r : 0;
}

/* From all that will be loaded, and then the kernel. */
static int gather(const Gathering *gathering, int reference_fd, char **ret_source)
{
        const char *source = NULL;
        int r = offer_companions(gathering);

        if (r >= 0)
                r = take_dependencies(gathering);
        if (r >= 0)
                r = symbol_sources_offer_kernel(gathering->sources, gathering->needs, &source);
        if (r >= 0)
                r = ask_exporters(gathering);
        if (r >= 0 && !source)
                r = offer_reference(gathering->needs, reference_fd);
        if (r < 0 || !source)
                return r;
        *ret_source = strdup(source);
        return *ret_source ? 0 : -ENOMEM;
}

int preflight_gather_symbols(SymbolSources *sources, const CatalogueFile *file, int reference_fd,
                StringSet *missing_dependencies, SymbolFindings *ret_symbols)
{
        int fd CLEANUP_FD = symbol_sources_open(sources, file->path);
        ModuleSymbols symbols CLEANUP_MODULE_SYMBOLS = { 0 };
        SymbolImporter importer = { .module = file->module, .namespaces = &symbols.namespaces };
        Gathering gathering = { sources, symbol_sources_release(sources), file, NULL, &symbols.imports,
                missing_dependencies };
        int r = fd < 0 ? fd : module_symbols_read(fd, &symbols);

        if (r < 0)
                return r;
        ret_symbols->lacks_versions = !symbols.has_versions;
        if (symbols.imports.count == 0)
                return 0;
        importer.is_gpl_compatible = license_is_gpl_compatible(symbols.license);
        symbols.imports.importer = &importer;
        r = symbol_sources_index(sources, &gathering.index);
        if (r < 0)
                return r;
        ret_symbols->needs_any = true;
        r = gather(&gathering, reference_fd, &ret_symbols->source);
        return r < 0 ? r : conclude(&symbols.imports, missing_dependencies, ret_symbols);
}
