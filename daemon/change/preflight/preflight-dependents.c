/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Finds the modules that a change breaks though it doesn't touch them: those that import from what is
 * switched. It reads only. */

#include "change/preflight/preflight.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "change/preflight/preflight-symbols.h"
#include "host/index/module-index.h"
#include "host/module/module-symbols.h"
#include "host/name.h"
#include "util/fs.h"

/* A distribution's has 600 KB. */
#define INDEX_SIZE_MAX (64U * 1024 * 1024)

/* One module of the change. */
typedef struct Switched {
        const CatalogueFile *after;
        char *path; /* what the index resolves it to now; NULL: to nothing, so nobody depends on it */
        const CatalogueFile *own; /* the kernel's, if nothing is selected: then depmod has picked any copy,
                                     and what fits the kernel's own shall go on to fit, too; else NULL */
        SymbolTable before_exports;
        SymbolTable own_exports;
        SymbolTable after_exports;
} Switched;

typedef struct Search {
        const HostRoot *root;
        const Facts *facts;
        const char *release;
        ModuleIndex *index;
        Switched *switched; /* as many as planned */
        size_t count;
        bool has_exports; /* they are read when the first dependent is found */
} Search;

static void search_done(Search *search)
{
        for (size_t i = 0; i < search->count; i++) {
                free(search->switched[i].path);
                symbol_table_done(&search->switched[i].before_exports);
                symbol_table_done(&search->switched[i].own_exports);
                symbol_table_done(&search->switched[i].after_exports);
        }
        free(search->switched);
        (void) module_index_free(search->index);
}

/* 1, 0 if it can't be read: that is another check's finding; or -ENOMEM. */
static int read_symbols(const Search *search, const char *path, ModuleSymbols *ret)
{
        int fd CLEANUP_FD = preflight_open_module(search->root, search->release, path);
        int r = fd < 0 ? fd : module_symbols_read(fd, ret);

        return r == -ENOMEM ? r : r >= 0;
}

static int read_exports(const Search *search, const char *path, SymbolTable *ret)
{
        ModuleSymbols symbols CLEANUP_MODULE_SYMBOLS = { 0 };
        int r = read_symbols(search, path, &symbols);

        *ret = symbols.exports;
        symbols.exports = (SymbolTable){ 0 };
        return r;
}

static int read_all_exports(Search *search)
{
        int r = 0;

        for (size_t i = 0; i < search->count && r >= 0 && !search->has_exports; i++) {
                Switched *switched = &search->switched[i];

                if (switched->path)
                        r = read_exports(search, switched->path, &switched->before_exports);
                if (r >= 0 && switched->own)
                        r = read_exports(search, switched->own->path, &switched->own_exports);
                if (r >= 0)
                        r = read_exports(search, switched->after->path, &switched->after_exports);
        }
        search->has_exports = true;
        return r;
}

/* Whatever of the change exports NAME afterwards, or NULL. */
static const Symbol *find_after(const Search *search, const char *name)
{
        const Symbol *found = NULL;

        for (size_t i = 0; i < search->count && !found; i++)
                found = symbol_table_find(&search->switched[i].after_exports, name, strlen(name));
        return found;
}

static bool is_planned(const Search *search, const char *module)
{
        for (size_t i = 0; i < search->count; i++)
                if (strcmp(search->switched[i].after->module, module) == 0)
                        return true;
        return false;
}

static bool fits(const SymbolTable *exports, const Symbol *need, const SymbolImporter *importer)
{
        const Symbol *found = symbol_table_find(exports, need->name, strlen(need->name));

        return found && symbol_judge(need, found, importer) == SYMBOL_FOUND;
}

/* What fits one module now and won't fit afterwards. */
static int compare(const Search *search, const Switched *switched, const ModuleSymbols *symbols,
                DependentFacts *dependent)
{
        const SymbolImporter importer = { dependent->module, license_is_gpl_compatible(symbols->license),
                &symbols->namespaces };
        int r = 0;

        for (size_t i = 0; i < symbols->imports.count && r >= 0; i++) {
                const Symbol *need = &symbols->imports.items[i];
                SymbolState state;

                if (!fits(&switched->before_exports, need, &importer) &&
                                !fits(&switched->own_exports, need, &importer))
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
        int fd CLEANUP_FD = preflight_open_module(search->root, search->release, dependent->path);
        ModuleFile *file CLEANUP(module_file_unrefp) = NULL;
        StringSet devices CLEANUP_STRING_SET = { 0 };
        LoadedModule loaded = { 0 };
        DeviceClaim claim = { .module = dependent->module };
        int r = loaded_module_read(search->root, dependent->module, &loaded);

        if (r == -ENOMEM)
                return r;
        dependent->is_loaded = r >= 0 && loaded.state == LOAD_LIVE;
        loaded_module_done(&loaded);
        dependent->has_versions = string_set_contains(&search->facts->catalogue->modules, dependent->module);
        if (fd < 0 || !search->facts->hardware)
                return fd == -ENOMEM ? fd : 0;
        r = module_file_read(fd, NULL, &file);
        if (r < 0)
                return r;
        claim.file = file;
        r = hardware_devices(search->facts->hardware, &claim, &devices);
        dependent->has_hardware = devices.count > 0;
        return r < 0 ? r : 0;
}

static int check_pair(const Search *search, const Switched *switched, const ModuleSymbols *symbols,
                const char *module, const char *path, ProblemList *ret)
{
        DependentFacts dependent = { .module = module, .path = path, .needed = switched->after };
        int r = compare(search, switched, symbols, &dependent);

        if (r >= 0 && dependent.missing.count + dependent.changed.count > 0)
                r = take_state(search, &dependent);
        if (r >= 0)
                r = preflight_find_dependent(&dependent, ret);
        string_set_done(&dependent.missing);
        string_set_done(&dependent.changed);
        return r;
}

/* PATH is of a module that the index says depends on the change, if only by way of another one. */
static int check_dependent(Search *search, const char *path, ProblemList *ret)
{
        ModuleSymbols symbols CLEANUP_MODULE_SYMBOLS = { 0 };
        const char *slash = strrchr(path, '/');
        char *module CLEANUP_FREE = NULL;
        int r = module_name_from_file(slash ? slash + 1 : path, &module);

        if (r < 0 || is_planned(search, module))
                return r == -ENOMEM ? r : 0;
        r = read_all_exports(search);
        if (r >= 0)
                r = read_symbols(search, path, &symbols);
        for (size_t i = 0; i < search->count && r > 0; i++) {
                int checked = check_pair(search, &search->switched[i], &symbols, module, path, ret);

                if (checked < 0)
                        return checked;
        }
        return r < 0 ? r : 0;
}

/* Whether one of the switched modules' paths is among PATHS, which have blanks between. */
static bool names_switched(const Search *search, const char *paths)
{
        for (const char *path = paths; *path != '\0';) {
                size_t size = strcspn(path, " ");

                for (size_t i = 0; i < search->count; i++) {
                        const char *switched = search->switched[i].path;

                        if (switched && strncmp(switched, path, size) == 0 && switched[size] == '\0')
                                return true;
                }
                path += size + strspn(path + size, " ");
        }
        return false;
}

/* "PATH: PATH PATH…", all that a module needs behind the colon, directly or not: modules.dep(5). */
static int check_lines(Search *search, char *lines, ProblemList *ret)
{
        int r = 0;

        while (lines && r >= 0) {
                char *line = strsep(&lines, "\n"), *colon = strchr(line, ':');

                if (!colon || colon[1] == '\0' ||
                                !names_switched(search, colon + 1 + strspn(colon + 1, " ")))
                        continue;
                *colon = '\0';
                r = check_dependent(search, line, ret);
        }
        return r;
}

/* NULL if something is selected, or if the kernel has none. */
static const CatalogueFile *find_own(const Search *search, const char *module)
{
        const CatalogueRelease *release = catalogue_release(search->facts->catalogue, search->release);
        const ReleaseSelection *links = selection_release(search->facts->selection, search->release);
        const CatalogueFile *files;
        size_t count = 0;

        if (!release || override_list_find(&search->facts->selection->overrides, search->release, module))
                return NULL;
        for (size_t i = 0; links && i < links->update_count; i++)
                if (strcmp(links->updates[i].module, module) == 0)
                        return NULL;
        files = catalogue_find(release, module, &count);
        for (size_t i = 0; i < count; i++)
                if (files[i].tree->is_fallback)
                        return &files[i];
        return NULL;
}

/* 1 if the index knows any of the planned modules. */
static int resolve_all(Search *search, const PlannedFiles *planned)
{
        int known = 0;

        search->switched = calloc(planned->count + 1, sizeof(*search->switched));
        if (!search->switched)
                return -ENOMEM;
        for (; search->count < planned->count; search->count++) {
                Switched *switched = &search->switched[search->count];
                int r;

                switched->after = planned->files[search->count];
                switched->own = find_own(search, switched->after->module);
                r = module_index_resolve(search->index, switched->after->module, &switched->path);
                if (r == -ENOMEM)
                        return r;
                known = known || r >= 0;
        }
        return known;
}

int preflight_check_dependents(const HostRoot *root, const Facts *facts, const char *release,
                const PlannedFiles *planned, ProblemList *ret)
{
        Search search CLEANUP(search_done) = { .root = root, .facts = facts, .release = release };
        char *lines CLEANUP_FREE = NULL;
        int r = module_index_open(root, release, &search.index), fd CLEANUP_FD = -1;

        if (r >= 0)
                r = resolve_all(&search, planned);
        if (r <= 0) /* without an index nothing loads now, either */
                return r == -ENOMEM ? r : 0;
        fd = preflight_open_module(root, release, "modules.dep");
        r = fd < 0 ? fd : fs_read_fd(fd, INDEX_SIZE_MAX, &lines, NULL);
        if (r < 0)
                return r == -ENOMEM ? r : 0;
        return check_lines(&search, lines, ret);
}
