/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A D-Bus message's values as one line of text, for comparing and searching in tests. */
#pragma once

#include <systemd/sd-bus.h>

#include "util/macros.h"

/* Arguments with a blank between; arrays as "[a b]", structs as "(a b)", dictionaries as "[key=value]";
 * strings as they are, variants as their value. From the message's beginning. g_free() it. */
char *message_text(sd_bus_message *message) NONNULL(1);
