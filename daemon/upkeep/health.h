/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the service itself lacks, as problems that stand for as long as it does. */
#pragma once

#include <systemd/sd-event.h>

#include "registry/registry.h"

typedef struct Health Health;

/* LOOK_AGAIN is called from the event loop some time after something could not be had. All is borrowed. 0 or
 * -ENOMEM. */
int health_new(sd_event *event, Registry *registry, int (*look_again)(void *userdata), void *userdata,
                Health **ret) WARN_UNUSED NONNULL(1, 2, 3, 5);
Health *health_free(Health *health);
DEFINE_CLEANUP(Health, health_free)

/* Says of the last reading of the host, or of an attempt, what came of it: an R that is negative is a
 * problem until the host can be read. */
void health_tell_reading(Health *health, int r) NONNULL(1);

/* The same of the watches: LIMITED is a sentence, or NULL. */
void health_tell_watching(Health *health, const char *limited) NONNULL(1);

/* Whether STATE_DIRECTORY has room, and can be written: if not, that is a problem until it has. */
void health_check_state(Health *health) NONNULL(1);
