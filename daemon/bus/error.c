/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Maps refusals and errno to D-Bus errors. Sentences may hold names from the disk or from the caller:
 * whatever could harm a terminal, or the bus, is escaped here. */

#include "bus/error.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "host/name.h"
#include "util/text-format.h"

/* A sentence that quotes two names as long as files can have is shorter. */
#define SENTENCE_BYTES_MAX ((size_t) 4096)

const char *error_name(RefusalKind kind)
{
        switch (kind) {
        case REFUSAL_INVALID_ARGS:
                return SD_BUS_ERROR_INVALID_ARGS;
        case REFUSAL_NO_SUCH_DRIVER:
                return "org.hostdriver1.Error.NoSuchDriver";
        case REFUSAL_NO_SUCH_VERSION:
                return "org.hostdriver1.Error.NoSuchVersion";
        case REFUSAL_INCOMPATIBLE:
                return "org.hostdriver1.Error.Incompatible";
        case REFUSAL_NO_HARDWARE:
                return "org.hostdriver1.Error.NoHardware";
        case REFUSAL_CONFLICT:
                return "org.hostdriver1.Error.Conflict";
        case REFUSAL_BUSY:
                return "org.hostdriver1.Error.Busy";
        case REFUSAL_IN_USE:
                return "org.hostdriver1.Error.InUse";
        case REFUSAL_NOT_SUPPORTED:
                return "org.hostdriver1.Error.NotSupported";
        case REFUSAL_NONE:
        case REFUSAL_FAILED:
        default:
                return "org.hostdriver1.Error.Failed";
        }
}

/* A message may be of 32 MiB, and the bus throws out who sends a larger one: what quotes one that long in
 * its error, with four bytes for one. The ends of a sentence say what is wrong and what to do. */
static void shorten(char *text)
{
        static const char gap[] = "…";
        size_t size = strlen(text), head = SENTENCE_BYTES_MAX / 2, tail = size - SENTENCE_BYTES_MAX / 4;

        if (size <= SENTENCE_BYTES_MAX)
                return;
        /* Not in the midst of a character. */
        while ((text[head] & 0xc0) == 0x80)
                head--;
        while ((text[tail] & 0xc0) == 0x80)
                tail++;
        memcpy(text + head, gap, sizeof(gap) - 1);
        memmove(text + head + sizeof(gap) - 1, text + tail, size - tail + 1);
}

/* What callers and file names put into a sentence may be anything: terminals must not take it for orders. */
static int set(sd_bus_error *error, const char *name, const char *text)
{
        char *escaped CLEANUP_FREE = name_escape(text);

        if (!escaped)
                return -ENOMEM;
        shorten(escaped);
        return sd_bus_error_set(error, name, escaped);
}

int error_set(sd_bus_error *error, const char *name, const char *format, ...)
{
        char *text CLEANUP_FREE = NULL;
        va_list arguments;
        int r;

        va_start(arguments, format);
        r = text_format_va(&text, format, arguments);
        va_end(arguments);
        if (r < 0)
                return -ENOMEM;
        return set(error, name, text);
}

int error_from_errno(sd_bus_error *error, int result, const char *what)
{
        if (result == -ENOMEM)
                return sd_bus_error_setf(
                                error, SD_BUS_ERROR_NO_MEMORY, "%s failed for lack of memory.", what);
        return error_refuse(error, REFUSAL_FAILED, "%s failed: %s.", what, strerror(-result));
}

int error_from_result(sd_bus_error *error, int result, const Refusal *refusal, const char *what)
{
        if (result == -ECANCELED && refusal->kind != REFUSAL_NONE && refusal->sentence)
                return set(error, error_name(refusal->kind), refusal->sentence);
        return error_from_errno(error, result, what);
}

int error_interaction_required(sd_bus_error *error, const char *action)
{
        return sd_bus_error_setf(error, SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED,
                        "The action %s needs authentication, and the call doesn't allow to ask for it.",
                        action);
}
