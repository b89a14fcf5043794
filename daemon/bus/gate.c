/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A filter in front of all objects. */

#include "bus/gate.h"

#include <string.h>

#include "bus/error.h"
#include "bus/message-size.h"

/* No object of ours has a longer one. sd-bus looks for each of its beginnings: for one of 64 KiB, 32,768
 * times. */
#define PATH_BYTES_MAX 1024

/* Of a reply that is made in no time: an error that quotes a long name, about. */
#define REPLY_BYTES 4608

static int check(sd_bus_message *message, sd_bus_error *error)
{
        MessageSize size;

        if (strlen(sd_bus_message_get_path(message)) > PATH_BYTES_MAX)
                return sd_bus_error_setf(error, SD_BUS_ERROR_UNKNOWN_OBJECT,
                                "No object has a path of more than %d bytes.", PATH_BYTES_MAX);
        message_measure(message, CALL_BYTES_MAX, &size);
        if (size.longest > CALL_TEXT_BYTES_MAX)
                return error_refuse(error, REFUSAL_INVALID_ARGS,
                                "An argument has a text of more than %zu bytes. No name is that long.",
                                CALL_TEXT_BYTES_MAX);
        if (size.bytes > CALL_BYTES_MAX)
                return error_limit(error,
                                "The call has arguments of more than %zu bytes. Ask for less at once.",
                                CALL_BYTES_MAX);
        return 0;
}

static int on_message(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        Unread *unread = userdata;
        int r;

        if (sd_bus_message_is_method_call(message, NULL, NULL) <= 0)
                return 0;
        r = check(message, error);
        if (!unread_is_high(unread)) {
                if (sd_bus_message_get_expect_reply(message) > 0)
                        unread_add(unread, REPLY_BYTES);
                return r;
        }
        /* While much is unread, who sends what makes no sense isn't even told so. */
        sd_bus_error_free(error);
        return r < 0 ? 1 : 0;
}

int gate_new(sd_bus *bus, Unread *unread, sd_bus_slot **ret)
{
        return sd_bus_add_filter(bus, ret, on_message, unread);
}
