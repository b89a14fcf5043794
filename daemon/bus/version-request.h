/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the methods that make versions and take them away have in common. */
#pragma once

#include "bus/options.h"
#include "bus/polkit.h"
#include "change/changer-versions.h"

/* Borrows from OPTIONS. */
VersionRequest version_request_from(const Options *options) NONNULL(1);

/* Asks for each of the modules. 1 if the caller may, 0 if polkit was asked, or negative with ERROR set. */
int version_request_authorize(Authorization *authorization, const StringSet *modules, const char *package,
                const char *version, const Options *options, sd_bus_error *error) WARN_UNUSED
                NONNULL(2, 3, 4, 5, 6);
