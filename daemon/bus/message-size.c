/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Walks through all arguments and adds them up. */

#include "bus/message-size.h"

#include <string.h>

/* What each value costs at least, in whatever the message becomes. */
#define VALUE_BYTES 8

typedef struct Measuring {
        sd_bus_message *message;
        size_t bytes_max;
        MessageSize size;
} Measuring;

static int measure_all(Measuring *measuring);

static int measure_text(Measuring *measuring, char type)
{
        const char *text;
        size_t length;
        int r = sd_bus_message_read_basic(measuring->message, type, &text);

        if (r <= 0)
                return r;
        length = strlen(text);
        measuring->size.bytes += length;
        if (length > measuring->size.longest)
                measuring->size.longest = length;
        return r;
}

/* At once, as there may be millions in it. Negative if its elements aren't all of one size. */
static int measure_plain_array(Measuring *measuring, const char *contents)
{
        const void *items;
        size_t size;
        int r;

        if (!strchr("ynqiuxtd", contents[0]))
                return -1;
        r = sd_bus_message_read_array(measuring->message, contents[0], &items, &size);
        measuring->size.bytes += r < 0 ? 0 : size;
        return r;
}

static int measure_container(Measuring *measuring, char type, const char *contents)
{
        int r;

        if (type == 'a' && measure_plain_array(measuring, contents) >= 0)
                return 1;
        r = sd_bus_message_enter_container(measuring->message, type, contents);
        if (r <= 0)
                return r;
        r = measure_all(measuring);
        return r < 0 ? r : sd_bus_message_exit_container(measuring->message);
}

static int measure_value(Measuring *measuring, char type, const char *contents)
{
        char single[] = { type, '\0' };

        measuring->size.bytes += VALUE_BYTES;
        switch (type) {
        case 'a':
        case 'v':
        case 'r':
        case 'e':
                return measure_container(measuring, type, contents);
        case 's':
        case 'o':
        case 'g':
                return measure_text(measuring, type);
        default:
                return sd_bus_message_skip(measuring->message, single);
        }
}

/* D-Bus lets nobody nest deeper than 64. Negative at the end of patience, too. */
static int measure_all(Measuring *measuring)
{
        const char *contents;
        char type;
        int r;

        while ((r = sd_bus_message_peek_type(measuring->message, &type, &contents)) > 0) {
                r = measure_value(measuring, type, contents);
                if (r < 0)
                        return r;
                if (measuring->size.bytes > measuring->bytes_max)
                        return -1;
        }
        return r;
}

void message_measure(sd_bus_message *message, size_t bytes_max, MessageSize *ret)
{
        Measuring measuring = { .message = message, .bytes_max = bytes_max };

        if (sd_bus_message_rewind(message, true) >= 0)
                (void) measure_all(&measuring);
        (void) sd_bus_message_rewind(message, true);
        *ret = measuring.size;
}
