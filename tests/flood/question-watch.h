/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sees on the bus what polkit is asked and answers, and says what is still open. */
#pragma once

#include <glib.h>
#include <systemd/sd-bus.h>

#include "harness.h"
#include "util/macros.h"

typedef struct QuestionWatch {
        sd_bus *bus;
        sd_bus_slot *slot;
        char *asker;
        GHashTable *open;     /* serials of the questions without an answer */
        unsigned asked, most; /* in all; at once */
} QuestionWatch;

/* Watches the questions of ASKER, a unique name, from now on. */
QuestionWatch *question_watch_new(const Harness *harness, const char *asker) NONNULL(1, 2);
unsigned question_watch_open(const QuestionWatch *watch) NONNULL(1);
/* Takes NULL. */
QuestionWatch *question_watch_free(QuestionWatch *watch);
