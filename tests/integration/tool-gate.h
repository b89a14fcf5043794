/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A gate before the host's depmod, in the sandbox alone: what runs it waits until the test opens it. */
#pragma once

#include "harness.h"

/* From now on depmod waits before it does anything. */
void tool_gate_close(Harness *harness) NONNULL(1);

/* Waits until somebody has come to the closed gate. */
void tool_gate_meet(Harness *harness) NONNULL(1);

/* Once in a test: lets the one that waits, or the next one that comes, pass; then takes the gate away. */
void tool_gate_open(Harness *harness) NONNULL(1);

/* Instead of the gate: depmod prints a complaint and fails, until tool_gate_open(). */
void tool_gate_break(Harness *harness) NONNULL(1);
