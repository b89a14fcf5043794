/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* select and deselect: ask for the change, wait for its job and say what has come of it. */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "bus.h"
#include "colour.h"
#include "error.h"
#include "json.h"
#include "run-job.h"
#include "text.h"
#include "verbs.h"

/* "ice: 1.6.4 is selected." and what that means now. */
static void report_driver(Client *client, const char *name)
{
        json_t *driver CLEANUP_JSON = NULL;
        char *path CLEANUP_FREE = NULL, *title CLEANUP_FREE = NULL, *selected CLEANUP_FREE = NULL;
        char *active CLEANUP_FREE = NULL;
        bool coloured = client->terminal.output_colour;

        if (bus_find_driver(client, name, &path) != 0 ||
                        bus_get_properties(client, path, DRIVER_INTERFACE, &driver) != 0)
                return;
        title = text_escape(json_text(driver, "name"));
        selected = text_escape(json_text(driver, "selected"));
        active = text_escape(json_text(driver, "active"));
        if (!title || !selected || !active)
                return;
        if (*selected)
                (void) printf("%s: %s is selected.", title, selected);
        else
                (void) printf("%s: no version is selected, and none will be loaded.", title);
        if (json_flag(driver, "reboot_required"))
                (void) printf(" %sReboot%s to %s; %s is active now.", colour_begin(coloured, COLOUR_WARNING),
                                colour_end(coloured, COLOUR_WARNING),
                                *selected ? "make it active" : "be without it",
                                *active ? active : "another version");
        else if (*active)
                (void) printf(" It is active.");
        else if (*selected && !json_flag(driver, "loaded"))
                (void) printf(" It is loaded when it is needed.");
        (void) putchar('\n');
}

/* The drivers' names are every STEP-th of NAMES. */
typedef struct Names {
        char **names;
        size_t step;
        size_t count;
} Names;

static void report(Client *client, void *userdata)
{
        const Names *names = userdata;

        for (size_t i = 0; i < names->count; i += names->step)
                report_driver(client, names->names[i]);
}

static int run(Client *client, JobWaiter *waiter, sd_bus_message *message, Names names)
{
        const JobRun job = { .waiter = waiter, .name = names.names[0], .done = report, .userdata = &names };

        return job_run(client, &job, message);
}

static int append_targets(sd_bus_message *message, char **arguments, size_t count)
{
        int r = sd_bus_message_open_container(message, SD_BUS_TYPE_ARRAY, "(ss)");

        for (size_t i = 0; r >= 0 && i + 1 < count; i += 2)
                r = sd_bus_message_append(message, "(ss)", arguments[i], arguments[i + 1]);
        if (r >= 0)
                r = sd_bus_message_close_container(message);
        return r < 0 ? bus_fail_message(r) : 0;
}

int verb_select(Client *client, char **arguments, size_t count)
{
        sd_bus_message *message CLEANUP(sd_bus_message_unrefp) = NULL;
        JobWaiter *waiter CLEANUP(job_waiter_freep) = NULL;
        int r;

        if (count % 2 != 0)
                return fail(STATUS_USAGE,
                                "The version for \"%s\" is missing. Usage: hostdriverctl select NAME "
                                "VERSION [NAME "
                                "VERSION…]",
                                arguments[count - 1]);
        r = job_run_make_waiter(client, &waiter);
        if (r == 0)
                r = bus_message_new(client, MANAGER_PATH, MANAGER_INTERFACE, "Select", &message);
        if (r == 0)
                r = append_targets(message, arguments, count);
        if (r == 0)
                r = bus_append_options(&client->options, message);
        return r ? r : run(client, waiter, message, (Names){ arguments, 2, count });
}

int verb_deselect(Client *client, char **arguments, size_t count)
{
        sd_bus_message *message CLEANUP(sd_bus_message_unrefp) = NULL;
        JobWaiter *waiter CLEANUP(job_waiter_freep) = NULL;
        char *path CLEANUP_FREE = NULL;
        int r;

        if (!(client->options.given & (OPTION_FORCE | OPTION_DRY_RUN)))
                return fail(STATUS_USAGE,
                                "Without a version, %s is not loaded at all any more: its devices stay "
                                "without a "
                                "driver from the next boot on. If the kernel has a module of its own, "
                                "\"hostdriverctl "
                                "select %s kernel\" goes back to it. If you mean it, add --force.",
                                arguments[0], arguments[0]);
        r = bus_find_driver(client, arguments[0], &path);
        if (r == 0)
                r = job_run_make_waiter(client, &waiter);
        if (r == 0)
                r = bus_message_new(client, path, DRIVER_INTERFACE, "Deselect", &message);
        if (r == 0)
                r = bus_append_options(&client->options, message);
        return r ? r : run(client, waiter, message, (Names){ arguments, 1, count });
}
