/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the parts of driver_derive() share. Private to the model room. */
#pragma once

#include "model/driver.h"

/* A driver that is being made. Everything but the driver is borrowed from the facts. */
typedef struct Derivation {
        const Facts *facts;
        size_t module; /* position in facts->catalogue->modules */
        const char *name;
        const LoadedModule *loaded;
        const WantedVersion *wanted; /* what was last wanted, release by release */
        size_t wanted_count;
        const StringSet *settling; /* releases that a job is about to settle; NULL: none */
        Driver *driver;
} Derivation;

/* Whether the module is a part of the running kernel. */
bool derivation_is_builtin(const Derivation *derivation) NONNULL(1);

/* Whether a job is about to make what a boot or a load gets in RELEASE agree with the selection. */
bool derivation_is_settling(const Derivation *derivation, const char *release) NONNULL(1, 2);
