/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who calls, as a bus tells it that is made of a pair of sockets: it says what the test wants it to say, or
 * nothing. */

#include <glib.h>
#include <string.h>
#include <sys/socket.h>
#include <systemd/sd-event.h>

#include "bus/caller.h"

#define CALLS_MAX 256

typedef struct Call Call;

typedef struct Fixture {
        sd_event *event;
        sd_bus *bus, *service; /* the two ends */
        Callers *callers;
        GPtrArray *calls; /* Call * that wait */
        bool is_followed; /* by the service: who leaves */
        unsigned known;   /* calls of which it is known whose they are */
        unsigned seen;    /* calls that have come */
        unsigned denied;  /* errors of the service's */
        unsigned limited;
        unsigned questions; /* that the bus was asked */
        unsigned dropped;   /* of those that come next, how many aren't answered */
} Fixture;

struct Call {
        Fixture *fixture;
        WaitingCall *waiting;
};

static void call_free(void *data)
{
        Call *call = data;

        (void) waiting_call_free(call->waiting);
        g_free(call);
}

/* --- the service -------------------------------------------------------------------------------------- */

static void on_known(void *userdata)
{
        ((Call *) userdata)->fixture->known++;
}

static void on_dropped(void *userdata)
{
        g_assert_true(g_ptr_array_remove(((Call *) userdata)->fixture->calls, userdata));
}

static const WaitingCallEvents events = { on_known, on_dropped };

static int on_call(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        Fixture *fixture = userdata;
        Call *call;
        uid_t uid;
        int r;

        if (sd_bus_message_is_method_call(message, NULL, "Change") <= 0)
                return 0;
        fixture->seen++;
        call = g_new0(Call, 1);
        call->fixture = fixture;
        r = callers_wait(fixture->callers, message, &events, call, &call->waiting, error);
        if (r < 0) {
                g_free(call);
                return r;
        }
        g_ptr_array_add(fixture->calls, call);
        if (waiting_call_uid(call->waiting, &uid))
                on_known(call);
        return 1;
}

/* --- the bus ------------------------------------------------------------------------------------------ */

static void reply(sd_bus_message *question, const char *types, ...)
{
        sd_bus_message *message CLEANUP(sd_bus_message_unrefp) = NULL;
        va_list values;

        va_start(values, types);
        g_assert_cmpint(sd_bus_message_new_method_return(question, &message), >=, 0);
        g_assert_cmpint(sd_bus_message_appendv(message, types, values), >=, 0);
        g_assert_cmpint(sd_bus_message_set_sender(message, "org.freedesktop.DBus"), >=, 0);
        g_assert_cmpint(sd_bus_send(NULL, message, NULL), >=, 0);
        va_end(values);
}

/* The name of a connection is its user's uid, and its number: ":1000.1". */
static void reply_who(Fixture *fixture, sd_bus_message *question)
{
        const char *name;

        fixture->questions++;
        g_assert_cmpint(sd_bus_message_read(question, "s", &name), >, 0);
        if (fixture->dropped > 0)
                fixture->dropped--;
        else
                reply(question, "a{sv}", 2, "ProcessID", "u", 1, "UnixUserID", "u",
                                (unsigned) g_ascii_strtoull(name + 1, NULL, 10));
}

static int on_bus_message(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        const sd_bus_error *failure = sd_bus_message_get_error(message);
        Fixture *fixture = userdata;

        if (sd_bus_message_is_method_call(message, NULL, "Hello") > 0)
                reply(message, "s", ":0.1");
        else if (sd_bus_message_is_method_call(message, NULL, "AddMatch") > 0)
                fixture->is_followed = true;
        else if (sd_bus_message_is_method_call(message, NULL, "GetConnectionCredentials") > 0)
                reply_who(fixture, message);
        else if (failure && sd_bus_error_has_name(failure, SD_BUS_ERROR_LIMITS_EXCEEDED))
                fixture->limited++;
        else if (failure && sd_bus_error_has_name(failure, SD_BUS_ERROR_ACCESS_DENIED))
                fixture->denied++;
        return 1;
}

/* NAME has COUNT calls more to make. */
static void call_as(Fixture *fixture, const char *name, unsigned count)
{
        for (unsigned i = 0; i < count; i++) {
                sd_bus_message *message CLEANUP(sd_bus_message_unrefp) = NULL;
                uint64_t cookie;

                g_assert_cmpint(sd_bus_message_new_method_call(
                                                fixture->bus, &message, ":0.1", "/o", "o.o", "Change"),
                                >=, 0);
                g_assert_cmpint(sd_bus_message_set_sender(message, name), >=, 0);
                /* Who doesn't ask for the number wants no reply. */
                g_assert_cmpint(sd_bus_send(fixture->bus, message, &cookie), >=, 0);
        }
}

/* --- both --------------------------------------------------------------------------------------------- */

/* Until each of COUNT calls has its user, or its refusal. */
static void run_until_settled(Fixture *fixture, unsigned count)
{
        while (fixture->seen < count || fixture->known + fixture->limited + fixture->denied < count)
                g_assert_cmpint(sd_event_run(fixture->event, UINT64_MAX), >=, 0);
}

static void set_up(Fixture *fixture, gconstpointer data)
{
        int fds[2];

        g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds), ==, 0);
        fixture->calls = g_ptr_array_new_with_free_func(call_free);
        g_assert_cmpint(sd_event_new(&fixture->event), >=, 0);
        g_assert_cmpint(sd_bus_new(&fixture->bus), >=, 0);
        g_assert_cmpint(sd_bus_set_fd(fixture->bus, fds[0], fds[0]), >=, 0);
        g_assert_cmpint(sd_bus_set_server(fixture->bus, 1,
                                        SD_ID128_MAKE(1, 2, 3, 4, 5, 6, 7, 8, 9, a, b, c, d, e, f, 0)),
                        >=, 0);
        g_assert_cmpint(sd_bus_start(fixture->bus), >=, 0);
        g_assert_cmpint(sd_bus_add_filter(fixture->bus, NULL, on_bus_message, fixture), >=, 0);
        g_assert_cmpint(sd_bus_attach_event(fixture->bus, fixture->event, 0), >=, 0);

        g_assert_cmpint(sd_bus_new(&fixture->service), >=, 0);
        g_assert_cmpint(sd_bus_set_fd(fixture->service, fds[1], fds[1]), >=, 0);
        g_assert_cmpint(sd_bus_set_bus_client(fixture->service, 1), >=, 0);
        g_assert_cmpint(sd_bus_start(fixture->service), >=, 0);
        g_assert_cmpint(sd_bus_attach_event(fixture->service, fixture->event, 0), >=, 0);
        g_assert_cmpint(callers_new(fixture->service, &fixture->callers), >=, 0);
        g_assert_cmpint(sd_bus_add_filter(fixture->service, NULL, on_call, fixture), >=, 0);
        while (!fixture->is_followed)
                g_assert_cmpint(sd_event_run(fixture->event, UINT64_MAX), >=, 0);
}

static void tear_down(Fixture *fixture, gconstpointer data)
{
        g_ptr_array_unref(fixture->calls);
        (void) callers_free(fixture->callers);
        sd_bus_close_unref(fixture->service);
        sd_bus_close_unref(fixture->bus);
        sd_event_unref(fixture->event);
}

/* --- the tests ---------------------------------------------------------------------------------------- */

/* A bus drops answers while its queue to the service is full. */
static void test_answer_dropped(Fixture *fixture, gconstpointer data)
{
        fixture->dropped = 1;
        call_as(fixture, ":0.2", 2);
        call_as(fixture, ":1000.3", 1);
        run_until_settled(fixture, 3);
        g_assert_cmpuint(fixture->denied, ==, 0);
        g_assert_cmpuint(fixture->known, ==, 3);
        g_assert_cmpuint(fixture->questions, ==, 3);
}

/* Nobody waits for ever for a bus that doesn't answer. */
static void test_never_answered(Fixture *fixture, gconstpointer data)
{
        fixture->dropped = CALLS_MAX;
        call_as(fixture, ":0.2", 2);
        run_until_settled(fixture, 2);
        g_assert_cmpuint(fixture->denied, ==, 2);
        g_assert_cmpuint(fixture->questions, <, CALLS_MAX);
        g_assert_cmpuint(fixture->calls->len, ==, 0);
}

/* However many users have as many calls open as they may: somebody else finds room. */
static void test_shares(Fixture *fixture, gconstpointer data)
{
        unsigned sent = 0, limited;

        for (unsigned user = 0; user < 8; user++) {
                g_autofree char *name = g_strdup_printf(":%u.1", 1000 + user);
                unsigned known = fixture->known;

                sent += CALLERS_USER_CALLS_MAX;
                call_as(fixture, name, CALLERS_USER_CALLS_MAX);
                run_until_settled(fixture, sent);
                g_assert_cmpuint(fixture->known - known, >, 0);
                if (user == 0)
                        g_assert_cmpuint(fixture->known, ==, CALLERS_USER_CALLS_MAX);
        }
        g_assert_cmpuint(fixture->known, <, CALLERS_USERS_CALLS_MAX);
        limited = fixture->limited;
        call_as(fixture, ":2000.1", 1);
        call_as(fixture, ":0.2", CALLERS_USER_CALLS_MAX + 1);
        run_until_settled(fixture, sent + 1 + CALLERS_USER_CALLS_MAX + 1);
        g_assert_cmpuint(fixture->limited, ==, limited);
}

#define ADD(name, function) g_test_add("/caller/" name, Fixture, NULL, set_up, function, tear_down)

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        ADD("answer-dropped", test_answer_dropped);
        ADD("never-answered", test_never_answered);
        ADD("shares", test_shares);
        return g_test_run();
}
