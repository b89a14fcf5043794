/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A polkit authority that answers as the test says: yes, no, later, wrongly, or not at all. */
#pragma once

#include <glib.h>
#include <systemd/sd-bus.h>

#include "util/macros.h"

typedef enum PolkitMode {
        POLKIT_YES,
        POLKIT_NO,
        POLKIT_CHALLENGE, /* wants a password: yes if the caller allows interaction, else "challenge" */
        POLKIT_HOLD,      /* keeps the question for polkit_script_answer() */
        POLKIT_ERROR,     /* answers with a D-Bus error */
} PolkitMode;

typedef struct PolkitScript {
        sd_bus *bus;
        PolkitMode mode;
        GPtrArray *questions; /* "SUBJECT ACTION DETAILS FLAGS CANCELLATION", text as message_text() has it
                               */
        GQueue held;          /* sd_bus_message * */
        unsigned canceled;
} PolkitScript;

/* Owns org.freedesktop.PolicyKit1 on BUS, which it takes. */
PolkitScript *polkit_script_new(sd_bus *bus, PolkitMode mode) NONNULL(1);

/* Runs the loop until COUNT questions have come in all. */
void polkit_script_wait(PolkitScript *script, unsigned count) NONNULL(1);

/* Answers the oldest question held. */
void polkit_script_answer(PolkitScript *script, bool authorized) NONNULL(1);

/* Leaves the bus, with questions unanswered. Takes NULL. */
PolkitScript *polkit_script_free(PolkitScript *script);
