/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Runs hostdriverctl or driver-tool beside a harness, and looks at how that ends. Every failure ends the
 * test. */
#pragma once

#include "harness.h"

/* How a program is run. */
typedef struct ProgramRun {
        const char *bus;    /* NULL: none; "" the system's own */
        const char *daemon; /* NULL: ours */
        const char *prefix; /* words before the program's name */
        const char *program;
        uid_t uid;
        bool has_no_proc;
} ProgramRun;

/* LINE has blanks between its words. */
Process *program_start(Harness *harness, const ProgramRun *run, const char *line) NONNULL(1, 2, 3);

/* Waits for the end of PROCESS, which is taken and whose exit status must be EXPECTED. What it printed;
 * g_free() it. */
char *program_finish(Process *process_taken, int expected) NONNULL(1);

/* Both, and a report of a sanitizer fails the test. */
char *program_run(Harness *harness, const ProgramRun *run, int expected, const char *line) NONNULL(1, 2, 4);

/* Fails the test unless PART is in TEXT. */
void assert_has(const char *text, const char *part) NONNULL(1, 2);
