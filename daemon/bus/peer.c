/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The server's side of a socket that somebody hands over. It knows no object. */

#include "bus/peer.h"

#include <errno.h>
#include <sys/socket.h>
#include <systemd/sd-id128.h>

#include "bus/object.h"

static int check_peer(int fd)
{
        struct ucred credentials;
        socklen_t size = sizeof(credentials);

        if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) < 0)
                return -errno;
        return credentials.uid == 0 ? 0 : -EPERM;
}

/* Takes FD. */
static int make(int *fd, sd_bus **ret)
{
        sd_bus *bus CLEANUP(sd_bus_unrefp) = NULL;
        sd_id128_t id;
        int r = sd_id128_randomize(&id);

        if (r >= 0)
                r = sd_bus_new(&bus);
        if (r >= 0)
                r = sd_bus_set_description(bus, "hostdriverd-offline");
        if (r >= 0)
                r = sd_bus_set_server(bus, true, id);
        /* For the matches of who listens, as the bus would put it there. */
        if (r >= 0)
                r = sd_bus_set_sender(bus, BUS_NAME);
        if (r >= 0)
                r = sd_bus_set_fd(bus, *fd, *fd);
        if (r < 0)
                return r;
        (void) fd_steal(fd);
        r = sd_bus_start(bus);
        if (r < 0)
                return r;
        *ret = STEAL(bus);
        return 0;
}

int peer_connect(int fd_taken, sd_bus **ret)
{
        sd_bus *bus CLEANUP(sd_bus_close_unrefp) = NULL;
        int fd CLEANUP_FD = fd_taken;
        int r = check_peer(fd);

        if (r >= 0)
                r = make(&fd, &bus);
        /* No call is looked at before that. */
        while (r >= 0 && (r = sd_bus_is_ready(bus)) == 0) {
                r = sd_bus_process(bus, NULL);
                if (r == 0)
                        r = sd_bus_wait(bus, UINT64_MAX);
        }
        if (r < 0)
                return r;
        *ret = STEAL(bus);
        return 0;
}

static int on_call(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        if (sd_bus_message_is_method_call(message, NULL, NULL) <= 0)
                return 0;
        return sd_bus_error_copy(error, userdata);
}

static void free_error(void *userdata)
{
        sd_bus_error_free(userdata);
        free(userdata);
}

int peer_refuse(sd_bus *bus, const sd_bus_error *error)
{
        sd_bus_error *copy = calloc(1, sizeof(*copy));
        sd_bus_slot *slot CLEANUP(sd_bus_slot_unrefp) = NULL;
        int r = copy ? sd_bus_add_filter(bus, &slot, on_call, copy) : -ENOMEM;

        if (r >= 0)
                r = sd_bus_slot_set_destroy_callback(slot, free_error);
        if (r < 0) {
                free(copy);
                return r;
        }
        (void) sd_bus_error_copy(copy, error);
        return sd_bus_slot_set_floating(slot, true);
}

int peer_watch(sd_bus *bus, sd_bus_message_handler_t handler, void *userdata)
{
        return sd_bus_add_match(bus, NULL,
                        "type='signal',sender='org.freedesktop.DBus.Local',"
                        "path='/org/freedesktop/DBus/Local',interface='org.freedesktop.DBus.Local',"
                        "member='Disconnected'",
                        handler, userdata);
}
