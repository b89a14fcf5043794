/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which files were built together: a second order of a release's files. It reads nothing. */

#include <errno.h>
#include <string.h>

#include "host/tree/catalogue.h"

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

const uint32_t *catalogue_build(
                const CatalogueRelease *release, const CatalogueFile *file, size_t *ret_count)
{
        size_t low = 0, high = release->count, count = 0;

        /* The first one that isn't before FILE's build. */
        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (compare_builds(&release->files[release->by_build[middle]], file) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        while (low + count < release->count &&
                        compare_builds(&release->files[release->by_build[low + count]], file) == 0)
                count++;
        *ret_count = count;
        return release->by_build + low;
}

const uint32_t *catalogue_package(const CatalogueRelease *release, const char *package, size_t *ret_count)
{
        size_t low = 0, high = release->count, count = 0;

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (strcmp(release->files[release->by_build[middle]].package, package) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        while (low + count < release->count &&
                        strcmp(release->files[release->by_build[low + count]].package, package) == 0)
                count++;
        *ret_count = count;
        return release->by_build + low;
}
