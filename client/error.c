/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From an error to a sentence that says what to do, and to the exit status. */

#include "error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "text.h"

typedef struct ErrorRow {
        const char *name;
        ExitStatus status;
        const char *sentence; /* instead of the bus's own; NULL: the service's message is the sentence */
} ErrorRow;

static const char not_running[] =
                "The service hostdriverd does not answer on the bus. Look at it with "
                "\"systemctl status hostdriverd\", and start it with \"systemctl start hostdriverd\".";

static const ErrorRow rows[] = {
        { ERROR_PREFIX "NoSuchDriver", STATUS_NO_SUCH_THING, NULL },
        { ERROR_PREFIX "NoSuchVersion", STATUS_NO_SUCH_THING, NULL },
        { SD_BUS_ERROR_UNKNOWN_OBJECT, STATUS_NO_SUCH_THING,
                        "There is no such job or driver any more. \"hostdriverctl jobs\" lists the jobs "
                        "that wait or "
                        "run, \"hostdriverctl history\" those that have ended." },
        { SD_BUS_ERROR_INVALID_ARGS, STATUS_USAGE, NULL },
        { SD_BUS_ERROR_ACCESS_DENIED, STATUS_NOT_AUTHORIZED, NULL },
        { SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED, STATUS_NOT_AUTHORIZED,
                        "You must authenticate for this. Run it on a terminal without --no-ask-password, "
                        "as root, "
                        "or ask for a polkit rule that allows it." },
        { SD_BUS_ERROR_SERVICE_UNKNOWN, STATUS_FAILED, not_running },
        { SD_BUS_ERROR_NAME_HAS_NO_OWNER, STATUS_FAILED, not_running },
        { SD_BUS_ERROR_NO_REPLY, STATUS_FAILED,
                        "The service hostdriverd ended or took too long before it answered. Look at its "
                        "messages "
                        "with \"journalctl -u hostdriverd\"; \"hostdriverctl history\" says what was "
                        "done." },
        { SD_BUS_ERROR_TIMEOUT, STATUS_FAILED,
                        "The service hostdriverd took too long to answer. Look at its messages with "
                        "\"journalctl -u hostdriverd\"." },
        { SD_BUS_ERROR_UNKNOWN_METHOD, STATUS_FAILED,
                        "The service hostdriverd doesn't know this request. It may be older than "
                        "hostdriverctl: "
                        "restart it with \"systemctl restart hostdriverd\"." },
        { SD_BUS_ERROR_DISCONNECTED, STATUS_FAILED, "The connection to the bus was lost. Try again." },
};

/* The last lines of a tool that failed may follow the sentence. */
static void print_lines(char *text)
{
        const char *indent = "hostdriverctl: ";
        char *place = NULL;

        for (char *line = strtok_r(text, "\n", &place); line; line = strtok_r(NULL, "\n", &place)) {
                char *escaped CLEANUP_FREE = text_escape(line);

                (void) fprintf(stderr, "%s%s\n", indent, escaped ? escaped : "Out of memory.");
                indent = "  ";
        }
}

ExitStatus fail(ExitStatus status, const char *format, ...)
{
        char *sentence CLEANUP_FREE = NULL;
        va_list arguments;
        int r;

        va_start(arguments, format);
        r = vasprintf(&sentence, format, arguments);
        va_end(arguments);
        if (r < 0)
                sentence = NULL;
        (void) fflush(stdout); /* what was printed before stays before */
        print_lines(sentence ? sentence : (char[]){ "Out of memory." });
        return status;
}

ExitStatus fail_errno(int error, const char *what)
{
        return fail(STATUS_FAILED, "%s: %s", what, strerror(error < 0 ? -error : error));
}

bool bus_is_lost(int number)
{
        return number == -ENOTCONN || number == -ECONNRESET || number == -EPIPE;
}

ExitStatus fail_bus(const sd_bus_error *error, int number)
{
        if (!sd_bus_error_is_set(error) || strncmp(error->name, "System.Error.", 13) == 0) {
                if (bus_is_lost(number))
                        return fail(STATUS_FAILED, "The connection to the bus was lost. Try again.");
                return fail_errno(number, "Can't talk to the service hostdriverd");
        }
        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                if (strcmp(rows[i].name, error->name) == 0)
                        return fail(rows[i].status, "%s",
                                        rows[i].sentence                    ? rows[i].sentence
                                        : error->message && *error->message ? error->message
                                                                            : error->name);
        return fail(STATUS_FAILED, "%s", error->message && *error->message ? error->message : error->name);
}
