/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What to select for all drivers in a kernel release that came: the policies' answers after the preflight.
 */
#pragma once

#include "change/proposal.h"
#include "registry/registry.h"

/* For one package: what switches with its first driver. */
typedef struct CarryItem {
        char *driver;
        char *version;
        char *wanted; /* what is remembered as wanted in the release; NULL: nothing */
} CarryItem;

typedef struct CarryList {
        CarryItem *items;
        size_t count;
} CarryList;

/* Fills *ret, which the caller ends, and logs what can't be carried over, and why. All answers are asked
 * about as the one change that they are. A version that doesn't fit gives way to its policy's next answer;
 * of two of which one needs the other, that other one first, since the one may fit then. What would break a
 * module that stays as it is gives way, too, and whatever gave way before that is asked once more. 0,
 * -ECANCELED with a refusal that isn't about one version (the service is busy, the disk full), or a negative
 * errno. */
int kernel_choose(const Registry *registry, Changer *changer, const char *release, const Request *request,
                CarryList *ret, Refusal *refusal) WARN_UNUSED NONNULL(1, 2, 3, 4, 5, 6);
void carry_list_done(CarryList *list) NONNULL(1);
#define CLEANUP_CARRY_LIST CLEANUP(carry_list_done)
