/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How much of what the service has sent is still unread.
 *
 * dbus-daemon counts a message against the connection that has sent it until its receiver has read it, and
 * reads no more from a connection with more than max_incoming_bytes (127 MiB on a system bus). So callers
 * who ask for long replies and never read them would have nobody get an answer: measured with 1.14.10, where
 * the service's IncomingBytes were the sum of two such callers' OutgoingBytes. Both are told by
 * org.freedesktop.DBus.Debug.Stats, to root alone. As the bus takes a connection's messages in their order,
 * its answer counts all replies that were sent before the question.
 *
 * dbus-broker counts against the receiver. A bus that can't say is asked once, and never again. */
#pragma once

#include <stdint.h>
#include <systemd/sd-bus.h>

#include "util/macros.h"

typedef struct Unread Unread;

/* Called once from the loop of the bus: what all have left unread of the service's messages, and what SENDER
 * has of anybody's. Both 0 if the bus can't say. */
typedef void (*UnreadFunction)(uint64_t all_bytes, uint64_t sender_bytes, void *userdata);

/* BUS must be attached to an event loop. The caller frees *ret. */
int unread_new(sd_bus *bus, Unread **ret) WARN_UNUSED NONNULL(1, 2);
/* FUNCTION isn't called any more. */
Unread *unread_free(Unread *unread);
DEFINE_CLEANUP(Unread, unread_free)

/* Asks about SENDER. 1: FUNCTION will be called. 0: the bus can't say, so it isn't asked. -EBUSY while it is
 * asked about another one, or another negative errno. */
int unread_ask(Unread *unread, const char *sender, UnreadFunction function, void *userdata) WARN_UNUSED
                NONNULL(1, 2, 3);
