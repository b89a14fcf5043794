/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A polkit authority that answers as a test tells it to, and remembers what it was asked. */
#pragma once

#include <gio/gio.h>

#include "util/macros.h"

typedef enum PolkitMood {
        POLKIT_YES,
        POLKIT_NO,
        POLKIT_CHALLENGE,
        POLKIT_ERROR,
        POLKIT_NONSENSE, /* an answer of the wrong type */
        POLKIT_SILENT,   /* until scripted_polkit_answer() */
} PolkitMood;

typedef struct ScriptedPolkit {
        GDBusConnection *connection;
        unsigned object;
        unsigned name;
        PolkitMood mood;
        PolkitMood (*decide)(const char *question); /* instead of mood; NULL: mood decides */
        GPtrArray *questions; /* of strings: "action key=value … flags", details by key */
        GPtrArray *canceled;  /* of strings: cancellation ids */
        GPtrArray *pending;   /* of GDBusMethodInvocation */
        unsigned pending_max; /* the most that there were at a time */
        char *last_subject;   /* the bus name that the last question was about */
        char *last_cancellation;
} ScriptedPolkit;

/* Takes the name of polkit on CONNECTION, which is referenced. */
void scripted_polkit_init(ScriptedPolkit *polkit, GDBusConnection *connection) NONNULL(1, 2);
void scripted_polkit_done(ScriptedPolkit *polkit) NONNULL(1);

/* Answers all that waits. */
void scripted_polkit_answer(ScriptedPolkit *polkit, PolkitMood mood) NONNULL(1);

/* Gives the name up and closes the connection, as a polkitd that crashes. */
void scripted_polkit_vanish(ScriptedPolkit *polkit) NONNULL(1);

/* The question at POSITION; ends the test if there is none. */
const char *scripted_polkit_question(const ScriptedPolkit *polkit, unsigned position) NONNULL(1);
