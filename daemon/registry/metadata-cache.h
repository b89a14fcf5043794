/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Wires the catalogue's metadata cache to the store. What is new is collected while files are read, and
 * written when nobody waits. Lost with the process, it is read again at the next start. */
#pragma once

#include "host/tree/catalogue-file.h"
#include "store/store.h"

typedef struct RememberedMetadata {
        struct RememberedFile *files; /* what the store had, by path: for the first reading */
        size_t file_count;
        struct PendingItem *pending; /* to be written, in the order in which things came */
        size_t pending_count;
} RememberedMetadata;

void remembered_metadata_done(RememberedMetadata *metadata) NONNULL(1);

/* Reads the store's cache into memory. One that can't be read is an empty one. 0 or -ENOMEM. */
int remembered_metadata_load(RememberedMetadata *metadata, Store *store) WARN_UNUSED NONNULL(1, 2);

/* For catalogue_read(): finds what was loaded, and keeps what is new, to be written. */
MetadataCache remembered_metadata_cache(RememberedMetadata *metadata) NONNULL(1);

/* Forgets what was loaded, and has deleted what nobody asked for: those files are gone. 0 or -ENOMEM. */
int remembered_metadata_end(RememberedMetadata *metadata) WARN_UNUSED NONNULL(1);

/* Writes what is to be written in one transaction, and nothing waits any more, also if that failed. 0 or a
 * negative errno. */
int remembered_metadata_write(RememberedMetadata *metadata, Store *store) NONNULL(1, 2);
