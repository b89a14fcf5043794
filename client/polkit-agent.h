/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The agent that asks for a password on the terminal while a call waits for polkit. It authorizes nothing.
 */
#pragma once

#include <sys/types.h>

#include "util/macros.h"

typedef struct PolkitAgent {
        pid_t process; /* 0: none */
} PolkitAgent;

/* Starts pkttyagent for this process and waits until it is registered. Where there is a session, with
 * --fallback: an agent of the session is asked first. Ctrl-C ends both, the agent first. No agent is no
 * error: polkit then says no by itself. */
void polkit_agent_open(PolkitAgent *agent) NONNULL(1);
void polkit_agent_close(PolkitAgent *agent) NONNULL(1);
