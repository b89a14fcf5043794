/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads options by one table. */

#include "bus/options.h"

#include <errno.h>
#include <string.h>

#include "bus/error.h"
#include "change/checks/findings.h"
#include "host/name.h"

/* To add a name to a set takes longer the more there are, and anybody may call: a message may hold millions.
 */
#define NAMES_MAX 4096

typedef struct OptionRow {
        const char *key;
        const char *type;
        OptionKey bit;
        size_t offset; /* of the value in Options */
} OptionRow;

static const OptionRow rows[] = {
        { "kernels", "as", OPTION_KERNELS, offsetof(Options, kernels) },
        { "ignore", "as", OPTION_IGNORE, offsetof(Options, ignore) },
        { "dry-run", "b", OPTION_DRY_RUN, offsetof(Options, dry_run) },
        { "drivers", "as", OPTION_DRIVERS, offsetof(Options, drivers) },
        { "driver", "s", OPTION_DRIVER, offsetof(Options, driver) },
        { "package", "s", OPTION_PACKAGE, offsetof(Options, package) },
        { "version", "s", OPTION_VERSION, offsetof(Options, version) },
        { "since", "t", OPTION_SINCE, offsetof(Options, since) },
        { "leaving", "b", OPTION_LEAVING, offsetof(Options, leaving) },
        { "limit", "t", OPTION_LIMIT, offsetof(Options, limit) },
};

int options_read_names(sd_bus_message *message, StringSet *set, sd_bus_error *error)
{
        const char *item;
        int r;

        r = sd_bus_message_enter_container(message, 'a', "s");
        if (r < 0)
                return r;
        while ((r = sd_bus_message_read_basic(message, 's', &item)) > 0) {
                if (string_set_add(set, item) < 0)
                        return -ENOMEM;
                if (set->count > NAMES_MAX)
                        return error_refuse(error, REFUSAL_INVALID_ARGS,
                                        "A list has more than %d names. Name fewer at once.", NAMES_MAX);
        }
        return r < 0 ? r : sd_bus_message_exit_container(message);
}

static int read_value(sd_bus_message *message, const OptionRow *row, Options *options, sd_bus_error *error)
{
        void *place = (char *) options + row->offset;
        const char *text;
        int truth, r;

        switch (row->type[0]) {
        case 'a':
                return options_read_names(message, place, error);
        case 'b':
                r = sd_bus_message_read_basic(message, 'b', &truth);
                *(bool *) place = r > 0 && truth;
                return r;
        case 't':
                return sd_bus_message_read_basic(message, 't', place);
        case 's':
        default:
                r = sd_bus_message_read_basic(message, 's', &text);
                if (r < 0)
                        return r;
                *(char **) place = strdup(text);
                return *(char **) place ? 0 : -ENOMEM;
        }
}

static const OptionRow *find_row(const char *key, unsigned allowed)
{
        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                if ((rows[i].bit & allowed) && strcmp(rows[i].key, key) == 0)
                        return &rows[i];
        return NULL;
}

static int refuse_key(sd_bus_error *error, const char *key, const char *why)
{
        char *printable CLEANUP_FREE = name_escape(key);

        return printable ? error_refuse(error, REFUSAL_INVALID_ARGS, "The option '%s' %s.", printable, why)
                         : -ENOMEM;
}

static int read_entry(sd_bus_message *message, unsigned allowed, Options *options, sd_bus_error *error)
{
        const OptionRow *row;
        const char *key, *type;
        char kind;
        int r;

        r = sd_bus_message_read_basic(message, 's', &key);
        if (r < 0)
                return r;
        row = find_row(key, allowed);
        if (!row)
                return refuse_key(error, key, "isn't known to this method");
        if (options->given & row->bit)
                return refuse_key(error, key, "is given twice");
        r = sd_bus_message_peek_type(message, &kind, &type);
        if (r < 0)
                return r;
        if (kind != 'v' || strcmp(type, row->type) != 0)
                return error_refuse(error, REFUSAL_INVALID_ARGS,
                                "The option '%s' must have the type '%s', and not '%s'.", row->key,
                                row->type, type ?: "");
        r = sd_bus_message_enter_container(message, 'v', row->type);
        if (r < 0)
                return r;
        r = read_value(message, row, options, error);
        if (r < 0)
                return r;
        options->given |= row->bit;
        return sd_bus_message_exit_container(message);
}

int options_check_release(const char *release, sd_bus_error *error)
{
        NameDefect defect = name_check(release);
        char *printable CLEANUP_FREE = NULL;

        if (defect == NAME_VALID)
                return 0;
        printable = name_escape(release);
        return printable ? error_refuse(error, REFUSAL_INVALID_ARGS, "'%s' is no kernel release: it %s.",
                                           printable, name_defect_text(defect))
                         : -ENOMEM;
}

static int check_kernels(const Options *options, sd_bus_error *error)
{
        if (!(options->given & OPTION_KERNELS))
                return 0;
        if (options->kernels.count == 0)
                return error_refuse(error, REFUSAL_INVALID_ARGS,
                                "The option 'kernels' names no kernel release; leave it out to mean all.");
        for (size_t i = 0; i < options->kernels.count; i++) {
                int r = options_check_release(options->kernels.items[i], error);

                if (r < 0)
                        return r;
        }
        return 0;
}

/* A slip would pass for nothing ignored, or worse, for everything looked at. */
static int check_ignored(const Options *options, sd_bus_error *error)
{
        for (size_t i = 0; i < options->ignore.count; i++) {
                char *printable CLEANUP_FREE = name_escape(options->ignore.items[i]);
                Refusal refusal CLEANUP_REFUSAL = { 0 };
                int r = printable ? findings_check_ignored(printable, &refusal) : -ENOMEM;

                if (r < 0)
                        return error_from_result(error, r, &refusal, "The check of the option 'ignore'");
        }
        return 0;
}

int options_read(sd_bus_message *message, unsigned allowed, Options *ret, sd_bus_error *error)
{
        Options options CLEANUP_OPTIONS = { 0 };
        int r;

        r = sd_bus_message_enter_container(message, 'a', "{sv}");
        if (r < 0)
                return r;
        while ((r = sd_bus_message_enter_container(message, 'e', "sv")) > 0) {
                r = read_entry(message, allowed, &options, error);
                if (r < 0)
                        return r;
                r = sd_bus_message_exit_container(message);
                if (r < 0)
                        return r;
        }
        if (r < 0)
                return r;
        r = sd_bus_message_exit_container(message);
        if (r < 0)
                return r;
        r = check_kernels(&options, error);
        if (r >= 0)
                r = check_ignored(&options, error);
        if (r < 0)
                return r;
        *ret = options;
        options = (Options){ 0 };
        return 0;
}

void options_done(Options *options)
{
        string_set_done(&options->kernels);
        string_set_done(&options->ignore);
        string_set_done(&options->drivers);
        free(options->driver);
        free(options->package);
        free(options->version);
        *options = (Options){ 0 };
}
