/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How large a message is, which sd-bus doesn't tell. */
#pragma once

#include <systemd/sd-bus.h>

#include "util/macros.h"

typedef struct MessageSize {
        size_t bytes;   /* of the arguments as they are on the bus, about */
        size_t longest; /* of the texts in them, in bytes */
} MessageSize;

/* Measures the arguments of MESSAGE, whatever they are, from the first one, and rewinds it. It stops soon
 * after BYTES_MAX, so that this takes no longer than that: then ret->bytes is larger. Arguments that make no
 * sense end there; whoever reads them will see that. */
void message_measure(sd_bus_message *message, size_t bytes_max, MessageSize *ret) NONNULL(1, 3);
