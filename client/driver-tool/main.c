/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* driver-tool: what xapi calls to list and select drivers, as a client of the service. It reads its options
 * and prints; it touches nothing of the host itself. */

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "bus.h"
#include "change.h"
#include "connection.h"
#include "json.h"
#include "packages.h"
#include "text.h"

/* Of the list, as in XenServer's own tool (xcp/dmv.py of its python-libs). */
#define LIST_PROTOCOL 0.1

typedef struct Request {
        bool list, select, help, version;
        const char *deselect;
        const char *name;
        const char *variant;
} Request;

static const char help[] = "Usage: driver-tool -l\n"
                           "       driver-tool -s -n NAME -v VARIANT\n"
                           "       driver-tool -d NAME\n\n"
                           "Lists and selects drivers for xapi, through the service hostdriverd.\n\n"
                           " -l          List the drivers: packages and their variants, as JSON\n"
                           " -s          Select a variant of a driver for the next load\n"
                           " -n NAME     The driver to select a variant of\n"
                           " -v VARIANT  The variant to select\n"
                           " -d NAME     Deselect a driver: it is not loaded any more\n"
                           " -h, --help  Show this help\n"
                           " --version   Show the version\n";

static int take_option(Request *request, int key, const char *value, Outcome *outcome)
{
        switch (key) {
        case 'l':
                request->list = true;
                return 0;
        case 's':
                request->select = true;
                return 0;
        case 'd':
                request->deselect = value;
                return 0;
        case 'n':
                request->name = value;
                return 0;
        case 'v':
                request->variant = value;
                return 0;
        case 'h':
                request->help = true;
                return 0;
        case 'V':
                request->version = true;
                return 0;
        case ':':
                return outcome_fail(
                                outcome, EINVAL, "-%c needs a value. See \"driver-tool --help\".", optopt);
        default:
                return outcome_fail(outcome, EINVAL, "Unknown option. See \"driver-tool --help\".");
        }
}

static int parse(int count, char **words, Request *request, Outcome *outcome)
{
        static const struct option names[] = { { .name = "help", .val = 'h' },
                { .name = "version", .val = 'V' }, { 0 } };
        int key;

        opterr = 0;
        while (!request->help && !request->version &&
                        (key = getopt_long(count, words, ":lsn:v:d:h", names, NULL)) != -1) {
                int r = take_option(request, key, optarg, outcome);

                if (r > 0)
                        return r;
        }
        if (request->help || request->version || optind >= count)
                return 0;
        return outcome_fail(outcome, EINVAL, "\"%s\" is one argument too many. See \"driver-tool --help\".",
                        text_is_utf8(words[optind]) ? words[optind] : "?");
}

static bool is_name(const char *text)
{
        return text && *text && text_is_utf8(text);
}

/* XenServer's tool lists whatever else is given, and knows no -d. Its codes for what is missing are these.
 */
static int check(const Request *request, Outcome *outcome)
{
        if (request->list)
                return 0;
        if (!request->select && !request->deselect)
                return outcome_fail(outcome, EINVAL, "One of -l, -s and -d must be given.");
        if (request->select && request->deselect)
                return outcome_fail(outcome, EINVAL, "Only one of -s and -d can be given.");
        if (request->select && (!is_name(request->name) || !is_name(request->variant)))
                return outcome_fail(outcome, ENOEXEC,
                                "-s needs both -n NAME and -v VARIANT, which aren't empty and are UTF-8.");
        if (request->deselect && !is_name(request->deselect))
                return outcome_fail(outcome, EINVAL, "-d needs a name that isn't empty, in UTF-8.");
        return 0;
}

static int print_list(sd_bus *bus, Outcome *outcome)
{
        sd_bus_error error CLEANUP(sd_bus_error_free) = SD_BUS_ERROR_NULL;
        PackageList list CLEANUP_PACKAGE_LIST = { 0 };
        json_t *document CLEANUP_JSON = NULL;
        int r = package_list_read(bus, &list, outcome), reboot = 0;

        if (r > 0)
                return r;
        r = sd_bus_get_property_trivial(bus, SERVICE_NAME, MANAGER_PATH, MANAGER_INTERFACE, "RebootRequired",
                        &error, 'b', &reboot);
        if (r < 0)
                return outcome_fail_bus(outcome, &error, r);
        document = json_pack("{s:{s:f}, s:{s:b}, s:o}", "protocol", "version", LIST_PROTOCOL, "operation",
                        "reboot", reboot, "drivers", package_list_describe(&list));
        if (!document)
                return outcome_fail(outcome, ENOMEM, "Out of memory.");
        (void) json_dumpf(document, stdout, JSON_INDENT(4) | JSON_REAL_PRECISION(6));
        (void) putchar('\n');
        return 0;
}

static int run(const Request *request, Outcome *outcome)
{
        const ConnectionWish wish = { .needs_no_bus = true };
        Connection connection CLEANUP(connection_close) = { 0 };
        ConnectionFailure failure = { 0 };
        int r = connection_open(&wish, &connection, &failure);

        if (r < 0) {
                (void) outcome_fail(outcome, failure.error, "%s",
                                failure.sentence ? failure.sentence : strerror(ENOMEM));
                free(failure.sentence);
                return failure.error;
        }
        if (request->list)
                return print_list(connection.bus, outcome);
        return request->select ? change_package(connection.bus, request->name, request->variant, outcome)
                               : change_package(connection.bus, request->deselect, NULL, outcome);
}

/* Where nothing is asked for, nobody reads what standard output has: there XenServer's tool prints the
 * object on standard error, alone. */
static int fail(const Request *request, const Outcome *outcome)
{
        if (!request->list && !request->select && !request->deselect) {
                outcome_print_object(outcome, stderr);
                return STATUS_FAILED;
        }
        outcome_print_sentence(outcome);
        outcome_print_object(outcome, stdout);
        return STATUS_FAILED;
}

int main(int argc, char **argv)
{
        Outcome outcome CLEANUP_OUTCOME = { 0 };
        Request request = { 0 };
        int status = STATUS_WORKED;

        if (parse(argc, argv, &request, &outcome) > 0) {
                outcome_print_sentence(&outcome);
                return STATUS_UNKNOWN_ARGUMENT;
        }
        if (request.help || request.version)
                (void) fputs(request.help ? help : "driver-tool " PROJECT_VERSION "\n", stdout);
        else if (check(&request, &outcome) > 0 || run(&request, &outcome) > 0)
                status = fail(&request, &outcome);
        /* A list that is cut off must not be taken for a whole one. */
        return fflush(stdout) != 0 || ferror(stdout) ? STATUS_FAILED : status;
}
