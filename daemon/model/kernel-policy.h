/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which version of a driver a kernel release gets that was installed after it was selected. Pure. */
#pragma once

#include "model/driver.h"

/* What a driver is to do when a kernel release comes. */
typedef enum KernelPolicy {
        KERNEL_POLICY_PIN,      /* the version that is wanted; the default */
        KERNEL_POLICY_NEWEST,   /* the newest one that fits */
        KERNEL_POLICY_PRIORITY, /* of those whose hardware is here, the one of the highest priority that fits
                                 */
        KERNEL_POLICY_KERNEL,   /* the kernel's own module */
} KernelPolicy;

/* "pin", "newest", "priority", "kernel". Static. */
const char *kernel_policy_text(KernelPolicy policy);
/* 0, or -EINVAL if TEXT is none of these. */
int kernel_policy_from_text(const char *text, KernelPolicy *ret) WARN_UNUSED NONNULL(1, 2);

/* What comes of a policy in one release. */
typedef enum KernelCoverage {
        KERNEL_CHOSEN,      /* something was selected there already, or the driver was deselected */
        KERNEL_UNWANTED,    /* nothing was ever selected anywhere: whoever did not ask gets nothing */
        KERNEL_COVERED,     /* the version that the policy asks for */
        KERNEL_SUBSTITUTED, /* that isn't there: the kernel's own module, so that no random copy is loaded */
        KERNEL_UNCOVERED,   /* and the kernel has none either: nothing can be selected */
        KERNEL_BUILTIN,     /* the module is a part of the kernel, which loads no file of it */
} KernelCoverage;

typedef struct KernelChoice {
        KernelCoverage coverage;
        const DriverVersion *version; /* the driver's; NULL unless covered or substituted */
} KernelChoice;

/* The version that is wanted of the driver: the one selected by a link or an override in the release
 * RUNNING, else in the newest release but BEYOND where one is. NULL if nowhere. Borrowed from the driver. */
const char *kernel_policy_wanted(const Driver *driver, const char *running, const char *beyond)
                NONNULL(1, 2, 3);

/* What a choice is made from. */
typedef struct KernelQuestion {
        const char *release; /* the one that came */
        const char *wanted;  /* NULL: nothing */
        KernelPolicy policy;
        bool stand_in; /* the kernel's own module was selected there for want of a better one, by an earlier
                          choice: that binds nobody */
        const StringSet *refused; /* ids of versions that the preflight refused there; NULL: none */
        const Facts *facts; /* those of the driver: a version's priority is that of its files in the release.
                               NULL: that of the driver's value */
} KernelQuestion;

/* What to select. If the preflight refuses it, add it to the refused ones and ask again. */
KernelChoice kernel_policy_choose(const Driver *driver, const KernelQuestion *question) NONNULL(1, 2);

/* Adds the problem kernel-not-covered, and what is uncovered, to a driver that is being made: for each
 * release that lacks the version that is selected in the release RUNNING, or has it unselected since it
 * didn't fit, and where nothing else was selected, or that has the module built in. COMING (NULL: none) are
 * releases that selections are just being carried over to: of those nothing can be said yet. 0 or -ENOMEM.
 */
int kernel_policy_add_problems(const char *running, KernelPolicy policy, const StringSet *coming,
                Driver *driver) WARN_UNUSED NONNULL(1, 4);
