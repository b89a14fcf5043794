/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The SHA-256 of an image, by libarchive: it writes a list of files with their sums (mtree(5)). */
#pragma once

#include <stdint.h>

#include "util/macros.h"

/* 64 hexadecimal digits and a NUL. */
#define SEGMENT_SHA256_SIZE 65

/* Of the first SIZE bytes of FD, whose position stays as it is. 0; -EOPNOTSUPP if libarchive isn't there or
 * can't; -EBADMSG if the file is shorter; or another negative errno. */
int segment_sum(int fd, uint64_t size, char ret[static SEGMENT_SHA256_SIZE]) WARN_UNUSED;
