/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* history: what was selected when, by whom, and how it ended. */

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>

#include "bus.h"
#include "error.h"
#include "json.h"
#include "table.h"
#include "time-text.h"
#include "verbs.h"

#define NUMBER_SIZE 24

static int get_history(Client *client, const char *driver, json_t **ret)
{
        sd_bus_message *message CLEANUP(sd_bus_message_unrefp) = NULL;
        const Options *options = &client->options;
        int r = bus_message_new(client, MANAGER_PATH, MANAGER_INTERFACE, "GetHistory", &message);

        if (r != 0)
                return r;
        r = sd_bus_message_open_container(message, SD_BUS_TYPE_ARRAY, "{sv}");
        if (r >= 0 && driver)
                r = sd_bus_message_append(message, "{sv}", "driver", "s", driver);
        if (r >= 0 && options->since_us > 0)
                r = sd_bus_message_append(message, "{sv}", "since", "t", options->since_us);
        if (r >= 0 && options->lines > 0)
                r = sd_bus_message_append(message, "{sv}", "limit", "t", options->lines);
        if (r >= 0)
                r = sd_bus_message_close_container(message);
        return r < 0 ? bus_fail_message(r) : bus_call_objects(client, message, ret);
}

/* The users of another host or container have other names. */
static void add_user(Table *table, const Client *client, const json_t *entry)
{
        const json_t *value = json_object_get(entry, "uid");
        json_int_t uid = json_integer_value(value);
        bool known = json_is_integer(value) && uid >= 0 && uid < UINT32_MAX;
        bool local = !client->options.host && !client->options.machine;
        const struct passwd *user = known && local ? getpwuid((uid_t) uid) : NULL;
        char number[NUMBER_SIZE] = "";

        if (known)
                (void) snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT, uid);
        table_add(table, user ? user->pw_name : number, COLOUR_NONE);
}

static void add_entry(Table *table, const Client *client, const json_t *entry)
{
        const json_t *time = json_object_get(entry, "time");
        const char *result = json_text(entry, "result");
        char text[TIME_TEXT_SIZE];

        time_format(json_is_integer(time) ? (uint64_t) json_integer_value(time) : UINT64_MAX, text);
        table_add(table, text, COLOUR_NONE);
        add_user(table, client, entry);
        table_add(table, json_text(entry, "kind"), COLOUR_NONE);
        table_add(table, json_text(entry, "driver"), COLOUR_STRONG);
        table_add(table, json_text(entry, "kernel"), COLOUR_NONE);
        table_add(table, json_text(entry, "from"), COLOUR_NONE);
        table_add(table, json_text(entry, "to"), COLOUR_NONE);
        table_add(table, result, strcmp(result, "done") == 0 ? COLOUR_NONE : COLOUR_ERROR);
        table_add(table, json_text(entry, "detail"), COLOUR_NONE);
}

int verb_history(Client *client, char **arguments, size_t count)
{
        static const char *const headings[] = { "TIME", "USER", "KIND", "DRIVER", "KERNEL", "FROM", "TO",
                "RESULT", "DETAIL", NULL };
        Table *table CLEANUP(table_freep) = NULL;
        json_t *entries CLEANUP_JSON = NULL;
        int r = get_history(client, count > 0 ? arguments[0] : NULL, &entries);

        if (r != 0)
                return r;
        if (client->options.json != JSON_OFF)
                return json_print(&client->options, json_pack("{sO}", "history", entries));
        r = table_new(headings, 8, &table);
        if (r < 0)
                return fail_errno(r, "Can't print the table");
        for (size_t i = 0; i < json_array_size(entries); i++)
                add_entry(table, client, json_array_get(entries, i));
        return table_print(table, client,
                        count > 0 || client->options.since_us > 0 ? "Nothing of that is recorded."
                                                                  : "Nothing has been selected yet.");
}
