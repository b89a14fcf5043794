/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* To whom the client speaks: the service on the system bus, or a hostdriverd of its own, which is started
 * for it and does what it is asked without a bus. Which one, is decided here alone. It knows no verb. */
#pragma once

#include <sys/types.h>
#include <systemd/sd-bus.h>

#include "util/macros.h"

typedef struct Connection {
        sd_bus *bus;     /* NULL: there is none (yet) */
        pid_t daemon;    /* that we have started; 0: the service on the bus is asked */
        bool is_leaving; /* its job goes on without us, so that its end isn't waited for */
} Connection;

typedef struct ConnectionFailure {
        int error;      /* a positive errno */
        char *sentence; /* NULL: no memory; the caller frees it */
} ConnectionFailure;

/* What is wanted. */
typedef struct ConnectionWish {
        const char *root;  /* NULL: the root that the program runs on */
        bool needs_no_bus; /* where there is no bus at all, root works without it, also if ROOT is NULL */
} ConnectionWish;

/* Asks the service of the root that is wanted if it runs, and starts a hostdriverd for it if not, which only
 * root can. Without a root's name, and out of a chroot(2), the bus is asked, which starts the service; the
 * bus that $DBUS_SYSTEM_BUS_ADDRESS names is taken at its word. The bus of another root is asked for nothing
 * but whose it is. Says so on stderr if it is not what the caller may expect. 0, or -1 with *FAILURE set. */
int connection_open(const ConnectionWish *wish, Connection *ret, ConnectionFailure *failure) WARN_UNUSED
                NONNULL(1, 2, 3);

/* Closes it; waits for the end of what we have started, so that whoever comes next finds everything free. */
void connection_close(Connection *connection) NONNULL(1);

/* Of a connection that was lost, whose other end we have started: a sentence. Static. */
#define CONNECTION_DAEMON_LOST                                                                             \
        "The hostdriverd that was started for this command ended before it had answered. Run the command " \
        "again: what was left undone is finished or taken back first."
