/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A sample root with the catalogue of all its versions. */
#pragma once

#include "host/config.h"
#include "host/tree/catalogue.h"
#include "sample-root.h"

#define SAMPLE_CATALOGUE_RELEASE "6.1.0"

/* Of the directories "xenserver" and "dmv". Never written to. */
extern const Config sample_catalogue_config;

typedef struct SampleCatalogue {
        SampleRoot sample;
        Catalogue *catalogue; /* the one that was read last */
} SampleCatalogue;

/* For g_test_add(): a root with SAMPLE_CATALOGUE_RELEASE and nothing else. */
void sample_catalogue_set_up(SampleCatalogue *fixture, gconstpointer data);
void sample_catalogue_tear_down(SampleCatalogue *fixture, gconstpointer data);

/* Reads it anew, without what was read before. */
const Catalogue *sample_catalogue_read(SampleCatalogue *fixture) NONNULL(1);

/* A module file in version "1" of itself. */
void sample_catalogue_add(const SampleCatalogue *fixture, const char *path) NONNULL(1, 2);

/* The file at PATH of the first release, which must be there. */
const CatalogueFile *sample_catalogue_file(const SampleCatalogue *fixture, const char *path) NONNULL(1, 2);
