/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* adopt: a module file that others have installed becomes a version, or is put back. */

#include <stdio.h>

#include "bus.h"
#include "error.h"
#include "json.h"
#include "run-job.h"
#include "text.h"
#include "verbs.h"

static void report(Client *client, void *userdata)
{
        const char *name = userdata;
        json_t *driver CLEANUP_JSON = NULL;
        char *path CLEANUP_FREE = NULL, *title CLEANUP_FREE = text_escape(name);
        char *selected CLEANUP_FREE = NULL;

        if (!title)
                return;
        if (client->options.given & OPTION_UNDO) {
                (void) printf("%s: the module file is back where it was.\n", title);
                return;
        }
        if (bus_find_driver(client, name, &path) != 0 ||
                        bus_get_properties(client, path, DRIVER_INTERFACE, &driver) != 0)
                return;
        selected = text_escape(json_text(driver, "selected"));
        if (selected && *selected)
                (void) printf("%s: the module file is the version %s now, and it is selected.\n", title,
                                selected);
        else
                (void) printf("%s: the module file is a version now.\n", title);
}

int verb_adopt(Client *client, char **arguments, size_t count)
{
        sd_bus_message *message CLEANUP(sd_bus_message_unrefp) = NULL;
        JobWaiter *waiter CLEANUP(job_waiter_freep) = NULL;
        const Options *options = &client->options;
        bool undo = (options->given & OPTION_UNDO) != 0;
        JobRun run = { .name = arguments[0], .done = report, .userdata = arguments[0] };
        int r;

        if (undo && (options->package || options->as_version))
                return fail(STATUS_USAGE, "With --undo there is nothing to name: leave out --package and "
                                          "--as-version.");
        r = job_run_make_waiter(client, &waiter);
        if (r == 0)
                r = bus_message_new(client, MANAGER_PATH, MANAGER_INTERFACE, undo ? "Unadopt" : "Adopt",
                                &message);
        if (r != 0)
                return r;
        r = sd_bus_message_append_basic(message, 's', arguments[0]);
        if (r < 0)
                return bus_fail_message(r);
        r = bus_append_options(options, message);
        run.waiter = waiter;
        return r ? r : job_run(client, &run, message);
}
