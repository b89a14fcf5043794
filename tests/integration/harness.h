/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A bus of its own, polkit (real or scripted) and the real service beneath a sample root, for one test. */
#pragma once

#include "call.h"
#include "polkit-script.h"
#include "process.h"
#include "recorder.h"
#include "sample-root.h"
#include "sandbox.h"
#include "temp-dir.h"

typedef struct Harness {
        TempDir work;       /* the socket and the logs */
        SampleRoot sample;  /* the root that the service runs beneath */
        const char *kernel; /* the release that it takes for the running one; borrowed from the sample */
        char *address;      /* of the bus */
        sd_event *event;
        Process *bus_daemon;
        Process *polkitd;     /* the real one, or … */
        PolkitScript *script; /* … the scripted one, or neither */
        Process *daemon;
        unsigned daemon_runs;
        sd_bus *superuser;
        sd_bus *member;   /* SANDBOX_OPERATOR */
        sd_bus *stranger; /* SANDBOX_STRANGER */
        Recorder *recorder;
        int gate_fd; /* of tool-gate.h */
} Harness;

/* main() of every test here: enters the sandbox, runs the tests that ADD adds, leaves no trace. If the
 * sandbox can't be entered, the whole program is skipped with the reason. */
int harness_main(int argc, char *argv[], void (*add)(void)) NONNULL(2, 3);

/* A running bus with nobody on it but the test, and the root that INIT makes. */
Harness *harness_new(void (*init)(SampleRoot *sample)) NONNULL(1);

/* The real polkitd with RULES (JavaScript; NULL: none but the defaults of the actions). */
void harness_start_polkitd(Harness *harness, const char *rules) NONNULL(1);
/* The rules that the project ships as an example: members of SANDBOX_OPERATORS may change selections. */
void harness_start_polkitd_with_example(Harness *harness) NONNULL(1);
void harness_start_script(Harness *harness, PolkitMode mode) NONNULL(1);

/* Starts the service and waits until it owns its name. */
void harness_start_daemon(Harness *harness) NONNULL(1);
/* Starts the service, whatever comes of it. EXTRA is one more option, or NULL. */
Process *harness_spawn_daemon(Harness *harness, const char *extra) NONNULL(1);
/* Ends the service by SIGTERM; it must end well and its log must hold no report of a sanitizer. */
void harness_stop_daemon(Harness *harness) NONNULL(1);

/* Runs the loop until NAME is owned, or isn't. PROCESS (may be NULL) must not end meanwhile. */
void harness_wait_name(Harness *harness, const char *name, bool owned, const Process *process) NONNULL(1, 2);

/* A new connection to the bus as that user. The caller closes it with sd_bus_flush_close_unref(). */
sd_bus *harness_connect(const Harness *harness, uid_t uid) NONNULL(1);

/* An environment variable's value as meson sets it: the programs under test. Fails if it isn't set. */
const char *harness_setting(const char *name) NONNULL(1);

/* Ends everything that was started, in order, and removes the directories. */
Harness *harness_free(Harness *harness);
DEFINE_CLEANUP(Harness, harness_free)
#define CLEANUP_HARNESS CLEANUP(harness_freep)
