/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads all drivers from the object manager, for the verbs that show or print more than the overview. */

#include "drivers.h"

#include "bus.h"
#include "json.h"

int drivers_read(Client *client, json_t **ret)
{
        sd_bus_message *message CLEANUP(sd_bus_message_unrefp) = NULL;
        sd_bus_message *reply CLEANUP(sd_bus_message_unrefp) = NULL;
        int r = bus_message_new(
                        client, MANAGER_PATH, OBJECT_MANAGER_INTERFACE, "GetManagedObjects", &message);

        if (r == 0)
                r = bus_call(client, message, &reply);
        if (r != 0)
                return r;
        r = drivers_parse(reply, ret);
        return r < 0 ? bus_fail_message(r) : 0;
}
