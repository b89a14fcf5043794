/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rescan: has the service look anew at what is installed. */

#include "bus.h"
#include "error.h"
#include "json.h"
#include "verbs.h"

int verb_rescan(Client *client, char **arguments, size_t count)
{
        sd_bus_message *message CLEANUP(sd_bus_message_unrefp) = NULL;
        int r = bus_message_new(client, MANAGER_PATH, MANAGER_INTERFACE, "Rescan", &message);

        if (r == 0)
                r = bus_call_authorized(client, message, NULL);
        if (r != 0)
                return r;
        return client->options.json != JSON_OFF ? json_print(&client->options, json_object()) : STATUS_DONE;
}
