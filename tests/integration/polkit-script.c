/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A polkit authority that answers as the test says. */

#include "polkit-script.h"

#include "message-text.h"
#include "wait.h"

#define AUTHORITY_PATH "/org/freedesktop/PolicyKit1/Authority"
#define AUTHORITY "org.freedesktop.PolicyKit1.Authority"
#define FLAG_ALLOW_INTERACTION 1u

static int reply(sd_bus_message *message, bool authorized, bool challenge)
{
        return sd_bus_reply_method_return(message, "(bba{ss})", authorized, challenge, 0);
}

static uint32_t question_flags(sd_bus_message *message)
{
        uint32_t flags;

        g_assert_cmpint(sd_bus_message_rewind(message, true), >=, 0);
        g_assert_cmpint(sd_bus_message_skip(message, "(sa{sv})sa{ss}"), >=, 0);
        g_assert_cmpint(sd_bus_message_read(message, "u", &flags), >=, 0);
        return flags;
}

static int method_check(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
        PolkitScript *script = userdata;
        bool interactive = question_flags(message) & FLAG_ALLOW_INTERACTION;

        g_ptr_array_add(script->questions, message_text(message));
        switch (script->mode) {
        case POLKIT_YES:
                return reply(message, true, false);
        case POLKIT_NO:
                return reply(message, false, false);
        case POLKIT_CHALLENGE:
                return reply(message, interactive, !interactive);
        case POLKIT_HOLD:
                g_queue_push_tail(&script->held, sd_bus_message_ref(message));
                return 1;
        case POLKIT_ERROR:
                return sd_bus_error_set(
                                ret_error, "org.freedesktop.PolicyKit1.Error.Failed", "Action is unknown");
        }
        g_assert_not_reached();
}

static int method_cancel(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
        ((PolkitScript *) userdata)->canceled++;
        return sd_bus_reply_method_return(message, NULL);
}

static const sd_bus_vtable authority_vtable[] = {
        SD_BUS_VTABLE_START(0),
                        SD_BUS_METHOD("CheckAuthorization", "(sa{sv})sa{ss}us", "(bba{ss})", method_check,
                                        SD_BUS_VTABLE_UNPRIVILEGED),
                        SD_BUS_METHOD("CancelCheckAuthorization", "s", NULL, method_cancel,
                                        SD_BUS_VTABLE_UNPRIVILEGED),
                        SD_BUS_SIGNAL("Changed", NULL, 0), SD_BUS_VTABLE_END,
};

PolkitScript *polkit_script_new(sd_bus *bus, PolkitMode mode)
{
        PolkitScript *script = g_new0(PolkitScript, 1);

        script->bus = bus;
        script->mode = mode;
        script->questions = g_ptr_array_new_with_free_func(g_free);
        g_assert_cmpint(sd_bus_add_object_vtable(
                                        bus, NULL, AUTHORITY_PATH, AUTHORITY, authority_vtable, script),
                        >=, 0);
        g_assert_cmpint(sd_bus_request_name(bus, "org.freedesktop.PolicyKit1", 0), >=, 0);
        return script;
}

typedef struct Expected {
        PolkitScript *script;
        unsigned count;
} Expected;

static bool have_come(void *userdata)
{
        Expected *expected = userdata;

        return expected->script->questions->len >= expected->count;
}

void polkit_script_wait(PolkitScript *script, unsigned count)
{
        Expected expected = { script, count };

        wait_until(sd_bus_get_event(script->bus), have_come, &expected, "a question to polkit");
}

void polkit_script_answer(PolkitScript *script, bool authorized)
{
        sd_bus_message *message = g_queue_pop_head(&script->held);

        g_assert_nonnull(message);
        g_assert_cmpint(reply(message, authorized, false), >=, 0);
        (void) sd_bus_message_unref(message);
}

PolkitScript *polkit_script_free(PolkitScript *script)
{
        sd_bus_message *message;

        if (!script)
                return NULL;
        while ((message = g_queue_pop_head(&script->held)))
                (void) sd_bus_message_unref(message);
        (void) sd_bus_flush_close_unref(script->bus);
        g_ptr_array_unref(script->questions);
        g_free(script);
        return NULL;
}
