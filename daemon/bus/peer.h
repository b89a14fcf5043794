/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A connection without a bus: whoever has started us is at its other end, and speaks D-Bus with us alone. So
 * nobody has a name, is asked about by a bus or by polkit, or can be kept waiting by others. */
#pragma once

#include <systemd/sd-bus.h>

#include "util/macros.h"

/* Makes a connection of the socket FD, which is taken, and lets in root alone, by what the kernel says of
 * the other end (SO_PEERCRED in unix(7)). Returns when it is ready. What is sent over it seems to come from
 * BUS_NAME. 0; -EPERM if somebody else is there; or another negative errno. */
int peer_connect(int fd_taken, sd_bus **ret) WARN_UNUSED NONNULL(2);

/* Answers each call with ERROR, a copy of which is kept until the connection is closed. 0 or a negative
 * errno.
 */
int peer_refuse(sd_bus *bus, const sd_bus_error *error) WARN_UNUSED NONNULL(1, 2);

/* Calls HANDLER when the other end is gone. 0 or a negative errno. */
int peer_watch(sd_bus *bus, sd_bus_message_handler_t handler, void *userdata) WARN_UNUSED NONNULL(1, 2);
