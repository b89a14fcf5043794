/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads all drivers from the object manager, for the verbs that show or print more than the overview. */
#pragma once

#include <jansson.h>

#include "client.h"

/* Said where there are none. */
#define DRIVERS_NONE "No driver is installed in versions. hostdriverd(8) says where they are looked for."

/* An array of objects with all properties and "path", by name; the caller unrefs it. 0, or an ExitStatus
 * after saying what went wrong. */
int drivers_read(Client *client, json_t **ret) WARN_UNUSED NONNULL(1, 2);

/* The same from the answer to GetManagedObjects. 0, or a negative errno. */
int drivers_parse(sd_bus_message *reply, json_t **ret) WARN_UNUSED NONNULL(1, 2);
