/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Wires the catalogue's metadata cache to the store. */
#pragma once

#include "host/catalogue.h"
#include "store/store.h"

/* A cache that keeps new metadata and finds none: for refreshes, which share that of the catalogue before.
 */
MetadataCache metadata_cache_of_store(Store *store) NONNULL(1);

/* The whole cache, in memory for the time of the first scan. */
typedef struct RememberedMetadata RememberedMetadata;

/* A cache that can't be read is an empty one. 0 or -ENOMEM. */
int remembered_metadata_load(Store *store, RememberedMetadata **ret) WARN_UNUSED NONNULL(1, 2);
RememberedMetadata *remembered_metadata_free(RememberedMetadata *remembered);
DEFINE_CLEANUP(RememberedMetadata, remembered_metadata_free)

/* What is kept through it is written in one transaction, which remembered_metadata_settle() ends. */
MetadataCache remembered_metadata_cache(RememberedMetadata *remembered) NONNULL(1);

/* Deletes from the store what nobody asked for: those files are gone. Ends the transaction. */
void remembered_metadata_settle(RememberedMetadata *remembered) NONNULL(1);
