/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The operations that are under way: what a start after a crash must finish or undo. */
#pragma once

#include <sys/types.h>

#include "store/store.h"

typedef enum JournalPhase {
        JOURNAL_INTENT,  /* links may be old, new or a mix: recovery undoes */
        JOURNAL_DURABLE, /* links, override and blocks are the new ones and the caller was told: recovery
                            finishes */
        JOURNAL_UNDOING, /* the old ones are being put back: recovery undoes */
} JournalPhase;

typedef struct JournalEntry {
        int64_t id;
        JournalPhase phase;
        char *plan; /* JSON of plan.h */
        int64_t begun_us;
        uint32_t uid;
} JournalEntry;

typedef struct JournalList {
        JournalEntry *items; /* oldest first */
        size_t count;
} JournalList;

/* Durable (synced) when it returns. */
int store_journal_begin(Store *store, const char *plan, uid_t uid, int64_t now_us,
                int64_t *ret_id) WARN_UNUSED NONNULL(1, 2, 5);
int store_journal_phase(Store *store, int64_t id, JournalPhase phase) WARN_UNUSED NONNULL(1);
int store_journal_end(Store *store, int64_t id) WARN_UNUSED NONNULL(1);
int store_journal_open_entries(Store *store, JournalList *ret) WARN_UNUSED NONNULL(1, 2);
void journal_list_done(JournalList *list) NONNULL(1);
