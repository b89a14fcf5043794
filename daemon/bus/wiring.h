/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The service from its beginning to its end: the rooms, wired to one another and to the bus. */
#pragma once

#include "bus/service.h"

/* Finds out by BUS, which need not be attached to an event loop yet, whether there is a service already:
 * -EEXIST if so. To be asked before anything else, so that a second one ends at once. */
int service_check_alone(sd_bus *bus) WARN_UNUSED NONNULL(1);

/* Reads configuration, database and host. Takes ROOT. 0 and a service that the caller frees, or a negative
 * errno: -EBUSY if another service serves that root, on whatever bus. What is wrong but no reason to give up
 * becomes one of the Manager's problems. */
int service_new(sd_event *event, HostRoot *root_taken, Service **ret) WARN_UNUSED NONNULL(1, 2, 3);
Service *service_free(Service *service);
DEFINE_CLEANUP(Service, service_free)

/* Publishes the objects on BUS, which is attached to the event loop, recovers what an earlier run left, and
 * asks for the bus name last. */
int service_start(Service *service, sd_bus *bus, PolkitPatience patience) WARN_UNUSED NONNULL(1, 2);

/* The same without a bus, for the one caller UID at the other end of BUS (bus/peer.h), who is refused
 * nothing for the sake of others; and does only what he asks for. He is not to be listened to while
 * service_is_unsettled(). */
int service_start_peer(Service *service, sd_bus *bus, uid_t uid) WARN_UNUSED NONNULL(1, 2);

/* Whether what an earlier run left is still being dealt with, or images are still being read. */
bool service_is_unsettled(const Service *service) NONNULL(1);

/* The one caller is gone: nobody is told of anything any more, and jobs go on. */
void service_leave_peer(Service *service) NONNULL(1);

/* Whether nothing is under way. */
bool service_is_done(const Service *service) NONNULL(1);

/* Ends the event loop with 0 once there was no job and no call for the configured time. */
int service_exit_when_idle(Service *service) WARN_UNUSED NONNULL(1);

/* Finishes or undoes what runs, then ends the event loop with 0. */
void service_stop(Service *service) NONNULL(1);
