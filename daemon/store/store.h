/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is remembered in /var/lib/hostdriver/hostdriver.db. Only this room knows SQL; nothing here reads the
 * host. */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "util/macros.h"
#include "util/string-set.h"

typedef struct Store Store;

/* How the database was found. All but STORE_FAILED leave a usable store. */
typedef enum StoreCondition {
        STORE_OPENED,
        STORE_CREATED,
        STORE_SET_ASIDE, /* damaged: moved to hostdriver.db.damaged-TIME, a new one made */
        STORE_READ_ONLY, /* opened, but nothing can be written (read-only file system, no permission) */
        STORE_ABSENT,    /* could be neither opened nor made: remembers nothing, refuses every write */
} StoreCondition;

/* DIRECTORY is a path that SQLite can open (host_root_resolve()). Runs the migrations; one that fails
 * changes and deletes nothing, and is STORE_ABSENT. ret_detail (may be NULL) gets a sentence, or NULL for
 * the first two conditions; the caller frees it. Returns 0, or -ENOMEM. */
int store_open(const char *directory, StoreCondition *ret_condition, char **ret_detail,
                Store **ret) WARN_UNUSED NONNULL(1, 2, 4);
Store *store_free(Store *store);
DEFINE_CLEANUP(Store, store_free)

/* Proves that a write would be durable now, by writing: 0, -EROFS, -ENOSPC, … Select asks before it starts.
 */
int store_check_writable(Store *store) WARN_UNUSED NONNULL(1);
/* The same as far as it is known without writing: a full disk is not. */
int store_known_refusal(const Store *store) WARN_UNUSED NONNULL(1);

/* Several writes as one: all the calls between are in one transaction. */
int store_begin(Store *store) WARN_UNUSED NONNULL(1);
int store_commit(Store *store) WARN_UNUSED NONNULL(1);
void store_rollback(Store *store) NONNULL(1);

/* --- identities: rows are never deleted -------------------------------------------------------------- */

typedef struct Identity {
        char *name; /* canonical module name: the key */
        char *uuid;
        char *package;
        int64_t first_seen_us; /* µs since the epoch */
        int64_t removed_at_us; /* 0 while the driver is there */
} Identity;

typedef struct IdentityList {
        Identity *items; /* by name */
        size_t count;
} IdentityList;

int store_identities(Store *store, IdentityList *ret) WARN_UNUSED NONNULL(1, 2);
void identity_list_done(IdentityList *list) NONNULL(1);

/* Adds the driver, or marks it as present again: a known one keeps its UUID and first-seen time. */
int store_identity_seen(Store *store, const char *name, const char *uuid, const char *package,
                int64_t now_us) WARN_UNUSED NONNULL(1, 2, 3, 4);
int store_identity_removed(Store *store, const char *name, int64_t now_us) WARN_UNUSED NONNULL(1, 2);

/* --- wanted versions ------------------------------------------------------------------------------------
 */

/* VERSION is an id, or what names the version in full; "" means deselected. */
int store_wanted_set(Store *store, const char *name, const char *release, const char *version) WARN_UNUSED
                NONNULL(1, 2, 3, 4);
/* The caller frees *ret. -ENOENT if nothing was ever wanted. */
int store_wanted_get(Store *store, const char *name, const char *release, char **ret) WARN_UNUSED
                NONNULL(1, 2, 3, 4);

/* As if nothing was ever wanted there. */
int store_wanted_remove(Store *store, const char *name, const char *release) WARN_UNUSED NONNULL(1, 2, 3);

/* Reads them all, in order of name, then release. LAST_KIND is the kind of the newest change of the driver
 * in that release that is done, "" if none is recorded; a version that comes or goes selects nothing, and is
 * passed over. The callback borrows everything and returns 0 or a negative errno, which ends it. */
int store_wanted_load(Store *store,
                int (*found)(void *userdata, const char *name, const char *release, const char *version,
                                const char *last_kind),
                void *userdata) WARN_UNUSED NONNULL(1, 2);

/* --- policies and kernel releases -----------------------------------------------------------------------
 */

/* POLICY is the text of a policy; the store doesn't judge it. */
int store_policy_set(Store *store, const char *name, const char *policy) WARN_UNUSED NONNULL(1, 2, 3);
/* The caller frees *ret. -ENOENT if none was ever set. */
int store_policy_get(Store *store, const char *name, char **ret) WARN_UNUSED NONNULL(1, 2, 3);

/* The releases that were dealt with: see store_kernel_add(). The caller ends *ret. */
int store_kernels(Store *store, StringSet *ret) WARN_UNUSED NONNULL(1, 2);
int store_kernel_add(Store *store, const char *release) WARN_UNUSED NONNULL(1, 2);
/* Forgets the release and what was wanted in it. */
int store_kernel_remove(Store *store, const char *release) WARN_UNUSED NONNULL(1, 2);

/* --- durations: how long the steps of a job take --------------------------------------------------------
 */

/* Adds one to the moving average of STEP. */
int store_duration_add(Store *store, const char *step, uint64_t usec) WARN_UNUSED NONNULL(1, 2);
/* -ENOENT if it was never measured. */
int store_duration_get(Store *store, const char *step, uint64_t *ret_usec) WARN_UNUSED NONNULL(1, 2, 3);

/* --- metadata cache: opaque bytes keyed by path and stamp -------------------------------------------------
 */

typedef struct CacheKey {
        const char *path;
        uint64_t device, inode, size;
        int64_t mtime_ns, ctime_ns;
} CacheKey;

/* Reads the whole cache once, in order of path: much faster than one query a file. The callback borrows
 * everything and returns 0 or a negative errno, which ends it. */
int store_cache_load(Store *store,
                int (*found)(void *userdata, const CacheKey *key, const void *data, size_t size),
                void *userdata) WARN_UNUSED NONNULL(1, 2);
int store_cache_put(Store *store, const CacheKey *key, const void *data, size_t size) WARN_UNUSED
                NONNULL(1, 2);
int store_cache_delete(Store *store, const char *path) WARN_UNUSED NONNULL(1, 2);

/* --- operations journal
 * ------------------------------------------------------------------------------------ */

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

/* --- history ---------------------------------------------------------------------------------------------
 */

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
