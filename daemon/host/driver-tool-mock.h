/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether xapi has put a stand-in of its own where it looks for driver-tool. */
#pragma once

#include "host/root.h"

/* Where xapi looks for driver-tool by its configuration, if what lies there is the stand-in that it writes
 * where it finds nothing: 1 with its path, which the caller frees; 0 if it isn't; -ENOMEM and the like. */
int driver_tool_mock_find(const HostRoot *root, char **ret) WARN_UNUSED NONNULL(1, 2);
