/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* initramfs: what the image of each kernel holds, and its rebuild. */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "bus.h"
#include "error.h"
#include "json.h"
#include "run-job.h"
#include "table.h"
#include "text.h"
#include "verbs.h"
#include "wait-job.h"

/* --- status ------------------------------------------------------------------------------------------ */

static int read_images(Client *client, json_t **ret)
{
        sd_bus_message *message CLEANUP(sd_bus_message_unrefp) = NULL;
        int r = bus_message_new(client, MANAGER_PATH, MANAGER_INTERFACE, "GetInitramfs", &message);

        return r == 0 ? bus_call_objects(client, message, ret) : r;
}

static bool is_asked_for(const json_t *image, char **releases, size_t count)
{
        for (size_t i = 0; i < count; i++)
                if (strcmp(json_text(image, "kernel"), releases[i]) == 0)
                        return true;
        return count == 0;
}

/* Removes what isn't asked for; a release that isn't there is no such thing. */
static int narrow(json_t *images, char **releases, size_t count)
{
        for (size_t i = 0; i < count; i++) {
                bool found = false;

                for (size_t j = 0; j < json_array_size(images); j++)
                        found = found ||
                                strcmp(json_text(json_array_get(images, j), "kernel"), releases[i]) == 0;
                if (!found)
                        return fail(STATUS_NO_SUCH_THING, "The kernel release %s is not installed.",
                                        releases[i]);
        }
        for (size_t i = json_array_size(images); i > 0; i--)
                if (!is_asked_for(json_array_get(images, i - 1), releases, count))
                        (void) json_array_remove(images, i - 1);
        return 0;
}

/* "ice 1.6.4, ixgbe ?"; NULL: no memory. */
static char *held_text(const json_t *image)
{
        json_t *drivers = json_object_get(image, "drivers");
        char *text = strdup("");
        const char *name;
        json_t *version;

        json_object_foreach(drivers, name, version)
        {
                const char *id = json_string_value(version);
                char *longer = NULL;

                if (!text || asprintf(&longer, "%s%s%s %s", text, *text ? ", " : "", name,
                                             id && *id ? id : "?") < 0)
                        longer = NULL;
                free(text);
                text = longer;
        }
        return text;
}

static void add_row(Table *table, const json_t *image)
{
        char *held CLEANUP_FREE = held_text(image);
        bool there = *json_text(image, "image") != '\0';
        bool stale = json_array_size(json_object_get(image, "stale")) > 0;

        table_add(table, json_text(image, "kernel"), COLOUR_STRONG);
        table_add(table, json_text(image, "generator"), COLOUR_NONE);
        table_add(table, json_text(image, "image"), COLOUR_NONE);
        table_add(table, held ? held : "?", COLOUR_NONE);
        if (stale)
                table_add(table, "stale", COLOUR_WARNING);
        else
                table_add(table,
                                !there                     ? ""
                                : json_flag(image, "read") ? "current"
                                                           : "not read",
                                COLOUR_NONE);
}

static int print_table(Client *client, const json_t *images)
{
        static const char *const headings[] = { "KERNEL", "GENERATOR", "IMAGE", "DRIVERS", "STATE", NULL };
        Table *table CLEANUP(table_freep) = NULL;
        size_t stale = 0;
        int r = table_new(headings, 3, &table);

        if (r < 0)
                return fail_errno(r, "Can't print the table");
        for (size_t i = 0; i < json_array_size(images); i++) {
                const json_t *image = json_array_get(images, i);

                add_row(table, image);
                stale += json_array_size(json_object_get(image, "stale")) > 0;
        }
        r = table_print(table, client, "No kernel is installed.");
        if (r == 0 && stale > 0 && !(client->options.given & OPTION_NO_LEGEND))
                (void) printf("\n%zu image%s stale: \"hostdriverctl initramfs rebuild\" rebuilds %s.\n",
                                stale, stale == 1 ? " is" : "s are", stale == 1 ? "it" : "them");
        return r;
}

static int print_status(Client *client, char **releases, size_t count)
{
        json_t *images CLEANUP_JSON = NULL;
        int r = read_images(client, &images);

        if (r == 0)
                r = narrow(images, releases, count);
        if (r != 0)
                return r;
        return client->options.json != JSON_OFF
                               ? json_print(&client->options, json_pack("{s:O}", "images", images))
                               : print_table(client, images);
}

/* --- rebuild ----------------------------------------------------------------------------------------- */

static int message_new(Client *client, char **releases, size_t count, sd_bus_message **ret)
{
        int r = bus_message_new(client, MANAGER_PATH, MANAGER_INTERFACE, "RebuildInitramfs", ret);

        if (r != 0)
                return r;
        r = sd_bus_message_open_container(*ret, 'a', "s");
        for (size_t i = 0; r >= 0 && i < count; i++)
                r = sd_bus_message_append_basic(*ret, 's', releases[i]);
        if (r >= 0)
                r = sd_bus_message_close_container(*ret);
        if (r >= 0)
                r = sd_bus_message_append(*ret, "a{sv}", 0);
        return r < 0 ? bus_fail_message(r) : 0;
}

static int report(Client *client, const char *path, const JobOutcome *outcome)
{
        const char *result = outcome->result ? outcome->result : "";
        const char *error = outcome->error ? outcome->error : "";
        int r = 0;

        if (client->options.json != JSON_OFF)
                r = json_print(&client->options, json_pack("{s:s, s:s, s:s}", "job", job_path_id(path),
                                                                 "result", result, "error", error));
        if (r == 0)
                r = job_run_judge(
                                path, outcome, "all images are the old ones", "all images are the old ones");
        if (r != 0)
                return r;
        if (client->options.json == JSON_OFF && strcmp(result, "done") == 0)
                (void) puts("The initramfs images are up to date.");
        return STATUS_DONE;
}

static int rebuild(Client *client, char **releases, size_t count)
{
        sd_bus_message *message CLEANUP(sd_bus_message_unrefp) = NULL;
        JobWaiter *waiter CLEANUP(job_waiter_freep) = NULL;
        JobOutcome outcome CLEANUP_JOB_OUTCOME = { 0 };
        char *path CLEANUP_FREE = NULL;
        int r = client->options.given & OPTION_NO_BLOCK ? 0 : job_waiter_new(client, &waiter);

        if (r == 0)
                r = message_new(client, releases, count, &message);
        if (r == 0)
                r = job_run_begin(client, message, &path);
        if (r != 0)
                return r;
        if (waiter)
                r = job_wait(waiter, path, "initramfs", &outcome);
        else if (client->options.json == JSON_OFF)
                (void) printf("Job %s has begun; \"hostdriverctl jobs\" lists it.\n", job_path_id(path));
        return r < 0 || (waiter && r != 0) ? r : report(client, path, &outcome);
}

int verb_initramfs(Client *client, char **arguments, size_t count)
{
        const char *what = count > 0 ? arguments[0] : "status";

        if (strcmp(what, "status") == 0)
                return print_status(client, arguments + 1, count > 0 ? count - 1 : 0);
        if (strcmp(what, "rebuild") == 0)
                return rebuild(client, arguments + 1, count - 1);
        return fail(STATUS_USAGE,
                        "\"%s\" is neither status nor rebuild. Usage: hostdriverctl initramfs [status|rebuild "
                        "[RELEASE…]]",
                        what);
}
