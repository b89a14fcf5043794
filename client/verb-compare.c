/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* compare-versions: the order of versions, as the service has it. */

#include <stdio.h>

#include "bus.h"
#include "error.h"
#include "json.h"
#include "text.h"
#include "verbs.h"

int verb_compare_versions(Client *client, char **arguments, size_t count)
{
        sd_bus_message *reply CLEANUP(sd_bus_message_unrefp) = NULL;
        char *a CLEANUP_FREE = text_escape(arguments[0]), *b CLEANUP_FREE = text_escape(arguments[1]);
        const char *sign;
        int32_t order;
        int r = bus_call_manager(client, "CompareVersions", arguments[0], arguments[1], &reply);

        if (r != 0)
                return r;
        r = sd_bus_message_read_basic(reply, 'i', &order);
        if (r < 0)
                return bus_fail_message(r);
        sign = order < 0 ? "<" : order > 0 ? ">" : "==";
        if (client->options.json != JSON_OFF)
                return json_print(&client->options,
                                json_pack("{ss, ss, si, ss}", "a", arguments[0], "b", arguments[1], "order",
                                                order, "operator", sign));
        (void) printf("%s %s %s\n", a ? a : "?", sign, b ? b : "?");
        return STATUS_DONE;
}
