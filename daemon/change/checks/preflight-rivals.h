/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which other drivers hold the devices that a version is for. It reads only. */
#pragma once

#include "change/checks/symbol-sources.h"
#include "host/hardware/hardware.h"

/* Adds "MODULE DEVICE" for each device ("/sys/devices/…") that FILE covers, that is bound to a driver of
 * another module, and that the file which the index resolves that module to covers, too: neither has to be
 * told to take it. Modules of the change are no rivals of one another, since who ships them together knows
 * of it. What can't be found out is no rival. 0 or -ENOMEM. */
int preflight_gather_rivals(const HostRoot *root, const Hardware *hardware, SymbolSources *sources,
                const CatalogueFile *file, StringSet *ret) WARN_UNUSED NONNULL(1, 2, 3, 4, 5);
