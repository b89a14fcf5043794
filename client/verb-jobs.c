/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* jobs and cancel: what is under way, and taking it back. */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "bus.h"
#include "error.h"
#include "json.h"
#include "table.h"
#include "verbs.h"

#define NUMBER_SIZE 24

static int print_table(Client *client, const json_t *jobs)
{
        static const char *const headings[] = { "JOB", "DRIVER", "STATE", "STEP", NULL };
        Table *table CLEANUP(table_freep) = NULL;
        int r = table_new(headings, 1, &table);

        if (r < 0)
                return fail_errno(r, "Can't print the table");
        for (size_t i = 0; i < json_array_size(jobs); i++) {
                const json_t *job = json_array_get(jobs, i);
                char id[NUMBER_SIZE];

                (void) snprintf(id, sizeof(id), "%" JSON_INTEGER_FORMAT,
                                json_integer_value(json_object_get(job, "id")));
                table_add(table, id, COLOUR_STRONG);
                table_add(table, json_text(job, "driver"), COLOUR_NONE);
                table_add(table, json_text(job, "state"), COLOUR_NONE);
                table_add(table, json_text(job, "step"), COLOUR_NONE);
        }
        return table_print(table, client, "No job waits or runs.");
}

int verb_jobs(Client *client, char **arguments, size_t count)
{
        static const char *const names[] = { "id", "path", "driver", "state", "step", NULL };
        sd_bus_message *reply CLEANUP(sd_bus_message_unrefp) = NULL;
        json_t *jobs CLEANUP_JSON = NULL;
        int r = bus_call_manager(client, "ListJobs", NULL, NULL, &reply);

        if (r != 0)
                return r;
        r = json_read_rows(reply, names, &jobs);
        if (r < 0)
                return bus_fail_message(r);
        if (client->options.json != JSON_OFF)
                return json_print(&client->options, json_pack("{sO}", "jobs", jobs));
        return print_table(client, jobs);
}

/* What it means that a job of KIND is canceled. */
static const char *cancel_phrase(const char *kind)
{
        static const struct {
                const char *kind, *phrase;
        } phrases[] = {
                { "select", "its selection is taken back" },
                { "deselect", "what it has deselected is selected again" },
                { "carry-over", "what it has carried over is taken back" },
                { "heal", "what others have changed stays as it is" },
                { "adopt", "the file goes back to where it was" },
                { "unadopt", "the file stays a version" },
                { "import", "the version isn't added" },
                { "remove", "the version stays" },
                { "initramfs", "the images stay as they are" },
        };

        for (size_t i = 0; i < ELEMENTSOF(phrases); i++)
                if (strcmp(phrases[i].kind, kind) == 0)
                        return phrases[i].phrase;
        return "what it has changed is taken back";
}

int verb_cancel(Client *client, char **arguments, size_t count)
{
        sd_bus_message *message CLEANUP(sd_bus_message_unrefp) = NULL;
        json_t *job CLEANUP_JSON = NULL;
        char path[sizeof(JOB_PREFIX "/") + NUMBER_SIZE];
        const char *id = arguments[0];
        int r;

        if (strspn(id, "0123456789") != strlen(id) || strlen(id) >= NUMBER_SIZE)
                return fail(STATUS_USAGE,
                                "\"%s\" is no job: name it by its number, as \"hostdriverctl jobs\" does.",
                                id);
        (void) snprintf(path, sizeof(path), JOB_PREFIX "/%s", id);
        /* Before it is gone. */
        r = bus_get_properties(client, path, JOB_INTERFACE, &job);
        if (r == 0)
                r = bus_message_new(client, path, JOB_INTERFACE, "Cancel", &message);
        if (r == 0)
                r = bus_call_authorized(client, message, NULL);
        if (r != 0)
                return r;
        if (client->options.json != JSON_OFF)
                return json_print(&client->options, json_pack("{ss}", "job", id));
        (void) printf("Job %s is canceled; %s.\n", id, cancel_phrase(json_text(job, "kind")));
        return STATUS_DONE;
}
