/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What tells one build from another where a module file has no build-id: a checksum of all its bytes. It
 * protects against nobody who means harm. */
#pragma once

#include <stdint.h>

#include "util/macros.h"

/* Of the open regular file FD, as it is, compressed or not, from its beginning. The caller frees *ret. 0 or
 * a negative errno. */
int module_digest_of_file(int fd, char **ret) WARN_UNUSED NONNULL(2);

/* The same of SIZE bytes in memory. 0 or -ENOMEM. */
int module_digest_of_data(const uint8_t *data, size_t size, char **ret) WARN_UNUSED NONNULL(1, 3);
