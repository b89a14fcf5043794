/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Makes the module index that depmod has just written survive a power cut. It changes nothing. */
#pragma once

#include "host/root.h"

/* Syncs every "modules.*" file of the release, then the directory: depmod renames new files into place but
 * syncs none of them (kmod 30 and 34, depmod_output()), so that a power cut could leave an empty index, with
 * which nothing loads. 0, or the first negative errno. */
int index_sync(const HostRoot *root, const char *release) WARN_UNUSED NONNULL(1, 2);
