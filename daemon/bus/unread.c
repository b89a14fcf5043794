/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Asks the bus for two connections' queues, without waiting. */

#include "bus/unread.h"

#include <errno.h>
#include <linux/sockios.h>
#include <stdlib.h>
#include <sys/ioctl.h>

#include "bus/bus-daemon.h"

/* A bus that takes longer is busy with what it has. µs. */
#define PATIENCE_USEC (2 * 1000000ULL)
/* In the socket; with what the kernel adds for each message, which is more than a short one. */
#define BUS_BYTES_MAX (128 * 1024)
/* The bus is asked again when so much has been sent. */
#define ASK_BYTES UINT64_C(1048576)

/* About the service's own messages. */
typedef struct OwnQuestion {
        Unread *unread;
        sd_bus_slot *slot;   /* while it is open */
        uint64_t sent_since; /* bytes, since it was asked */
} OwnQuestion;

struct Unread {
        sd_bus *bus;
        OwnQuestion regular; /* asked from time to time */
        OwnQuestion ours;    /* asked with `theirs` */
        sd_bus_slot *theirs; /* the open question about a caller */
        bool unknown;        /* the bus can't say */
        uint64_t all_bytes;  /* that were unread when it was asked last */
        uint64_t sent_since; /* bytes, after that question */
        UnreadFunction function;
        void *userdata;
};

/* Whether the bus says it. */
static bool read_bytes(Unread *unread, sd_bus_message *reply, const char *key, uint64_t *ret)
{
        const sd_bus_error *failure = sd_bus_message_get_error(reply);
        uint32_t bytes;

        /* Not so if the caller has left, or the bus is late. */
        if (failure && sd_bus_error_has_names(failure, SD_BUS_ERROR_UNKNOWN_INTERFACE,
                                       SD_BUS_ERROR_UNKNOWN_METHOD, SD_BUS_ERROR_ACCESS_DENIED))
                unread->unknown = true;
        if (failure || bus_daemon_read_number(reply, key, &bytes) < 0)
                return false;
        *ret = bytes;
        return true;
}

static int on_ours(sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        OwnQuestion *question = userdata;
        Unread *unread = question->unread;

        question->slot = sd_bus_slot_unref(question->slot);
        if (read_bytes(unread, reply, "IncomingBytes", &unread->all_bytes))
                unread->sent_since = question->sent_since;
        return 0;
}

/* The second of the two. Of who isn't there, or of whom a late bus says nothing, nothing is unread. */
static int on_theirs(sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        Unread *unread = userdata;
        uint64_t bytes = 0;

        unread->theirs = sd_bus_slot_unref(unread->theirs);
        (void) read_bytes(unread, reply, "OutgoingBytes", &bytes);
        unread->function(unread->unknown ? 0 : unread->all_bytes, bytes, unread->userdata);
        return 0;
}

static int ask(Unread *unread, const char *name, sd_bus_slot **slot, sd_bus_message_handler_t handler,
                void *userdata)
{
        return bus_daemon_ask(unread->bus, "org.freedesktop.DBus.Debug.Stats", "GetConnectionStats", name,
                        PATIENCE_USEC, handler, userdata, slot);
}

static int ask_about_ours(OwnQuestion *question)
{
        const char *own;
        int r = sd_bus_get_unique_name(question->unread->bus, &own);

        if (r >= 0)
                r = ask(question->unread, own, &question->slot, on_ours, question);
        if (r >= 0)
                question->sent_since = 0;
        return r;
}

void unread_add(Unread *unread, size_t bytes)
{
        unread->sent_since += bytes;
        unread->regular.sent_since += bytes;
        unread->ours.sent_since += bytes;
        if (!unread->regular.slot && !unread->unknown && unread->regular.sent_since >= ASK_BYTES)
                (void) ask_about_ours(&unread->regular);
}

bool unread_is_high(const Unread *unread)
{
        return !unread->unknown && unread->all_bytes + unread->sent_since > UNREAD_ALL_BYTES_HIGH;
}

bool unread_by_bus(const Unread *unread)
{
        int bytes;

        return ioctl(sd_bus_get_fd(unread->bus), SIOCOUTQ, &bytes) == 0 && bytes > BUS_BYTES_MAX;
}

int unread_ask(Unread *unread, const char *sender, UnreadFunction function, void *userdata)
{
        int r;

        if (unread->unknown)
                return 0;
        if (unread->theirs)
                return -EBUSY;
        unread->function = function;
        unread->userdata = userdata;
        unread->ours.slot = sd_bus_slot_unref(unread->ours.slot);
        r = ask_about_ours(&unread->ours);
        if (r >= 0)
                r = ask(unread, sender, &unread->theirs, on_theirs, unread);
        return r < 0 ? r : 1;
}

int unread_new(sd_bus *bus, Unread **ret)
{
        Unread *unread = calloc(1, sizeof(*unread));

        if (!unread)
                return -ENOMEM;
        unread->bus = sd_bus_ref(bus);
        unread->regular.unread = unread->ours.unread = unread;
        *ret = unread;
        return 0;
}

Unread *unread_free(Unread *unread)
{
        if (!unread)
                return NULL;
        sd_bus_slot_unref(unread->regular.slot);
        sd_bus_slot_unref(unread->ours.slot);
        sd_bus_slot_unref(unread->theirs);
        sd_bus_unref(unread->bus);
        free(unread);
        return NULL;
}
