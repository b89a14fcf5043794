/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Carries selections over to kernel releases that came after they were made, as each driver's policy says.
 */
#pragma once

#include <systemd/sd-event.h>

#include "change/changer.h"
#include "registry/registry.h"

typedef struct CarryOver CarryOver;

/* REFRESH has the registry refreshed; 0 or a negative errno. All is borrowed. 0 or -ENOMEM. */
int carry_over_new(sd_event *event, Registry *registry, Changer *changer, int (*refresh)(void *userdata),
                void *userdata, CarryOver **ret) WARN_UNUSED NONNULL(1, 2, 3, 4, 6);
CarryOver *carry_over_free(CarryOver *carrier);
DEFINE_CLEANUP(CarryOver, carry_over_free)

/* Reads the host, carries over to RELEASE for all drivers in one change, and remembers that the release was
 * dealt with. What is not carried over is logged with its reason. *ret_job is borrowed, and unchanged if
 * nothing was to be done. 0, -ECANCELED with a refusal (nothing has changed), or a negative errno. */
int carry_over_release(CarryOver *carrier, const char *release, uid_t uid, Job **ret_job,
                Refusal *refusal) WARN_UNUSED NONNULL(1, 2, 4, 5);

/* The same for all releases that came while nobody said so, one after another as jobs end, logged. Where
 * nothing was ever remembered nothing is carried over: the releases that are installed are remembered. */
int carry_over_missed(CarryOver *carrier) WARN_UNUSED NONNULL(1);

/* Where nothing was ever remembered, remembers the releases that are installed; no more. 0 or -ENOMEM. */
int carry_over_begin(CarryOver *carrier) WARN_UNUSED NONNULL(1);

/* The releases that it is at. Until it is known what they get, nothing that they lack is a problem. */
const StringSet *carry_over_coming(const CarryOver *carrier) NONNULL(1);
