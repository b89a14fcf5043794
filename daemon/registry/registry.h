/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which drivers there are, who they are, and what is known of them. Whoever wants to know what changes
 * observes it. */
#pragma once

#include "model/kernel-policy.h"
#include "registry/host-state.h"
#include "registry/metadata-cache.h"

/* A driver that is installed. It keeps its address and UUID for as long as it is. */
typedef struct DriverEntry {
        char *name; /* canonical */
        char *uuid;
        KernelPolicy policy; /* of the store */
        Driver *value;
} DriverEntry;

/* Is told of differences when all values are the new ones. Functions may be NULL. */
typedef struct RegistryObserver {
        void (*added)(void *userdata, const DriverEntry *entry);
        /* Before the values are swapped: for the last time it can be found. */
        void (*removed)(void *userdata, const DriverEntry *entry);
        /* Its value isn't the one BEFORE, which is gone thereafter. What of it differs, the observer finds.
         */
        void (*changed)(void *userdata, const DriverEntry *entry, const Driver *before);
        void (*policy_changed)(void *userdata, const DriverEntry *entry);
        /* Likewise, but after each reading: they may be equal. */
        void (*host_changed)(void *userdata, const HostState *before, const HostState *after);
        /* A problem of the host that there wasn't before. */
        void (*problem_added)(void *userdata, const Problem *problem);
        void *userdata;
} RegistryObserver;

/* What the registry asks its owner: what others have under way is judged otherwise. Functions may be NULL:
 * nothing is. */
typedef struct RegistryHost {
        /* Whether a change of DRIVER is under way that hasn't been recorded as wanted yet. */
        bool (*is_changing)(void *userdata, const char *driver);
        /* Adds the kernel releases for which what DRIVER loads is about to be settled. 0 or -ENOMEM. */
        int (*add_settling)(void *userdata, const char *driver, StringSet *releases);
        /* Those that selections are about to be carried over to. */
        const StringSet *(*coming)(void *userdata);
        /* Whether a version that a change of KIND wants may be stood for by the kernel's own module. */
        bool (*may_be_stood_for)(void *userdata, const char *kind);
        /* A sentence about what is done about a change by others; NULL: none. */
        const char *(*drift_note)(void *userdata, const char *driver);
        /* What is read isn't remembered: not all of the host is there yet, nor is the time. */
        bool reads_only;
        void *userdata;
} RegistryHost;

typedef struct Registry {
        const HostRoot *root;
        const Config *config;
        Store *store;
        RegistryHost host;
        RegistryObserver observer;
        char *host_id;
        ProblemList standing;        /* what is wrong until its cause is gone, or the service restarted */
        Facts *facts;                /* NULL: nothing has been read yet */
        RememberedMetadata metadata; /* the owner writes it when nobody waits */
        DriverEntry **entries;       /* by name */
        size_t count;
        HostState state;
} Registry;

/* An empty one: refresh.h fills it. STANDING is taken over; HOST and OBSERVER are copied, and may be NULL.
 * All else is borrowed for the registry's life. */
int registry_new(const HostRoot *root, const Config *config, Store *store, const RegistryHost *host,
                const RegistryObserver *observer, ProblemList *standing_taken, Registry **ret) WARN_UNUSED
                NONNULL(1, 2, 3, 6, 7);
Registry *registry_free(Registry *registry);
DEFINE_CLEANUP(Registry, registry_free)

/* A driver that isn't in the registry yet; UUID NULL: it is derived. 0 or a negative errno. */
int driver_entry_new(const Registry *registry, const char *name, const char *uuid,
                DriverEntry **ret) WARN_UNUSED NONNULL(1, 2, 4);
DriverEntry *driver_entry_free(DriverEntry *entry);
DEFINE_CLEANUP(DriverEntry, driver_entry_free)

/* A driver by its canonical name, or by its UUID; or NULL. */
DriverEntry *registry_find(const Registry *registry, const char *name) NONNULL(1, 2);
DriverEntry *registry_find_uuid(const Registry *registry, const char *uuid) NONNULL(1, 2);

/* By the module's name in any spelling, or by a package. Returns one of those that NAME may mean, NULL if
 * there is none, and how many there are: a package may ship several. */
DriverEntry *registry_look_up(const Registry *registry, const char *name, size_t *ret_count)
                NONNULL(1, 2, 3);

/* Remembers the policy of a driver and of all others of its package, which switches as a whole. Their
 * problems follow with the next refresh. 0, or what the store returned: nothing has changed. */
int registry_set_policy(Registry *registry, const DriverEntry *entry, KernelPolicy policy) WARN_UNUSED
                NONNULL(1, 2);

/* From now on SENTENCE is the problem of CODE (static) that stands; NULL: it is gone. 0 or -ENOMEM. */
int registry_set_problem(Registry *registry, Severity severity, const char *code,
                const char *sentence) WARN_UNUSED NONNULL(1, 3);

/* Replaces all standing problems of CODE (static) by the warnings SENTENCES; what differs is told by the
 * next refresh. 0 or -ENOMEM. */
int registry_replace_problems(Registry *registry, const char *code, const StringSet *sentences) WARN_UNUSED
                NONNULL(1, 2, 3);
