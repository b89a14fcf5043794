/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a driver is to do when a kernel release comes, and which releases have come. */
#pragma once

#include "store/store.h"
#include "util/string-set.h"

/* POLICY is the text of a policy; the store doesn't judge it. */
int store_policy_set(Store *store, const char *name, const char *policy) WARN_UNUSED NONNULL(1, 2, 3);
/* The caller frees *ret. -ENOENT if none was ever set. */
int store_policy_get(Store *store, const char *name, char **ret) WARN_UNUSED NONNULL(1, 2, 3);

/* The releases that were dealt with: see store_kernel_add(). The caller ends *ret. */
int store_kernels(Store *store, StringSet *ret) WARN_UNUSED NONNULL(1, 2);
int store_kernel_add(Store *store, const char *release) WARN_UNUSED NONNULL(1, 2);
/* Forgets the release and what was wanted in it. */
int store_kernel_remove(Store *store, const char *release) WARN_UNUSED NONNULL(1, 2);
