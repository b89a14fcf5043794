/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who has calls that wait for their reply: one record for each sender, by which the service knows his user
 * and learns that he has left the bus. It knows nothing of what the calls want.
 *
 * All callers are followed by one match rule, since the bus allows a connection only so many (512), and
 * sd-bus closes the connection when one that it adds itself is refused. The price is one short signal for
 * each connection that leaves the bus, which costs the bus itself far more.
 */
#pragma once

#include <sys/types.h>
#include <systemd/sd-bus.h>

#include "util/macros.h"

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
/* To be freed after all calls that wait. */
Callers *callers_free(Callers *callers);
DEFINE_CLEANUP(Callers, callers_free)

/* From now on, MESSAGE, which is referenced, waits for its reply. The first call of a sender has the bus
 * asked who that is. EVENTS is static. 0, or a negative errno with ERROR set. The caller frees *ret. */
int callers_wait(Callers *callers, sd_bus_message *message, const WaitingCallEvents *events, void *userdata,
                WaitingCall **ret, sd_bus_error *error) WARN_UNUSED NONNULL(1, 2, 3, 5);
WaitingCall *waiting_call_free(WaitingCall *call);
DEFINE_CLEANUP(WaitingCall, waiting_call_free)

/* Has somebody else wait for the events of CALL. */
void waiting_call_hand_over(WaitingCall *call, const WaitingCallEvents *events, void *userdata)
                NONNULL(1, 2);

/* Whether it is known whose call it is, and who: the effective uid. */
bool waiting_call_uid(const WaitingCall *call, uid_t *ret) WARN_UNUSED NONNULL(1, 2);
