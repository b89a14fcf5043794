/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Carries selections over to kernel releases that came after they were made, as each driver's policy says.
 */
#pragma once

#include "bus/service.h"

/* Carries over to RELEASE, which is installed, for all drivers in one change, and remembers that the release
 * was dealt with. What is not carried over is logged with its reason. *ret_job is borrowed, NULL if nothing
 * was to be done. 0, -ECANCELED with a refusal (nothing has changed), or a negative errno. */
int kernel_carry_over(Service *service, const char *release, uid_t uid, Job **ret_job,
                Refusal *refusal) WARN_UNUSED NONNULL(1, 2, 4, 5);

/* The same for all releases that came while nobody said so, one after another as jobs end, logged. Where
 * nothing was ever remembered nothing is carried over: the releases that are installed are remembered. */
int kernel_carry_over_missed(Service *service) WARN_UNUSED NONNULL(1);
