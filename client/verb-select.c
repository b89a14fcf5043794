/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* select and deselect: ask for the change, wait for its job and say what has come of it. */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "bus.h"
#include "colour.h"
#include "error.h"
#include "json.h"
#include "text.h"
#include "verbs.h"
#include "wait-job.h"

static int report_json(const Client *client, const char *path, const JobOutcome *outcome)
{
        json_t *members = json_pack("{s:s, s:b, s:s, s:s, s:O*}", "job", job_path_id(path), "dry_run",
                        (client->options.given & OPTION_DRY_RUN) != 0, "result",
                        outcome->result ? outcome->result : "", "error",
                        outcome->error ? outcome->error : "", "versions", outcome->versions);

        return json_print(&client->options, members);
}

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
                (void) printf(" %sReboot%s to make it active; %s is active now.",
                                colour_begin(coloured, COLOUR_WARNING), colour_end(coloured, COLOUR_WARNING),
                                *active ? active : "another version");
        else if (*active)
                (void) printf(" It is active.");
        else if (*selected && !json_flag(driver, "loaded"))
                (void) printf(" It is loaded when it is needed.");
        (void) putchar('\n');
}

static void report_dry_run(const JobOutcome *outcome)
{
        for (size_t i = 0; i < json_array_size(outcome->versions); i++) {
                const json_t *item = json_array_get(outcome->versions, i);
                char *driver CLEANUP_FREE = text_escape(json_text(item, "driver"));
                char *version CLEANUP_FREE = text_escape(json_text(item, "version"));

                if (driver && version && *version)
                        (void) printf("Would select %s for %s.\n", version, driver);
                else if (driver && version)
                        (void) printf("Would leave %s without a version.\n", driver);
        }
        (void) puts("Nothing was changed.");
}

static int report(Client *client, const char *path, const JobOutcome *outcome, char **names, size_t step,
                size_t count)
{
        const char *id = job_path_id(path);

        if (client->options.json != JSON_OFF) {
                int r = report_json(client, path, outcome);

                if (r != 0)
                        return r;
        }
        if (strcmp(outcome->result, "failed") == 0)
                return fail(STATUS_FAILED, "Job %s failed, and everything was taken back. %s", id,
                                outcome->error);
        if (strcmp(outcome->result, "canceled") == 0)
                return fail(STATUS_FAILED, "Job %s was canceled; the selection is what it was before.", id);
        if (client->options.json != JSON_OFF || strcmp(outcome->result, "done") != 0)
                return STATUS_DONE;
        if (client->options.given & OPTION_DRY_RUN)
                report_dry_run(outcome);
        else
                for (size_t i = 0; i < count; i += step)
                        report_driver(client, names[i]);
        return STATUS_DONE;
}

static int report_started(const Client *client, const char *path)
{
        if (client->options.json != JSON_OFF)
                return report_json(client, path, &(JobOutcome){ 0 });
        (void) printf("Job %s has begun; \"hostdriverctl jobs\" lists it.\n", job_path_id(path));
        return STATUS_DONE;
}

/* Sends the call, whose reply is a job, and sees the job through. The drivers' names are every STEP-th of
 * NAMES. */
static int run(Client *client, JobWaiter *waiter, sd_bus_message *message, char **names, size_t step,
                size_t count)
{
        sd_bus_message *reply CLEANUP(sd_bus_message_unrefp) = NULL;
        JobOutcome outcome CLEANUP_JOB_OUTCOME = { 0 };
        const char *path;
        int r = bus_call_authorized(client, message, &reply);

        /* The agent would compete for the terminal. */
        polkit_agent_close(&client->agent);
        if (r != 0)
                return r;
        r = sd_bus_message_read_basic(reply, 'o', &path);
        if (r < 0)
                return bus_fail_message(r);
        if (!waiter)
                return report_started(client, path);
        r = job_wait(waiter, path, names[0], &outcome);
        return r ? r : report(client, path, &outcome, names, step, count);
}

/* A dry run is over at once, and its outcome is all that it is for. */
static int make_waiter(Client *client, JobWaiter **ret)
{
        if ((client->options.given & OPTION_NO_BLOCK) && !(client->options.given & OPTION_DRY_RUN))
                return 0;
        return job_waiter_new(client, ret);
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
        r = make_waiter(client, &waiter);
        if (r == 0)
                r = bus_message_new(client, MANAGER_PATH, MANAGER_INTERFACE, "Select", &message);
        if (r == 0)
                r = append_targets(message, arguments, count);
        if (r == 0)
                r = bus_append_options(&client->options, message);
        return r ? r : run(client, waiter, message, arguments, 2, count);
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
                r = make_waiter(client, &waiter);
        if (r == 0)
                r = bus_message_new(client, path, DRIVER_INTERFACE, "Deselect", &message);
        if (r == 0)
                r = bus_append_options(&client->options, message);
        return r ? r : run(client, waiter, message, arguments, 1, count);
}
