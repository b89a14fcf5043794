/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* kernel-added and kernel-removed: what the hooks of kernel packages call. */

#include <stdio.h>
#include <string.h>

#include "bus.h"
#include "drivers.h"
#include "error.h"
#include "json.h"
#include "run-job.h"
#include "text.h"
#include "verbs.h"
#include "wait-job.h"

static int message_new(Client *client, const char *member, const char *release, bool leaving,
                sd_bus_message **ret_message)
{
        int r = bus_message_new(client, MANAGER_PATH, MANAGER_INTERFACE, member, ret_message);

        if (r != 0)
                return r;
        r = leaving ? sd_bus_message_append(*ret_message, "sa{sv}", release, 1, "leaving", "b", 1)
                    : sd_bus_message_append(*ret_message, "sa{sv}", release, 0);
        return r < 0 ? bus_fail_message(r) : 0;
}

static bool lacks(const json_t *driver, const char *release)
{
        const json_t *releases = json_object_get(driver, "kernels_not_covered");

        for (size_t i = 0; i < json_array_size(releases); i++)
                if (strcmp(json_item_text(releases, i), release) == 0)
                        return true;
        return false;
}

/* The drivers that the kernel would run without their version, a line each. */
static int report_uncovered(Client *client, const char *release)
{
        char *printable CLEANUP_FREE = text_escape(release);
        json_t *drivers CLEANUP_JSON = NULL;
        int r = drivers_read(client, &drivers);

        if (r != 0)
                return r;
        for (size_t i = 0; i < json_array_size(drivers); i++) {
                const json_t *driver = json_array_get(drivers, i);
                char *version CLEANUP_FREE = text_escape(json_text(driver, "selected"));
                char *name CLEANUP_FREE = text_escape(json_text(driver, "name"));

                if (lacks(driver, release))
                        (void) printf("%s: kernel %s doesn't get the selected version %s; \"hostdriverctl "
                                      "show %s\" says what to do.\n",
                                        name ? name : "?", printable ? printable : "?",
                                        version ? version : "?", name ? name : "?");
        }
        return STATUS_DONE;
}

static int report_json(const Client *client, const char *path, const JobOutcome *outcome)
{
        return json_print(&client->options,
                        json_pack("{s:s, s:s, s:s, s:O*}", "job", path ? job_path_id(path) : "", "result",
                                        outcome->result ? outcome->result : "", "error",
                                        outcome->error ? outcome->error : "", "versions",
                                        outcome->versions));
}

static int report(Client *client, const char *path, const char *release, const JobOutcome *outcome)
{
        int r = client->options.json != JSON_OFF ? report_json(client, path, outcome) : 0;

        if (r == 0)
                r = job_run_judge(path, outcome, "everything was taken back",
                                "nothing is selected for the kernel");
        if (r != 0)
                return r;
        return client->options.json != JSON_OFF ? STATUS_DONE : report_uncovered(client, release);
}

static int finish(Client *client, JobWaiter *waiter, const char *path, const char *release)
{
        JobOutcome outcome CLEANUP_JOB_OUTCOME = { 0 };
        int r = 0;

        /* "/": there was nothing to do, and so there is no job. */
        if (strcmp(path, "/") == 0) {
                if (client->options.json != JSON_OFF)
                        return report_json(client, NULL, &outcome);
                return report_uncovered(client, release);
        }
        if (!waiter) {
                if (client->options.json != JSON_OFF)
                        return report_json(client, path, &outcome);
                (void) printf("Job %s has begun; \"hostdriverctl jobs\" lists it.\n", job_path_id(path));
                return STATUS_DONE;
        }
        r = job_wait(waiter, path, release, &outcome);
        return r ? r : report(client, path, release, &outcome);
}

int verb_kernel_added(Client *client, char **arguments, size_t count)
{
        sd_bus_message *message CLEANUP(sd_bus_message_unrefp) = NULL;
        JobWaiter *waiter CLEANUP(job_waiter_freep) = NULL;
        char *path CLEANUP_FREE = NULL;
        int r = client->options.given & OPTION_NO_BLOCK ? 0 : job_waiter_new(client, &waiter);

        if (r == 0)
                r = message_new(client, "KernelAdded", arguments[0], false, &message);
        if (r == 0)
                r = job_run_begin(client, message, &path);
        return r ? r : finish(client, waiter, path, arguments[0]);
}

int verb_kernel_removed(Client *client, char **arguments, size_t count)
{
        sd_bus_message *message CLEANUP(sd_bus_message_unrefp) = NULL;
        bool leaving = client->options.given & OPTION_LEAVING;
        int r = message_new(client, "KernelRemoved", arguments[0], leaving, &message);

        if (r == 0)
                r = bus_call_authorized(client, message, NULL);
        if (r != 0)
                return r;
        return client->options.json != JSON_OFF ? json_print(&client->options, json_object()) : STATUS_DONE;
}
