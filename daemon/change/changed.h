/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which drivers a plan changes, and how: what has to be permitted. It touches nothing. */
#pragma once

#include "change/context.h"

/* Borrowed from the plan and from the drivers' values. */
typedef struct ChangedDriver {
        const char *driver;  /* canonical module name */
        const char *package; /* of the version that it gets, else its own; "" if it has none */
        const char *version; /* id; "" if it is deselected */
        const char *from;    /* id of the version that is selected now; "" if none */
} ChangedDriver;

typedef struct ChangedList {
        ChangedDriver *items;
        size_t count;
} ChangedList;

/* The drivers that were named in the first place, since naming one also says what is wanted of it from now
 * on; and all others of their packages of which the plan changes anything that stands on disk. Never none.
 * The caller frees ret->items. 0 or -ENOMEM. */
int plan_changed(const ChangeContext *context, const Plan *plan, ChangedList *ret) WARN_UNUSED
                NONNULL(1, 2, 3);
void changed_list_done(ChangedList *list) NONNULL(1);
#define CLEANUP_CHANGED_LIST CLEANUP(changed_list_done)
