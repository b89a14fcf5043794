/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Calls that cost much are answered in turns, so that nobody waits for all that others have asked for
 * before. It knows what calls cost from those that it has seen, and nothing of what they do.
 *
 * This is weighted fair queueing: each sender has the same share of the time. A call's turn comes when its
 * sender's share would pay for it, counted from his last call that waits, or from now. So who asks for
 * little is answered soon, however much others ask for, and each sender's calls stay in their order. What
 * costs next to nothing is answered at once. The next turn begins when the bus has sent nothing else, or
 * after a while if it always has.
 */
#pragma once

#include "bus/polkit.h"
#include "bus/unread.h"

typedef struct Turns Turns;

/* Of a sender, as many as the bus lets wait for a reply, and of all. Beyond that, the calls with the latest
 * turn are refused with LimitsExceeded. */
#define TURNS_SENDER_CALLS_MAX 128
#define TURNS_CALLS_MAX 1024
#define TURNS_BYTES_MAX ((size_t) 16 * 1024 * 1024)

/* BUS must be attached to an event loop. POLKIT and UNREAD are borrowed. The first tells of calls that are
 * run again: their turn was before they were asked about. By the second, while much is unread, each call
 * waits for the bus to say whether its sender reads, and who doesn't gets no more. */
int turns_new(sd_bus *bus, const Polkit *polkit, Unread *unread, Turns **ret) WARN_UNUSED
                NONNULL(1, 2, 3, 4);
/* Forgets all calls that wait; they get no reply. */
Turns *turns_free(Turns *turns);
DEFINE_CLEANUP(Turns, turns_free)

/* Whether a call waits for its turn. */
bool turns_are_waited_for(const Turns *turns) NONNULL(1);
