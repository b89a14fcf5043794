/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* In what two values of one driver differ. */
#pragma once

#include "model/driver.h"

/* Whether all that either value says is the same, also what isn't published. What is published of one must
 * be looked at in here, or a refresh doesn't see that it has changed. */
bool driver_equal(const Driver *a, const Driver *b) NONNULL(1, 2);

/* For a table of properties, whether these are the same of two values (A and B are Driver): the ids of the
 * versions; what is known of each; what is selected and what is in the image in each kernel release; why a
 * reboot is required. */
bool driver_same_versions(const void *a, const void *b) NONNULL(1, 2);
bool driver_same_details(const void *a, const void *b) NONNULL(1, 2);
bool driver_same_selections(const void *a, const void *b) NONNULL(1, 2);
bool driver_same_initramfs(const void *a, const void *b) NONNULL(1, 2);
bool driver_same_reboot_reason(const void *a, const void *b) NONNULL(1, 2);
