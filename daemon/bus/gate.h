/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Refuses each call that is larger than any that makes sense, before a handler, or sd-bus itself, does work
 * for it that grows with its size; and counts the replies. It knows no method. */
#pragma once

#include <systemd/sd-bus.h>

#include "bus/unread.h"
#include "util/macros.h"

/* Of all arguments of a call, in bytes. To select a version for each of as many drivers as can be named
 * takes less. */
#define CALL_BYTES_MAX ((size_t) 1024 * 1024)
/* Of a single text in them. No name is as long, and no path either. */
#define CALL_TEXT_BYTES_MAX ((size_t) 4096)

/* UNREAD is borrowed. The caller unrefs *ret, which keeps the gate in its place. */
int gate_new(sd_bus *bus, Unread *unread, sd_bus_slot **ret) WARN_UNUSED NONNULL(1, 2, 3);
