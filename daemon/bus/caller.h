/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who has calls that wait for their reply: one record for each sender, by which the service knows his user
 * and learns that he has left the bus. It knows nothing of what the calls want.
 *
 * All callers are followed by one match rule, since the bus allows a connection only so many (512), and
 * sd-bus closes the connection when one that it adds itself is refused. The price is one short signal for
 * each connection that leaves the bus, which costs the bus itself far more.
 *
 * What the calls of others than root cost is bounded, and root's are never refused because of theirs:
 * - Until the bus has said whose they are, all look alike. So a sender may have as many calls as anybody
 * needs in the time that this takes, and all senders as many as there can be connections. If there are more,
 * or if their arguments are too large in all, the sender who has most is refused his last one. Who has a
 * single small call, as root has, is refused only if all others on the bus have no more than that. It
 * doesn't last: the bus answers within a turn of its loop, and whoever is known doesn't count here any more.
 * - From then on a user may have half of the calls that others leave, in number and in bytes, and all users
 * but root so many, which is below the 128 calls of a connection that the bus lets wait for a reply
 * (max_replies_per_connection), polkit's. So each user who comes finds room, also while others leave as many
 * dialogs for a password open as they may.
 * - Descriptors can't be counted by message, but each brings 16 at most (max_message_unix_fds); where the
 *   process's limit is too low for all of them, calls are refused while less than a reserve is left.
 */
#pragma once

#include <sys/types.h>
#include <systemd/sd-bus.h>

#include "util/macros.h"

/* Of one sender while it isn't known who he is. */
#define CALLER_UNKNOWN_CALLS_MAX 64
/* Of all of them: max_completed_connections of a system bus. */
#define CALLERS_UNKNOWN_CALLS_MAX 2048
#define CALLERS_UNKNOWN_BYTES_MAX ((size_t) 16 * 1024 * 1024)
/* Of all users but root, and of one while no other has any. */
#define CALLERS_USERS_CALLS_MAX 96
#define CALLERS_USERS_BYTES_MAX ((size_t) 8 * 1024 * 1024)
#define CALLERS_USER_CALLS_MAX (CALLERS_USERS_CALLS_MAX / 3)
#define CALLERS_USER_BYTES_MAX (CALLERS_USERS_BYTES_MAX / 2)

typedef struct Callers Callers;
typedef struct WaitingCall WaitingCall;

typedef struct WaitingCallEvents {
        /* The bus has said whose call it is: waiting_call_uid() tells. Comes once, and not if that was known
         * when the call began to wait. The call may be freed in it. */
        void (*known)(void *userdata);
        /* Nobody waits for the reply any more: the caller has left, or has been refused. The call is to be
         * freed in it, and not to be replied to. */
        void (*dropped)(void *userdata);
} WaitingCallEvents;

/* BUS must be attached to an event loop. Asks it for the match rule, and doesn't wait for the answer. */
int callers_new(sd_bus *bus, Callers **ret) WARN_UNUSED NONNULL(1, 2);
/* The same for a connection without a bus, whose other end is the only caller, and belongs to the effective
 * uid UID. Nobody is asked about him; that he has left, callers_leave() says. */
int callers_new_peer(sd_bus *bus, uid_t uid, Callers **ret) WARN_UNUSED NONNULL(1, 3);
/* To be freed after all calls that wait. */
Callers *callers_free(Callers *callers);
DEFINE_CLEANUP(Callers, callers_free)

/* From now on, MESSAGE, which is referenced, waits for its reply. The first call of a sender has the bus
 * asked who that is. EVENTS is static. 0, or a negative errno with ERROR set: LimitsExceeded if too many
 * calls wait. The caller frees *ret. */
int callers_wait(Callers *callers, sd_bus_message *message, const WaitingCallEvents *events, void *userdata,
                WaitingCall **ret, sd_bus_error *error) WARN_UNUSED NONNULL(1, 2, 3, 5);
WaitingCall *waiting_call_free(WaitingCall *call);
DEFINE_CLEANUP(WaitingCall, waiting_call_free)

/* Has somebody else wait for the events of CALL. */
void waiting_call_hand_over(WaitingCall *call, const WaitingCallEvents *events, void *userdata)
                NONNULL(1, 2);

/* Whether it is known whose call it is, and who: the effective uid. */
bool waiting_call_uid(const WaitingCall *call, uid_t *ret) WARN_UNUSED NONNULL(1, 2);

/* The other end of a connection without a bus is gone: his calls are dropped. */
void callers_leave(Callers *callers) NONNULL(1);

/* The name that has left the bus, if that is what MESSAGE says, or NULL. It is the message's. */
const char *caller_who_left(sd_bus_message *message) NONNULL(1);
