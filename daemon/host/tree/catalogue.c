/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The catalogue as a value: look-ups and the end. It reads nothing. */

#include "host/tree/catalogue.h"

#include <errno.h>
#include <string.h>

#include "host/name.h"
#include "util/array.h"

Catalogue *catalogue_free(Catalogue *catalogue)
{
        if (!catalogue)
                return NULL;
        for (size_t i = 0; i < catalogue->release_count; i++) {
                CatalogueRelease *release = &catalogue->releases[i];

                for (size_t j = 0; j < release->count; j++) {
                        (void) module_file_unref(release->files[j].file);
                        (void) tree_info_unref(release->files[j].info);
                }
                free(release->files);
                free(release->by_build);
        }
        free(catalogue->releases);
        free(catalogue->skips);
        string_set_done(&catalogue->modules);
        (void) string_pool_free(catalogue->strings);
        free(catalogue);
        return NULL;
}

const CatalogueFile *catalogue_find(const CatalogueRelease *release, const char *module, size_t *ret_count)
{
        size_t low = array_search(i, release->count, strcmp(release->files[i].module, module) < 0),
               count = 0;

        while (low + count < release->count && strcmp(release->files[low + count].module, module) == 0)
                count++;
        *ret_count = count;
        return count > 0 ? &release->files[low] : NULL;
}

const CatalogueRelease *catalogue_release(const Catalogue *catalogue, const char *release)
{
        for (size_t i = 0; i < catalogue->release_count; i++)
                if (strcmp(catalogue->releases[i].release, release) == 0)
                        return &catalogue->releases[i];
        return NULL;
}

const CatalogueFile *catalogue_file_at(const CatalogueRelease *release, const char *path)
{
        const char *slash = strrchr(path, '/');
        char *module CLEANUP_FREE = NULL;
        const CatalogueFile *files;
        size_t count;

        if (module_name_from_file(slash ? slash + 1 : path, &module) < 0)
                return NULL;
        files = catalogue_find(release, module, &count);
        for (size_t i = 0; i < count; i++)
                if (strcmp(files[i].path, path) == 0)
                        return &files[i];
        return NULL;
}

static int compare_builds(const CatalogueFile *a, const CatalogueFile *b)
{
        int order = strcmp(a->package, b->package);

        if (order == 0)
                order = strcmp(a->version, b->version);
        return order != 0 ? order : strcmp(a->tree->name, b->tree->name);
}

static int compare_positions(const void *x, const void *y, void *files)
{
        uint32_t a = *(const uint32_t *) x, b = *(const uint32_t *) y;
        int order = compare_builds((const CatalogueFile *) files + a, (const CatalogueFile *) files + b);

        return order != 0 ? order : (a > b) - (a < b);
}

int catalogue_order_builds(CatalogueRelease *release)
{
        uint32_t *positions = reallocarray(NULL, release->count + 1, sizeof(*positions));

        if (!positions)
                return -ENOMEM;
        for (size_t i = 0; i < release->count; i++)
                positions[i] = (uint32_t) i;
        qsort_r(positions, release->count, sizeof(*positions), compare_positions, release->files);
        free(release->by_build);
        release->by_build = positions;
        return 0;
}

static int compare_packages(const CatalogueFile *a, const CatalogueFile *b)
{
        return strcmp(a->package, b->package);
}

/* The positions of those that are as KEY by COMPARE. */
static const uint32_t *find_in_builds(const CatalogueRelease *release, const CatalogueFile *key,
                int (*compare)(const CatalogueFile *a, const CatalogueFile *b), size_t *ret_count)
{
        size_t count = 0, low = array_search(i, release->count,
                                          compare(&release->files[release->by_build[i]], key) < 0);

        while (low + count < release->count &&
                        compare(&release->files[release->by_build[low + count]], key) == 0)
                count++;
        *ret_count = count;
        return release->by_build + low;
}

const uint32_t *catalogue_build(
                const CatalogueRelease *release, const CatalogueFile *file, size_t *ret_count)
{
        return find_in_builds(release, file, compare_builds, ret_count);
}

const uint32_t *catalogue_package(const CatalogueRelease *release, const char *package, size_t *ret_count)
{
        return find_in_builds(release, &(CatalogueFile){ .package = (char *) package }, compare_packages,
                        ret_count);
}
