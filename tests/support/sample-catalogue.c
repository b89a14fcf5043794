/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the tests of the catalogue begin with. */

#include "sample-catalogue.h"

#include "host/tree/catalogue-read.h"

const Config sample_catalogue_config = { 0 };

void sample_catalogue_set_up(SampleCatalogue *fixture, gconstpointer data)
{
        sample_root_init(&fixture->sample, SAMPLE_CATALOGUE_RELEASE);
}

void sample_catalogue_tear_down(SampleCatalogue *fixture, gconstpointer data)
{
        fixture->catalogue = catalogue_free(fixture->catalogue);
        sample_root_done(&fixture->sample);
}

const Catalogue *sample_catalogue_read(SampleCatalogue *fixture)
{
        fixture->catalogue = catalogue_free(fixture->catalogue);
        g_assert_cmpint(catalogue_read(fixture->sample.root, &sample_catalogue_config, NULL, NULL,
                                        &fixture->catalogue),
                        ==, 0);
        return fixture->catalogue;
}

void sample_catalogue_add(const SampleCatalogue *fixture, const char *path)
{
        sample_root_add_module(&fixture->sample, SAMPLE_CATALOGUE_RELEASE, path, "1");
}

const CatalogueFile *sample_catalogue_file(const SampleCatalogue *fixture, const char *path)
{
        const CatalogueFile *file = catalogue_file_at(&fixture->catalogue->releases[0], path);

        g_assert_nonnull(file);
        return file;
}
