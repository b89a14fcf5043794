/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What test-crash compares: what stands below a root before, after and in the middle of a change. */
#pragma once

#include "disk-state.h"

typedef struct CrashState {
        char *disk; /* of disk_state() */
        char *rest; /* what select-once says of index and database */
} CrashState;

void crash_state_done(CrashState *state) NONNULL(1);
bool crash_state_equal(const CrashState *a, const CrashState *b) NONNULL(1, 2);

/* What each name resolves to in each release, in the words of select-once. The caller frees it. */
char *crash_index(const char *root) WARN_UNUSED NONNULL(1);

/* Before any recovery: each link, line and file is the old one or the new, and no link that both have is
 * missing. Temporary names may be there. */
bool crash_is_mix(const CrashState *old, const CrashState *new, const char *disk) WARN_UNUSED
                NONNULL(1, 2, 3);

/* Before any recovery: each name resolves to what it was or will be; what is to be blocked, to anything. */
bool crash_resolves_either(const CrashState *old, const CrashState *new, const char *index) WARN_UNUSED
                NONNULL(1, 2, 3);
