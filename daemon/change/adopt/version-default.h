/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a version is called if nobody says so. Pure. */
#pragma once

#include "host/facts.h"

/* The only package of the first tree that ships MODULE; ALONE: and no other module. Else the module's name.
 * The caller frees *ret. 0 or -ENOMEM. */
int version_default_package(const Facts *facts, const char *module, bool alone, char **ret) WARN_UNUSED
                NONNULL(1, 2, 4);

/* What modinfo says, else the first 12 digits of the build-id. The caller frees *ret; NULL if neither is
 * there. 0 or -ENOMEM. */
int version_default_name(const ModuleFile *file, char **ret) WARN_UNUSED NONNULL(1, 2);
