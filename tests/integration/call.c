/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Method calls whose answer comes from the event loop. */

#include "call.h"

#include <glib.h>
#include <stdarg.h>
#include <systemd/sd-event.h>

#include "message-text.h"
#include "wait.h"

/* More than any polkit or tool takes; what the service answers too late is a failure. */
#define TIMEOUT_USEC (55 * (uint64_t) G_USEC_PER_SEC)

static int on_reply(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
        Answer *answer = userdata;
        const sd_bus_error *error = sd_bus_message_get_error(message);

        answer->done = true;
        answer->error = error ? g_strdup(error->name) : NULL;
        answer->text = error ? g_strdup(error->message) : message_text(message);
        return 0;
}

Answer *call_start_message(sd_bus *bus, sd_bus_message *message)
{
        Answer *answer = g_new0(Answer, 1);

        answer->bus = sd_bus_ref(bus);
        g_assert_cmpint(sd_bus_call_async(bus, &answer->slot, message, on_reply, answer, TIMEOUT_USEC), >=,
                        0);
        return answer;
}

static Answer *start(sd_bus *bus, bool interactive, const char *path, const char *interface,
                const char *member, const char *types, va_list arguments)
{
        sd_bus_message *message = NULL;
        Answer *answer;

        g_assert_cmpint(sd_bus_message_new_method_call(bus, &message, SERVICE_NAME, path, interface, member),
                        >=, 0);
        g_assert_cmpint(sd_bus_message_set_allow_interactive_authorization(message, interactive), >=, 0);
        if (types)
                g_assert_cmpint(sd_bus_message_appendv(message, types, arguments), >=, 0);
        answer = call_start_message(bus, message);
        (void) sd_bus_message_unref(message);
        return answer;
}

Answer *call_start(sd_bus *bus, bool interactive, const char *path, const char *interface,
                const char *member, const char *types, ...)
{
        va_list arguments;
        Answer *answer;

        va_start(arguments, types);
        answer = start(bus, interactive, path, interface, member, types, arguments);
        va_end(arguments);
        return answer;
}

static bool is_done(void *userdata)
{
        return ((Answer *) userdata)->done;
}

void answer_wait(Answer *answer)
{
        wait_until(sd_bus_get_event(answer->bus), is_done, answer, "the answer to a call");
}

Answer *answer_free(Answer *answer)
{
        if (!answer)
                return NULL;
        (void) sd_bus_slot_unref(answer->slot);
        (void) sd_bus_unref(answer->bus);
        g_free(answer->error);
        g_free(answer->text);
        g_free(answer);
        return NULL;
}

char *call_text(sd_bus *bus, const char *path, const char *interface, const char *member, const char *types,
                ...)
{
        va_list arguments;
        Answer *answer;
        char *text;

        va_start(arguments, types);
        answer = start(bus, false, path, interface, member, types, arguments);
        va_end(arguments);
        answer_wait(answer);
        if (answer->error)
                g_error("%s.%s() of %s: %s: %s", interface, member, path, answer->error, answer->text);
        text = g_steal_pointer(&answer->text);
        (void) answer_free(answer);
        return text;
}

char *call_error(sd_bus *bus, char **ret_sentence, const char *path, const char *interface,
                const char *member, const char *types, ...)
{
        va_list arguments;
        Answer *answer;
        char *name;

        va_start(arguments, types);
        answer = start(bus, false, path, interface, member, types, arguments);
        va_end(arguments);
        answer_wait(answer);
        name = answer->error ? g_steal_pointer(&answer->error) : g_strdup("");
        if (ret_sentence)
                *ret_sentence = g_steal_pointer(&answer->text);
        (void) answer_free(answer);
        return name;
}

char *property_text(sd_bus *bus, const char *path, const char *interface, const char *name)
{
        return call_text(bus, path, "org.freedesktop.DBus.Properties", "Get", "ss", interface, name);
}

void assert_property(
                sd_bus *bus, const char *path, const char *interface, const char *name, const char *expected)
{
        char *value = property_text(bus, path, interface, name);

        if (g_strcmp0(value, expected) != 0)
                g_error("%s of %s is \"%s\", not \"%s\"", name, path, value, expected);
        g_free(value);
}
