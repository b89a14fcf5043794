/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether depmod's choice for a file that goes back to its place would depend on the order in which it reads
 * directories: then no run of it on a copy tells what it will do. It runs nothing. */
#pragma once

#include "change/plan/plan.h"
#include "host/module/kmod-read.h"
#include "host/root.h"

/* The files of PLAN that go back in RELEASE. STAGE is a root with the configuration as of afterwards. 1 with
 * a sentence in *ret, which the caller frees, if the order decides; 0 if not; or a negative errno. */
int read_order_decides(const HostRoot *root, const KmodFormats *formats, const Plan *plan,
                const char *release, const HostRoot *stage, char **ret) WARN_UNUSED
                NONNULL(1, 2, 3, 4, 5, 6);
