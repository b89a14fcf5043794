/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is still to be written to the store's cache of metadata: collected while files are read, written when
 * nobody waits. Lost with the process, it is read again at the next start. */
#pragma once

#include "host/module/module-file.h"
#include "store/store.h"

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
