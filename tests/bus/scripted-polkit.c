/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* org.freedesktop.PolicyKit1.Authority with the two methods that a service calls. */

#include "scripted-polkit.h"

#include "private-bus.h"

static const char introspection[] =
                "<node><interface name='org.freedesktop.PolicyKit1.Authority'>"
                "<method name='CheckAuthorization'>"
                "<arg type='(sa{sv})' direction='in'/><arg type='s' direction='in'/>"
                "<arg type='a{ss}' direction='in'/><arg type='u' direction='in'/>"
                "<arg type='s' direction='in'/>"
                "<arg type='(bba{ss})' direction='out'/></method>"
                "<method name='CancelCheckAuthorization'><arg type='s' direction='in'/></method>"
                "</interface></node>";

static void answer(GDBusMethodInvocation *invocation, PolkitMood mood)
{
        GVariant *details = g_variant_new_array(G_VARIANT_TYPE("{ss}"), NULL, 0);

        if (mood == POLKIT_ERROR)
                g_dbus_method_invocation_return_dbus_error(
                                invocation, "org.freedesktop.PolicyKit1.Error.Failed", "It is Monday.");
        else if (mood == POLKIT_NONSENSE)
                /* Past GDBus, which would check the type. */
                (void) g_dbus_connection_send_message(g_dbus_method_invocation_get_connection(invocation), ({
                        GDBusMessage *reply = g_dbus_message_new_method_reply(
                                        g_dbus_method_invocation_get_message(invocation));
                        g_dbus_message_set_body(reply, g_variant_new("(s)", "yes"));
                        reply;
                }),
                                G_DBUS_SEND_MESSAGE_FLAGS_NONE, NULL, NULL);
        else
                g_dbus_method_invocation_return_value(invocation,
                                g_variant_new("((bb@a{ss}))", mood == POLKIT_YES, mood == POLKIT_CHALLENGE,
                                                g_variant_ref_sink(details)));
}

static char *question_text(const char *action, GVariant *details, unsigned flags)
{
        GString *text = g_string_new(action);
        static const char *const keys[] = { "driver", "package", "version", "from", "ignore", "kernels" };
        const char *value;

        for (size_t i = 0; i < G_N_ELEMENTS(keys); i++)
                if (g_variant_lookup(details, keys[i], "&s", &value))
                        g_string_append_printf(text, " %s=%s", keys[i], value);
        g_assert_cmpint(g_variant_n_children(details), <=, G_N_ELEMENTS(keys));
        g_string_append_printf(text, " %u", flags);
        return g_string_free(text, FALSE);
}

static void on_call(GDBusConnection *connection, const char *sender, const char *path, const char *interface,
                const char *method, GVariant *parameters, GDBusMethodInvocation *invocation, void *userdata)
{
        ScriptedPolkit *polkit = userdata;
        GVariant *subject = NULL, *details = NULL;
        const char *kind, *action, *cancellation, *name;
        unsigned flags;
        PolkitMood mood;

        if (g_strcmp0(method, "CancelCheckAuthorization") == 0) {
                g_variant_get(parameters, "(&s)", &cancellation);
                g_ptr_array_add(polkit->canceled, g_strdup(cancellation));
                g_dbus_method_invocation_return_value(invocation, NULL);
                return;
        }
        g_variant_get(parameters, "((&s@a{sv})&s@a{ss}u&s)", &kind, &subject, &action, &details, &flags,
                        &cancellation);
        g_assert_cmpstr(kind, ==, "system-bus-name");
        g_assert_true(g_variant_lookup(subject, "name", "&s", &name));
        g_ptr_array_add(polkit->questions, question_text(action, details, flags));
        g_free(polkit->last_subject);
        polkit->last_subject = g_strdup(name);
        g_free(polkit->last_cancellation);
        polkit->last_cancellation = g_strdup(cancellation);
        g_variant_unref(subject);
        g_variant_unref(details);
        mood = polkit->decide ? polkit->decide(polkit->questions->pdata[polkit->questions->len - 1])
                              : polkit->mood;
        if (mood == POLKIT_SILENT)
                g_ptr_array_add(polkit->pending, g_object_ref(invocation));
        else
                answer(invocation, mood);
        polkit->pending_max = MAX(polkit->pending_max, polkit->pending->len);
}

static void on_name_acquired(GDBusConnection *connection, const char *name, void *userdata)
{
        *(bool *) userdata = true;
}

static bool is_true(void *userdata)
{
        return *(bool *) userdata;
}

void scripted_polkit_init(ScriptedPolkit *polkit, GDBusConnection *connection)
{
        static const GDBusInterfaceVTable vtable = { .method_call = on_call };
        GDBusNodeInfo *node = g_dbus_node_info_new_for_xml(introspection, NULL);
        static bool acquired;

        *polkit = (ScriptedPolkit){
                .connection = g_object_ref(connection),
                .questions = g_ptr_array_new_with_free_func(g_free),
                .canceled = g_ptr_array_new_with_free_func(g_free),
                .pending = g_ptr_array_new_with_free_func(g_object_unref),
        };
        polkit->object = g_dbus_connection_register_object(connection,
                        "/org/freedesktop/PolicyKit1/Authority", node->interfaces[0], &vtable, polkit, NULL,
                        NULL);
        g_assert_cmpint(polkit->object, !=, 0);
        g_dbus_node_info_unref(node);
        acquired = false;
        polkit->name = g_bus_own_name_on_connection(connection, "org.freedesktop.PolicyKit1",
                        G_BUS_NAME_OWNER_FLAGS_NONE, on_name_acquired, NULL, &acquired, NULL);
        private_bus_run_until(is_true, &acquired);
}

void scripted_polkit_done(ScriptedPolkit *polkit)
{
        if (polkit->name != 0)
                g_bus_unown_name(polkit->name);
        (void) g_dbus_connection_unregister_object(polkit->connection, polkit->object);
        g_object_unref(polkit->connection);
        g_ptr_array_unref(polkit->questions);
        g_ptr_array_unref(polkit->canceled);
        g_ptr_array_unref(polkit->pending);
        g_free(polkit->last_subject);
        g_free(polkit->last_cancellation);
}

void scripted_polkit_answer(ScriptedPolkit *polkit, PolkitMood mood)
{
        for (unsigned i = 0; i < polkit->pending->len; i++)
                answer(polkit->pending->pdata[i], mood);
        g_ptr_array_set_size(polkit->pending, 0);
}

void scripted_polkit_vanish(ScriptedPolkit *polkit)
{
        g_bus_unown_name(polkit->name);
        polkit->name = 0;
        g_assert_true(g_dbus_connection_close_sync(polkit->connection, NULL, NULL));
}

const char *scripted_polkit_question(const ScriptedPolkit *polkit, unsigned position)
{
        g_assert_cmpint(position, <, polkit->questions->len);
        return polkit->questions->pdata[position];
}
