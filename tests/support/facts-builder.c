/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Builds facts from tables; what it allocates, facts_free() frees. */

#include "facts-builder.h"

#include <glib.h>
#include <string.h>

#include "host/module/module-assemble.h"
#include "host/name.h"
#include "model/driver-derive.h"

/* Memory that free() takes, which g_strdup()'s need not be. */
static char *copy(const char *text)
{
        char *result = text ? strdup(text) : NULL;

        g_assert_true(result || !text);
        return result;
}

static void *allocate(size_t count, size_t size)
{
        void *result = calloc(count > 0 ? count : 1, size);

        g_assert_nonnull(result);
        return result;
}

static char *pool_copy(Catalogue *catalogue, const char *text)
{
        char *result = string_pool_add(&catalogue->strings, text);

        g_assert_nonnull(result);
        return result;
}

static const char *or_empty(const char *text)
{
        return text ? text : "";
}

static ModuleFile *build_metadata(const FactsFile *spec)
{
        ModuleFile *file = NULL;

        if (spec->defect != MODULE_SOUND) {
                g_assert_cmpint(module_file_new_defective(spec->defect, spec->error, &file), ==, 0);
                return file;
        }
        file = allocate(1, sizeof(*file));
        *file = (ModuleFile){
                .references = 1,
                .name = "",
                .version = or_empty(spec->version),
                .srcversion = or_empty(spec->srcversion),
                .vermagic = "",
                .description = or_empty(spec->description),
                .license = "",
                .signer = "",
                .note_version = or_empty(spec->note_version),
                .note_driver_version = "",
                .note_release = "",
                .build_id = or_empty(spec->build_id),
                .digest = "",
                .modinfo = "",
        };
        return file;
}

static TreeInfo *build_info(const TreeInfo *spec)
{
        TreeInfo *info;

        if (!spec)
                return NULL;
        info = allocate(1, sizeof(*info));
        *info = (TreeInfo){
                .references = 1,
                .name = copy(or_empty(spec->name)),
                .variant = copy(or_empty(spec->variant)),
                .type = copy(or_empty(spec->type)),
                .description = copy(or_empty(spec->description)),
                .version = copy(or_empty(spec->version)),
                .status = copy(or_empty(spec->status)),
                .has_priority = spec->has_priority,
                .priority = spec->priority,
                .problem = copy(or_empty(spec->problem)),
        };
        return info;
}

static void build_file(Catalogue *catalogue, const FactsFile *spec, CatalogueFile *file)
{
        char **parts = g_strsplit(spec->path, "/", -1), *module = NULL;
        guint count = g_strv_length(parts);

        g_assert_cmpint(module_name_from_file(parts[count - 1], &module), ==, 0);
        *file = (CatalogueFile){
                .module = pool_copy(catalogue, module),
                .path = pool_copy(catalogue, spec->path),
                .file = build_metadata(spec),
                .info = build_info(spec->info),
        };
        for (size_t i = 0; all_trees[i]; i++)
                if (strcmp(all_trees[i]->name, parts[0]) == 0)
                        file->tree = all_trees[i];
        g_assert_nonnull(file->tree);
        file->package = pool_copy(catalogue, file->tree == &tree_kernel ? "" : parts[1]);
        file->version = pool_copy(catalogue, file->tree == &tree_kernel ? "kernel" : parts[2]);
        if (file->tree != &tree_kernel)
                g_assert_cmpint(string_set_add(&catalogue->modules, module), >=, 0);
        free(module);
        g_strfreev(parts);
}

static int compare_files(const void *a, const void *b)
{
        const CatalogueFile *x = a, *y = b;
        int order = strcmp(x->module, y->module);

        if (order != 0)
                return order;
        if ((x->tree == &tree_kernel) != (y->tree == &tree_kernel))
                return x->tree == &tree_kernel ? 1 : -1;
        order = strcmp(x->package, y->package);
        return order != 0 ? order : strcmp(x->version, y->version);
}

static bool is_in(const char *release, const char *spec)
{
        return strcmp(release, spec ? spec : FACTS_KERNEL) == 0;
}

static void build_release(Catalogue *catalogue, const FactsSpec *spec, const char *name)
{
        CatalogueRelease *release = &catalogue->releases[catalogue->release_count++];

        *release = (CatalogueRelease){
                .release = pool_copy(catalogue, name),
                .has_index = true,
                .files = allocate(FACTS_LIST_MAX, sizeof(CatalogueFile)),
        };
        for (size_t i = 0; spec->without_index[i]; i++)
                if (strcmp(spec->without_index[i], name) == 0)
                        release->has_index = false;
        for (size_t i = 0; i < FACTS_LIST_MAX && spec->files[i].path; i++)
                if (is_in(name, spec->files[i].release))
                        build_file(catalogue, &spec->files[i], &release->files[release->count++]);
        qsort(release->files, release->count, sizeof(CatalogueFile), compare_files);
        g_assert_cmpint(catalogue_order_builds(release), ==, 0);
}

static Catalogue *build_catalogue(const FactsSpec *spec)
{
        Catalogue *catalogue = allocate(1, sizeof(*catalogue));

        catalogue->releases = allocate(FACTS_LIST_MAX, sizeof(CatalogueRelease));
        if (!spec->releases[0])
                build_release(catalogue, spec, FACTS_KERNEL);
        for (size_t i = 0; spec->releases[i]; i++)
                build_release(catalogue, spec, spec->releases[i]);
        return catalogue;
}

static int compare_updates(const void *a, const void *b)
{
        const UpdateEntry *x = a, *y = b;
        int order = strcmp(x->module, y->module);

        return order != 0 ? order : strcmp(x->file, y->file);
}

static void build_updates(const FactsSpec *spec, ReleaseSelection *release)
{
        release->updates = allocate(FACTS_LIST_MAX, sizeof(UpdateEntry));
        for (size_t i = 0; i < FACTS_LIST_MAX && spec->updates[i].file; i++) {
                const FactsUpdate *update = &spec->updates[i];
                UpdateEntry *entry = &release->updates[release->update_count];
                char *target;

                if (!is_in(release->release, update->release))
                        continue;
                target = g_strconcat(
                                update->absolute ? "/lib/modules/" : "../", or_empty(update->path), NULL);
                *entry = (UpdateEntry){
                        .file = copy(update->file),
                        .kind = update->kind,
                        .absolute = update->absolute,
                        .target = copy(target),
                        .path = copy(update->path),
                };
                g_assert_cmpint(module_name_from_file(update->file, &entry->module), ==, 0);
                release->update_count++;
                g_free(target);
        }
        qsort(release->updates, release->update_count, sizeof(UpdateEntry), compare_updates);
}

static void build_set(const char *const modules[FACTS_LIST_MAX], StringSet *ret)
{
        for (size_t i = 0; i < FACTS_LIST_MAX && modules[i]; i++)
                g_assert_cmpint(string_set_add(ret, modules[i]), ==, 1);
}

static Selection *build_selection(const FactsSpec *spec, const Catalogue *catalogue)
{
        Selection *selection = allocate(1, sizeof(*selection));

        selection->releases = allocate(catalogue->release_count, sizeof(ReleaseSelection));
        selection->release_count = catalogue->release_count;
        for (size_t i = 0; i < catalogue->release_count; i++) {
                selection->releases[i].release = copy(catalogue->releases[i].release);
                build_updates(spec, &selection->releases[i]);
        }
        for (size_t i = 0; i < FACTS_LIST_MAX && spec->overrides[i].module; i++) {
                const FactsOverride *line = &spec->overrides[i];

                g_assert_cmpint(override_list_set(&selection->overrides,
                                                line->release ? line->release : FACTS_KERNEL, line->module,
                                                line->directory),
                                ==, 0);
        }
        build_set(spec->blocked, &selection->blocked);
        build_set(spec->edited_blocks, &selection->edited_blocks);
        build_set(spec->edited_overrides, &selection->edited_overrides);
        return selection;
}

size_t facts_module(const Facts *facts, const char *module)
{
        for (size_t i = 0; i < facts->catalogue->modules.count; i++)
                if (strcmp(facts->catalogue->modules.items[i], module) == 0)
                        return i;
        g_error("the facts have no driver %s", module);
}

/* What is at the path, as far as the tables say it. */
static EffectiveFile follow(const FactsEffective *line, const Facts *facts, size_t release)
{
        const CatalogueRelease *files = &facts->catalogue->releases[release];
        EffectiveFile effective = { .path = copy(line->path), .builtin = line->builtin };

        if (!line->path)
                return effective;
        effective.file = catalogue_file_at(files, line->path);
        for (const UpdateEntry *entry = update_entry_next(
                             &facts->selection->releases[release], line->module, NULL);
                        entry;
                        entry = update_entry_next(&facts->selection->releases[release], line->module, entry))
                if (g_str_has_prefix(line->path, "updates/") &&
                                strcmp(line->path + strlen("updates/"), entry->file) == 0 &&
                                entry->kind != UPDATE_REGULAR && entry->kind != UPDATE_OTHER &&
                                entry->path) {
                        effective.file = catalogue_file_at(files, entry->path);
                        effective.linked = true;
                }
        return effective;
}

static void build_depmod(const FactsSpec *spec, Facts *facts)
{
        char *overrides CLEANUP_FREE = NULL;

        facts->depmod = allocate(facts->catalogue->release_count, sizeof(DepmodConfig));
        g_assert_cmpint(override_list_format(&facts->selection->overrides, &overrides), ==, 0);
        for (size_t i = 0; i < facts->catalogue->release_count; i++) {
                const char *release = facts->catalogue->releases[i].release;

                g_assert_cmpint(depmod_config_parse(&facts->depmod[i], release, "/etc/depmod.d/a.conf",
                                                spec->depmod ? spec->depmod : "search updates\n"),
                                ==, 0);
                g_assert_cmpint(depmod_config_parse(
                                                &facts->depmod[i], release, OVERRIDE_FILE_PATH, overrides),
                                ==, 0);
        }
}

static void build_effective(const FactsSpec *spec, Facts *facts)
{
        size_t modules = facts->catalogue->modules.count;

        facts->effective = allocate(modules * facts->catalogue->release_count, sizeof(EffectiveFile));
        for (size_t i = 0; i < FACTS_LIST_MAX && spec->effective[i].module; i++) {
                const FactsEffective *line = &spec->effective[i];

                for (size_t j = 0; j < facts->catalogue->release_count; j++)
                        if (is_in(facts->catalogue->releases[j].release, line->release))
                                facts->effective[j * modules + facts_module(facts, line->module)] =
                                                follow(line, facts, j);
        }
}

static void build_loaded(const FactsSpec *spec, Facts *facts)
{
        facts->loaded = allocate(facts->catalogue->modules.count, sizeof(LoadedModule));
        for (size_t i = 0; i < FACTS_LIST_MAX && spec->loaded[i].module; i++) {
                const FactsLoaded *line = &spec->loaded[i];

                facts->loaded[facts_module(facts, line->module)] = (LoadedModule){
                        .state = line->state,
                        .notes_defective = line->notes_defective,
                        .note_version = copy(line->note_version),
                        .build_id = copy(line->build_id),
                        .srcversion = copy(line->srcversion),
                        .version = copy(line->version),
                };
        }
}

Facts *facts_build(const FactsSpec *spec)
{
        Facts *facts = allocate(1, sizeof(*facts));

        facts->kernel = copy(spec->kernel ? spec->kernel : FACTS_KERNEL);
        facts->catalogue = build_catalogue(spec);
        facts->selection = build_selection(spec, facts->catalogue);
        build_depmod(spec, facts);
        build_effective(spec, facts);
        build_loaded(spec, facts);
        return facts;
}

Driver *facts_derive(const FactsSpec *spec, const char *module)
{
        Facts *facts = facts_build(spec);
        Driver *driver = NULL;

        g_assert_cmpint(driver_derive(facts, facts_module(facts, module), &driver), ==, 0);
        (void) facts_free(facts);
        return driver;
}

char *facts_codes(const Driver *driver)
{
        GString *codes = g_string_new(NULL);

        for (size_t i = 0; i < driver->problems.count; i++)
                g_string_append_printf(codes, "%s%s", i > 0 ? " " : "", driver->problems.items[i].code);
        return g_string_free(codes, FALSE);
}
