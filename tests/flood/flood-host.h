/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A host whose service is flooded by somebody without rights, while others go on using it. */
#pragma once

#include "host.h"
#include "onlookers.h"
#include "question-watch.h"

#define FLOOD_MODULE(number) "flood_" number
#define FLOOD_DRIVER_PATH(number) DRIVER_PATH("flood_5f" number)

typedef struct Flood {
        Harness *harness;
        char *owner;          /* unique name of the service */
        pid_t pid;            /* of the service */
        char *program;        /* the attacker, where every user can run it */
        char *files;          /* a directory with "fresh.ko" for it */
        unsigned drivers;     /* in all */
        GPtrArray *attackers; /* Process * */
        Lister *lister;
        Selecter *selecter;
        bool stays;               /* the attackers stay until they are dismissed */
        unsigned goal;            /* selections that end the test */
        QuestionWatch *questions; /* or NULL */
        /* of the service, before the flood: */
        unsigned fds;
        long anonymous, resident; /* memory, KB */
} Flood;

/* The host of sample_root_init_xenserver() and DRIVERS more, flood_000 and so on, in the versions 1.0 to 5.0
 * each; the real polkitd with its defaults, the service with as many descriptors as systemd allows by
 * default. */
Flood *flood_new(unsigned drivers);
/* Sees what polkit is asked, from now on. Not where queues of the bus run full: dbus-daemon 1.14 aborts if
 * it can't deliver a signal of its own while somebody monitors it (much as in CVE-2023-34969). */
void flood_watch_questions(Flood *flood) NONNULL(1);
/* The service has come to rest, as it was: the process, its descriptors and its memory; if questions were
 * watched, none is left at polkit. It must end well. */
void flood_end(Flood **flood) NONNULL(1);
#define CLEANUP_FLOOD CLEANUP(flood_end)

/* Now somebody else lists drivers, each time within ten seconds, and root selects, each time with success,
 * until flood_calm(). */
void flood_watch(Flood *flood) NONNULL(1);
/* Starts an attacker. KIND as in attack.h. */
void flood_attack(Flood *flood, const char *kind, unsigned count) NONNULL(1, 2);
/* Runs the loop until the attackers have said that all is sent and seen to; for kinds that stay. */
void flood_wait_settled(Flood *flood) NONNULL(1);
/* Runs the loop until root has had COUNT more selections. */
void flood_wait_selections(Flood *flood, unsigned count) NONNULL(1);
/* Runs the loop until all attackers are done, those that stay are dismissed, and two more of each, listing
 * and selection, too. */
void flood_calm(Flood *flood) NONNULL(1);
/* All of it with one attacker. */
void flood_withstand(Flood *flood, const char *kind, unsigned count) NONNULL(1, 2);
