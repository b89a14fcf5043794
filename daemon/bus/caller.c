/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Follows senders by one match rule and asks the bus for their credentials, without ever waiting for it. */

#include "bus/caller.h"

#include <errno.h>
#include <string.h>

#include "bus/bus-daemon.h"
#include "bus/error.h"
#include "bus/gate.h"
#include "bus/message-size.h"
#include "util/descriptors.h"
#include "util/log.h"

/* Only those that leave: with no new owner. */
#define LEAVE_RULE                                                                                          \
        "type='signal',sender='" BUS_DAEMON_NAME "',path='" BUS_DAEMON_PATH "',interface='" BUS_DAEMON_NAME \
        "',"                                                                                                \
        "member='NameOwnerChanged',arg2=''"

#define BUCKETS 256

/* What the other end of a connection without a bus is called here. No name on a bus is like it. */
#define PEER_NAME ""

/* How long the bus may take to say who somebody is, in µs, at first and doubled with each question. It drops
 * its answer while too much waits for the service to read it. */
#define PATIENCE_USEC (2 * 1000000ULL)
#define QUESTIONS_MAX 3

/* Kept free for all else, and for the largest message that may come next: 253 descriptors are the kernel's
 * limit. */
#define SPARE_DESCRIPTORS 320
/* What a message takes beside its arguments, about. */
#define MESSAGE_BYTES ((size_t) 1024)

typedef struct Caller Caller;
typedef struct User User;

typedef struct Load {
        size_t calls;
        size_t bytes;
} Load;

/* Who has calls that wait. It lives as long as one of his connections is here. */
struct User {
        User *next;
        uid_t uid;
        size_t connections;
        Load load;
};

struct WaitingCall {
        WaitingCall *next; /* of the same caller, in the order they came */
        Caller *caller;
        sd_bus_message *message;
        const WaitingCallEvents *events;
        void *userdata;
        size_t bytes;
        User *user; /* with whom it is counted; NULL: with the unknown ones */
};

/* One sender. It lives as long as a call of his waits. */
struct Caller {
        Caller *next; /* in its bucket */
        Callers *callers;
        char *name; /* unique, and never used again by the bus */
        WaitingCall *first;
        Load load;
        bool in_use;           /* kept though no call is left, as it is walked through */
        sd_bus_slot *question; /* to the bus: who is it? */
        unsigned questions;    /* so far */
        User *user;            /* NULL: isn't known yet */
};

struct Callers {
        sd_bus *bus;
        sd_bus_slot *filter;
        sd_bus_slot *following; /* the rule was asked for, and perhaps granted */
        User *users;
        Load unknown;   /* of all callers who aren't known yet */
        Load others;    /* of all users but root */
        bool is_peer;   /* there is no bus, and one caller */
        uid_t peer_uid; /* his */
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
        if (caller->user && --caller->user->connections == 0) {
                LIST_REMOVE(caller->callers->users, caller->user);
                free(caller->user);
        }
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

/* --- how much there is of them ------------------------------------------------------------------------ */

static void load_add(Load *load, const WaitingCall *call)
{
        load->calls++;
        load->bytes += call->bytes;
}

static void load_subtract(Load *load, const WaitingCall *call)
{
        load->calls--;
        load->bytes -= call->bytes;
}

static void count(WaitingCall *call, User *user)
{
        Callers *callers = call->caller->callers;

        call->user = user;
        load_add(user ? &user->load : &callers->unknown, call);
        if (user && user->uid != 0)
                load_add(&callers->others, call);
}

static void uncount(WaitingCall *call)
{
        Callers *callers = call->caller->callers;
        const User *user = call->user;

        load_subtract(user ? &call->user->load : &callers->unknown, call);
        if (user && user->uid != 0)
                load_subtract(&callers->others, call);
}

/* Twice the user's calls against all that is left, so that he gets half of it and the next one finds some.
 * The first one's half is CALLERS_USER_CALLS_MAX. */
static bool user_has_share(const Callers *callers, const User *user, size_t bytes)
{
        return 2 * user->load.calls < CALLERS_USERS_CALLS_MAX - callers->others.calls &&
               2 * (user->load.bytes + bytes) <=
                               CALLERS_USERS_BYTES_MAX - (callers->others.bytes - user->load.bytes);
}

static int check_user(const Callers *callers, const User *user, size_t bytes, sd_bus_error *error)
{
        if (user->uid == 0 || user_has_share(callers, user, bytes))
                return 0;
        if (user->load.calls > 0)
                return error_limit(error,
                                "Too many of your calls wait for their reply, or too large ones. Try again "
                                "when one of them has it.");
        return error_limit(error,
                        "Too many calls of all users wait for their reply, or too large ones. Try again later.");
}

static bool has_more(const Caller *a, const Caller *b, bool by_calls)
{
        return by_calls ? a->load.calls > b->load.calls : a->load.bytes > b->load.bytes;
}

static Caller *find_greediest(const Callers *callers, bool by_calls)
{
        Caller *greediest = NULL;

        for (size_t i = 0; i < BUCKETS; i++)
                for (Caller *each = callers->buckets[i]; each; each = each->next)
                        if (!each->user && (!greediest || has_more(each, greediest, by_calls)))
                                greediest = each;
        return greediest;
}

/* Replies to CALL, and has it forgotten. */
static void refuse_call(WaitingCall *call, const sd_bus_error *error)
{
        (void) sd_bus_reply_method_error(call->message, error);
        call->events->dropped(call->userdata);
}

static void refuse_last(Caller *caller)
{
        sd_bus_error error CLEANUP(sd_bus_error_free) = SD_BUS_ERROR_NULL;
        WaitingCall *call = caller->first;

        (void) error_limit(&error,
                        "Too many calls wait at once, and yours are the most of them. Try again later.");
        while (call->next)
                call = call->next;
        refuse_call(call, &error);
}

/* Makes room for CALL, which is counted already, but not at the cost of those who have less. */
static int check_unknown(Callers *callers, const Caller *caller, sd_bus_error *error)
{
        if (caller->load.calls > CALLER_UNKNOWN_CALLS_MAX)
                return error_limit(error, "Too many of your calls wait for their reply. Try again later.");
        while (callers->unknown.calls > CALLERS_UNKNOWN_CALLS_MAX ||
                        callers->unknown.bytes > CALLERS_UNKNOWN_BYTES_MAX) {
                bool by_calls = callers->unknown.calls > CALLERS_UNKNOWN_CALLS_MAX;
                Caller *greediest = find_greediest(callers, by_calls);

                if (!has_more(greediest, caller, by_calls))
                        return error_limit(error, "Too many calls wait at once. Try again later.");
                refuse_last(greediest);
        }
        return 0;
}

/* --- whether they are still there --------------------------------------------------------------------- */

const char *caller_who_left(sd_bus_message *message)
{
        const char *sender, *name, *from, *to;
        int r;

        if (sd_bus_message_is_signal(message, BUS_DAEMON_NAME, "NameOwnerChanged") <= 0)
                return NULL;
        sender = sd_bus_message_get_sender(message);
        if (!sender || strcmp(sender, BUS_DAEMON_NAME) != 0)
                return NULL;
        r = sd_bus_message_read(message, "sss", &name, &from, &to);
        (void) sd_bus_message_rewind(message, true);
        return r > 0 && !*to ? name : NULL;
}

static int on_message(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        const char *name = caller_who_left(message);
        Caller *caller = name ? find(userdata, name) : NULL;

        if (caller)
                drop_all(caller);
        return 0;
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
        r = sd_bus_message_new_method_call(callers->bus, &message, BUS_DAEMON_NAME, BUS_DAEMON_PATH,
                        BUS_DAEMON_NAME, "AddMatch");
        if (r >= 0)
                r = sd_bus_message_append(message, "s", LEAVE_RULE);
        if (r < 0)
                return r;
        return sd_bus_call_async(
                        callers->bus, &callers->following, message, on_following, callers, UINT64_MAX);
}

/* --- who they are ------------------------------------------------------------------------------------- */

static User *find_user(Callers *callers, uid_t uid)
{
        User *user = callers->users;

        while (user && user->uid != uid)
                user = user->next;
        if (user)
                return user;
        user = malloc(sizeof(*user));
        if (!user)
                return NULL;
        *user = (User){ .next = callers->users, .uid = uid };
        callers->users = user;
        return user;
}

static WaitingCall *first_unknown(const Caller *caller)
{
        WaitingCall *call = caller->first;

        while (call && call->user)
                call = call->next;
        return call;
}

/* Counts the calls of CALLER with his user's from now on. In the order they came; each may end by that. */
static void tell_all(Caller *caller)
{
        WaitingCall *call;

        caller->in_use = true;
        while ((call = first_unknown(caller))) {
                sd_bus_error error CLEANUP(sd_bus_error_free) = SD_BUS_ERROR_NULL;

                if (check_user(caller->callers, caller->user, call->bytes, &error) < 0) {
                        refuse_call(call, &error);
                        continue;
                }
                uncount(call);
                count(call, caller->user);
                call->events->known(call->userdata);
        }
        caller->in_use = false;
        remove_unused(caller);
}

/* Who isn't known may not change anything. Who has left gets this reply as little as any other. */
static void deny_all(Caller *caller)
{
        sd_bus_error error CLEANUP(sd_bus_error_free) = SD_BUS_ERROR_NULL;
        int r = error_deny(&error, "The bus doesn't say who calls.");

        for (WaitingCall *call = caller->first; call; call = call->next)
                (void) sd_bus_reply_method_errno(call->message, r, &error);
}

static int ask_who(Caller *caller);

static int on_credentials(sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        Caller *caller = userdata;
        const sd_bus_error *failure = sd_bus_message_get_error(reply);
        uint32_t uid;

        caller->question = sd_bus_slot_unref(caller->question);
        if (!failure && bus_daemon_read_number(reply, "UnixUserID", &uid) >= 0)
                caller->user = find_user(caller->callers, uid);
        if (caller->user) {
                caller->user->connections++;
                tell_all(caller);
                return 0;
        }
        if (failure && sd_bus_error_has_name(failure, SD_BUS_ERROR_NO_REPLY) &&
                        caller->questions < QUESTIONS_MAX && ask_who(caller) >= 0)
                return 0;
        /* Perhaps he had left before he was followed. */
        if (!failure || !sd_bus_error_has_name(failure, SD_BUS_ERROR_NAME_HAS_NO_OWNER))
                deny_all(caller);
        drop_all(caller);
        return 0;
}

static int ask_who(Caller *caller)
{
        return bus_daemon_ask(caller->callers->bus, BUS_DAEMON_NAME, "GetConnectionCredentials",
                        caller->name, PATIENCE_USEC << caller->questions++, on_credentials, caller,
                        &caller->question);
}

/* --- their calls -------------------------------------------------------------------------------------- */

/* Followed before it is asked who he is: if he is still there then, no leave goes unnoticed. */
static int identify(Caller *caller)
{
        Callers *callers = caller->callers;
        int r;

        if (callers->is_peer) {
                caller->user = find_user(callers, callers->peer_uid);
                if (!caller->user)
                        return -ENOMEM;
                caller->user->connections++;
                return 0;
        }
        r = follow(callers);
        return r < 0 ? r : ask_who(caller);
}

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
        r = identify(caller);
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
        load_add(&caller->load, call);
}

static int call_new(Caller *caller, sd_bus_message *message, WaitingCall **ret)
{
        WaitingCall *call = calloc(1, sizeof(*call));
        MessageSize size;

        if (!call)
                return -ENOMEM;
        message_measure(message, CALL_BYTES_MAX, &size);
        call->caller = caller;
        call->message = sd_bus_message_ref(message);
        call->bytes = MESSAGE_BYTES + size.bytes;
        append(caller, call);
        *ret = call;
        return 0;
}

static int check_room(const WaitingCall *call, sd_bus_error *error)
{
        Callers *callers = call->caller->callers;

        if (descriptors_are_short(sd_bus_get_fd(callers->bus), SPARE_DESCRIPTORS))
                return error_limit(error, "Too many files came with calls that wait. Try again later.");
        /* It is counted among those of a user already, and among the unknown. */
        return call->user ? 0 : check_unknown(callers, call->caller, error);
}

static int get_caller(Callers *callers, const char *sender, Caller **ret, sd_bus_error *error)
{
        int r;

        *ret = find(callers, sender);
        if (*ret)
                return 0;
        r = caller_new(callers, sender, ret);
        return r == 0 || r == -ENOMEM ? r : error_deny(error, "The bus can't be asked who calls.");
}

int callers_wait(Callers *callers, sd_bus_message *message, const WaitingCallEvents *events, void *userdata,
                WaitingCall **ret, sd_bus_error *error)
{
        WaitingCall *call CLEANUP(waiting_call_freep) = NULL;
        const char *sender = callers->is_peer ? PEER_NAME : sd_bus_message_get_sender(message);
        Caller *caller;
        int r;

        if (!sender)
                return error_deny(error, "Only a caller with a name on the bus may call this.");
        r = get_caller(callers, sender, &caller, error);
        if (r < 0)
                return r;
        r = call_new(caller, message, &call);
        if (r < 0) {
                remove_unused(caller);
                return r;
        }
        r = caller->user ? check_user(callers, caller->user, call->bytes, error) : 0;
        count(call, caller->user);
        if (r >= 0)
                r = check_room(call, error);
        if (r < 0)
                return r;
        call->events = events;
        call->userdata = userdata;
        *ret = STEAL(call);
        return 0;
}

WaitingCall *waiting_call_free(WaitingCall *call)
{
        Caller *caller;

        if (!call)
                return NULL;
        caller = call->caller;
        LIST_REMOVE(caller->first, call);
        load_subtract(&caller->load, call);
        uncount(call);
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
        if (!call->user)
                return false;
        *ret = call->user->uid;
        return true;
}

static Callers *make(sd_bus *bus)
{
        Callers *callers = calloc(1, sizeof(*callers));

        if (callers)
                callers->bus = sd_bus_ref(bus);
        return callers;
}

int callers_new_peer(sd_bus *bus, uid_t uid, Callers **ret)
{
        Callers *callers = make(bus);

        if (!callers)
                return -ENOMEM;
        callers->is_peer = true;
        callers->peer_uid = uid;
        *ret = callers;
        return 0;
}

void callers_leave(Callers *callers)
{
        Caller *caller = find(callers, PEER_NAME);

        if (caller)
                drop_all(caller);
}

int callers_new(sd_bus *bus, Callers **ret)
{
        Callers *callers CLEANUP(callers_freep) = make(bus);
        int r;

        if (!callers)
                return -ENOMEM;
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
