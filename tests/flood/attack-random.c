/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The attack by chance: any method of any object with arguments that mean something, nearly do, or don't. */

#include "attack.h"
#include "call.h"
#include "random-arguments.h"
#include "temp-dir.h"

#define CONNECTIONS 4
#define BATCH 50

static char *introspect(GDBusConnection *bus, const char *path)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(GVariant) reply = g_dbus_connection_call_sync(bus, SERVICE_NAME, path,
                        "org.freedesktop.DBus.Introspectable", "Introspect", NULL, G_VARIANT_TYPE("(s)"), 0,
                        60 * 1000, NULL, &error);
        char *xml;

        g_assert_no_error(error);
        g_variant_get(reply, "(s)", &xml);
        return xml;
}

static void add_node(RandomArguments *arguments, const char *path, const char *xml)
{
        g_autoptr(GError) error = NULL;
        GDBusNodeInfo *node = g_dbus_node_info_new_for_xml(xml, &error);

        g_assert_no_error(error);
        g_free(node->path);
        node->path = g_strdup(path);
        g_ptr_array_add(arguments->nodes, node);
        for (unsigned i = 0; node->interfaces[i]; i++) {
                GDBusPropertyInfo **properties = node->interfaces[i]->properties;

                g_ptr_array_add(arguments->words, node->interfaces[i]->name);
                for (unsigned j = 0; properties && properties[j]; j++)
                        g_ptr_array_add(arguments->words, properties[j]->name);
        }
}

static void look_around(const Attack *attack, RandomArguments *arguments)
{
        static const char *const paths[] = { MANAGER_PATH, MANAGER_PATH, DRIVER_PATH("ice"),
                DRIVER_PATH("bnx2fc"), DRIVER_PATH("dell_5flaptop"), DRIVER_PATH("flood_5f001"),
                DRIVER_PATH("flood_5f002") };
        g_autoptr(GError) error = NULL;
        g_autoptr(GDBusConnection) bus = g_dbus_connection_new_for_address_sync(attack->address,
                        G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
                                        G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                        NULL, NULL, &error);

        g_assert_no_error(error);
        for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
                g_autofree char *xml = introspect(bus, paths[i]);

                add_node(arguments, paths[i], xml);
        }
        g_assert_true(g_dbus_connection_close_sync(bus, NULL, NULL));
}

static const GDBusMethodInfo *choose(const GDBusNodeInfo *node, const GDBusInterfaceInfo **ret_interface)
{
        unsigned interfaces = 0, methods = 0;

        while (node->interfaces[interfaces])
                interfaces++;
        *ret_interface = node->interfaces[g_test_rand_int_range(0, (int) interfaces)];
        while ((*ret_interface)->methods && (*ret_interface)->methods[methods])
                methods++;
        return methods > 0 ? (*ret_interface)->methods[g_test_rand_int_range(0, (int) methods)] : NULL;
}

static GDBusMessage *make_call(RandomArguments *arguments)
{
        const GDBusNodeInfo *node = RANDOM_ANY_OF(arguments->nodes);
        const GDBusInterfaceInfo *interface;
        const GDBusMethodInfo *method = choose(node, &interface);
        g_autofree char *path = random_path(arguments, node->path);
        g_autoptr(GPtrArray) items = g_ptr_array_new();
        g_autoptr(GUnixFDList) fds = g_unix_fd_list_new();
        GDBusMessage *message;

        if (!method)
                return NULL;
        message = g_dbus_message_new_method_call(SERVICE_NAME, path, interface->name, method->name);
        arguments->fds = fds;
        arguments->has_many = false;
        for (unsigned i = 0; method->in_args && method->in_args[i]; i++)
                g_ptr_array_add(items, random_value(arguments, method->in_args[i]->signature,
                                                       method->in_args[i]->name));
        if (random_one_in(15))
                g_ptr_array_add(items, random_value(arguments, random_type(), ""));
        if (items->len > 0)
                g_dbus_message_set_body(
                                message, g_variant_new_tuple((GVariant **) items->pdata, items->len));
        if (g_unix_fd_list_get_length(fds) > 0)
                g_dbus_message_set_unix_fd_list(message, fds);
        g_dbus_message_set_flags(message,
                        (GDBusMessageFlags) (g_test_rand_int() &
                                             (G_DBUS_MESSAGE_FLAGS_NO_REPLY_EXPECTED |
                                                             G_DBUS_MESSAGE_FLAGS_ALLOW_INTERACTIVE_AUTHORIZATION)));
        return message;
}

/* Some by each connection, one of which leaves with all that it has asked. All has come to the service then:
 * what is too much for the bus never does. */
static void send_batch(Attack *attack, RandomArguments *arguments, RawBus *all[])
{
        unsigned leaver = (unsigned) g_test_rand_int_range(0, CONNECTIONS);
        RawMessage ping = raw_call(MANAGER_PATH, "org.freedesktop.DBus.Peer", "Ping", NULL, 0);

        for (unsigned i = 0; i < BATCH; i++) {
                RawBus *bus = all[g_test_rand_int_range(0, CONNECTIONS)];
                g_autoptr(GDBusMessage) message = make_call(arguments);
                RawMessage raw;

                if (!message)
                        continue;
                raw = raw_message(message);
                (void) raw_bus_send(bus, &raw);
                raw_message_done(&raw);
        }
        for (unsigned i = 0; i < CONNECTIONS; i++)
                if (i != leaver && raw_bus_send(all[i], &ping))
                        (void) raw_bus_wait(all[i], all[i]->serial);
        raw_message_done(&ping);
        attack_close(attack, all[leaver]);
        g_assert_nonnull(all[leaver] = attack_connect(attack));
}

/* A module file of the attacker's own, which it can write, too. */
static char *copy_module(const Attack *attack, const TempDir *own)
{
        g_autofree char *from = g_build_filename(attack->directory, "fresh.ko", NULL), *bytes = NULL;
        char *to = temp_dir_path(own, "fresh.ko");
        gsize size;

        g_assert_true(g_file_get_contents(from, &bytes, &size, NULL));
        g_assert_true(g_file_set_contents(to, bytes, (gssize) size, NULL));
        return to;
}

void attack_random(Attack *attack)
{
        gint64 end = g_get_monotonic_time() + attack->count * G_USEC_PER_SEC;
        RandomArguments arguments = {
                .nodes = g_ptr_array_new_with_free_func((GDestroyNotify) g_dbus_node_info_unref),
                .words = g_ptr_array_new(),
        };
        char *module CLEANUP_FREE = NULL;
        TempDir own CLEANUP(temp_dir_done) = { 0 };
        RawBus *all[CONNECTIONS];

        temp_dir_init(&own, "flood");
        module = copy_module(attack, &own);
        arguments.files = random_files_new(own.path, module);
        look_around(attack, &arguments);
        for (unsigned i = 0; i < CONNECTIONS; i++)
                g_assert_nonnull(all[i] = attack_connect(attack));
        while (g_get_monotonic_time() < end)
                send_batch(attack, &arguments, all);
        for (unsigned i = 0; i < CONNECTIONS; i++)
                attack_finish(attack, all[i]);
        random_files_free(arguments.files);
        g_ptr_array_unref(arguments.words);
        g_ptr_array_unref(arguments.nodes);
}
