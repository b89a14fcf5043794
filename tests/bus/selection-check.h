/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* That the disk is as the service says, whatever was done before. No job may be there. */
#pragma once

#include "service-fixture.h"

/* Ends the test unless modinfo finds each driver in the version that is Selected. */
void selection_check(const ServiceFixture *fixture) NONNULL(1);
/* Ends the test if a temporary file of ours is left anywhere below the root. */
void temporary_check(const ServiceFixture *fixture) NONNULL(1);
