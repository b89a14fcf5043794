/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How much of what the service has sent is still unread.
 *
 * dbus-daemon counts a message against the connection that has sent it until its receiver has read it, and
 * reads no more from a connection with more than max_incoming_bytes (127 MiB on a system bus). So callers
 * who never read their replies would have nobody get an answer: measured with 1.14.10, where the service's
 * IncomingBytes were the sum of such callers' OutgoingBytes. Some 30,000 refusals that quote a name of 4 KB
 * are enough. Both are told by org.freedesktop.DBus.Debug.Stats, to root alone. As the bus takes a
 * connection's messages in their order, its answer counts all replies that were sent before the question;
 * what is sent later is estimated.
 *
 * dbus-broker counts against the receiver. A bus that can't say is asked once, and never again. */
#pragma once

#include <stdint.h>
#include <systemd/sd-bus.h>

#include "util/macros.h"

typedef struct Unread Unread;

/* Of all that is sent: half of what the bus takes is for what may be on its way. */
#define UNREAD_ALL_BYTES_HIGH (48 * UINT64_C(1048576))

/* Called once from the loop of the bus: what all have left unread of the service's messages, and what SENDER
 * has of anybody's. Both 0 if the bus can't say. */
typedef void (*UnreadFunction)(uint64_t all_bytes, uint64_t sender_bytes, void *userdata);

/* BUS must be attached to an event loop. The caller frees *ret. */
int unread_new(sd_bus *bus, Unread **ret) WARN_UNUSED NONNULL(1, 2);
/* FUNCTION isn't called any more. */
Unread *unread_free(Unread *unread);
DEFINE_CLEANUP(Unread, unread_free)

/* A reply of so many bytes, about, is being sent. The bus is asked from time to time how much is left. */
void unread_add(Unread *unread, size_t bytes) NONNULL(1);

/* Whether so much is unread, or may be, that only who reads may have more. */
bool unread_is_high(const Unread *unread) NONNULL(1);

/* Whether the bus itself has yet to read so much that a reply would wait long behind it. From each
 * connection, dbus-daemon reads 2 KiB a turn of its loop: measured with a flood of calls, 250 KB/s. */
bool unread_by_bus(const Unread *unread) NONNULL(1);

/* Asks about SENDER. 1: FUNCTION will be called. 0: the bus can't say, so it isn't asked. -EBUSY while it is
 * asked about another one, or another negative errno. */
int unread_ask(Unread *unread, const char *sender, UnreadFunction function, void *userdata) WARN_UNUSED
                NONNULL(1, 2, 3);
