/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A connection to a message bus by bare hands. */

#include "raw-bus.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "call.h"

#define FDS_MAX 16 /* of a message, by the bus */
#define READ_SIZE (256 * 1024)
#define SERIAL_OFFSET 8
#define HEADER_SIZE 16 /* up to its fields */
#define FIELD_REPLY_SERIAL 5

int raw_bus_socket(const char *address)
{
        struct sockaddr_un name = { .sun_family = AF_UNIX };
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

        g_assert_true(g_str_has_prefix(address, "unix:path="));
        g_assert_cmpuint(g_strlcpy(name.sun_path, address + strlen("unix:path="), sizeof(name.sun_path)), <,
                        sizeof(name.sun_path));
        g_assert_cmpint(fd, >=, 0);
        if (connect(fd, (struct sockaddr *) &name, sizeof(name)) < 0)
                g_error("Could not connect to %s: %s", address, g_strerror(errno));
        return fd;
}

bool raw_bus_send_bytes(RawBus *bus, const void *bytes, size_t size)
{
        const guint8 *rest = bytes;

        while (size > 0) {
                ssize_t sent = send(bus->fd, rest, size, MSG_NOSIGNAL);

                if (sent < 0 && errno != EINTR)
                        return false;
                if (sent > 0) {
                        rest += sent;
                        size -= (size_t) sent;
                }
        }
        return true;
}

/* Descriptors go with the first byte. */
static bool send_first_byte(RawBus *bus, const RawMessage *message)
{
        union {
                struct cmsghdr header;
                char space[CMSG_SPACE(sizeof(int) * FDS_MAX)];
        } control = { 0 };
        struct iovec byte = { message->blob, 1 };
        size_t size = sizeof(int) * message->fd_count;
        struct msghdr header = {
                .msg_iov = &byte,
                .msg_iovlen = 1,
                .msg_control = &control,
                .msg_controllen = CMSG_SPACE(size),
        };
        struct cmsghdr *fds = CMSG_FIRSTHDR(&header);

        g_assert_cmpuint(message->fd_count, <=, FDS_MAX);
        fds->cmsg_level = SOL_SOCKET;
        fds->cmsg_type = SCM_RIGHTS;
        fds->cmsg_len = CMSG_LEN(size);
        memcpy(CMSG_DATA(fds), message->fds, size);
        return sendmsg(bus->fd, &header, MSG_NOSIGNAL) == 1;
}

bool raw_bus_send(RawBus *bus, const RawMessage *message)
{
        size_t done = 0;

        bus->serial++;
        memcpy(message->blob + SERIAL_OFFSET, &bus->serial, sizeof(bus->serial));
        if (message->fd_count > 0) {
                if (!send_first_byte(bus, message))
                        return false;
                done = 1;
        }
        if (!raw_bus_send_bytes(bus, message->blob + done, message->size - done))
                return false;
        bus->sent++;
        return true;
}

static size_t aligned(size_t offset, size_t to)
{
        return (offset + to - 1) / to * to;
}

/* The serial that a reply is for; 0 if it says none. Fields have the types u, s, o and g only, and the bus
 * lets no malformed header through. */
static guint32 reply_serial(const guint8 *message)
{
        guint32 fields, number;
        size_t at = HEADER_SIZE, end;

        memcpy(&fields, message + HEADER_SIZE - sizeof(fields), sizeof(fields));
        end = HEADER_SIZE + fields;
        while (at < end) {
                guint8 code = message[at], type = message[at + 2];

                at += 4; /* the code, and a signature of one type */
                if (type == 'g') {
                        at += message[at] + 2u;
                } else {
                        memcpy(&number, message + at, sizeof(number));
                        if (code == FIELD_REPLY_SERIAL)
                                return number;
                        at += sizeof(number) + (type == 'u' ? 0 : number + 1);
                }
                at = aligned(at, 8);
        }
        return 0;
}

static void take_messages(RawBus *bus)
{
        guint8 *data = bus->input->data;
        gsize left = bus->input->len;

        while (left >= HEADER_SIZE) {
                gssize size = g_dbus_message_bytes_needed(data, left, NULL);

                g_assert_cmpint(size, >, 0);
                if ((gsize) size > left)
                        break;
                if (data[1] == G_DBUS_MESSAGE_TYPE_METHOD_RETURN || data[1] == G_DBUS_MESSAGE_TYPE_ERROR) {
                        bool is_error = data[1] == G_DBUS_MESSAGE_TYPE_ERROR;

                        if (reply_serial(data) == bus->awaited) {
                                bus->awaited = 0;
                                bus->is_refused = is_error;
                        }
                        bus->replies++;
                        bus->errors += is_error;
                }
                data += size;
                left -= (gsize) size;
        }
        (void) g_byte_array_remove_range(bus->input, 0, bus->input->len - (guint) left);
}

bool raw_bus_read(RawBus *bus, int timeout_ms)
{
        struct pollfd wait = { .fd = bus->fd, .events = POLLIN };
        guint before = bus->input->len;
        ssize_t size;

        if (poll(&wait, 1, timeout_ms) <= 0)
                return true;
        g_byte_array_set_size(bus->input, before + READ_SIZE);
        size = recv(bus->fd, bus->input->data + before, READ_SIZE, MSG_DONTWAIT);
        g_byte_array_set_size(bus->input, before + (guint) MAX(size, 0));
        if (size == 0 || (size < 0 && errno != EAGAIN && errno != EINTR))
                return false;
        take_messages(bus);
        return true;
}

bool raw_bus_wait(RawBus *bus, guint32 serial)
{
        bus->awaited = serial;
        while (bus->awaited != 0)
                if (!raw_bus_read(bus, -1))
                        return false;
        return true;
}

static bool read_lines(int fd, unsigned count)
{
        char c;

        while (count > 0) {
                if (read(fd, &c, 1) != 1)
                        return false;
                count -= c == '\n';
        }
        return true;
}

static bool authenticate(RawBus *bus)
{
        g_autofree char *uid = g_strdup_printf("%u", geteuid());
        g_autoptr(GString) text = g_string_new_len("\0AUTH EXTERNAL ", 15);

        for (const char *digit = uid; *digit; digit++)
                g_string_append_printf(text, "%02x", (unsigned) *digit);
        g_string_append(text, "\r\nNEGOTIATE_UNIX_FD\r\nBEGIN\r\n");
        return raw_bus_send_bytes(bus, text->str, text->len) && read_lines(bus->fd, 2);
}

static bool say_hello(RawBus *bus)
{
        g_autoptr(GDBusMessage) message = g_dbus_message_new_method_call(
                        "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "Hello");
        RawMessage hello = raw_message(message);
        bool is_taken = raw_bus_send(bus, &hello) && raw_bus_wait(bus, bus->serial) && bus->errors == 0;

        raw_message_done(&hello);
        bus->sent = bus->replies = 0;
        return is_taken;
}

RawBus *raw_bus_connect(const char *address)
{
        RawBus *bus = g_new0(RawBus, 1);

        bus->fd = raw_bus_socket(address);
        bus->input = g_byte_array_new();
        return authenticate(bus) && say_hello(bus) ? bus : raw_bus_free(bus);
}

RawBus *raw_bus_free(RawBus *bus)
{
        if (!bus)
                return NULL;
        (void) close(bus->fd);
        g_byte_array_unref(bus->input);
        g_free(bus);
        return NULL;
}

RawMessage raw_message(GDBusMessage *message)
{
        GUnixFDList *fds = g_dbus_message_get_unix_fd_list(message);
        g_autoptr(GError) error = NULL;
        RawMessage raw = { 0 };

        g_dbus_message_set_serial(message, 1);
        raw.blob = g_dbus_message_to_blob(
                        message, &raw.size, G_DBUS_CAPABILITY_FLAGS_UNIX_FD_PASSING, &error);
        g_assert_no_error(error);
        if (fds && g_unix_fd_list_get_length(fds) > 0) {
                int count;

                raw.fds = g_unix_fd_list_peek_fds(fds, &count);
                raw.fd_count = (unsigned) count;
        }
        return raw;
}

RawMessage raw_call(const char *path, const char *interface, const char *member, GVariant *body,
                GDBusMessageFlags flags)
{
        g_autoptr(GDBusMessage) message =
                        g_dbus_message_new_method_call(SERVICE_NAME, path, interface, member);

        g_dbus_message_set_flags(message, flags);
        if (body)
                g_dbus_message_set_body(message, body);
        return raw_message(message);
}

void raw_message_done(RawMessage *message)
{
        g_free(message->blob);
        *message = (RawMessage){ 0 };
}
