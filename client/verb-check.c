/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* check and why: what a selection would run into, and which file wins. They change nothing. */

#include <stdio.h>
#include <string.h>

#include "bus.h"
#include "colour.h"
#include "error.h"
#include "json.h"
#include "text.h"
#include "verbs.h"

static bool is_refused(const json_t *findings)
{
        for (size_t i = 0; i < json_array_size(findings); i++)
                if (strcmp(json_text(json_array_get(findings, i), "severity"), "error") == 0)
                        return true;
        return false;
}

static void print_findings(const Client *client, const json_t *findings)
{
        bool coloured = client->terminal.output_colour;

        for (size_t i = 0; i < json_array_size(findings); i++) {
                const json_t *finding = json_array_get(findings, i);
                char *severity CLEANUP_FREE = text_escape(json_text(finding, "severity"));
                char *code CLEANUP_FREE = text_escape(json_text(finding, "code"));
                char *sentence CLEANUP_FREE = text_escape(json_text(finding, "sentence"));
                Colour colour = colour_of_severity(json_text(finding, "severity"));

                (void) printf("%s%s%s: %s: %s\n", colour_begin(coloured, colour), severity ? severity : "?",
                                colour_end(coloured, colour), code ? code : "?", sentence ? sentence : "?");
        }
}

static void print_verdict(const Client *client, char **arguments, const json_t *findings)
{
        char *driver CLEANUP_FREE = text_escape(arguments[0]),
                     *version CLEANUP_FREE = text_escape(arguments[1]);
        bool coloured = client->terminal.output_colour;

        if ((client->options.given & OPTION_NO_LEGEND) || !driver || !version)
                return;
        if (is_refused(findings))
                (void) printf("%s %s can't be selected. To select it all the same: --ignore=CODE for each "
                              "error.\n",
                                driver, version);
        else
                (void) printf("%s%s %s can be selected.%s\n", colour_begin(coloured, COLOUR_GOOD), driver,
                                version, colour_end(coloured, COLOUR_GOOD));
}

static int call_check(Client *client, char **arguments, json_t **ret)
{
        sd_bus_message *message CLEANUP(sd_bus_message_unrefp) = NULL;
        sd_bus_message *reply CLEANUP(sd_bus_message_unrefp) = NULL;
        int r = bus_version_message_new(client, arguments[0], "Check", arguments[1], &message);

        if (r == 0)
                r = bus_append_options(&client->options, message);
        if (r == 0)
                r = bus_call(client, message, &reply);
        if (r != 0)
                return r;
        r = json_read_rows(reply, problem_names, ret);
        return r < 0 ? bus_fail_message(r) : 0;
}

int verb_check(Client *client, char **arguments, size_t count)
{
        json_t *findings CLEANUP_JSON = NULL;
        int r = call_check(client, arguments, &findings);

        if (r != 0)
                return r;
        if (client->options.json != JSON_OFF) {
                r = json_print(&client->options,
                                json_pack("{ss, ss, sb, sO}", "driver", arguments[0], "version",
                                                arguments[1], "selectable", !is_refused(findings),
                                                "findings", findings));
                if (r != 0)
                        return r;
        } else {
                print_findings(client, findings);
                print_verdict(client, arguments, findings);
        }
        return is_refused(findings) ? STATUS_FAILED : STATUS_DONE;
}

/* Paths and reasons are both long: two lines each, the effective file marked. */
static void print_candidates(const Client *client, const json_t *candidates)
{
        bool coloured = client->terminal.output_colour;

        for (size_t i = 0; i < json_array_size(candidates); i++) {
                const json_t *candidate = json_array_get(candidates, i);
                char *path CLEANUP_FREE = text_escape(json_text(candidate, "path"));
                char *version CLEANUP_FREE = text_escape(json_text(candidate, "version"));
                char *reason CLEANUP_FREE = text_escape(json_text(candidate, "reason"));
                bool effective = json_flag(candidate, "effective");
                Colour colour = effective ? COLOUR_GOOD : COLOUR_NONE;

                if (!path || !version || !reason)
                        continue;
                (void) printf("%s%s %s%s%s\n      %s\n", colour_begin(coloured, colour),
                                effective ? "*" : " ", *version ? version : "(no version)",
                                effective ? " (effective)" : "", colour_end(coloured, colour), path);
                (void) printf("      %s\n", reason);
        }
        if (json_array_size(candidates) == 0 && !(client->options.given & OPTION_NO_LEGEND))
                (void) puts("No file has that module's name.");
}

int verb_why(Client *client, char **arguments, size_t count)
{
        static const char *const names[] = { "path", "version", "effective", "reason", NULL };
        sd_bus_message *message CLEANUP(sd_bus_message_unrefp) = NULL;
        sd_bus_message *reply CLEANUP(sd_bus_message_unrefp) = NULL;
        json_t *candidates CLEANUP_JSON = NULL;
        char *path CLEANUP_FREE = NULL;
        int r = bus_find_driver(client, arguments[0], &path);

        if (r == 0)
                r = bus_message_new(client, path, DRIVER_INTERFACE, "Why", &message);
        if (r == 0)
                r = bus_call(client, message, &reply);
        if (r != 0)
                return r;
        r = json_read_rows(reply, names, &candidates);
        if (r < 0)
                return bus_fail_message(r);
        if (client->options.json != JSON_OFF)
                return json_print(&client->options,
                                json_pack("{ss, sO}", "driver", arguments[0], "candidates", candidates));
        print_candidates(client, candidates);
        return STATUS_DONE;
}
