/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Wires the catalogue's metadata cache to the store. */
#pragma once

#include "registry/metadata-pending.h"
#include "host/tree/catalogue.h"
#include "store/store.h"

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
