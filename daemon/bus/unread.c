/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Asks the bus for two connections' queues, without waiting. */

#include "bus/unread.h"

#include <errno.h>
#include <stdlib.h>

#include "bus/bus-daemon.h"

/* A bus that takes longer is busy with what it has. µs. */
#define PATIENCE_USEC (2 * 1000000ULL)

struct Unread {
        sd_bus *bus;
        sd_bus_slot *ours; /* the open question about the service */
        sd_bus_slot *theirs;
        bool unknown; /* the bus can't say */
        uint64_t all_bytes;
        UnreadFunction function;
        void *userdata;
};

/* 0 where the bus doesn't say. */
static uint64_t read_bytes(Unread *unread, sd_bus_message *reply, const char *key)
{
        const sd_bus_error *failure = sd_bus_message_get_error(reply);
        uint32_t bytes = 0;

        if (!failure)
                return bus_daemon_read_number(reply, key, &bytes) < 0 ? 0 : bytes;
        /* Not so if the caller has left, or the bus is late. */
        if (sd_bus_error_has_names(failure, SD_BUS_ERROR_UNKNOWN_INTERFACE, SD_BUS_ERROR_UNKNOWN_METHOD,
                            SD_BUS_ERROR_ACCESS_DENIED))
                unread->unknown = true;
        return 0;
}

static int on_ours(sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        Unread *unread = userdata;

        unread->all_bytes = read_bytes(unread, reply, "IncomingBytes");
        return 0;
}

/* The second of the two. */
static int on_theirs(sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        Unread *unread = userdata;

        unread->ours = sd_bus_slot_unref(unread->ours);
        unread->theirs = sd_bus_slot_unref(unread->theirs);
        unread->function(unread->all_bytes, read_bytes(unread, reply, "OutgoingBytes"), unread->userdata);
        return 0;
}

static int ask(Unread *unread, const char *name, sd_bus_slot **slot, sd_bus_message_handler_t handler)
{
        return bus_daemon_ask(unread->bus, "org.freedesktop.DBus.Debug.Stats", "GetConnectionStats", name,
                        PATIENCE_USEC, handler, unread, slot);
}

int unread_ask(Unread *unread, const char *sender, UnreadFunction function, void *userdata)
{
        const char *own;
        int r;

        if (unread->unknown)
                return 0;
        if (unread->theirs)
                return -EBUSY;
        unread->function = function;
        unread->userdata = userdata;
        unread->all_bytes = 0;
        r = sd_bus_get_unique_name(unread->bus, &own);
        if (r >= 0)
                r = ask(unread, own, &unread->ours, on_ours);
        if (r >= 0)
                r = ask(unread, sender, &unread->theirs, on_theirs);
        if (r < 0)
                unread->ours = sd_bus_slot_unref(unread->ours);
        return r < 0 ? r : 1;
}

int unread_new(sd_bus *bus, Unread **ret)
{
        Unread *unread = calloc(1, sizeof(*unread));

        if (!unread)
                return -ENOMEM;
        unread->bus = sd_bus_ref(bus);
        *ret = unread;
        return 0;
}

Unread *unread_free(Unread *unread)
{
        if (!unread)
                return NULL;
        sd_bus_slot_unref(unread->ours);
        sd_bus_slot_unref(unread->theirs);
        sd_bus_unref(unread->bus);
        free(unread);
        return NULL;
}
