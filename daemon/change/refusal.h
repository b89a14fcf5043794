/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Why a change was refused before anything happened: what bus/ turns into a D-Bus error. A value. */
#pragma once

#include "util/macros.h"

typedef enum RefusalKind {
        REFUSAL_NONE,
        REFUSAL_INVALID_ARGS,
        REFUSAL_NO_SUCH_DRIVER,
        REFUSAL_NO_SUCH_VERSION,
        REFUSAL_INCOMPATIBLE,
        REFUSAL_NO_HARDWARE,
        REFUSAL_CONFLICT,
        REFUSAL_BUSY,
        REFUSAL_IN_USE,
        REFUSAL_NOT_SUPPORTED,
        REFUSAL_FAILED,
} RefusalKind;

typedef struct Refusal {
        RefusalKind kind;
        char *sentence; /* what is wrong and what to do */
} Refusal;

/* Sets an empty refusal. Always returns -ECANCELED, so that it can be returned; -ENOMEM if there is no
 * memory. -ECANCELED with a Refusal is an expected outcome; any other negative errno is a failure of ours.
 */
int refuse(Refusal *refusal, RefusalKind kind, const char *format, ...) NONNULL(1, 3) PRINTF_LIKE(3, 4);

/* Says that what FORMAT names could not be written, where ERROR is a negative errno that nothing has been
 * said of: -ECANCELED has a refusal of its own. Returns ERROR, whatever it is, or -ENOMEM. */
int refusal_blame(Refusal *refusal, int error, const char *format, ...) WARN_UNUSED NONNULL(1, 3)
                PRINTF_LIKE(3, 4);
void refusal_done(Refusal *refusal) NONNULL(1);
#define CLEANUP_REFUSAL CLEANUP(refusal_done)
