/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The methods that change something. */
#pragma once

#include "bus/call.h"

/* The handler of all of them, for the vtables: what isn't in the table is refused. */
int method_handle(sd_bus_message *message, void *userdata, sd_bus_error *error);

/* The row of a method; NULL if nothing allows to call it. */
const CallMethod *method_find(const char *interface, const char *member) WARN_UNUSED;

/* Refuses a version's name that can't be one, and the empty one, which would deselect: 0 or a negative errno
 * with ERROR set. */
int method_check_version(const char *driver, const char *version, sd_bus_error *error) WARN_UNUSED
                NONNULL(1, 2, 3);
