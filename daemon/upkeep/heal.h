/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* OnDrift=heal: selects again what was wanted, when nobody is in the way, and never for ever. */
#pragma once

#include "change/changer.h"
#include "registry/registry.h"

typedef struct DriftHealer DriftHealer;

/* REFRESH has the registry refreshed, to tell what has become of a driver. All is borrowed. 0, or a negative
 * errno. */
int drift_healer_new(sd_event *event, Registry *registry, Changer *changer, int (*refresh)(void *userdata),
                void *userdata, DriftHealer **ret) WARN_UNUSED NONNULL(1, 2, 3, 4, 6);
DriftHealer *drift_healer_free(DriftHealer *healer);
DEFINE_CLEANUP(DriftHealer, drift_healer_free)

/* The registry was refreshed: says in the journal what has drifted since, and heals it a little later if
 * that is configured. HEALER NULL: does nothing. */
void drift_heal_update(DriftHealer *healer);

/* A job has ended: what was selected on purpose is a new start, and a healing that failed the last one. */
void drift_heal_job_ended(DriftHealer *healer, const Job *job) NONNULL(2);

/* Why a driver isn't healed (yet), as a sentence for its problem; NULL if there is nothing to say. Borrowed
 * until the next call of these functions. HEALER NULL: NULL. */
const char *drift_heal_note(const DriftHealer *healer, const char *driver) NONNULL(2);
