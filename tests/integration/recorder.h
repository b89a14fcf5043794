/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Records every signal of the service, in order, so that a test can say what must have been announced. */
#pragma once

#include <glib.h>
#include <systemd/sd-bus.h>

#include "util/macros.h"

typedef struct Recorder {
        sd_bus *bus;
        sd_bus_slot *slot;
        GPtrArray *events; /* "PATH MEMBER TEXT" each, text as message_text() has it */
} Recorder;

/* Records what comes over BUS from now on. */
Recorder *recorder_new(sd_bus *bus) NONNULL(1);
Recorder *recorder_free(Recorder *recorder);

void recorder_clear(Recorder *recorder) NONNULL(1);

/* How many events match a glob pattern, so far. */
unsigned recorder_count(const Recorder *recorder, const char *pattern) NONNULL(1, 2);

/* Runs the loop until an event matches; returns it, borrowed. */
const char *recorder_wait(Recorder *recorder, const char *pattern) NONNULL(1, 2);

/* The position of the first event that matches, or -1. */
int recorder_position(const Recorder *recorder, const char *pattern) NONNULL(1, 2);
