/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads facts, derives values, finds out what came, went and stayed, swaps all at once, and tells. */

#include "registry/refresh.h"

#include <errno.h>
#include <malloc.h>
#include <string.h>

#include "host/tree/catalogue-file.h"
#include "model/driver-compare.h"
#include "model/reconcile.h"
#include "registry/identity.h"
#include "registry/metadata-cache.h"
#include "registry/wanted.h"
#include "store/store-identity.h"
#include "store/store.h"
#include "util/clock.h"
#include "util/log.h"

/* A driver that there is from now on. */
typedef struct Refreshed {
        DriverEntry *entry; /* one that isn't new is the registry's */
        Driver *value;      /* to be, and after the swap what it was; NULL: it stays as it is */
        bool is_new;
} Refreshed;

/* What a refresh prepares before anything is swapped: freed, it leaves the registry as it was. */
typedef struct Refresh {
        Registry *registry;
        Facts *facts;
        IdentityList identities;       /* read only if some are needed */
        Reconciliation reconciliation; /* with what was there before; at first, with what is remembered */
        Refreshed *rows;
        size_t row_count;
        DriverEntry **entries; /* those of the rows, and after the swap what the registry had */
        size_t count;
        HostState state;
        WantedTable wanted;
} Refresh;

static void refresh_done(Refresh *refresh)
{
        for (size_t i = 0; i < refresh->row_count; i++)
                (void) driver_free(refresh->rows[i].value);
        free(refresh->rows);
        for (size_t i = 0; i < refresh->count; i++)
                if (!registry_find(refresh->registry, refresh->entries[i]->name))
                        (void) driver_entry_free(refresh->entries[i]);
        free(refresh->entries);
        identity_list_done(&refresh->identities);
        reconciliation_done(&refresh->reconciliation);
        host_state_done(&refresh->state);
        wanted_table_done(&refresh->wanted);
        (void) facts_free(refresh->facts);
}

/* Without them UUIDs are derived, which gives the same ones as a rule. */
static void read_identities(Refresh *refresh)
{
        int r;

        r = store_identities(refresh->registry->store, &refresh->identities);
        if (r < 0)
                log_warning("The remembered drivers could not be read: %s.", strerror(-r));
}

static int refresh_reconcile(Refresh *refresh)
{
        const Registry *registry = refresh->registry;
        StringSet before CLEANUP_STRING_SET = { 0 };
        int r;

        for (size_t i = 0; i < registry->count; i++) {
                r = string_set_add(&before, registry->entries[i]->name);
                if (r < 0)
                        return r;
        }
        if (!registry->facts) {
                read_identities(refresh);
                r = identity_present(&refresh->identities, &before);
                if (r < 0)
                        return r;
        }
        r = reconcile(&before, &refresh->facts->catalogue->modules, &refresh->reconciliation);
        if (r < 0)
                return r;
        /* Who comes may have been here before. */
        if (registry->facts && refresh->reconciliation.added.count > 0)
                read_identities(refresh);
        return 0;
}

static int derive_value(Refresh *refresh, size_t module, const StringSet *coming)
{
        Refreshed *row = &refresh->rows[module];
        int r = wanted_derive_driver(
                        refresh->registry, refresh->facts, &refresh->wanted, module, coming, &row->value);

        if (r >= 0)
                r = wanted_table_respell(&refresh->wanted, row->value);
        if (r >= 0)
                r = wanted_table_identify(&refresh->wanted, refresh->facts, row->value);
        if (r >= 0)
                r = kernel_policy_add_problems(
                                refresh->facts->kernel, row->entry->policy, coming, row->value);
        if (r >= 0)
                r = host_state_add_driver(&refresh->state, row->value);
        if (r < 0)
                return r;
        if (row->is_new)
                return 0;
        /* A value that says what the present one says is given up at once: then a rescan that finds nothing
         * new needs no memory for a second set of values, and leaves no holes where the first one was. */
        if (driver_equal(row->entry->value, row->value))
                row->value = driver_free(row->value);
        return 0;
}

static int derive_driver(Refresh *refresh, size_t module, const StringSet *coming)
{
        const char *name = refresh->facts->catalogue->modules.items[module];
        DriverEntry *entry = registry_find(refresh->registry, name);
        bool is_new = !entry;

        if (is_new) {
                const Identity *identity = identity_find(&refresh->identities, name);
                int r = driver_entry_new(refresh->registry, name, identity ? identity->uuid : NULL, &entry);

                if (r < 0)
                        return r;
        }
        refresh->entries[refresh->count++] = entry;
        refresh->rows[refresh->row_count++] = (Refreshed){ .entry = entry, .is_new = is_new };
        return derive_value(refresh, module, coming);
}

static int refresh_derive(Refresh *refresh)
{
        const RegistryHost *host = &refresh->registry->host;
        const StringSet *coming = host->coming ? host->coming(host->userdata) : NULL;
        size_t count = refresh->facts->catalogue->modules.count;
        int r;

        r = host_state_derive(refresh->facts, &refresh->registry->standing, &refresh->state);
        if (r < 0)
                return r;
        r = wanted_table_load(refresh->registry, &refresh->wanted);
        if (r < 0)
                return r;
        refresh->entries = calloc(count + 1, sizeof(*refresh->entries));
        refresh->rows = calloc(count + 1, sizeof(*refresh->rows));
        if (!refresh->entries || !refresh->rows)
                return -ENOMEM;
        for (size_t i = 0; i < count && r >= 0; i++)
                r = derive_driver(refresh, i, coming);
        return r;
}

static int remember(const Refresh *refresh)
{
        const Reconciliation *reconciliation = &refresh->reconciliation;
        Store *store = refresh->registry->store;
        int64_t now_us = clock_usec(CLOCK_REALTIME);
        int r = 0;

        for (size_t i = 0; r >= 0 && i < reconciliation->removed.count; i++)
                r = store_identity_removed(store, reconciliation->removed.items[i], now_us);
        for (size_t i = 0; r >= 0 && i < refresh->row_count; i++) {
                const Refreshed *row = &refresh->rows[i];

                if (string_set_contains(&reconciliation->added, row->entry->name))
                        r = store_identity_seen(store, row->entry->name, row->entry->uuid,
                                        row->value->package, now_us);
        }
        return r;
}

/* Tells the store who came and went. Identities can be derived again, so a store that fails stops nothing.
 */
static void refresh_remember(const Refresh *refresh)
{
        Store *store = refresh->registry->store;
        int r;

        if (refresh->reconciliation.removed.count == 0 && refresh->reconciliation.added.count == 0)
                return;
        r = store_begin(store);
        if (r >= 0) {
                r = remember(refresh);
                if (r >= 0)
                        r = store_commit(store);
                if (r < 0)
                        store_rollback(store);
        }
        if (r < 0)
                log_warning("What drivers are installed could not be remembered: %s.", strerror(-r));
}

/* Swaps the values and keeps in `refresh` what was there before, so that it is freed with it. */
static void refresh_swap(Refresh *refresh)
{
        Registry *registry = refresh->registry;
        DriverEntry **entries = registry->entries;
        size_t count = registry->count;
        Facts *facts = registry->facts;
        HostState state = registry->state;

        for (size_t i = 0; i < refresh->row_count; i++) {
                Refreshed *row = &refresh->rows[i];
                Driver *before = row->entry->value;

                if (!row->value)
                        continue;
                row->entry->value = row->value;
                row->value = before;
        }
        registry->entries = refresh->entries;
        registry->count = refresh->count;
        registry->facts = refresh->facts;
        registry->state = refresh->state;
        refresh->entries = entries;
        refresh->count = count;
        refresh->facts = facts;
        refresh->state = state;
}

static void tell_new_problems(
                const RegistryObserver *observer, const ProblemList *before, const ProblemList *after)
{
        for (size_t i = 0; i < after->count; i++) {
                bool known = false;

                for (size_t j = 0; !known && j < before->count; j++)
                        known = strcmp(before->items[j].sentence, after->items[i].sentence) == 0;
                if (!known)
                        observer->problem_added(observer->userdata, &after->items[i]);
        }
}

/* After the swap: REFRESH holds the old state. */
static void refresh_tell(const Refresh *refresh)
{
        const Registry *registry = refresh->registry;
        const RegistryObserver *observer = &registry->observer;

        for (size_t i = 0; i < refresh->row_count; i++) {
                const Refreshed *row = &refresh->rows[i];

                if (row->is_new && observer->added)
                        observer->added(observer->userdata, row->entry);
                else if (row->value && observer->changed)
                        observer->changed(observer->userdata, row->entry, row->value);
        }
        if (observer->host_changed)
                observer->host_changed(observer->userdata, &refresh->state, &registry->state);
        if (observer->problem_added)
                tell_new_problems(observer, &refresh->state.problems, &registry->state.problems);
}

static void refresh_tell_removed(const Refresh *refresh)
{
        const RegistryObserver *observer = &refresh->registry->observer;
        const StringSet *removed = &refresh->reconciliation.removed;

        for (size_t i = 0; observer->removed && i < removed->count; i++) {
                const DriverEntry *entry = registry_find(refresh->registry, removed->items[i]);

                if (entry)
                        observer->removed(observer->userdata, entry);
        }
}

static int refresh_read(Refresh *refresh)
{
        Registry *registry = refresh->registry;
        MetadataCache cache = remembered_metadata_cache(&registry->metadata);
        int r = registry->facts ? 0 : remembered_metadata_load(&registry->metadata, registry->store);

        if (r >= 0)
                r = facts_read(registry->root, registry->config, registry->facts, &cache, &refresh->facts);
        return r < 0 ? r : remembered_metadata_end(&registry->metadata);
}

static int refresh_once(Registry *registry)
{
        Refresh refresh CLEANUP(refresh_done) = { .registry = registry };
        int r = refresh_read(&refresh);

        if (r >= 0)
                r = refresh_reconcile(&refresh);
        if (r >= 0)
                r = refresh_derive(&refresh);
        if (r < 0)
                return r;
        if (!registry->host.reads_only) {
                refresh_remember(&refresh);
                wanted_table_save(&refresh.wanted, registry->store);
        }
        refresh_tell_removed(&refresh);
        refresh_swap(&refresh);
        refresh_tell(&refresh);
        return 0;
}

int registry_refresh(Registry *registry)
{
        bool first = !registry->facts;
        int r = refresh_once(registry);

        /* Old and new facts lay side by side: what the old ones leave goes back to the host. What a first
         * reading leaves goes with that of the whole start. */
        if (!first)
                (void) malloc_trim(0);
        return r;
}
