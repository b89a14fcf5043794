/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* remove: a version goes, with all modules of its package. */

#include <stdio.h>

#include "bus.h"
#include "error.h"
#include "run-job.h"
#include "text.h"
#include "verbs.h"

static void report(Client *client, void *userdata)
{
        char **arguments = userdata;
        char *name CLEANUP_FREE = text_escape(arguments[0]),
                   *version CLEANUP_FREE = text_escape(arguments[1]);

        if (name && version)
                (void) printf("%s: %s was removed.\n", name, version);
}

int verb_remove(Client *client, char **arguments, size_t count)
{
        sd_bus_message *message CLEANUP(sd_bus_message_unrefp) = NULL;
        JobWaiter *waiter CLEANUP(job_waiter_freep) = NULL;
        JobRun run = { .name = arguments[0], .done = report, .userdata = arguments };
        int r = bus_version_message_new(client, arguments[0], "Remove", arguments[1], &message);

        if (r == 0)
                r = job_run_make_waiter(client, &waiter);
        if (r == 0)
                r = bus_append_options(&client->options, message);
        run.waiter = waiter;
        return r ? r : job_run(client, &run, message);
}
