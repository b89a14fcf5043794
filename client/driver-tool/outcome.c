/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From errors to the numbers and the object that callers of XenServer's tool know. */

#include "outcome.h"

#include <errno.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "text.h"

/* Of the object, as in XenServer's own tool (xcp/dmv.py of its python-libs). */
#define ERROR_PROTOCOL 0.1

#define ERROR_PREFIX "org.hostdriver1.Error."

static const struct {
        const char *name;
        int code;
} rows[] = {
        { ERROR_PREFIX "NoSuchDriver", ENOENT },
        { ERROR_PREFIX "NoSuchVersion", ENOENT },
        { ERROR_PREFIX "Incompatible", ENOEXEC },
        { ERROR_PREFIX "NoHardware", ENODEV },
        { ERROR_PREFIX "Conflict", EEXIST },
        { ERROR_PREFIX "Busy", EBUSY },
        { ERROR_PREFIX "InUse", EBUSY },
        { ERROR_PREFIX "NotSupported", EOPNOTSUPP },
        { SD_BUS_ERROR_UNKNOWN_OBJECT, ENOENT },
        { SD_BUS_ERROR_INVALID_ARGS, EINVAL },
        { SD_BUS_ERROR_ACCESS_DENIED, EACCES },
        { SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED, EACCES },
        { SD_BUS_ERROR_SERVICE_UNKNOWN, ECONNREFUSED },
        { SD_BUS_ERROR_NAME_HAS_NO_OWNER, ECONNREFUSED },
        { SD_BUS_ERROR_NO_REPLY, ETIMEDOUT },
        { SD_BUS_ERROR_TIMEOUT, ETIMEDOUT },
};

void outcome_done(Outcome *outcome)
{
        free(outcome->message);
        *outcome = (Outcome){ 0 };
}

int outcome_fail(Outcome *outcome, int code, const char *format, ...)
{
        va_list arguments;

        free(outcome->message);
        va_start(arguments, format);
        if (vasprintf(&outcome->message, format, arguments) < 0)
                outcome->message = NULL;
        va_end(arguments);
        outcome->code = code;
        return code;
}

int outcome_fail_bus(Outcome *outcome, const sd_bus_error *error, int number)
{
        if (!sd_bus_error_is_set(error))
                return outcome_fail(outcome, number < 0 ? -number : EIO,
                                "Can't talk to the service hostdriverd: %s.", strerror(-number));
        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                if (strcmp(rows[i].name, error->name) == 0)
                        return outcome_fail(outcome, rows[i].code, "%s",
                                        rows[i].code == ECONNREFUSED
                                                        ? "The service hostdriverd does not answer on the "
                                                          "bus. Start it with \"systemctl start "
                                                          "hostdriverd\"."
                                        : error->message && *error->message ? error->message
                                                                            : error->name);
        return outcome_fail(outcome, EIO, "%s",
                        error->message && *error->message ? error->message : error->name);
}

static const char *message_of(const Outcome *outcome)
{
        return outcome->message ? outcome->message : strerror(outcome->code);
}

void outcome_print_sentence(const Outcome *outcome)
{
        char *escaped CLEANUP_FREE = text_escape(message_of(outcome));

        (void) fprintf(stderr, "driver-tool: %s\n", escaped ? escaped : strerror(ENOMEM));
}

void outcome_print_object(const Outcome *outcome, FILE *stream)
{
        json_t *object CLEANUP(json_decrefp) = json_pack("{s:f, s:i, s:s}", "version", ERROR_PROTOCOL,
                        "exit_code", outcome->code, "message", message_of(outcome));

        if (object)
                (void) json_dumpf(object, stream, JSON_INDENT(4) | JSON_REAL_PRECISION(6));
        (void) putc('\n', stream);
}
