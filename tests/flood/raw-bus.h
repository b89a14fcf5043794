/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A connection to a message bus by bare hands: it sends whatever it likes, and reads only if it wants to.
 * Every failure that the bus isn't free to cause ends the program. */
#pragma once

#include <gio/gio.h>
#include <gio/gunixfdlist.h>
#include <stdbool.h>

#include "util/macros.h"

typedef struct RawBus {
        int fd;
        guint32 serial; /* of the last message that was sent */
        GByteArray *input;
        guint32 awaited; /* serial of the call whose reply raw_bus_wait() waits for; 0: none, or it has come
                          */
        bool is_refused; /* the reply that raw_bus_wait() waited for was an error */
        unsigned sent, replies, errors;
} RawBus;

/* A message as it goes over the wire. */
typedef struct RawMessage {
        guint8 *blob;
        gsize size;
        const int *fds; /* borrowed; or NULL */
        unsigned fd_count;
} RawMessage;

/* A connection on which nothing was said yet. ADDRESS is "unix:path=…". */
int raw_bus_socket(const char *address) NONNULL(1);
/* A connection as this process's user, with its unique name. NULL if the bus doesn't take it. */
RawBus *raw_bus_connect(const char *address) NONNULL(1);
/* Closes it without reading what has come. Takes NULL. */
RawBus *raw_bus_free(RawBus *bus);

/* A call of the service; BODY is a tuple that is taken, or NULL. Free it with raw_message_done(). */
RawMessage raw_call(const char *path, const char *interface, const char *member, GVariant *body,
                GDBusMessageFlags flags) NONNULL(1, 2, 3);
/* Any message, with the descriptors that it has. */
RawMessage raw_message(GDBusMessage *message) NONNULL(1);
void raw_message_done(RawMessage *message) NONNULL(1);

/* Sends it with the next serial, and waits until the bus takes it. False: the bus has closed the connection.
 */
bool raw_bus_send(RawBus *bus, const RawMessage *message) NONNULL(1, 2);
/* Bytes as they are. */
bool raw_bus_send_bytes(RawBus *bus, const void *bytes, size_t size) NONNULL(1, 2);

/* Reads what is there, and counts it. Waits up to TIMEOUT_MS for something (-1: for ever). False: closed. */
bool raw_bus_read(RawBus *bus, int timeout_ms) NONNULL(1);
/* Reads until the reply to call SERIAL has come. False: closed. */
bool raw_bus_wait(RawBus *bus, guint32 serial) NONNULL(1);
