/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Keeps two programs from changing one host at once (the service and the hook of a package manager, say),
 * and two services from serving one. The locks lie beside the database, since that is the root's own; a
 * chroot may have the /run of the host. */
#pragma once

#include "change/refusal.h"
#include "host/root.h"

#define HOST_LOCK_PATH STATE_DIRECTORY "/lock"

/* Takes the lock, which lasts until the returned descriptor is closed (or the process ends, whatever way).
 * It never waits: refused with Busy if somebody has it. The descriptor, -ECANCELED with a refusal, or a
 * negative errno. */
int host_lock_take(const HostRoot *root, Refusal *refusal) WARN_UNUSED NONNULL(1, 2);

#define SERVICE_LOCK_PATH STATE_DIRECTORY "/service"

/* The lock that the one service of a root has as long as it lives, likewise. The descriptor; -EBUSY if
 * another service has it; another negative errno if there can't be such a lock. */
int host_lock_take_service(const HostRoot *root) WARN_UNUSED NONNULL(1);
