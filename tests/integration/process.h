/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A child process of a test, with its output in a file, and its end as an event. */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <systemd/sd-event.h>

#include "util/macros.h"

typedef struct Process {
        char *name;
        char *log; /* path of the file with its standard output and error */
        pid_t pid; /* 0 once it was waited for */
        bool ended;
        siginfo_t end; /* how, if it ended */
        sd_event_source *source;
} Process;

/* Starts ARGV as UID in the test's environment, and ENVIRONMENT ("NAME=value", NULL at the end) beside it.
 * Dies with the test. */
Process *process_start(sd_event *event, const char *log, const char *const argv[],
                const char *const environment[], uid_t uid) NONNULL(1, 2, 3);

/* Sends SIGNAL, if it still runs. */
void process_signal(const Process *process, int signal) NONNULL(1);

/* Waits by running the event loop. A process that takes more than a minute fails the test. */
void process_wait(Process *process) NONNULL(1);

/* Its exit status, or 128 and the signal that ended it. It must have ended. */
int process_status(const Process *process) NONNULL(1);

/* What it has printed so far; g_free() it. */
char *process_output(const Process *process) NONNULL(1);

/* Fails the test if the output holds a report of a sanitizer or of valgrind. */
void process_check_output(const Process *process) NONNULL(1);

/* Kills it if it still runs. Takes NULL. */
Process *process_free(Process *process);
