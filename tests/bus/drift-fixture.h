/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What somebody else does to the selection of `ice` on the sample host, and what is said of it. Paths lie
 * below the sample's root. Every failure ends the test. */
#pragma once

#include "service-fixture.h"

#define ICE "/org/hostdriver1/driver/ice"
#define MODULES "lib/modules/" SAMPLE_KERNEL "/"
#define LINK MODULES "updates/ice.ko"
#define OLD "../xenserver/intel-ice/1.6.4/ice.ko"
#define NEW "../xenserver/intel-ice/1.11.17.1/ice.ko"

void drift_rescan(ServiceFixture *fixture) NONNULL(1);
/* Selects a version of ice, to the end of the job. */
void drift_select(ServiceFixture *fixture, const char *version) NONNULL(1, 2);
void drift_unlink(ServiceFixture *fixture, const char *path) NONNULL(1, 2);
/* Makes the link of ice lead to TARGET. */
void drift_link(ServiceFixture *fixture, const char *target) NONNULL(1, 2);
void drift_assert_link(ServiceFixture *fixture, const char *target) NONNULL(1, 2);

/* The driver's problems as text. The caller frees it. */
char *drift_problems(ServiceFixture *fixture) NONNULL(1);
/* One problem (but for mere information), which is `drift` and has these words. */
void drift_assert(ServiceFixture *fixture, const char *words) NONNULL(1, 2);
void drift_assert_none(ServiceFixture *fixture) NONNULL(1);

/* Starts the service anew, with OnDrift=heal. */
void drift_heal_from_now_on(ServiceFixture *fixture) NONNULL(1);
/* Runs until the driver has one problem with WORDS; NULL: no problem, and no job is left. */
void drift_wait_for(ServiceFixture *fixture, const char *words) NONNULL(1);
