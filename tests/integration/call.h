/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Method calls whose answer comes from the event loop, so that a test can be caller and polkit at once. */
#pragma once

#include <systemd/sd-bus.h>

#include "util/macros.h"

#define SERVICE_NAME "org.hostdriver1"
#define MANAGER_PATH "/org/hostdriver1"
#define MANAGER "org.hostdriver1.Manager"
#define DRIVER "org.hostdriver1.Driver"
#define JOB "org.hostdriver1.Job"
#define DRIVER_PATH(name) "/org/hostdriver1/driver/" name

typedef struct Answer {
        sd_bus *bus;
        sd_bus_slot *slot;
        bool done;
        char *error; /* its name, or NULL */
        char *text;  /* message_text() of the reply, or the error's sentence */
} Answer;

/* Sends a call to the service, as sd_bus_call_method() takes it. INTERACTIVE sets the flag that allows
 * polkit to ask the user. The caller frees the answer, which may come at any time. */
Answer *call_start(sd_bus *bus, bool interactive, const char *path, const char *interface,
                const char *member, const char *types, ...) NONNULL(1, 3, 4, 5);

/* The same for a message that the caller has made, and keeps. */
Answer *call_start_message(sd_bus *bus, sd_bus_message *message) NONNULL(1, 2);

/* Runs the loop until the answer is there. */
void answer_wait(Answer *answer) NONNULL(1);
Answer *answer_free(Answer *answer);

/* Call and wait: the reply's text; an error's name ends the test. g_free() it. */
char *call_text(sd_bus *bus, const char *path, const char *interface, const char *member, const char *types,
                ...) NONNULL(1, 2, 3, 4);

/* Call and wait: the name of the error, or "" if it worked; its sentence in *ret_sentence (may be NULL).
 * g_free() both. */
char *call_error(sd_bus *bus, char **ret_sentence, const char *path, const char *interface,
                const char *member, const char *types, ...) NONNULL(1, 3, 4, 5);

/* A property's value as message_text() has it. g_free() it. */
char *property_text(sd_bus *bus, const char *path, const char *interface, const char *name)
                NONNULL(1, 2, 3, 4);

/* Fails the test unless the property's value is EXPECTED. */
void assert_property(sd_bus *bus, const char *path, const char *interface, const char *name,
                const char *expected) NONNULL(1, 2, 3, 4, 5);
