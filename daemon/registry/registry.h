/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which drivers there are, who they are, and what is known of them: the one place that swaps values. */
#pragma once

#include <systemd/sd-bus.h>

#include "registry/host-state.h"
#include "registry/metadata-pending.h"
#include "bus/object.h"
#include "model/kernel-policy.h"
#include "store/store.h"

/* A driver that is on the bus. It keeps its address, path and UUID while the driver is installed. */
typedef struct DriverEntry {
        Service *service;
        char *name; /* canonical */
        char *path;
        char *uuid;
        KernelPolicy policy; /* of the store: see registry-policy.h */
        Driver *value;
        Driver *coming;   /* only while the registry refreshes: the value to be; NULL: it stays as it is */
        bool is_new;      /* likewise: there was no value before */
        unsigned changes; /* likewise: a set of DriverChange */
} DriverEntry;

typedef struct Registry {
        Service *service; /* for the entries; it says which releases are coming */
        const HostRoot *root;
        const Config *config;
        Store *store;
        sd_bus *bus; /* NULL until objects are published */
        char *host_id;
        ProblemList standing; /* what is wrong until its cause is gone, or the service restarted */
        Facts *facts;
        MetadataPending pending; /* the owner writes it when nobody waits */
        DriverEntry **entries;   /* by name */
        size_t count;
        HostState state;
} Registry;

/* Reads the host for the first time, with the store's metadata cache. STANDING is taken over. All else is
 * borrowed for the registry's life. */
int registry_new(Service *service, const HostRoot *root, const Config *config, Store *store,
                ProblemList *standing_taken, Registry **ret) WARN_UNUSED NONNULL(1, 2, 3, 4, 5, 6);
Registry *registry_free(Registry *registry);
DEFINE_CLEANUP(Registry, registry_free)

/* From now on, what changes is announced on BUS (not referenced). */
void registry_attach(Registry *registry, sd_bus *bus) NONNULL(1, 2);

/* Reads the host anew. All values are swapped at once, then what came, went and changed is announced, and
 * nothing else. On error everything stays as it was. */
int registry_refresh(Registry *registry) WARN_UNUSED NONNULL(1);

/* From now on SENTENCE is the problem of CODE (static) that stands; NULL: it is gone. Announces and logs
 * what is new. 0 or -ENOMEM. */
int registry_set_problem(Registry *registry, Severity severity, const char *code,
                const char *sentence) WARN_UNUSED NONNULL(1, 3);

/* Replaces all standing problems of CODE (static) by the warnings SENTENCES; what differs is announced by
 * the next refresh. 0 or -ENOMEM. */
int registry_replace_problems(Registry *registry, const char *code, const StringSet *sentences) WARN_UNUSED
                NONNULL(1, 2, 3);

/* A driver by its canonical name, by any spelling of it or its package, by UUID, by object path; or NULL. */
DriverEntry *registry_find(const Registry *registry, const char *name) NONNULL(1, 2);
DriverEntry *registry_find_uuid(const Registry *registry, const char *uuid) NONNULL(1, 2);

/* By the module's name in any spelling, or by a package that ships one module. If there is none: NULL, with
 * ERROR set. */
DriverEntry *registry_look_up(const Registry *registry, const char *name, sd_bus_error *error) NONNULL(1, 2);
