/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A program on a terminal of its own, of 100 columns and 30 lines, and a test that looks and types. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

typedef struct TerminalRun {
        GPid process;
        int terminal; /* our end */
        GString *seen;
} TerminalRun;

/* Starts ARGV with that ENVIRONMENT as UID. */
TerminalRun terminal_run_begin(char *const argv[], char *const environment[], uid_t uid);
/* Reads until TEXT was seen. */
void terminal_run_wait(TerminalRun *run, const char *text);
/* Waits until what is typed isn't shown, as at a password's prompt: what was typed before is thrown away. */
void terminal_run_wait_hidden(TerminalRun *run);
/* Whether what is typed is shown. */
bool terminal_run_echoes(const TerminalRun *run);
void terminal_run_type(TerminalRun *run, const char *text);
/* Reads to the end and returns the exit status, or 128 and the signal that ended it; run->seen holds
 * everything then. */
int terminal_run_end(TerminalRun *run);
