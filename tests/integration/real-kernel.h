/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The kernel package that Debian ships, unpacked and never installed. */
#pragma once

#include "sample-root.h"

typedef struct RealKernel {
        char *package; /* where it is unpacked */
        char *release;
} RealKernel;

/* Fetches it, unless it is there. False: a test SKIPPED was added, which is skipped and says why. What is
 * returned stays as long as the program. */
bool real_kernel_fetch(const char *skipped, RealKernel *ret) NONNULL(1, 2);

/* A root whose running kernel it is, with its module directory. */
void real_kernel_init_root(const RealKernel *kernel, SampleRoot *sample) NONNULL(1, 2);

/* What ARGV prints, freed by the caller. If it fails: NULL, or the end of the test where RET_ERRORS is NULL.
 * *ret_errors is what it complained of, freed by the caller. */
char *real_kernel_run(const char *const argv[], char **ret_errors) NONNULL(1);
