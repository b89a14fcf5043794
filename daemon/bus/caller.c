/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Follows senders by one match rule and asks the bus for their credentials, without ever waiting for it. */

#include "bus/caller.h"

#include <errno.h>
#include <string.h>

#include "bus/error.h"
#include "util/log.h"

#define DRIVER_NAME "org.freedesktop.DBus"
#define DRIVER_PATH "/org/freedesktop/DBus"
#define DRIVER_INTERFACE_NAME "org.freedesktop.DBus"

/* Only those that leave: with no new owner. */
#define LEAVE_RULE                                                                                   \
        "type='signal',sender='" DRIVER_NAME "',path='" DRIVER_PATH "',interface='" DRIVER_NAME "'," \
        "member='NameOwnerChanged',arg2=''"

#define BUCKETS 256

typedef struct Caller Caller;

struct WaitingCall {
        WaitingCall *next; /* of the same caller, in the order they came */
        Caller *caller;
        sd_bus_message *message;
        const WaitingCallEvents *events;
        void *userdata;
        bool told; /* whose it is */
};

/* One sender. It lives as long as a call of his waits. */
struct Caller {
        Caller *next; /* in its bucket */
        Callers *callers;
        char *name; /* unique, and never used again by the bus */
        WaitingCall *first;
        bool in_use;           /* kept though no call is left, as it is walked through */
        sd_bus_slot *question; /* to the bus: who is it? */
        bool known;
        uid_t uid;
};

struct Callers {
        sd_bus *bus;
        sd_bus_slot *filter;
        sd_bus_slot *following; /* the rule was asked for, and perhaps granted */
        Caller *buckets[BUCKETS];
};

static Caller **find_bucket(Callers *callers, const char *name)
{
        unsigned hash = 0;

        for (const char *p = name; *p; p++)
                hash = 31 * hash + (unsigned char) *p;
        return &callers->buckets[hash % BUCKETS];
}

static Caller *find(Callers *callers, const char *name)
{
        Caller *caller = *find_bucket(callers, name);

        while (caller && strcmp(caller->name, name) != 0)
                caller = caller->next;
        return caller;
}

static Caller *caller_free(Caller *caller)
{
        if (!caller)
                return NULL;
        sd_bus_slot_unref(caller->question);
        free(caller->name);
        free(caller);
        return NULL;
}
DEFINE_CLEANUP(Caller, caller_free)

static void remove_unused(Caller *caller)
{
        if (caller->first || caller->in_use)
                return;
        LIST_REMOVE(*find_bucket(caller->callers, caller->name), caller);
        (void) caller_free(caller);
}

/* Whoever has a call that is dropped frees it. */
static void drop_all(Caller *caller)
{
        caller->in_use = true;
        while (caller->first)
                caller->first->events->dropped(caller->first->userdata);
        caller->in_use = false;
        remove_unused(caller);
}

/* --- whether they are still there --------------------------------------------------------------------- */

static int on_message(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        Callers *callers = userdata;
        const char *sender, *name, *from, *to;

        if (sd_bus_message_is_signal(message, DRIVER_INTERFACE_NAME, "NameOwnerChanged") <= 0)
                return 0;
        sender = sd_bus_message_get_sender(message);
        if (!sender || strcmp(sender, DRIVER_NAME) != 0)
                return 0;
        if (sd_bus_message_read(message, "sss", &name, &from, &to) > 0 && !*to) {
                Caller *caller = find(callers, name);

                if (caller)
                        drop_all(caller);
        }
        return sd_bus_message_rewind(message, true);
}

static int on_following(sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        Callers *callers = userdata;

        if (sd_bus_message_is_method_error(reply, NULL) > 0) {
                log_warning("Callers that leave the bus can't be noticed, since it refuses a match rule: %s",
                                sd_bus_message_get_error(reply)->message);
                /* The next call tries again. */
                callers->following = sd_bus_slot_unref(callers->following);
        }
        return 0;
}

/* By hand, since sd-bus closes the connection if one of its own rules is refused, or granted too late. It
 * stays until the connection is closed. */
static int follow(Callers *callers)
{
        sd_bus_message *message CLEANUP(sd_bus_message_unrefp) = NULL;
        int r;

        if (callers->following)
                return 0;
        r = sd_bus_message_new_method_call(
                        callers->bus, &message, DRIVER_NAME, DRIVER_PATH, DRIVER_INTERFACE_NAME, "AddMatch");
        if (r >= 0)
                r = sd_bus_message_append(message, "s", LEAVE_RULE);
        if (r < 0)
                return r;
        return sd_bus_call_async(
                        callers->bus, &callers->following, message, on_following, callers, UINT64_MAX);
}

/* --- who they are ------------------------------------------------------------------------------------- */

static WaitingCall *first_untold(const Caller *caller)
{
        WaitingCall *call = caller->first;

        while (call && call->told)
                call = call->next;
        return call;
}

/* In the order they came; each may end by that. */
static void tell_all(Caller *caller)
{
        WaitingCall *call;

        caller->in_use = true;
        while ((call = first_untold(caller))) {
                call->told = true;
                call->events->known(call->userdata);
        }
        caller->in_use = false;
        remove_unused(caller);
}

static int read_uid(sd_bus_message *reply, uid_t *ret)
{
        const char *key;
        uint32_t uid;
        int r = sd_bus_message_enter_container(reply, 'a', "{sv}");

        if (r < 0)
                return r;
        while ((r = sd_bus_message_enter_container(reply, 'e', "sv")) > 0) {
                r = sd_bus_message_read_basic(reply, 's', &key);
                if (r >= 0 && strcmp(key, "UnixUserID") == 0) {
                        r = sd_bus_message_read(reply, "v", "u", &uid);
                        *ret = (uid_t) uid;
                        return r;
                }
                if (r >= 0)
                        r = sd_bus_message_skip(reply, "v");
                if (r >= 0)
                        r = sd_bus_message_exit_container(reply);
                if (r < 0)
                        return r;
        }
        return r < 0 ? r : -ENODATA;
}

/* Who isn't known may not change anything. Who has left gets this reply as little as any other. */
static void deny_all(Caller *caller)
{
        sd_bus_error error CLEANUP(sd_bus_error_free) = SD_BUS_ERROR_NULL;
        int r = error_deny(&error, "The bus doesn't say who calls.");

        for (WaitingCall *call = caller->first; call; call = call->next)
                (void) sd_bus_reply_method_errno(call->message, r, &error);
}

static int on_credentials(sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        Caller *caller = userdata;
        const sd_bus_error *failure = sd_bus_message_get_error(reply);

        caller->question = sd_bus_slot_unref(caller->question);
        if (!failure && read_uid(reply, &caller->uid) >= 0) {
                caller->known = true;
                tell_all(caller);
                return 0;
        }
        /* Perhaps he had left before he was followed. */
        if (!failure || !sd_bus_error_has_name(failure, SD_BUS_ERROR_NAME_HAS_NO_OWNER))
                deny_all(caller);
        drop_all(caller);
        return 0;
}

/* --- their calls -------------------------------------------------------------------------------------- */

static int caller_new(Callers *callers, const char *name, Caller **ret)
{
        Caller *caller CLEANUP(caller_freep) = calloc(1, sizeof(*caller));
        Caller **bucket = find_bucket(callers, name);
        int r;

        if (!caller)
                return -ENOMEM;
        caller->callers = callers;
        caller->name = strdup(name);
        if (!caller->name)
                return -ENOMEM;
        /* Followed before it is asked who he is: if he is still there then, no leave goes unnoticed. */
        r = follow(callers);
        if (r >= 0)
                r = sd_bus_call_method_async(callers->bus, &caller->question, DRIVER_NAME, DRIVER_PATH,
                                DRIVER_INTERFACE_NAME, "GetConnectionCredentials", on_credentials, caller,
                                "s", name);
        if (r < 0)
                return r;
        caller->next = *bucket;
        *bucket = caller;
        *ret = STEAL(caller);
        return 0;
}

static void append(Caller *caller, WaitingCall *call)
{
        WaitingCall **place = &caller->first;

        while (*place)
                place = &(*place)->next;
        *place = call;
}

int callers_wait(Callers *callers, sd_bus_message *message, const WaitingCallEvents *events, void *userdata,
                WaitingCall **ret, sd_bus_error *error)
{
        const char *sender = sd_bus_message_get_sender(message);
        WaitingCall *call;
        Caller *caller;
        int r = 0;

        if (!sender)
                return error_deny(error, "Only a caller with a name on the bus may call this.");
        call = malloc(sizeof(*call));
        if (!call)
                return -ENOMEM;
        caller = find(callers, sender);
        if (!caller)
                r = caller_new(callers, sender, &caller);
        if (r < 0) {
                free(call);
                return r == -ENOMEM ? r : error_deny(error, "The bus can't be asked who calls.");
        }
        *call = (WaitingCall){
                .caller = caller,
                .message = sd_bus_message_ref(message),
                .events = events,
                .userdata = userdata,
                .told = caller->known,
        };
        append(caller, call);
        *ret = call;
        return 0;
}

WaitingCall *waiting_call_free(WaitingCall *call)
{
        Caller *caller;

        if (!call)
                return NULL;
        caller = call->caller;
        LIST_REMOVE(caller->first, call);
        remove_unused(caller);
        sd_bus_message_unref(call->message);
        free(call);
        return NULL;
}

void waiting_call_hand_over(WaitingCall *call, const WaitingCallEvents *events, void *userdata)
{
        call->events = events;
        call->userdata = userdata;
}

bool waiting_call_uid(const WaitingCall *call, uid_t *ret)
{
        *ret = call->caller->uid;
        return call->caller->known;
}

int callers_new(sd_bus *bus, Callers **ret)
{
        Callers *callers CLEANUP(callers_freep) = calloc(1, sizeof(*callers));
        int r;

        if (!callers)
                return -ENOMEM;
        callers->bus = sd_bus_ref(bus);
        r = sd_bus_add_filter(bus, &callers->filter, on_message, callers);
        if (r >= 0)
                r = follow(callers);
        if (r < 0)
                return r;
        *ret = STEAL(callers);
        return 0;
}

Callers *callers_free(Callers *callers)
{
        if (!callers)
                return NULL;
        sd_bus_slot_unref(callers->filter);
        sd_bus_slot_unref(callers->following);
        sd_bus_unref(callers->bus);
        free(callers);
        return NULL;
}
