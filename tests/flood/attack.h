/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a user without any rights may do to the service, a kind a row. Each is a program of its own in the
 * end, and bounded in count. */
#pragma once

#include "raw-bus.h"

typedef struct Attack {
        const char *address;   /* of the bus */
        const char *directory; /* that the attacker can read; holds "fresh.ko" */
        unsigned count;        /* of whatever the kind counts */
        unsigned sent, replies, errors;
} Attack;

/* The kinds. Each returns when the service has seen to all that was sent, or the bus has closed the
 * connection, or says at its definition when else. */
typedef void (*AttackFunction)(Attack *attack);

/* attack-calls.c: many calls. "unread": nothing is read until all is sent; "silent": without a reply. */
void attack_rescan_unread(Attack *attack) NONNULL(1);
void attack_rescan_silent(Attack *attack) NONNULL(1);
void attack_select_unread(Attack *attack) NONNULL(1);
void attack_select_silent(Attack *attack) NONNULL(1);
void attack_select_interactive(Attack *attack) NONNULL(1); /* silent, too */
void attack_connections(Attack *attack) NONNULL(1);        /* COUNT calls over eight connections */
void attack_comers(Attack *attack) NONNULL(1);             /* COUNT connections, one after another */
void attack_bursts(Attack *attack) NONNULL(1);             /* COUNT times 250 calls */

/* attack-files.c */
void attack_imports(Attack *attack) NONNULL(1);     /* with sixteen files each */
void attack_pipes(Attack *attack) NONNULL(1);       /* imports of what never ends, or never comes */
void attack_stray_files(Attack *attack) NONNULL(1); /* handed to methods that take none */

/* attack-sizes.c */
void attack_long_ignore(Attack *attack) NONNULL(1);  /* 4,090 names of 7.5 KB each */
void attack_long_names(Attack *attack) NONNULL(1);   /* one name of 30 MB, in each place that takes a name */
void attack_many_names(Attack *attack) NONNULL(1);   /* a million short names, targets, releases */
void attack_deep_options(Attack *attack) NONNULL(1); /* variants in variants, and options by the thousand */

/* attack-readers.c */
void attack_objects(Attack *attack) NONNULL(1); /* GetManagedObjects in turn */
void attack_objects_unread(Attack *attack)
                NONNULL(1); /* GetManagedObjects, and the replies left in the bus */
/* GetManagedObjects, and the replies never read; stays until SIGTERM. */
void attack_hoard(Attack *attack) NONNULL(1);
/* The same with errors that quote a long name. */
void attack_hoard_errors(Attack *attack) NONNULL(1);
/* COUNT times Introspect from each of eight connections, before any reply is read. */
void attack_introspect(Attack *attack) NONNULL(1);
void attack_readers(Attack *attack) NONNULL(1); /* everything else that reads */

/* attack-oddities.c */
void attack_headers(Attack *attack) NONNULL(1);   /* bytes changed by chance in messages' headers */
void attack_greetings(Attack *attack) NONNULL(1); /* connections that say half of what begins one */
void attack_forgeries(Attack *attack) NONNULL(1); /* replies that nobody waits for, signals with our path */
void attack_odd_objects(Attack *attack) NONNULL(1); /* the standard interfaces, on any path */

/* attack-agent.c: COUNT calls that wait for a password, which never comes; stays until SIGTERM. */
void attack_agent(Attack *attack) NONNULL(1);

/* attack-random.c: calls by chance until COUNT seconds are over. */
void attack_random(Attack *attack) NONNULL(1);

/* A connection that counts towards ATTACK. NULL if the bus has no room for it. */
RawBus *attack_connect(const Attack *attack) NONNULL(1);
/* Adds up, and closes. Takes NULL. */
void attack_close(Attack *attack, RawBus *bus) NONNULL(1);
/* Closes after the service has answered a Ping that was sent last; reads all replies that come meanwhile. */
void attack_finish(Attack *attack, RawBus *bus) NONNULL(1);
/* Sends COUNT times, reading nothing, and finishes. */
void attack_send(Attack *attack, const RawMessage *message, unsigned count) NONNULL(1, 2);
