/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A registry of the sample host of XenServer, whose observer writes down what it is told. Every failure of
 * its own ends the test. */
#pragma once

#include "registry/refresh.h"
#include "sample-root.h"

typedef struct SampleRegistry {
        SampleRoot sample;
        Config config;
        Store *store;
        Registry *registry;
        GString *told;        /* "+ice ", "-ice ", "ice:PROPERTIES ", "host:PROPERTIES ", "problem:CODE " */
        const char *changing; /* the driver that a change is under way for; NULL: none */
        StringSet coming;
        const char *note;
} SampleRegistry;

/* For g_test_add(): nothing has been read yet. */
void sample_registry_set_up(SampleRegistry *fixture, gconstpointer data);
void sample_registry_tear_down(SampleRegistry *fixture, gconstpointer data);

/* Another process with the same host and database. */
void sample_registry_restart(SampleRegistry *fixture) NONNULL(1);

/* Refreshes, which must succeed. */
void sample_registry_refresh(SampleRegistry *fixture) NONNULL(1);

/* What was told since the last call is EXPECTED. */
void sample_registry_assert_told(SampleRegistry *fixture, const char *expected) NONNULL(1, 2);

/* The entry of a driver that there is. */
const DriverEntry *sample_registry_driver(const SampleRegistry *fixture, const char *name) NONNULL(1, 2);

/* Removes the file or empty directory at PATH below the root. */
void sample_registry_remove(const SampleRegistry *fixture, const char *path) NONNULL(1, 2);

/* Whether the driver has a problem of CODE. */
bool sample_registry_has_problem(const SampleRegistry *fixture, const char *name, const char *code)
                NONNULL(1, 2, 3);
