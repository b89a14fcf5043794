/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the Manager's properties say of the host as a whole, as a value that is derived and compared. */
#pragma once

#include "host/facts.h"
#include "model/driver.h"

typedef struct HostState {
        StringSet kernels;
        StringSet reboot_reasons; /* one sentence a driver */
        ProblemList problems;
} HostState;

/* Begins with what FACTS say and the STANDING problems; the drivers are added one by one. 0 or -ENOMEM. */
int host_state_derive(const Facts *facts, const ProblemList *standing, HostState *ret) WARN_UNUSED
                NONNULL(1, 2, 3);
int host_state_add_driver(HostState *state, const Driver *driver) WARN_UNUSED NONNULL(1, 2);
void host_state_done(HostState *state) NONNULL(1);

bool host_state_reboot_required(const HostState *state) NONNULL(1);
