/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Fills a catalogue: walks every tree of every kernel release, then sorts. It judges nothing. */
#pragma once

#include "host/config.h"
#include "host/tree/catalogue-file.h"

/* Reads all trees of all kernel releases. PREVIOUS (may be NULL) shares the metadata of files whose stamp
 * hasn't changed; CACHE (may be NULL) is asked next. A file that changes while it is read, and one that
 * vanishes, is no error. 0 and a catalogue that the caller frees, -ENOMEM, or the error of opening
 * /lib/modules itself; no /lib/modules at all is an empty catalogue. */
int catalogue_read(const HostRoot *root, const Config *config, const Catalogue *previous,
                const MetadataCache *cache, Catalogue **ret) WARN_UNUSED NONNULL(1, 2, 5);
