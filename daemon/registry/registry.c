/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Refreshes the drivers: reads facts, derives values, finds out what came, went and stayed, swaps all at
 * once. */

#include "registry/registry.h"

#include <errno.h>
#include <malloc.h>
#include <string.h>

#include "bus/announce.h"
#include "bus/service.h"
#include "model/reconcile.h"
#include "registry/identity.h"
#include "registry/metadata-cache.h"
#include "registry/registry-policy.h"
#include "registry/wanted.h"
#include "store/store-identity.h"
#include "store/store.h"
#include "util/clock.h"
#include "util/log.h"
#include "util/messages.h"

static DriverEntry *driver_entry_free(DriverEntry *entry)
{
        if (!entry)
                return NULL;
        free(entry->name);
        free(entry->path);
        free(entry->uuid);
        (void) driver_free(entry->value);
        (void) driver_free(entry->coming);
        free(entry);
        return NULL;
}

DEFINE_CLEANUP(DriverEntry, driver_entry_free)

static int driver_entry_new(const Registry *registry, const IdentityList *identities, const char *name,
                DriverEntry **ret)
{
        DriverEntry *entry CLEANUP(driver_entry_freep) = calloc(1, sizeof(*entry));
        const Identity *identity = identity_find(identities, name);
        int r;

        if (!entry)
                return -ENOMEM;
        entry->service = registry->service;
        entry->policy = registry_policy_of(registry->store, name);
        entry->name = strdup(name);
        if (!entry->name)
                return -ENOMEM;
        r = sd_bus_path_encode(DRIVER_PREFIX, name, &entry->path);
        if (r < 0)
                return r;
        if (!identity)
                r = identity_derive(registry->host_id, name, &entry->uuid);
        else if (!(entry->uuid = strdup(identity->uuid)))
                r = -ENOMEM;
        if (r < 0)
                return r;
        *ret = STEAL(entry);
        return 0;
}

/* What a refresh prepares before anything is swapped: freed, it leaves the registry as it was. */
typedef struct Refresh {
        Registry *registry;
        Facts *facts;
        IdentityList identities;       /* read only if some are needed */
        Reconciliation reconciliation; /* with what was there before; at first, with what is remembered */
        DriverEntry **entries;         /* those that stay are borrowed, and have `coming` set */
        size_t count;
        HostState state;
        WantedTable wanted;
} Refresh;

static void refresh_done(Refresh *refresh)
{
        const Registry *registry = refresh->registry;

        for (size_t i = 0; i < refresh->count; i++)
                if (!registry_find(registry, refresh->entries[i]->name))
                        (void) driver_entry_free(refresh->entries[i]);
                else
                        refresh->entries[i]->coming = driver_free(refresh->entries[i]->coming);
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

/* A value that says what the present one says is given up at once: then a rescan that finds nothing new
 * needs no memory for a second set of values, and leaves no holes where the first one was. */
static void forget_if_same(DriverEntry *entry)
{
        if (entry->value && driver_equal(entry->value, entry->coming))
                entry->coming = driver_free(entry->coming);
}

static int refresh_derive(Refresh *refresh)
{
        const StringSet *modules = &refresh->facts->catalogue->modules;
        int r;

        r = host_state_derive(refresh->facts, &refresh->registry->standing, &refresh->state);
        if (r < 0)
                return r;
        r = wanted_table_load(refresh->registry->store, &refresh->wanted);
        if (r < 0)
                return r;
        refresh->entries = calloc(modules->count + 1, sizeof(*refresh->entries));
        if (!refresh->entries)
                return -ENOMEM;
        for (size_t i = 0; i < modules->count; i++) {
                DriverEntry *entry = registry_find(refresh->registry, modules->items[i]);

                if (!entry) {
                        r = driver_entry_new(
                                        refresh->registry, &refresh->identities, modules->items[i], &entry);
                        if (r < 0)
                                return r;
                }
                refresh->entries[refresh->count++] = entry;
                r = drift_derive_driver(
                                refresh->registry, refresh->facts, &refresh->wanted, i, &entry->coming);
                if (r >= 0)
                        r = wanted_table_respell(&refresh->wanted, entry->coming);
                if (r < 0)
                        return r;
                r = kernel_policy_add_problems(refresh->facts->kernel, entry->policy,
                                &refresh->registry->service->coming, entry->coming);
                if (r < 0)
                        return r;
                r = host_state_add_driver(&refresh->state, entry->coming);
                if (r < 0)
                        return r;
                forget_if_same(entry);
        }
        return 0;
}

static int remember(const Refresh *refresh)
{
        const Reconciliation *reconciliation = &refresh->reconciliation;
        Store *store = refresh->registry->store;
        int64_t now_us = clock_usec(CLOCK_REALTIME);
        int r = 0;

        for (size_t i = 0; r >= 0 && i < reconciliation->removed.count; i++)
                r = store_identity_removed(store, reconciliation->removed.items[i], now_us);
        for (size_t i = 0; r >= 0 && i < refresh->count; i++) {
                const DriverEntry *entry = refresh->entries[i];

                if (string_set_contains(&reconciliation->added, entry->name))
                        r = store_identity_seen(
                                        store, entry->name, entry->uuid, entry->coming->package, now_us);
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

        for (size_t i = 0; i < refresh->count; i++) {
                DriverEntry *entry = refresh->entries[i];
                Driver *before = entry->value;

                entry->is_new = !before;
                entry->changes = before && entry->coming ? driver_compare(before, entry->coming) : 0;
                if (!entry->coming)
                        continue;
                entry->value = entry->coming;
                entry->coming = before;
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

/* The journal's catalog explains what a database problem means. */
static const char *message_id_of(const Problem *problem)
{
        return strncmp(problem->code, "database-", strlen("database-")) == 0 ? MESSAGE_DATABASE_PROBLEM
                                                                             : NULL;
}

static void log_new_problems(const ProblemList *before, const ProblemList *after)
{
        for (size_t i = 0; i < after->count; i++) {
                bool known = false;

                for (size_t j = 0; !known && j < before->count; j++)
                        known = strcmp(before->items[j].sentence, after->items[i].sentence) == 0;
                if (!known)
                        log_message(4, NULL, message_id_of(&after->items[i]), "%s",
                                        after->items[i].sentence);
        }
}

/* After the swap: REFRESH holds the old entries; those that are gone can't be found any more. */
static void refresh_announce(Refresh *refresh)
{
        Registry *registry = refresh->registry;
        unsigned host_changes = host_state_compare(&refresh->state, &registry->state);

        for (size_t i = 0; i < registry->count; i++) {
                const DriverEntry *entry = registry->entries[i];

                if (entry->is_new)
                        announce_added(registry->bus, entry->path);
                else
                        announce_driver(registry->bus, entry->path, entry->changes);
        }
        announce_host(registry->bus, host_changes);
        if (host_changes & HOST_PROBLEMS)
                log_new_problems(&refresh->state.problems, &registry->state.problems);
}

static void announce_gone(const Registry *registry, const StringSet *gone)
{
        for (size_t i = 0; i < gone->count; i++) {
                const DriverEntry *entry = registry_find(registry, gone->items[i]);

                if (entry)
                        announce_removed(registry->bus, entry->path);
        }
}

/* REMEMBERED is the store's cache of metadata, for the first time; NULL later. */
static int refresh_once(Registry *registry, RememberedMetadata *remembered)
{
        Refresh refresh CLEANUP(refresh_done) = { .registry = registry };
        MetadataCache cache = remembered ? remembered_metadata_cache(remembered)
                                         : metadata_cache_without(&registry->pending);
        int r;

        r = facts_read(registry->root, registry->config, registry->facts, &cache, &refresh.facts);
        if (r >= 0 && remembered)
                r = remembered_metadata_forget_gone(remembered);
        if (r < 0)
                return r;
        r = refresh_reconcile(&refresh);
        if (r < 0)
                return r;
        r = refresh_derive(&refresh);
        if (r < 0)
                return r;
        refresh_remember(&refresh);
        wanted_table_save(&refresh.wanted, registry->store);
        /* sd-bus looks up the interfaces of what is removed, so that must still be there. */
        announce_gone(registry, &refresh.reconciliation.removed);
        refresh_swap(&refresh);
        refresh_announce(&refresh);
        return 0;
}

int registry_refresh(Registry *registry)
{
        int r = refresh_once(registry, NULL);

        /* Old and new facts lay side by side: what the old ones leave goes back to the host. */
        (void) malloc_trim(0);
        return r;
}

int registry_new(Service *service, const HostRoot *root, const Config *config, Store *store,
                ProblemList *standing_taken, Registry **ret)
{
        Registry *registry CLEANUP(registry_freep) = calloc(1, sizeof(*registry));
        RememberedMetadata *remembered CLEANUP(remembered_metadata_freep) = NULL;
        int r;

        if (!registry)
                return -ENOMEM;
        *registry = (Registry){ .service = service, .root = root, .config = config, .store = store };
        registry->standing = *standing_taken;
        *standing_taken = (ProblemList){ 0 };
        r = identity_host(root, store, &registry->standing, &registry->host_id);
        if (r < 0)
                return r;
        r = remembered_metadata_load(store, &registry->pending, &remembered);
        if (r < 0)
                return r;
        /* Its memory goes back to the host with that of the whole start: service_start(). */
        r = refresh_once(registry, remembered);
        if (r < 0)
                return r;
        *ret = STEAL(registry);
        return 0;
}

Registry *registry_free(Registry *registry)
{
        if (!registry)
                return NULL;
        for (size_t i = 0; i < registry->count; i++)
                (void) driver_entry_free(registry->entries[i]);
        free(registry->entries);
        (void) facts_free(registry->facts);
        metadata_pending_done(&registry->pending);
        host_state_done(&registry->state);
        problem_list_done(&registry->standing);
        free(registry->host_id);
        free(registry);
        return NULL;
}

void registry_attach(Registry *registry, sd_bus *bus)
{
        registry->bus = bus;
}
