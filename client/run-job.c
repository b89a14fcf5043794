/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From a call to the last line about its job. What the change is, the verbs know. */

#include "run-job.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "bus.h"
#include "error.h"
#include "json.h"
#include "text.h"

static int report_json(const Client *client, const char *path, const JobOutcome *outcome)
{
        json_t *members = json_pack("{s:s, s:b, s:s, s:s, s:O*, s:O*}", "job", job_path_id(path), "dry_run",
                        (client->options.given & OPTION_DRY_RUN) != 0, "result",
                        outcome->result ? outcome->result : "", "error",
                        outcome->error ? outcome->error : "", "versions", outcome->versions, "plan",
                        outcome->plan);

        return json_print(&client->options, members);
}

static void report_dry_run(const JobOutcome *outcome)
{
        for (size_t i = 0; i < json_array_size(outcome->plan); i++) {
                const char *line = json_string_value(json_array_get(outcome->plan, i));
                char *escaped CLEANUP_FREE = line ? text_escape(line) : NULL;

                if (escaped)
                        (void) printf("%s\n", escaped);
        }
        if (json_array_size(outcome->plan) == 0)
                (void) puts("There is nothing to change.");
        else
                (void) puts("This is what would be done. Nothing was changed.");
}

int job_run_judge(const char *path, const JobOutcome *outcome, const char *failed, const char *canceled)
{
        const char *id = job_path_id(path), *result = outcome->result ? outcome->result : "";

        if (!*result || strcmp(result, "done") == 0)
                return 0;
        if (strcmp(result, "failed") == 0)
                return fail(STATUS_FAILED, "Job %s failed, and %s. %s", id, failed,
                                outcome->error ? outcome->error : "");
        if (strcmp(result, "canceled") == 0)
                return fail(STATUS_FAILED, "Job %s was canceled; %s.", id, canceled);
        return fail(STATUS_FAILED,
                        "Job %s ended with the result \"%s\", which this hostdriverctl doesn't know. Look at "
                        "\"hostdriverctl history\".",
                        id, result);
}

static int report(Client *client, const JobRun *run, const char *path, const JobOutcome *outcome)
{
        int r = client->options.json != JSON_OFF ? report_json(client, path, outcome) : 0;

        if (r == 0)
                r = job_run_judge(path, outcome, "everything was taken back", "all is as it was before");
        if (r != 0)
                return r;
        if (client->options.json != JSON_OFF || strcmp(outcome->result, "done") != 0)
                return STATUS_DONE;
        if (client->options.given & OPTION_DRY_RUN)
                report_dry_run(outcome);
        else
                run->done(client, run->userdata);
        return STATUS_DONE;
}

static int report_started(const Client *client, const char *path)
{
        if (client->options.json != JSON_OFF)
                return report_json(client, path, &(JobOutcome){ 0 });
        (void) printf("Job %s has begun; \"hostdriverctl jobs\" lists it.\n", job_path_id(path));
        return STATUS_DONE;
}

/* Whoever starts a job and goes must leave somebody behind who can be asked about it. */
static int check_service(Client *client)
{
        int r = bus_connect(client);

        if (r == 0 && client->connection.daemon > 0)
                r = fail(STATUS_USAGE,
                                "--no-block needs the service hostdriverd, and none runs for this root.");
        return r;
}

int job_run_make_waiter(Client *client, JobWaiter **ret)
{
        *ret = NULL;
        if ((client->options.given & OPTION_NO_BLOCK) && !(client->options.given & OPTION_DRY_RUN))
                return check_service(client);
        return job_waiter_new(client, ret);
}

int job_run_begin(Client *client, sd_bus_message *message, char **ret_path)
{
        sd_bus_message *reply CLEANUP(sd_bus_message_unrefp) = NULL;
        const char *path;
        int r = bus_call_authorized(client, message, &reply);

        /* The agent would compete for the terminal. */
        polkit_agent_close(&client->agent);
        if (r != 0)
                return r;
        r = sd_bus_message_read_basic(reply, 'o', &path);
        if (r >= 0 && !(*ret_path = strdup(path)))
                r = -ENOMEM;
        return r < 0 ? bus_fail_message(r) : 0;
}

int job_run(Client *client, const JobRun *run, sd_bus_message *message)
{
        JobOutcome outcome CLEANUP_JOB_OUTCOME = { 0 };
        char *path CLEANUP_FREE = NULL;
        int r = job_run_begin(client, message, &path);

        if (r != 0)
                return r;
        if (!run->waiter)
                return report_started(client, path);
        r = job_wait(run->waiter, path, run->name, &outcome);
        return r ? r : report(client, run, path, &outcome);
}
