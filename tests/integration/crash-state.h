/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What test-crash compares: what stands below a root before, after and in the middle of a change. */
#pragma once

#include "util/macros.h"

typedef struct CrashState {
        char *disk;  /* of crash_disk() */
        char *rest;  /* what select-once says of index and database */
        char *index; /* of crash_index() */
        char *loads; /* of crash_loads() */
} CrashState;

void crash_state_done(CrashState *state) NONNULL(1);
bool crash_state_equal(const CrashState *a, const CrashState *b) NONNULL(1, 2);

/* Whether some image is the same in both. */
bool crash_shares_image(const CrashState *a, const CrashState *b) WARN_UNUSED NONNULL(1, 2);

/* Links, lines, and what the files of versions and the images hold. The caller frees it. */
char *crash_disk(const char *root) WARN_UNUSED NONNULL(1);

/* Whether DISK is that of a state, but for temporary names: what could not be removed goes with the next
 * start. */
bool crash_is_disk(const CrashState *state, const char *disk) WARN_UNUSED NONNULL(1, 2);

/* Before any recovery: whatever a file holds both before and after, some file holds. */
bool crash_keeps_content(const CrashState *old, const CrashState *new, const char *disk) WARN_UNUSED
                NONNULL(1, 2, 3);

/* What each name resolves to in each release, in the words of select-once. The caller frees it. */
char *crash_index(const char *root) WARN_UNUSED NONNULL(1);

/* Before any recovery: each link, line, file and image is the old one or the new, and no link or image that
 * both have is missing. Temporary names may be there. */
bool crash_is_mix(const CrashState *old, const CrashState *new, const char *disk) WARN_UNUSED
                NONNULL(1, 2, 3);

/* Before any recovery: each name resolves to what it was or will be; what is to be blocked, to anything. */
bool crash_resolves_either(const CrashState *old, const CrashState *new, const char *index) WARN_UNUSED
                NONNULL(1, 2, 3);
