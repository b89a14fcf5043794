/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads the command line by the table of options. */

#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>

#include "error.h"
#include "text.h"
#include "time-text.h"

#define LINES_MAX 1000000

/* What getopt_long() returns for the first row; above every letter. */
#define LONG_OPTION 256

static const OptionRow rows[] = {
        { OPTION_HOST, "host", 'H', "[USER@]HOST", "Talk to the service on another host, through ssh" },
        { OPTION_MACHINE, "machine", 'M', "CONTAINER", "Talk to the service in a local container" },
        { OPTION_ROOT, "root", '\0', "DIR",
                        "Work on this root directory, without the service if none runs" },
        { OPTION_JSON, "json", '\0', "MODE",
                        "Print JSON: \"short\" on one line, \"pretty\" indented, or \"off\"" },
        { OPTION_NO_PAGER, "no-pager", '\0', NULL, "Don't pipe the output into a pager" },
        { OPTION_NO_LEGEND, "no-legend", '\0', NULL, "Print neither the headings nor the summary" },
        { OPTION_FULL, "full", 'l', NULL, "Don't cut columns to the terminal's width" },
        { OPTION_NO_BLOCK, "no-block", '\0', NULL, "Don't wait until the job has ended" },
        { OPTION_NO_ASK_PASSWORD, "no-ask-password", '\0', NULL, "Don't ask for a password" },
        { OPTION_KERNEL, "kernel", 'k', "RELEASE", "Only for this kernel release (may be repeated)" },
        { OPTION_IGNORE, "ignore", '\0', "CODE", "Pass over this error of \"check\" (may be repeated)" },
        { OPTION_DRY_RUN, "dry-run", '\0', NULL, "Say what would be changed, and change nothing" },
        { OPTION_FORCE, "force", '\0', NULL, "Really leave the driver without a version" },
        { OPTION_PACKAGE, "package", '\0', "PACKAGE", "The package that the version is to belong to" },
        { OPTION_AS_VERSION, "as-version", '\0', "VERSION", "What the version is to be called" },
        { OPTION_UNDO, "undo", '\0', NULL, "Put an adopted file back to where it was" },
        { OPTION_LEAVING, "leaving", '\0', NULL, "The kernel is installed, but just being removed" },
        { OPTION_SINCE, "since", '\0', "TIME", "Only what happened at or after this time" },
        { OPTION_LINES, "lines", 'n', "NUMBER", "Only the newest so many" },
        { OPTION_HELP, "help", 'h', NULL, "Show this help" },
        { OPTION_VERSION, "version", '\0', NULL, "Show the version" },
};

const OptionRow *option_rows(size_t *ret_count)
{
        *ret_count = ELEMENTSOF(rows);
        return rows;
}

static int append(const char ***list, const char *value)
{
        size_t count = 0;
        const char **larger;

        while (*list && (*list)[count])
                count++;
        larger = reallocarray(*list, count + 2, sizeof(*larger));
        if (!larger)
                return fail_errno(ENOMEM, "Can't read the options");
        larger[count] = value;
        larger[count + 1] = NULL;
        *list = larger;
        return 0;
}

static int parse_json(Options *options, const char *value)
{
        if (strcmp(value, "short") == 0)
                options->json = JSON_LINE;
        else if (strcmp(value, "pretty") == 0)
                options->json = JSON_PRETTY;
        else if (strcmp(value, "off") == 0)
                options->json = JSON_OFF;
        else
                return fail(STATUS_USAGE, "--json=%s: the mode must be \"short\", \"pretty\" or \"off\".",
                                value);
        return 0;
}

static int parse_lines(Options *options, const char *value)
{
        unsigned long number;
        char *end;

        errno = 0;
        number = strtoul(value, &end, 10);
        if (*value < '0' || *value > '9' || *end || errno != 0 || number < 1 || number > LINES_MAX)
                return fail(STATUS_USAGE, "--lines=%s: that must be a number from 1 to %d.", value,
                                LINES_MAX);
        options->lines = number;
        return 0;
}

static int parse_since(Options *options, const char *value)
{
        if (time_parse(value, &options->since_us) < 0)
                return fail(STATUS_USAGE,
                                "--since=%s: that is no time. Write it as \"2026-11-22 18:00\", "
                                "\"yesterday\", "
                                "\"-2h\" or \"@SECONDS\".",
                                value);
        return 0;
}

static int parse_option(Options *options, const OptionRow *row, const char *value)
{
        options->given |= row->id;
        /* An empty value would mean "all" or "none" further on: never guess. */
        if (value && !*value)
                return fail(STATUS_USAGE, "--%s needs a value that isn't empty.", row->name);
        if (value && !text_is_utf8(value))
                return fail(STATUS_USAGE, "--%s=%s: that isn't valid UTF-8.", row->name, value);
        switch (row->id) {
        case OPTION_HOST:
                options->host = value;
                return 0;
        case OPTION_MACHINE:
                options->machine = value;
                return 0;
        case OPTION_ROOT:
                options->root = value;
                return 0;
        case OPTION_JSON:
                return parse_json(options, value);
        case OPTION_KERNEL:
                return append(&options->kernels, value);
        case OPTION_IGNORE:
                return append(&options->ignore, value);
        case OPTION_PACKAGE:
                options->package = value;
                return 0;
        case OPTION_AS_VERSION:
                options->as_version = value;
                return 0;
        case OPTION_SINCE:
                return parse_since(options, value);
        case OPTION_LINES:
                return parse_lines(options, value);
        default:
                return 0;
        }
}

/* Behind a failed getopt_long(): a long option has been passed over by then, a letter may stand amid others.
 */
static int complain(int problem, char **values)
{
        const char *word = values[optind - 1];

        if (problem == ':')
                return fail(STATUS_USAGE, "%s needs a value. See \"hostdriverctl --help\".", word);
        if (optopt >= LONG_OPTION)
                return fail(STATUS_USAGE, "%s: this option has no value.", word);
        if (optopt > 0)
                return fail(STATUS_USAGE, "Unknown option -%c. See \"hostdriverctl --help\".", optopt);
        return fail(STATUS_USAGE, "Unknown or ambiguous option %s. See \"hostdriverctl --help\".", word);
}

static const OptionRow *find_row(int key)
{
        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                if (key == LONG_OPTION + (int) i || (rows[i].letter && key == rows[i].letter))
                        return &rows[i];
        return NULL;
}

int options_parse(int count, char **values, Options *ret)
{
        struct option names[ELEMENTSOF(rows) + 1] = { { 0 } };
        char letters[ELEMENTSOF(rows) * 2 + 2] = ":", *end = letters + 1;
        int key;

        *ret = (Options){ 0 };
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                names[i] = (struct option){ .name = rows[i].name,
                        .has_arg = rows[i].value ? required_argument : no_argument,
                        .val = LONG_OPTION + (int) i };
                if (rows[i].letter)
                        *end++ = rows[i].letter;
                if (rows[i].letter && rows[i].value)
                        *end++ = ':';
        }
        while ((key = getopt_long(count, values, letters, names, NULL)) != -1) {
                int r = key == '?' || key == ':' ? complain(key, values)
                                                 : parse_option(ret, find_row(key), optarg);

                if (r)
                        return r;
        }
        ret->arguments = values + optind;
        ret->argument_count = (size_t) (count - optind);
        return 0;
}

void options_done(Options *options)
{
        free(options->kernels);
        free(options->ignore);
        *options = (Options){ 0 };
}
