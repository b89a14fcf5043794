/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a driver is to do when a kernel release comes: read from the store, and set there. */

#include "registry/registry-policy.h"

#include <errno.h>
#include <string.h>

#include "bus/announce.h"
#include "store/store-policy.h"
#include "store/store.h"
#include "util/log.h"

KernelPolicy registry_policy_of(Store *store, const char *name)
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

static bool switches_with(const DriverEntry *entry, const DriverEntry *other)
{
        return entry == other ||
               (*entry->value->package && strcmp(entry->value->package, other->value->package) == 0);
}

static int remember(Registry *registry, const DriverEntry *entry, KernelPolicy policy)
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
        int r = remember(registry, entry, policy);

        for (size_t i = 0; r >= 0 && i < registry->count; i++) {
                DriverEntry *other = registry->entries[i];

                if (!switches_with(other, entry) || other->policy == policy)
                        continue;
                other->policy = policy;
                announce_driver_policy(registry->bus, other->path);
        }
        return r;
}
