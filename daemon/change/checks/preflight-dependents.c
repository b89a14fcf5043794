/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Only modules that modules.dep lists as dependent on the change are read, and each of them once. */

#include "change/checks/preflight-dependents.h"

#include <errno.h>
#include <string.h>

#include "change/checks/export-index.h"
#include "host/module/module-read.h"
#include "host/module/module-symbols.h"
#include "host/name.h"
#include "model/preflight.h"
#include "util/fs.h"

/* A distribution's has 600 KB. */
#define INDEX_SIZE_MAX (64U * 1024 * 1024)

/* One module of the change. */
typedef struct Switched {
        const CatalogueFile *after;
        char *path; /* what the index resolves it to now; NULL: to nothing, so nobody depends on it */
        const CatalogueFile *own; /* the kernel's, if nothing is selected: then depmod has picked any copy,
                                     and what fits the kernel's own shall go on to fit, too; else NULL */
        unsigned touched;         /* the last dependent that needs something of it */
} Switched;

typedef struct Search {
        const ReleaseChange *change;
        ModuleIndex *index;
        Switched *switched; /* as many as planned */
        size_t count;
        StringSet paths;    /* of all that are switched */
        bool has_exports;   /* they are read when the first dependent is found */
        ExportIndex before; /* of what the index resolves to, and of the kernel's own; owners are positions
                               in switched, likewise below */
        ExportIndex after;
        unsigned dependents; /* that were looked at */
} Search;

static void search_done(Search *search)
{
        for (size_t i = 0; i < search->count; i++)
                free(search->switched[i].path);
        free(search->switched);
        string_set_done(&search->paths);
        export_index_done(&search->before);
        export_index_done(&search->after);
}

static int add_exports(Search *search, const char *path, size_t owner, ExportIndex *ret)
{
        const SymbolTable *exports;
        int r = symbol_sources_exports(search->change->sources, path, &exports);

        return r < 0 ? r : export_index_add(ret, exports, owner);
}

static int read_all_exports(Search *search)
{
        int r = 0;

        if (search->has_exports)
                return 0;
        for (size_t i = 0; i < search->count && r >= 0; i++) {
                const Switched *switched = &search->switched[i];

                if (switched->path)
                        r = add_exports(search, switched->path, i, &search->before);
                if (r >= 0 && switched->own)
                        r = add_exports(search, switched->own->path, i, &search->before);
                if (r >= 0)
                        r = add_exports(search, switched->after->path, i, &search->after);
        }
        export_index_sort(&search->before);
        export_index_sort(&search->after);
        search->has_exports = true;
        return r;
}

/* Whatever of the change exports NAME afterwards, or NULL. */
static const Symbol *find_after(const Search *search, const char *name)
{
        size_t count;
        const ExportEntry *found = export_index_find(&search->after, name, &count);

        return found ? found->symbol : NULL;
}

/* Whether what OWNER, a position, exports now is what NEED needs. */
static bool fits(const Search *search, size_t owner, const Symbol *need, const SymbolImporter *importer)
{
        size_t count;
        const ExportEntry *entries = export_index_find(&search->before, need->name, &count);

        for (size_t i = 0; i < count; i++)
                if (entries[i].owner == owner &&
                                symbol_judge(need, entries[i].symbol, importer) == SYMBOL_FOUND)
                        return true;
        return false;
}

/* What fits one module now and won't fit afterwards. */
static int compare(
                const Search *search, size_t owner, const ModuleSymbols *symbols, DependentFacts *dependent)
{
        const SymbolImporter importer = { dependent->module, license_is_gpl_compatible(symbols->license),
                &symbols->namespaces };
        int r = 0;

        for (size_t i = 0; i < symbols->imports.count && r >= 0; i++) {
                const Symbol *need = &symbols->imports.items[i];
                SymbolState state;

                if (!fits(search, owner, need, &importer))
                        continue;
                state = symbol_judge(need, find_after(search, need->name), &importer);
                if (state == SYMBOL_CHANGED)
                        r = string_set_add(&dependent->changed, need->name);
                else if (state != SYMBOL_FOUND && !(state == SYMBOL_UNKNOWN && need->is_weak))
                        r = string_set_add(&dependent->missing, need->name);
        }
        return r < 0 ? r : 0;
}

static int take_state(const Search *search, DependentFacts *dependent)
{
        const ReleaseChange *change = search->change;
        int fd CLEANUP_FD = symbol_sources_open(change->sources, dependent->path);
        ModuleFile *file CLEANUP(module_file_unrefp) = NULL;
        StringSet devices CLEANUP_STRING_SET = { 0 };
        LoadedModule loaded = { 0 };
        DeviceClaim claim = { .module = dependent->module };
        int r = loaded_module_read(change->root, dependent->module, &loaded);

        if (r == -ENOMEM)
                return r;
        dependent->is_loaded = r >= 0 && loaded.state == LOAD_LIVE;
        loaded_module_done(&loaded);
        dependent->has_versions = string_set_contains(&change->facts->catalogue->modules, dependent->module);
        if (fd < 0 || !change->facts->hardware)
                return fd == -ENOMEM ? fd : 0;
        r = module_file_read(fd, NULL, &file);
        if (r < 0)
                return r;
        claim.file = file;
        r = hardware_devices(change->facts->hardware, &claim, &devices);
        dependent->has_hardware = devices.count > 0;
        return r < 0 ? r : 0;
}

static int check_pair(const Search *search, size_t owner, const ModuleSymbols *symbols, const char *module,
                const char *path, ProblemList *ret)
{
        DependentFacts dependent = {
                .module = module, .path = path, .needed = search->switched[owner].after
        };
        int r = compare(search, owner, symbols, &dependent);

        if (r >= 0 && dependent.missing.count + dependent.changed.count > 0)
                r = take_state(search, &dependent);
        if (r >= 0)
                r = preflight_find_dependent(&dependent, ret);
        string_set_done(&dependent.missing);
        string_set_done(&dependent.changed);
        return r;
}

/* 1, 0 if it can't be read: that is another check's finding; or -ENOMEM. */
static int read_symbols(const Search *search, const char *path, ModuleSymbols *ret)
{
        int fd CLEANUP_FD = symbol_sources_open(search->change->sources, path);
        int r = fd < 0 ? fd : module_symbols_read(fd, ret);

        return r == -ENOMEM ? r : r >= 0;
}

/* Marks what exports anything that SYMBOLS needs. */
static void touch(Search *search, const ModuleSymbols *symbols)
{
        search->dependents++;
        for (size_t i = 0; i < symbols->imports.count; i++) {
                size_t count;
                const ExportEntry *entries =
                                export_index_find(&search->before, symbols->imports.items[i].name, &count);

                for (size_t j = 0; j < count; j++)
                        search->switched[entries[j].owner].touched = search->dependents;
        }
}

/* PATH is of a module that the index says depends on the change, if only by way of another one. */
static int check_dependent(Search *search, const char *path, ProblemList *ret)
{
        ModuleSymbols symbols CLEANUP_MODULE_SYMBOLS = { 0 };
        const char *slash = strrchr(path, '/');
        char *module CLEANUP_FREE = NULL;
        int r = module_name_from_file(slash ? slash + 1 : path, &module);

        if (r < 0 || symbol_sources_planned(search->change->sources, module))
                return r == -ENOMEM ? r : 0;
        r = read_all_exports(search);
        if (r >= 0)
                r = read_symbols(search, path, &symbols);
        if (r > 0)
                touch(search, &symbols);
        for (size_t i = 0; i < search->count && r > 0; i++) {
                int checked = search->switched[i].touched == search->dependents
                                              ? check_pair(search, i, &symbols, module, path, ret)
                                              : 0;

                if (checked < 0)
                        return checked;
        }
        return r < 0 ? r : 0;
}

/* Whether one of the switched modules' paths is among PATHS, which have blanks between, and end at one or at
 * the end of the text; they are cut into pieces. */
static bool names_switched(const Search *search, char *paths)
{
        char *path;

        while ((path = strsep(&paths, " ")))
                if (*path != '\0' && string_set_contains(&search->paths, path))
                        return true;
        return false;
}

/* "PATH: PATH PATH…", all that a module needs behind the colon, directly or not: modules.dep(5). */
static int check_lines(Search *search, char *lines, ProblemList *ret)
{
        int r = 0;

        while (lines && r >= 0) {
                char *line = strsep(&lines, "\n"), *colon = strchr(line, ':');

                if (!colon || !names_switched(search, colon + 1))
                        continue;
                *colon = '\0';
                r = check_dependent(search, line, ret);
        }
        return r;
}

/* NULL if something is selected, or if the kernel has none. */
static const CatalogueFile *find_own(const ReleaseChange *change, const char *module)
{
        const Selection *selection = change->facts->selection;
        const ReleaseSelection *links = selection_release(selection, change->release);
        const CatalogueFile *files;
        size_t count = 0;

        if (override_list_find(&selection->overrides, change->release, module))
                return NULL;
        if (links && update_entry_next(links, module, NULL))
                return NULL;
        files = catalogue_find(change->installed, module, &count);
        for (size_t i = 0; i < count; i++)
                if (files[i].tree->is_fallback)
                        return &files[i];
        return NULL;
}

/* 1 if the index knows any of the planned modules. */
static int resolve_all(Search *search, const PlannedFiles *planned)
{
        search->switched = calloc(planned->count + 1, sizeof(*search->switched));
        if (!search->switched)
                return -ENOMEM;
        for (; search->count < planned->count; search->count++) {
                Switched *switched = &search->switched[search->count];
                int r;

                switched->after = planned->files[search->count];
                switched->own = find_own(search->change, switched->after->module);
                r = module_index_resolve(search->index, switched->after->module, &switched->path);
                if (r >= 0)
                        r = string_set_add(&search->paths, switched->path);
                if (r == -ENOMEM)
                        return r;
        }
        return search->paths.count > 0;
}

int dependents_check(const ReleaseChange *change, ProblemList *ret)
{
        Search search CLEANUP(search_done) = { .change = change };
        char *lines CLEANUP_FREE = NULL;
        int r, fd CLEANUP_FD = -1;

        if (!change->installed)
                return 0;
        r = symbol_sources_index(change->sources, &search.index);
        if (r >= 0)
                r = search.index ? resolve_all(&search, &change->planned) : 0;
        if (r <= 0) /* without an index nothing loads now, either */
                return r == -ENOMEM ? r : 0;
        fd = symbol_sources_open(change->sources, "modules.dep");
        r = fd < 0 ? fd : fs_read_fd(fd, INDEX_SIZE_MAX, &lines, NULL);
        if (r < 0)
                return r == -ENOMEM ? r : 0;
        return check_lines(&search, lines, ret);
}
