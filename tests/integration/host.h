/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The host that most tests start with, and what other programs than ours see on it. */
#pragma once

#include "harness.h"

/* To be used with harness_new(): ice (package intel-ice; 1.6.4, 1.11.17.1 and the kernel's own) and ixgbe
 * (package intel-ixgbe; 5.3.5, 5.10.2), indexed; nothing selected, nothing loaded. */
void host_with_nics(SampleRoot *sample) NONNULL(1);

/* What modinfo resolves the name to by the index on disk, or ""; links not followed. g_free() it. */
char *host_effective(const Harness *harness, const char *module) NONNULL(1, 2);
/* Fails the test unless that ends with BELOW; "": resolves to nothing. */
void host_assert_effective(const Harness *harness, const char *module, const char *below) NONNULL(1, 2, 3);

/* Fails the test unless updates/FILE of the running release is a link of that text; "": isn't there. */
void host_assert_link(const Harness *harness, const char *file, const char *target) NONNULL(1, 2, 3);

/* Puts hostdriverctl where every user of the sandbox can run it. g_free() the path. */
char *host_copy_client(const Harness *harness) NONNULL(1);

/* PATH below the running release's module directory, below the root. g_free() it. */
char *host_module_path(const Harness *harness, const char *path) NONNULL(1, 2);

/* Calls Select of the driver at PATH as BUS and waits until its job is done. */
void host_select(Harness *harness, sd_bus *bus, const char *path, const char *version) NONNULL(1, 2, 3, 4);
