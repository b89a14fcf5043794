/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* hostdriverctl against the scripted service on a bus of its own. Every failure to set up ends the test. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdio.h>

#include "terminal-run.h"

typedef struct ClientFixture {
        char *directory; /* holds the bus's socket */
        GPid bus;
        GPid service;
        FILE *told; /* the lines that the service writes: see scripted_tell() */
        char **environment;
} ClientFixture;

/* How a run of hostdriverctl ended. */
typedef struct ClientRun {
        char *output;
        char *error;
        int status;
} ClientRun;

/* For g_test_add(). */
void client_fixture_init(ClientFixture *fixture, gconstpointer data);
void client_fixture_done(ClientFixture *fixture, gconstpointer data);

void client_fixture_set(ClientFixture *fixture, const char *variable, const char *value);

/* Runs hostdriverctl with the blank-separated WORDS, stdin empty and both outputs pipes. */
ClientRun client_run(const ClientFixture *fixture, const char *words);
ClientRun client_run_words(const ClientFixture *fixture, const char *const *words);
void client_run_done(ClientRun *run);

/* Waits until the service has told LINE; other lines before are passed over. */
void client_wait_told(const ClientFixture *fixture, const char *line);

/* Compares TEXT with the file in expected/. With $HOSTDRIVER_UPDATE_EXPECTED set it writes the file anew,
 * and the test fails, so that nobody takes that for a pass. */
void client_assert_expected(const char *text, const char *file);

TerminalRun client_terminal_begin(const ClientFixture *fixture, const char *words);
