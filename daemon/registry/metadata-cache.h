/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Wires the catalogue's metadata cache to the store. What is new is collected while files are read, and
 * written when nobody waits. Lost with the process, it is read again at the next start. */
#pragma once

#include "host/tree/catalogue-file.h"
#include "host/tree/catalogue.h"
#include "store/store.h"

/* What is still to be written. */
typedef struct PendingItem PendingItem;

typedef struct MetadataPending {
        PendingItem *items;
        size_t count;
} MetadataPending;

/* Has FILE, of which a reference is taken, written under PATH. 0 or -ENOMEM. */
int metadata_pending_keep(MetadataPending *pending, const char *path, const FileStamp *stamp,
                ModuleFile *file) WARN_UNUSED NONNULL(1, 2, 3, 4);

/* Has what is stored under PATH deleted. 0 or -ENOMEM. */
int metadata_pending_forget(MetadataPending *pending, const char *path) WARN_UNUSED NONNULL(1, 2);

/* Writes all of it in one transaction, and nothing waits any more, also if that failed. 0 or a negative
 * errno. */
int metadata_pending_write(MetadataPending *pending, Store *store) NONNULL(1, 2);

void metadata_pending_done(MetadataPending *pending) NONNULL(1);

/* A cache that keeps new metadata and finds none: for refreshes, which share that of the catalogue before.
 * What it keeps goes to PENDING, which is borrowed. */
MetadataCache metadata_cache_without(MetadataPending *pending) NONNULL(1);

/* The whole cache, in memory for the time of the first scan. */
typedef struct RememberedMetadata RememberedMetadata;

/* What is new and what is gone goes to PENDING, which is borrowed. A cache that can't be read is an empty
 * one. 0 or -ENOMEM. */
int remembered_metadata_load(Store *store, MetadataPending *pending, RememberedMetadata **ret) WARN_UNUSED
                NONNULL(1, 2, 3);
RememberedMetadata *remembered_metadata_free(RememberedMetadata *remembered);
DEFINE_CLEANUP(RememberedMetadata, remembered_metadata_free)

MetadataCache remembered_metadata_cache(RememberedMetadata *remembered) NONNULL(1);

/* Has deleted what nobody asked for: those files are gone. 0 or -ENOMEM. */
int remembered_metadata_forget_gone(RememberedMetadata *remembered) WARN_UNUSED NONNULL(1);
