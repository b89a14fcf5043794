/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What was done, by whom and with which result. Entries are only ever added. */
#pragma once

#include "store/store.h"

typedef struct HistoryEntry {
        int64_t id;
        int64_t time_us; /* µs since the epoch */
        char *boot_id;
        uint32_t uid;
        char *kind;   /* as Plan.kind, or "initramfs"; "recover" in entries of old */
        char *driver; /* "" with "initramfs", which is about a kernel's image */
        char *release;
        char *from;
        char *to;
        char *result; /* "done", "failed", "canceled" */
        char *detail; /* the error's sentence; "" if none */
} HistoryEntry;

typedef struct HistoryFilter {
        const char *driver; /* NULL: any */
        int64_t since_us;   /* 0: from the beginning */
        uint64_t limit;     /* the newest so many; 0: all */
} HistoryFilter;

typedef struct HistoryList {
        HistoryEntry *items; /* newest first */
        size_t count;
} HistoryList;

/* entry->id is ignored. */
int store_history_add(Store *store, const HistoryEntry *entry) WARN_UNUSED NONNULL(1, 2);
int store_history(Store *store, const HistoryFilter *filter, HistoryList *ret) WARN_UNUSED NONNULL(1, 2, 3);
void history_list_done(HistoryList *list) NONNULL(1);
