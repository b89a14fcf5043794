/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A mount namespace of the process's own: what it mounts, nobody else sees. */
#pragma once

#include "util/macros.h"

/* Enters it, for the rest of the process. To be called before any directory is opened, since a descriptor
 * stays in the namespace that it is of. False where that isn't allowed. */
bool own_mounts_enter(void);
