/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Keeps what was read of files and lists, for all modules of one change. It judges nothing. */

#include "change/checks/symbol-sources.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "change/checks/export-index.h"
#include "host/module/module-symbols.h"
#include "util/array.h"
#include "util/text-format.h"

typedef struct FileExports {
        char *path;
        SymbolTable exports;
} FileExports;

struct SymbolSources {
        const HostRoot *root;
        const CatalogueRelease *release;
        PlannedFiles planned;
        const CatalogueFile **by_module; /* the planned files again */
        ModuleIndex *index;
        bool has_index;      /* it was looked for */
        FileExports **files; /* by path */
        size_t file_count;
        ExportIndex offered; /* of the planned files; owners are positions among them */
        bool has_offered;
        KernelSymbols *kernel;
};

static FileExports *file_exports_free(FileExports *file)
{
        if (!file)
                return NULL;
        free(file->path);
        symbol_table_done(&file->exports);
        free(file);
        return NULL;
}

SymbolSources *symbol_sources_free(SymbolSources *sources)
{
        if (!sources)
                return NULL;
        for (size_t i = 0; i < sources->file_count; i++)
                (void) file_exports_free(sources->files[i]);
        free(sources->files);
        free(sources->by_module);
        export_index_done(&sources->offered);
        (void) module_index_free(sources->index);
        (void) kernel_symbols_free(sources->kernel);
        free(sources);
        return NULL;
}

/* Of several files of one module the first one counts. */
static int compare_modules(const void *x, const void *y)
{
        const CatalogueFile *a = *(const CatalogueFile *const *) x, *b = *(const CatalogueFile *const *) y;
        int order = strcmp(a->module, b->module);

        return order != 0 ? order : (a > b) - (a < b);
}

int symbol_sources_new(const HostRoot *root, const CatalogueRelease *release, const PlannedFiles *planned,
                SymbolSources **ret)
{
        SymbolSources *sources CLEANUP(symbol_sources_freep) = calloc(1, sizeof(*sources));

        if (!sources)
                return -ENOMEM;
        *sources = (SymbolSources){ .root = root, .release = release, .planned = *planned };
        sources->by_module = calloc(planned->count + 1, sizeof(const CatalogueFile *));
        if (!sources->by_module)
                return -ENOMEM;
        for (size_t i = 0; i < planned->count; i++)
                sources->by_module[i] = planned->files[i];
        qsort(sources->by_module, planned->count, sizeof(const CatalogueFile *), compare_modules);
        *ret = STEAL(sources);
        return 0;
}

int symbol_sources_open(const SymbolSources *sources, const char *path)
{
        char *absolute CLEANUP_FREE = NULL;

        if (text_format(&absolute, "/lib/modules/%s/%s", sources->release->release, path) < 0)
                return -ENOMEM;
        return host_root_open(sources->root, absolute, O_RDONLY | O_NONBLOCK | O_NOCTTY);
}

const CatalogueRelease *symbol_sources_release(const SymbolSources *sources)
{
        return sources->release;
}

const CatalogueFile *symbol_sources_planned(const SymbolSources *sources, const char *module)
{
        size_t place = array_search(
                        i, sources->planned.count, strcmp(sources->by_module[i]->module, module) < 0);

        return place < sources->planned.count && strcmp(sources->by_module[place]->module, module) == 0
                               ? sources->by_module[place]
                               : NULL;
}

int symbol_sources_index(SymbolSources *sources, ModuleIndex **ret)
{
        int r = sources->has_index ? 0
                                   : module_index_open(sources->root, sources->release->release,
                                                     &sources->index);

        if (r == -ENOMEM)
                return r;
        sources->has_index = true;
        *ret = sources->index;
        return 0;
}

static int read_file(const SymbolSources *sources, const char *path, FileExports **ret)
{
        int fd CLEANUP_FD = symbol_sources_open(sources, path);
        ModuleSymbols symbols CLEANUP_MODULE_SYMBOLS = { 0 };
        FileExports *file = calloc(1, sizeof(*file));
        int r = fd < 0 ? fd : module_symbols_read(fd, &symbols);

        if (file)
                file->path = strdup(path);
        if (!file || !file->path || r == -ENOMEM) {
                (void) file_exports_free(file);
                return -ENOMEM;
        }
        file->exports = symbols.exports;
        symbols.exports = (SymbolTable){ 0 };
        *ret = file;
        return 0;
}

int symbol_sources_exports(SymbolSources *sources, const char *path, const SymbolTable **ret)
{
        size_t position = array_search(i, sources->file_count, strcmp(sources->files[i]->path, path) < 0);

        if (position == sources->file_count || strcmp(sources->files[position]->path, path) != 0) {
                FileExports *file;
                int r;

                if (!array_reserve(sources->files, sources->file_count))
                        return -ENOMEM;
                r = read_file(sources, path, &file);
                if (r < 0)
                        return r;
                memmove(sources->files + position + 1, sources->files + position,
                                (sources->file_count++ - position) * sizeof(FileExports *));
                sources->files[position] = file;
        }
        *ret = &sources->files[position]->exports;
        return 0;
}

static int index_planned(SymbolSources *sources)
{
        const PlannedFiles *planned = &sources->planned;

        if (sources->has_offered)
                return 0;
        for (size_t i = 0; i < planned->count; i++) {
                const SymbolTable *exports;
                int r = symbol_sources_exports(sources, planned->files[i]->path, &exports);

                if (r >= 0)
                        r = export_index_add(&sources->offered, exports, i);
                if (r < 0) {
                        export_index_done(&sources->offered);
                        return r;
                }
        }
        export_index_sort(&sources->offered);
        sources->has_offered = true;
        return 0;
}

int symbol_sources_offer_planned(SymbolSources *sources, const char *module, SymbolTable *needs)
{
        int r = index_planned(sources);

        for (size_t i = 0; r >= 0 && i < needs->count; i++) {
                size_t count;
                const ExportEntry *entries =
                                export_index_find(&sources->offered, needs->items[i].name, &count);

                for (size_t j = 0; j < count; j++)
                        if (strcmp(sources->planned.files[entries[j].owner]->module, module) != 0)
                                symbol_table_offer_symbol(needs, entries[j].symbol);
        }
        return r;
}

int symbol_sources_offer_kernel(SymbolSources *sources, SymbolTable *needs, const char **ret_source)
{
        ModuleIndex *index = NULL;
        int r = symbol_sources_index(sources, &index);

        if (r >= 0 && !sources->kernel)
                r = kernel_symbols_read(sources->root, sources->release->release,
                                !(index && module_index_has_symbols(index)), &sources->kernel);
        if (r < 0)
                return r;
        kernel_symbols_offer(sources->kernel, needs);
        *ret_source = kernel_symbols_source(sources->kernel);
        return 0;
}
