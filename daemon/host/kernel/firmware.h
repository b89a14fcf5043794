/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether the firmware files that a module may ask for are installed. Read only. */
#pragma once

#include "host/module/module-file.h"
#include "host/root.h"
#include "util/string-set.h"

/* Adds the names ("intel/ice/ddp/ice.pkg") that are nowhere where the kernel looks for RELEASE:
 * Documentation/driver-api/firmware/fw_search_path.rst; also compressed as .xz and .zst. Names with
 * wildcards are passed over. 0 or -ENOMEM. */
int firmware_missing(const HostRoot *root, const char *release, const ModuleFile *file,
                StringSet *ret) WARN_UNUSED NONNULL(1, 2, 3, 4);
