/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Attacks by descriptors, of which the bus lets sixteen through with a message. */

#include <fcntl.h>
#include <unistd.h>

#include "attack.h"
#include "call.h"
#include "flood-host.h"

#define FILES 16
#define CONNECTIONS 4

/* A call with FILES descriptors of FD. BODY is taken. Unref the message. */
static GDBusMessage *call_with(const char *path, const char *interface, const char *member, GVariant *body,
                const int *fds, unsigned count)
{
        GDBusMessage *message = g_dbus_message_new_method_call(SERVICE_NAME, path, interface, member);
        g_autoptr(GUnixFDList) list = g_unix_fd_list_new();

        for (unsigned i = 0; i < FILES; i++)
                g_assert_cmpint(g_unix_fd_list_append(list, fds[i % count], NULL), ==, (int) i);
        g_dbus_message_set_unix_fd_list(message, list);
        g_dbus_message_set_body(message, body);
        return message;
}

static GDBusMessage *import_call(const int *fds, unsigned count)
{
        GVariantBuilder files;

        g_variant_builder_init(&files, G_VARIANT_TYPE("a(sh)"));
        for (int i = 0; i < FILES; i++) {
                g_autofree char *name = g_strdup_printf("fresh_%d.ko", i);

                g_variant_builder_add(&files, "(sh)", name, i);
        }
        return call_with(MANAGER_PATH, MANAGER, "Import",
                        g_variant_new("(a(sh)@a{sv})", &files,
                                        g_variant_new_parsed("{'package': <'fresh'>, 'version': <'1'>}")),
                        fds, count);
}

/* COUNT of them, in turn over some connections that read nothing meanwhile. Takes the message. */
static void send_with_files(Attack *attack, GDBusMessage *message)
{
        RawMessage raw = raw_message(message);
        RawBus *all[CONNECTIONS];

        for (unsigned i = 0; i < CONNECTIONS; i++)
                g_assert_nonnull(all[i] = attack_connect(attack));
        for (unsigned i = 0; i < attack->count; i++)
                (void) raw_bus_send(all[i % CONNECTIONS], &raw);
        for (unsigned i = 0; i < CONNECTIONS; i++)
                attack_finish(attack, all[i]);
        raw_message_done(&raw);
        g_object_unref(message);
}

void attack_imports(Attack *attack)
{
        g_autofree char *path = g_build_filename(attack->directory, "fresh.ko", NULL);
        int fd = open(path, O_RDONLY | O_CLOEXEC);

        g_assert_cmpint(fd, >=, 0);
        send_with_files(attack, import_call(&fd, 1));
        (void) close(fd);
}

/* Their write ends stay open here until the end: reading waits for ever. */
void attack_pipes(Attack *attack)
{
        int ends[2], fds[4];

        g_assert_cmpint(pipe2(ends, O_CLOEXEC), ==, 0);
        fds[0] = ends[0];
        fds[1] = open("/dev/zero", O_RDONLY | O_CLOEXEC);
        fds[2] = open(attack->directory, O_RDONLY | O_CLOEXEC | O_DIRECTORY);
        fds[3] = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
        send_with_files(attack, import_call(fds, 1));
        send_with_files(attack, import_call(fds + 1, 1));
        send_with_files(attack, import_call(fds, G_N_ELEMENTS(fds)));
        for (size_t i = 0; i < G_N_ELEMENTS(fds); i++)
                (void) close(fds[i]);
        (void) close(ends[1]);
}

void attack_stray_files(Attack *attack)
{
        int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

        send_with_files(attack, call_with(MANAGER_PATH, MANAGER, "ListDrivers", NULL, &fd, 1));
        send_with_files(attack, call_with(MANAGER_PATH, MANAGER, "Rescan", NULL, &fd, 1));
        send_with_files(attack, call_with(FLOOD_DRIVER_PATH("001"), DRIVER, "Select",
                                                g_variant_new_parsed("('1.0', @a{sv} {})"), &fd, 1));
        send_with_files(attack, call_with(MANAGER_PATH, "org.freedesktop.DBus.Peer", "Ping", NULL, &fd, 1));
        (void) close(fd);
}
