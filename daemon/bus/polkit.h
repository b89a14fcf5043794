/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Asks polkit, without blocking, whether a caller may do what a method does. Whatever isn't a yes is a no.
 * Root may do all that somebody may do, and isn't asked about. */
#pragma once

#include <stdint.h>
#include <systemd/sd-bus.h>

#include "bus/caller.h"
#include "bus/polkit-round.h"
#include "util/macros.h"

typedef struct Polkit Polkit;

/* BUS must be attached to an event loop. CALLERS are borrowed, and freed later. */
int polkit_new(sd_bus *bus, Callers *callers, PolkitPatience patience, Polkit **ret) WARN_UNUSED
                NONNULL(1, 2, 4);
/* Forgets all calls that wait; they get no reply. */
Polkit *polkit_free(Polkit *polkit);
DEFINE_CLEANUP(Polkit, polkit_free)

/* Whether a call waits for polkit, or for the bus to say whose call it is. */
bool polkit_is_asked(const Polkit *polkit) NONNULL(1);

/* Whether MESSAGE is that of a call which was authorized, or wasn't, and is run again. */
bool polkit_runs_again(const Polkit *polkit, const sd_bus_message *message) NONNULL(1, 2);

/* The authorization of one method call. It outlives the handler while polkit thinks, and is found again when
 * the handler is run anew with the answer:
 *
 *         Authorization *authorization CLEANUP_AUTHORIZATION = authorization_enter(polkit, message);
 *         … look up and validate everything, since the world may have changed …
 *         r = authorization_check(authorization, action, details, count, error);
 *         if (r <= 0)
 *                 return r < 0 ? r : 1;
 */
typedef struct Authorization Authorization;

/* NULL if there is no memory; authorization_check() takes that. */
Authorization *authorization_enter(Polkit *polkit, sd_bus_message *message) WARN_UNUSED NONNULL(1, 2);
void authorization_leave(Authorization **place) NONNULL(1);
#define CLEANUP_AUTHORIZATION CLEANUP(authorization_leave)

/* 1 if it is known whose call it is, else as authorization_check(). Root is known to be root then: what
 * takes long comes after this, so that it isn't done twice for root. */
int authorization_identify(Authorization *authorization, sd_bus_error *error) WARN_UNUSED NONNULL(2);

/* 1: authorized for ACTION (static) and all of these very details. 0: the bus or polkit was asked; the
 * handler returns now and will be run again. Negative: no, with ERROR set. How many questions are asked is
 * polkit-round.h's. Several checks in one handler are asked one after another, each re-run getting one
 * further. ACTION NULL: nobody may. */
int authorization_check(Authorization *authorization, const char *action, const PolkitDetails *details,
                size_t count, sd_bus_error *error) WARN_UNUSED NONNULL(5);

/* Whether polkit has answered already, yes or no, or needn't be asked: authorization_check() will know,
 * unless what it is asked about has changed. */
bool authorization_is_answered(const Authorization *authorization);

/* The effective uid of the caller; -1, which is nobody's, until authorization_check() has returned 1. */
uid_t authorization_uid(const Authorization *authorization) NONNULL(1);

/* What makes the call of an authorized method wait on, once its handler has returned: the caller frees it.
 * NULL unless authorization_check() has returned 1. */
WaitingCall *authorization_take_call(Authorization *authorization) WARN_UNUSED NONNULL(1);
