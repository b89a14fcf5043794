/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The info.json that describes one driver variant. A broken one is a problem of that variant, not an error.
 */
#pragma once

#include "host/tree/tree.h"

#define INFO_JSON_NAME "info.json"

/* A larger file is not read. Real ones have a few kilobytes. */
#define INFO_JSON_SIZE_MAX (1024U * 1024)

/* Reads info.json in the open directory. What is missing, of a wrong type or no JSON at all is told by
 * ret->problem, and the fields that are sound are there. 0 and an info that the caller frees, or -ENOMEM. */
int info_json_read(int directory_fd, TreeInfo **ret) WARN_UNUSED NONNULL(2);

/* The same for a text in memory. */
int info_json_parse(const char *text, size_t size, TreeInfo **ret) WARN_UNUSED NONNULL(1, 3);
