/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A filter that takes costly calls out of their order, and puts them back one after another. */

#include "bus/turns.h"

#include <errno.h>
#include <string.h>
#include <systemd/sd-event.h>

#include "bus/error.h"
#include "bus/gate.h"
#include "bus/message-size.h"
#include "util/clock.h"
#include "util/descriptors.h"

/* Below this, a call costs no more than the bus's own work for it. µs. */
#define CHEAP_USEC 150
/* If the bus always has something to read, so much of the time goes to turns. What wasn't used is forgotten
 * after a period, of this thread's time on the CPU in µs. */
#define SHARE_PERCENT 30
#define PERIOD_USEC 100000
/* If something else always is to be done, a turn comes as often as this. µs. */
#define LATE_USEC 20000
/* While the bus is behind with reading, it is looked as often as this whether it has caught up. µs. */
#define BEHIND_USEC 5000
/* As in caller.c. */
#define SPARE_DESCRIPTORS 320
/* Of what is sent and unread: see unread.h. A long reply may be sent at each of these bounds, and the bus
 * stops at 127 MiB. */
#define UNREAD_SENDER_BYTES_MAX (8 * UINT64_C(1048576))
#define UNREAD_SENDER_BYTES_LOW UINT64_C(65536)
#define UNREAD_ALL_BYTES_MAX (80 * UINT64_C(1048576))
/* What takes so long that it is measured sends no more than this, in bytes for each µs. */
#define REPLY_SPEED 256
/* What waits though it is cheap has a share all the same. µs. */
#define LEAST_USEC 50

/* What costs as much as there are drivers, targets or files, or may, and at first is taken to cost, for each
 * KiB of arguments, in µs. By the member alone, since a call may leave its interface out. */
static const struct {
        const char *member;
        uint64_t usec;
} kinds[] = {
        { "GetManagedObjects", 20000 },
        { "Introspect", 200 },
        { "Get", 50 },
        { "GetAll", 200 },
        { "ListDrivers", 500 },
        { "ListVersions", 500 },
        { "ListDevices", 2000 },
        { "ListJobs", 200 },
        { "GetHistory", 2000 },
        { "GetInitramfs", 2000 },
        { "Why", 500 },
        { "Check", 2000 },
        { "Select", 2000 },
        { "Deselect", 2000 },
        { "Adopt", 2000 },
        { "Unadopt", 2000 },
        { "Import", 2000 },
        { "Remove", 2000 },
        { "RebuildInitramfs", 500 },
        { "SetPolicy", 200 },
};
#define OTHER_KIND ELEMENTSOF(kinds)
#define OBJECTS_KIND 0

typedef struct Turn {
        struct Turn *next; /* in the order of `finish`, and of their coming where that is the same */
        sd_bus_message *message;
        size_t bytes;
        bool asked;      /* its sender reads what he is sent */
        uint64_t finish; /* in the time that every sender has an equal share of */
} Turn;

struct Turns {
        sd_bus *bus;
        const Polkit *polkit;
        sd_bus_slot *filter;
        sd_event_source *source; /* runs when there is nothing else to do */
        sd_event_source *late;   /* … or if there always is */
        Turn *first;
        size_t count;
        size_t bytes;
        uint64_t now;          /* the finish of the last turn */
        uint64_t period_began; /* CLOCK_THREAD_CPUTIME_ID, µs */
        uint64_t spent;        /* on turns in this period, µs */
        Unread *unread;
        sd_bus_message *asked_for; /* the bus is asked about its sender, and no turn is given meanwhile */
        sd_bus_message *passing;   /* it is run again by us, and not to be taken out again */
        uint64_t usec[OTHER_KIND + 1]; /* for each KiB, learned */
        size_t measured;               /* the kind that is being measured; OTHER_KIND: none */
        uint64_t measured_kib;
        uint64_t measured_began; /* of this thread's time on the CPU, µs */
};

static Turn *turn_free(Turn *turn)
{
        if (!turn)
                return NULL;
        sd_bus_message_unref(turn->message);
        free(turn);
        return NULL;
}

/* --- what calls cost ---------------------------------------------------------------------------------- */

static size_t find_kind(sd_bus_message *message)
{
        const char *member = sd_bus_message_get_member(message);
        size_t i = 0;

        while (i < ELEMENTSOF(kinds) && strcmp(kinds[i].member, member) != 0)
                i++;
        return i;
}

static uint64_t kib(size_t bytes)
{
        return 1 + bytes / 1024;
}

static void measure_begin(Turns *turns, size_t kind, size_t bytes)
{
        turns->measured = kind;
        turns->measured_kib = kib(bytes);
        turns->measured_began = clock_usec(CLOCK_THREAD_CPUTIME_ID);
}

/* The handler has run between two of our own runs. The average forgets. */
static void measure_end(Turns *turns)
{
        uint64_t *average = &turns->usec[turns->measured], usec;

        if (turns->measured == OTHER_KIND)
                return;
        usec = clock_usec(CLOCK_THREAD_CPUTIME_ID) - turns->measured_began;
        *average = (7 * *average + usec / turns->measured_kib) / 8;
        turns->spent += usec;
        turns->measured = OTHER_KIND;
        unread_add(turns->unread, usec * REPLY_SPEED);
}

/* --- the order ---------------------------------------------------------------------------------------- */

static bool is_from(const Turn *turn, const char *sender)
{
        return strcmp(sd_bus_message_get_sender(turn->message), sender) == 0;
}

/* How many calls of SENDER wait, and when the last of them has its turn. */
static size_t look_up(const Turns *turns, const char *sender, uint64_t *ret_finish)
{
        size_t count = 0;

        *ret_finish = turns->now;
        for (const Turn *turn = turns->first; turn; turn = turn->next)
                if (is_from(turn, sender)) {
                        count++;
                        *ret_finish = turn->finish;
                }
        return count;
}

static void take_out(Turns *turns, Turn *turn)
{
        LIST_REMOVE(turns->first, turn);
        turns->count--;
        turns->bytes -= turn->bytes;
}

static void insert(Turns *turns, Turn *turn)
{
        Turn **place = &turns->first;

        while (*place && (*place)->finish <= turn->finish)
                place = &(*place)->next;
        turn->next = *place;
        *place = turn;
        turns->count++;
        turns->bytes += turn->bytes;
}

/* ERROR NULL: without a reply. */
static void end_turn(Turns *turns, Turn *turn, const sd_bus_error *error)
{
        if (error)
                (void) sd_bus_reply_method_error(turn->message, error);
        take_out(turns, turn);
        (void) turn_free(turn);
}

/* Refusals, too, are left unread: while much is, calls that are too many get none. So their sender comes to
 * the bus's own limit of calls without a reply. */
static void refuse_last(Turns *turns)
{
        sd_bus_error error CLEANUP(sd_bus_error_free) = SD_BUS_ERROR_NULL;
        Turn *last = turns->first;

        while (last->next)
                last = last->next;
        (void) error_limit(&error, "Too many calls wait for their turn. Ask for less at once.");
        end_turn(turns, last, unread_is_high(turns->unread) ? NULL : &error);
}

static void end_turns_of(Turns *turns, const char *sender, const sd_bus_error *error)
{
        for (Turn *next, *turn = turns->first; turn; turn = next) {
                next = turn->next;
                if (is_from(turn, sender))
                        end_turn(turns, turn, error);
        }
}

/* --- taking and giving -------------------------------------------------------------------------------- */

/* When there is nothing else to do, or has always been something for a while; unless one is being given. */
static void arm(Turns *turns)
{
        if (!turns->first || turns->passing || turns->asked_for)
                return;
        (void) sd_event_source_set_enabled(turns->source, SD_EVENT_ONESHOT);
        if (sd_event_source_get_enabled(turns->late, NULL) > 0)
                return;
        (void) sd_event_source_set_time_relative(turns->late, LATE_USEC);
        (void) sd_event_source_set_enabled(turns->late, SD_EVENT_ONESHOT);
}

/* Who may have another long reply: first nobody who hoards them, then nobody who has left any, then nobody.
 * A short one has everybody who leaves none. */
static bool may_be_answered(uint64_t all_bytes, uint64_t sender_bytes, bool is_long)
{
        if (all_bytes > UNREAD_ALL_BYTES_HIGH && sender_bytes > UNREAD_SENDER_BYTES_LOW)
                return false;
        return !is_long || (all_bytes <= UNREAD_ALL_BYTES_MAX && sender_bytes <= UNREAD_SENDER_BYTES_MAX);
}

static bool is_long(const Turn *turn)
{
        return find_kind(turn->message) == OBJECTS_KIND;
}

/* Whoever reads isn't asked about for each of his calls that cost little. */
static void pass(Turns *turns, const char *sender)
{
        for (Turn *turn = turns->first; turn; turn = turn->next)
                if (turns->usec[find_kind(turn->message)] < CHEAP_USEC && is_from(turn, sender))
                        turn->asked = true;
}

static void refuse_hoarder(Turns *turns, Turn *turn, uint64_t all_bytes)
{
        sd_bus_error error CLEANUP(sd_bus_error_free) = SD_BUS_ERROR_NULL;
        sd_bus_message *message CLEANUP(sd_bus_message_unrefp) = sd_bus_message_ref(turn->message);

        (void) error_limit(&error,
                        "Too much of what this service has sent is unread. Read the replies that you "
                        "have been sent, then try again.");
        if (all_bytes <= UNREAD_ALL_BYTES_HIGH)
                end_turn(turns, turn, &error);
        else
                end_turns_of(turns, sd_bus_message_get_sender(message),
                                all_bytes > UNREAD_ALL_BYTES_MAX ? NULL : &error);
}

static void on_unread(uint64_t all_bytes, uint64_t sender_bytes, void *userdata)
{
        Turns *turns = userdata;
        sd_bus_message *message CLEANUP(sd_bus_message_unrefp) = STEAL(turns->asked_for);
        Turn *turn = turns->first;

        while (turn && turn->message != message)
                turn = turn->next;
        if (turn && may_be_answered(all_bytes, sender_bytes, is_long(turn))) {
                turn->asked = true;
                pass(turns, sd_bus_message_get_sender(message));
        } else if (turn) {
                refuse_hoarder(turns, turn, all_bytes);
        }
        arm(turns);
}

/* Whether the turn waits for the bus to say what is unread: each for all objects, and all while it is much.
 */
static bool must_ask(Turns *turns, Turn *turn)
{
        if (turns->asked_for)
                return true;
        if (turn->asked || (!is_long(turn) && !unread_is_high(turns->unread)))
                return false;
        if (unread_ask(turns->unread, sd_bus_message_get_sender(turn->message), on_unread, turns) <= 0)
                return false;
        turns->asked_for = sd_bus_message_ref(turn->message);
        return true;
}

/* The message goes through all filters again. */
static void give_turn(Turns *turns)
{
        Turn *turn = turns->first;
        int r;

        if (must_ask(turns, turn))
                return;
        take_out(turns, turn);
        turns->now = turn->finish;
        r = sd_bus_message_rewind(turn->message, true);
        if (r >= 0)
                r = sd_bus_enqueue_for_read(turns->bus, turn->message);
        if (r < 0)
                (void) sd_bus_reply_method_errno(turn->message, r, NULL);
        else
                turns->passing = sd_bus_message_ref(turn->message);
        (void) turn_free(turn);
        arm(turns);
}

static void on_turn(Turns *turns)
{
        measure_end(turns);
        if (!turns->first || turns->passing)
                return;
        if (!unread_by_bus(turns->unread)) {
                give_turn(turns);
                return;
        }
        (void) sd_event_source_set_time_relative(turns->late, BEHIND_USEC);
        (void) sd_event_source_set_enabled(turns->late, SD_EVENT_ONESHOT);
}

static int on_nothing_else(sd_event_source *source, void *userdata)
{
        on_turn(userdata);
        return 0;
}

static int on_late(sd_event_source *source, uint64_t usec, void *userdata)
{
        on_turn(userdata);
        return 0;
}

/* The bus may always have something to read. */
static void give_share(Turns *turns)
{
        uint64_t now;

        if (!turns->first || turns->passing)
                return;
        now = clock_usec(CLOCK_THREAD_CPUTIME_ID);
        if (now - turns->period_began >= PERIOD_USEC) {
                turns->period_began = now;
                turns->spent = 0;
        }
        if (turns->spent * 100 < (now - turns->period_began) * SHARE_PERCENT &&
                        !unread_by_bus(turns->unread))
                give_turn(turns);
}

static int wait_for_turn(
                Turns *turns, sd_bus_message *message, size_t bytes, uint64_t finish, sd_bus_error *error)
{
        Turn *turn;

        if (descriptors_are_short(sd_bus_get_fd(turns->bus), SPARE_DESCRIPTORS))
                return error_limit(error, "Too many files came with calls that wait. Try again later.");
        turn = malloc(sizeof(*turn));
        if (!turn)
                return -ENOMEM;
        *turn = (Turn){ .message = sd_bus_message_ref(message), .bytes = bytes, .finish = finish };
        insert(turns, turn);
        while (turns->count > TURNS_CALLS_MAX || turns->bytes > TURNS_BYTES_MAX)
                refuse_last(turns);
        arm(turns);
        return 1;
}

static int refuse_more(const Turns *turns, sd_bus_error *error)
{
        if (unread_is_high(turns->unread))
                return 1; /* without a reply: see refuse_last() */
        return error_limit(error, "Too many of your calls wait for their turn. Ask for less at once.");
}

/* 0 if the call is to be answered now, 1 if it waits, or a negative errno with ERROR set. */
static int on_call(Turns *turns, sd_bus_message *message, sd_bus_error *error)
{
        const char *sender = sd_bus_message_get_sender(message);
        size_t kind = find_kind(message), waiting = 0;
        uint64_t finish = turns->now, usec;
        MessageSize size;

        if (!sender || polkit_runs_again(turns->polkit, message))
                return 0;
        message_measure(message, CALL_BYTES_MAX, &size);
        usec = turns->usec[kind] * kib(size.bytes);
        if (turns->first)
                waiting = look_up(turns, sender, &finish);
        if (waiting == 0 && usec < CHEAP_USEC && !unread_is_high(turns->unread) &&
                        !unread_by_bus(turns->unread)) {
                measure_begin(turns, kind, size.bytes);
                return 0;
        }
        if (waiting >= TURNS_SENDER_CALLS_MAX)
                return refuse_more(turns, error);
        return wait_for_turn(
                        turns, message, size.bytes, finish + (usec > LEAST_USEC ? usec : LEAST_USEC), error);
}

static int on_message(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        Turns *turns = userdata;
        const char *name = caller_who_left(message);
        int r = 0;

        measure_end(turns);
        if (message == turns->passing) {
                MessageSize size;

                turns->passing = sd_bus_message_unref(turns->passing);
                message_measure(message, CALL_BYTES_MAX, &size);
                measure_begin(turns, find_kind(message), size.bytes);
                arm(turns);
                return 0;
        }
        if (name)
                end_turns_of(turns, name, NULL);
        else if (sd_bus_message_is_method_call(message, NULL, NULL) > 0)
                r = on_call(turns, message, error);
        give_share(turns);
        return r;
}

int turns_new(sd_bus *bus, const Polkit *polkit, Unread *unread, Turns **ret)
{
        Turns *turns CLEANUP(turns_freep) = calloc(1, sizeof(*turns));
        int r;

        if (!turns)
                return -ENOMEM;
        turns->bus = sd_bus_ref(bus);
        turns->polkit = polkit;
        turns->unread = unread;
        turns->measured = OTHER_KIND;
        for (size_t i = 0; i < ELEMENTSOF(kinds); i++)
                turns->usec[i] = kinds[i].usec;
        r = sd_bus_add_filter(bus, &turns->filter, on_message, turns);
        if (r >= 0)
                r = sd_event_add_defer(sd_bus_get_event(bus), &turns->source, on_nothing_else, turns);
        if (r >= 0)
                r = sd_event_source_set_enabled(turns->source, SD_EVENT_OFF);
        if (r >= 0)
                r = sd_event_add_time_relative(sd_bus_get_event(bus), &turns->late, CLOCK_MONOTONIC,
                                LATE_USEC, LATE_USEC / 10, on_late, turns);
        if (r >= 0)
                r = sd_event_source_set_enabled(turns->late, SD_EVENT_OFF);
        if (r >= 0)
                r = sd_event_source_set_priority(turns->source, SD_EVENT_PRIORITY_NORMAL + 1);
        if (r < 0)
                return r;
        *ret = STEAL(turns);
        return 0;
}

bool turns_are_waited_for(const Turns *turns)
{
        return turns->first || turns->passing;
}

Turns *turns_free(Turns *turns)
{
        if (!turns)
                return NULL;
        while (turns->first)
                end_turn(turns, turns->first, NULL);
        sd_bus_message_unref(turns->asked_for);
        sd_bus_message_unref(turns->passing);
        sd_bus_slot_unref(turns->filter);
        sd_event_source_disable_unref(turns->source);
        sd_event_source_disable_unref(turns->late);
        sd_bus_unref(turns->bus);
        free(turns);
        return NULL;
}
