/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* list: all drivers in one table, from one short message; for JSON, all that the object manager knows. */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "bus.h"
#include "drivers.h"
#include "error.h"
#include "json.h"
#include "table.h"
#include "text.h"
#include "verbs.h"

/* The overview: the members of a driver that the table shows, with the names that they have as properties.
 */
static int get_overview(Client *client, json_t **ret)
{
        static const char *const names[] = { "name", "versions", "selected", "active", "loaded",
                "reboot_required", "problems", NULL };
        static const char *const part_names[] = { "severity", "code", NULL };
        sd_bus_message *reply CLEANUP(sd_bus_message_unrefp) = NULL;
        json_t *drivers CLEANUP_JSON = NULL;
        int r = bus_call_manager(client, "ListVersions", NULL, NULL, &reply);

        if (r != 0)
                return r;
        r = json_read_rows(reply, names, &drivers);
        for (size_t i = 0; r >= 0 && i < json_array_size(drivers); i++) {
                json_t *driver = json_array_get(drivers, i), *problems;

                r = json_name_rows(json_object_get(driver, "problems"), part_names, &problems);
                if (r >= 0 && json_object_set_new(driver, "problems", problems) < 0)
                        r = -ENOMEM;
        }
        if (r < 0)
                return bus_fail_message(r);
        *ret = STEAL(drivers);
        return 0;
}

/* The items, joined by commas. */
static void add_joined(Table *table, const json_t *items, const char *key, Colour colour)
{
        char *text CLEANUP_FREE = NULL;
        size_t size = 0;
        FILE *stream = open_memstream(&text, &size);

        if (!stream)
                return;
        for (size_t i = 0, printed = 0; i < json_array_size(items); i++) {
                const json_t *item = json_array_get(items, i);

                if (key && strcmp(json_text(item, "severity"), "info") == 0)
                        continue;
                (void) fprintf(stream, "%s%s", printed++ > 0 ? "," : "",
                                key ? json_text(item, key) : json_item_text(items, i));
        }
        (void) fclose(stream);
        if (text)
                table_add(table, text, colour);
}

/* Whether it has problems that are more than information, and how bad the worst is. */
static Colour worst_problem(const json_t *driver)
{
        const json_t *problems = json_object_get(driver, "problems");
        Colour worst = COLOUR_NONE;

        for (size_t i = 0; i < json_array_size(problems); i++) {
                Colour colour = colour_of_severity(json_text(json_array_get(problems, i), "severity"));

                if (colour != COLOUR_FAINT && colour > worst)
                        worst = colour;
        }
        return worst;
}

static void add_driver(Table *table, const json_t *driver)
{
        const char *active = json_text(driver, "active");
        bool unknown = !*active && json_flag(driver, "loaded"),
             reboot = json_flag(driver, "reboot_required");

        table_add(table, json_text(driver, "name"), COLOUR_STRONG);
        add_joined(table, json_object_get(driver, "versions"), NULL, COLOUR_NONE);
        table_add(table, json_text(driver, "selected"), COLOUR_NONE);
        table_add(table, unknown ? "(unknown)" : active, unknown ? COLOUR_WARNING : COLOUR_NONE);
        table_add(table, reboot ? "required" : "", reboot ? COLOUR_WARNING : COLOUR_NONE);
        add_joined(table, json_object_get(driver, "problems"), "code", worst_problem(driver));
}

static void print_summary(const json_t *drivers, const json_t *host)
{
        const json_t *problems = json_object_get(host, "problems");
        size_t count = json_array_size(drivers), bad = 0, reboots = 0;

        for (size_t i = 0; i < count; i++) {
                bad += worst_problem(json_array_get(drivers, i)) != COLOUR_NONE;
                reboots += json_flag(json_array_get(drivers, i), "reboot_required");
        }
        if (count > 0)
                (void) printf("\n%zu driver%s.", count, count == 1 ? "" : "s");
        if (reboots > 0)
                (void) printf(" %zu need%s a reboot to be active as selected.", reboots,
                                reboots == 1 ? "s" : "");
        if (count > 0)
                (void) putchar('\n');
        if (bad > 0)
                (void) printf("%zu %s: \"hostdriverctl show NAME\" says what to do.\n", bad,
                                bad == 1 ? "has a problem" : "have problems");
        for (size_t i = 0; i < json_array_size(problems); i++) {
                const json_t *problem = json_array_get(problems, i);
                char *severity CLEANUP_FREE = text_escape(json_text(problem, "severity"));
                char *sentence CLEANUP_FREE = text_escape(json_text(problem, "sentence"));

                (void) printf("Host: %s: %s\n", severity ? severity : "?", sentence ? sentence : "?");
        }
}

static int print_table(Client *client, const json_t *drivers, const json_t *host)
{
        static const char *const headings[] = { "NAME", "VERSIONS", "SELECTED", "ACTIVE", "REBOOT",
                "PROBLEMS", NULL };
        Table *table CLEANUP(table_freep) = NULL;
        bool legend = !(client->options.given & OPTION_NO_LEGEND);
        int r = table_new(headings, 1, &table);

        if (r < 0)
                return fail_errno(r, "Can't print the table");
        for (size_t i = 0; i < json_array_size(drivers); i++)
                add_driver(table, json_array_get(drivers, i));
        r = table_print(table, client, DRIVERS_NONE);
        if (r == 0 && legend)
                print_summary(drivers, host);
        return r;
}

int verb_list(Client *client, char **arguments, size_t count)
{
        json_t *drivers CLEANUP_JSON = NULL, *host CLEANUP_JSON = NULL;
        bool json = client->options.json != JSON_OFF;
        int r = json ? drivers_read(client, &drivers) : get_overview(client, &drivers);

        if (r != 0)
                return r;
        /* Only JSON and the summary tell of the host. */
        if (json || !(client->options.given & OPTION_NO_LEGEND))
                r = bus_get_properties(client, MANAGER_PATH, MANAGER_INTERFACE, &host);
        if (r != 0)
                return r;
        if (json) {
                if (json_object_set(host, "drivers", drivers) < 0)
                        return bus_fail_message(-ENOMEM);
                return json_print(&client->options, STEAL(host));
        }
        return print_table(client, drivers, host);
}
