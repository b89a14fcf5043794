/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where compressed data of zstd ends, found without decompressing any. */
#pragma once

#include <sys/types.h>

#include "util/macros.h"

/* The offset behind all frames that follow one another in FD from START on; START if there is none. Frames
 * to be skipped end it, as they do for the kernel. What is damaged or cut off may seem to end behind the
 * file's end. FD's position stays. A negative errno if it can't be read. */
off_t zstd_frames_end(int fd, off_t start) WARN_UNUSED;
