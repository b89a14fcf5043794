/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A D-Bus message's values as one line of text. */

#include "message-text.h"

#include <glib.h>

static void append_values(sd_bus_message *message, GString *text, char separator);

static void append_container(sd_bus_message *message, char type, const char *contents, GString *text)
{
        g_assert_cmpint(sd_bus_message_enter_container(message, type, contents), >, 0);
        if (type == SD_BUS_TYPE_ARRAY)
                g_string_append_c(text, '[');
        if (type == SD_BUS_TYPE_STRUCT)
                g_string_append_c(text, '(');
        append_values(message, text, type == SD_BUS_TYPE_DICT_ENTRY ? '=' : ' ');
        if (type == SD_BUS_TYPE_ARRAY)
                g_string_append_c(text, ']');
        if (type == SD_BUS_TYPE_STRUCT)
                g_string_append_c(text, ')');
        g_assert_cmpint(sd_bus_message_exit_container(message), >=, 0);
}

static void append_basic(sd_bus_message *message, char type, GString *text)
{
        union {
                uint8_t y;
                int b;
                int16_t n;
                uint16_t q;
                int32_t i;
                uint32_t u;
                int64_t x;
                uint64_t t;
                double d;
                const char *s;
        } value;

        g_assert_cmpint(sd_bus_message_read_basic(message, type, &value), >, 0);
        switch (type) {
        case SD_BUS_TYPE_BYTE:
                g_string_append_printf(text, "%u", value.y);
                return;
        case SD_BUS_TYPE_BOOLEAN:
                g_string_append(text, value.b ? "true" : "false");
                return;
        case SD_BUS_TYPE_INT32:
                g_string_append_printf(text, "%" G_GINT32_FORMAT, value.i);
                return;
        case SD_BUS_TYPE_UINT32:
                g_string_append_printf(text, "%" G_GUINT32_FORMAT, value.u);
                return;
        case SD_BUS_TYPE_INT64:
                g_string_append_printf(text, "%" G_GINT64_FORMAT, value.x);
                return;
        case SD_BUS_TYPE_UINT64:
                g_string_append_printf(text, "%" G_GUINT64_FORMAT, value.t);
                return;
        case SD_BUS_TYPE_DOUBLE:
                g_string_append_printf(text, "%g", value.d);
                return;
        case SD_BUS_TYPE_STRING:
        case SD_BUS_TYPE_OBJECT_PATH:
        case SD_BUS_TYPE_SIGNATURE:
                g_string_append(text, value.s);
                return;
        default:
                g_error("The API has no type '%c'", type);
        }
}

static void append_values(sd_bus_message *message, GString *text, char separator)
{
        const char *contents;
        bool first = true;
        char type;

        while (sd_bus_message_peek_type(message, &type, &contents) > 0) {
                if (!first)
                        g_string_append_c(text, separator);
                first = false;
                if (contents)
                        append_container(message, type, contents, text);
                else
                        append_basic(message, type, text);
        }
}

char *message_text(sd_bus_message *message)
{
        GString *text = g_string_new(NULL);

        g_assert_cmpint(sd_bus_message_rewind(message, true), >=, 0);
        append_values(message, text, ' ');
        return g_string_free(text, false);
}
