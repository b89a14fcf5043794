/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Holds the values and finds them. What they are, refresh.c finds out. */

#include "registry/registry.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "host/name.h"
#include "registry/identity.h"
#include "store/store-policy.h"
#include "store/store.h"
#include "util/array.h"
#include "util/log.h"

/* --- the drivers --------------------------------------------------------------------------------------- */

/* The remembered one; the default one if none is, or if it can't be read. */
static KernelPolicy read_policy(Store *store, const char *name)
{
        KernelPolicy policy = KERNEL_POLICY_PIN;
        char *text CLEANUP_FREE = NULL;
        int r = store_policy_get(store, name, &text);

        if (r == -ENOENT)
                return KERNEL_POLICY_PIN;
        if (r >= 0)
                r = kernel_policy_from_text(text, &policy);
        if (r < 0)
                log_warning("The policy of %s can't be read, so that it is \"%s\": %s.", name,
                                kernel_policy_text(policy), strerror(-r));
        return policy;
}

int driver_entry_new(const Registry *registry, const char *name, const char *uuid, DriverEntry **ret)
{
        DriverEntry *entry CLEANUP(driver_entry_freep) = calloc(1, sizeof(*entry));
        int r = 0;

        if (!entry)
                return -ENOMEM;
        entry->policy = read_policy(registry->store, name);
        entry->name = strdup(name);
        if (!entry->name)
                return -ENOMEM;
        if (!uuid)
                r = identity_derive(registry->host_id, name, &entry->uuid);
        else if (!(entry->uuid = strdup(uuid)))
                r = -ENOMEM;
        if (r < 0)
                return r;
        *ret = STEAL(entry);
        return 0;
}

DriverEntry *driver_entry_free(DriverEntry *entry)
{
        if (!entry)
                return NULL;
        free(entry->name);
        free(entry->uuid);
        (void) driver_free(entry->value);
        free(entry);
        return NULL;
}

DriverEntry *registry_find(const Registry *registry, const char *name)
{
        size_t place = array_search(i, registry->count, strcmp(registry->entries[i]->name, name) < 0);

        return place < registry->count && strcmp(registry->entries[place]->name, name) == 0
                               ? registry->entries[place]
                               : NULL;
}

DriverEntry *registry_find_uuid(const Registry *registry, const char *uuid)
{
        for (size_t i = 0; i < registry->count; i++)
                if (strcasecmp(registry->entries[i]->uuid, uuid) == 0)
                        return registry->entries[i];
        return NULL;
}

static bool is_shipped_by(const Driver *driver, const char *package)
{
        for (size_t i = 0; *package && i < driver->version_count; i++)
                if (strcmp(driver->versions[i].package, package) == 0)
                        return true;
        return false;
}

DriverEntry *registry_look_up(const Registry *registry, const char *name, size_t *ret_count)
{
        char *canonical CLEANUP_FREE = NULL;
        DriverEntry *found = NULL;

        *ret_count = 1;
        if (module_name_canonical(name, &canonical) >= 0)
                found = registry_find(registry, canonical);
        if (found)
                return found;
        *ret_count = 0;
        for (size_t i = 0; i < registry->count; i++)
                if (is_shipped_by(registry->entries[i]->value, name)) {
                        found = registry->entries[i];
                        (*ret_count)++;
                }
        return found;
}

/* --- policies ------------------------------------------------------------------------------------------ */

static bool switches_with(const DriverEntry *entry, const DriverEntry *other)
{
        return entry == other ||
               (*entry->value->package && strcmp(entry->value->package, other->value->package) == 0);
}

static int remember_policy(Registry *registry, const DriverEntry *entry, KernelPolicy policy)
{
        int r = store_begin(registry->store);

        if (r < 0)
                return r;
        for (size_t i = 0; r >= 0 && i < registry->count; i++)
                if (switches_with(registry->entries[i], entry))
                        r = store_policy_set(registry->store, registry->entries[i]->name,
                                        kernel_policy_text(policy));
        if (r >= 0)
                return store_commit(registry->store);
        store_rollback(registry->store);
        return r;
}

int registry_set_policy(Registry *registry, const DriverEntry *entry, KernelPolicy policy)
{
        const RegistryObserver *observer = &registry->observer;
        int r = remember_policy(registry, entry, policy);

        for (size_t i = 0; r >= 0 && i < registry->count; i++) {
                DriverEntry *other = registry->entries[i];

                if (!switches_with(other, entry) || other->policy == policy)
                        continue;
                other->policy = policy;
                if (observer->policy_changed)
                        observer->policy_changed(observer->userdata, other);
        }
        return r;
}

/* --- problems that stand ------------------------------------------------------------------------------- */

static int replace(Registry *registry, Severity severity, const char *code, const StringSet *sentences)
{
        ProblemList list CLEANUP_PROBLEM_LIST = { 0 };
        ProblemList before;
        int r = 0;

        for (size_t i = 0; r >= 0 && i < registry->standing.count; i++) {
                const Problem *problem = &registry->standing.items[i];

                if (strcmp(problem->code, code) != 0)
                        r = problem_list_add(
                                        &list, problem->severity, problem->code, "%s", problem->sentence);
        }
        for (size_t i = 0; r >= 0 && i < sentences->count; i++)
                r = problem_list_add(&list, severity, code, "%s", sentences->items[i]);
        if (r < 0)
                return r;
        before = registry->standing;
        registry->standing = list;
        list = before;
        return 0;
}

/* What the properties say by now; nothing is read. */
static int publish(Registry *registry)
{
        const RegistryObserver *observer = &registry->observer;
        HostState state CLEANUP(host_state_done) = { 0 };
        HostState before = registry->state;
        int r = host_state_derive(registry->facts, &registry->standing, &state);

        if (r < 0)
                return r;
        registry->state.problems = state.problems;
        state.problems = before.problems;
        if (observer->host_changed)
                observer->host_changed(observer->userdata, &before, &registry->state);
        return 0;
}

int registry_set_problem(Registry *registry, Severity severity, const char *code, const char *sentence)
{
        const RegistryObserver *observer = &registry->observer;
        StringSet sentences CLEANUP_STRING_SET = { 0 };
        int r = sentence ? string_set_add(&sentences, sentence) : 0;
        bool known = false;

        for (size_t i = 0; r >= 0 && i < registry->standing.count; i++)
                if (strcmp(registry->standing.items[i].code, code) == 0) {
                        if (sentence && strcmp(registry->standing.items[i].sentence, sentence) == 0)
                                return 0;
                        known = true;
                }
        if (r < 0 || (!sentence && !known))
                return r;
        r = replace(registry, severity, code, &sentences);
        if (r >= 0)
                r = publish(registry);
        if (sentence && !known && observer->problem_added)
                observer->problem_added(observer->userdata,
                                &(Problem){ severity, (char *) code, (char *) sentence });
        return r;
}

int registry_replace_problems(Registry *registry, const char *code, const StringSet *sentences)
{
        return replace(registry, SEVERITY_WARNING, code, sentences);
}

/* --- the whole ----------------------------------------------------------------------------------------- */

int registry_new(const HostRoot *root, const Config *config, Store *store, const RegistryHost *host,
                const RegistryObserver *observer, ProblemList *standing_taken, Registry **ret)
{
        Registry *registry CLEANUP(registry_freep) = calloc(1, sizeof(*registry));
        int r;

        if (!registry)
                return -ENOMEM;
        *registry = (Registry){ .root = root, .config = config, .store = store };
        if (host)
                registry->host = *host;
        if (observer)
                registry->observer = *observer;
        registry->standing = *standing_taken;
        *standing_taken = (ProblemList){ 0 };
        r = identity_host(root, registry->host.reads_only ? NULL : store, &registry->standing,
                        &registry->host_id);
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
        remembered_metadata_done(&registry->metadata);
        host_state_done(&registry->state);
        problem_list_done(&registry->standing);
        free(registry->host_id);
        free(registry);
        return NULL;
}
