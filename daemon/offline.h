/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* hostdriverd --offline: the service without a bus, for the one program that has started it. */
#pragma once

#include "arguments.h"

/* Serves the other end of the socket that was handed over as sd_listen_fds(3) has it, beneath the root of
 * ARGUMENTS, and returns when that end is closed and nothing is under way any more. What keeps it from
 * serving is the answer to each call. 0, or a negative errno, which was told. */
int offline(const Arguments *arguments) WARN_UNUSED NONNULL(1);
