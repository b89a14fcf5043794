/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The order of versions: the Version Format Specification of the UAPI group. Pure. */
#pragma once

#include "util/macros.h"

/* Negative, 0 or positive as A is older than, equal to or newer than B: what `systemd-analyze
 * compare-versions` says. Any string is a version. */
int version_compare(const char *a, const char *b) NONNULL(1, 2);

/* The same as a total order for sorting: what compares equal is told apart by strcmp. */
int version_compare_total(const char *a, const char *b) NONNULL(1, 2);
