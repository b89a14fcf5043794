/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The catalogue as a value: look-ups and the end. It reads nothing. */

#include "host/tree/catalogue.h"

#include <string.h>

#include "host/name.h"

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
        size_t low = 0, high = release->count, count = 0;

        /* The first one that isn't before MODULE. */
        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (strcmp(release->files[middle].module, module) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
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
