/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* kernels and policy: which version which kernel release has, and what the next one is to get. */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "bus.h"
#include "drivers.h"
#include "error.h"
#include "json.h"
#include "table.h"
#include "text.h"
#include "verbs.h"

static bool array_has(const json_t *array, const char *text)
{
        for (size_t i = 0; i < json_array_size(array); i++)
                if (strcmp(json_item_text(array, i), text) == 0)
                        return true;
        return false;
}

static void add_cell(Table *table, const json_t *driver, const char *release)
{
        const char *version = json_text(json_object_get(driver, "selected_by_kernel"), release);
        char *marked CLEANUP_FREE = NULL;

        if (!array_has(json_object_get(driver, "kernels_not_covered"), release)) {
                table_add(table, version, COLOUR_NONE);
                return;
        }
        if (asprintf(&marked, "%s (not covered)", *version ? version : "none") < 0)
                marked = NULL;
        table_add(table, marked ? marked : "(not covered)", COLOUR_WARNING);
}

static void add_driver(Table *table, const json_t *driver, const json_t *releases)
{
        table_add(table, json_text(driver, "name"), COLOUR_STRONG);
        for (size_t i = 0; i < json_array_size(releases); i++)
                add_cell(table, driver, json_item_text(releases, i));
        table_add(table, json_text(driver, "policy"), COLOUR_NONE);
}

/* A root that doesn't run has a kernel all the same that what isn't told by kernel is about. */
static bool only_counts(const Client *client, const char *release)
{
        struct utsname machine;

        return client->connection.daemon > 0 && uname(&machine) >= 0 &&
               strcmp(machine.release, release) != 0;
}

static void print_summary(const Client *client, const json_t *drivers, const char *running)
{
        char *release CLEANUP_FREE = text_escape(running);
        size_t uncovered = 0;

        for (size_t i = 0; i < json_array_size(drivers); i++)
                uncovered += json_array_size(json_object_get(
                                             json_array_get(drivers, i), "kernels_not_covered")) > 0;
        (void) printf("\nKernel %s %s.\n", release ? release : "?",
                        only_counts(client, running) ? "counts as the running one" : "is running");
        if (uncovered > 0)
                (void) printf("%zu driver%s not covered in every kernel: \"hostdriverctl show NAME\" says "
                              "what to do.\n",
                                uncovered, uncovered == 1 ? " is" : "s are");
}

/* The column headings, NULL-terminated; the strings are those of RELEASES. */
static const char **make_headings(const json_t *releases)
{
        size_t count = json_array_size(releases), next = 0;
        const char **headings = calloc(count + 3, sizeof(*headings));

        if (!headings)
                return NULL;
        headings[next++] = "NAME";
        for (size_t i = 0; i < count; i++)
                headings[next++] = json_item_text(releases, i);
        headings[next] = "POLICY";
        return headings;
}

static int print_table(Client *client, const json_t *drivers, const json_t *host)
{
        const json_t *releases = json_object_get(host, "kernels");
        const char **headings CLEANUP_FREE = make_headings(releases);
        Table *table CLEANUP(table_freep) = NULL;
        int r = headings ? table_new(headings, 0, &table) : -ENOMEM;

        if (r < 0)
                return fail_errno(r, "Can't print the table");
        for (size_t i = 0; i < json_array_size(drivers); i++)
                add_driver(table, json_array_get(drivers, i), releases);
        r = table_print(table, client, DRIVERS_NONE);
        if (r == 0 && json_array_size(drivers) > 0 && !(client->options.given & OPTION_NO_LEGEND))
                print_summary(client, drivers, json_text(host, "kernel_release"));
        return r;
}

/* Of each driver what the table shows. */
static int print_json(const Client *client, const json_t *drivers, const json_t *host)
{
        static const char *const names[] = { "name", "policy", "selected_by_kernel", "kernels_not_covered" };
        json_t *parts CLEANUP_JSON = json_array();

        for (size_t i = 0; i < json_array_size(drivers); i++) {
                json_t *part CLEANUP_JSON = json_object();

                for (size_t j = 0; j < ELEMENTSOF(names); j++) {
                        json_t *value = json_object_get(json_array_get(drivers, i), names[j]);

                        if (value && json_object_set(part, names[j], value) < 0)
                                return bus_fail_message(-ENOMEM);
                }
                if (json_array_append(parts, part) < 0)
                        return bus_fail_message(-ENOMEM);
        }
        return json_print(&client->options,
                        json_pack("{s:O?, s:O?, s:O}", "kernel_release",
                                        json_object_get(host, "kernel_release"), "kernels",
                                        json_object_get(host, "kernels"), "drivers", parts));
}

int verb_kernels(Client *client, char **arguments, size_t count)
{
        json_t *drivers CLEANUP_JSON = NULL, *host CLEANUP_JSON = NULL;
        int r = drivers_read(client, &drivers);

        if (r == 0)
                r = bus_get_properties(client, MANAGER_PATH, MANAGER_INTERFACE, &host);
        if (r != 0)
                return r;
        return client->options.json != JSON_OFF ? print_json(client, drivers, host)
                                                : print_table(client, drivers, host);
}

static int set_policy(Client *client, const char *path, const char *policy)
{
        sd_bus_message *message CLEANUP(sd_bus_message_unrefp) = NULL;
        int r = bus_message_new(client, path, DRIVER_INTERFACE, "SetPolicy", &message);

        if (r != 0)
                return r;
        r = sd_bus_message_append(message, "sa{sv}", policy, 0);
        return r < 0 ? bus_fail_message(r) : bus_call_authorized(client, message, NULL);
}

int verb_policy(Client *client, char **arguments, size_t count)
{
        char *path CLEANUP_FREE = NULL;
        json_t *driver CLEANUP_JSON = NULL;
        int r = bus_find_driver(client, arguments[0], &path);

        if (r == 0 && count > 1)
                r = set_policy(client, path, arguments[1]);
        if (r == 0 && (count == 1 || client->options.json != JSON_OFF))
                r = bus_get_properties(client, path, DRIVER_INTERFACE, &driver);
        if (r != 0)
                return r;
        if (client->options.json != JSON_OFF)
                return json_print(&client->options,
                                json_pack("{s:s, s:s}", "driver", json_text(driver, "name"), "policy",
                                                json_text(driver, "policy")));
        if (count == 1) {
                char *policy CLEANUP_FREE = text_escape(json_text(driver, "policy"));

                (void) puts(policy ? policy : "?");
        }
        return STATUS_DONE;
}
