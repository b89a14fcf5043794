/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* By what a segment is known: the first entry of the small archive that this service appends to an initramfs
 * image says so, and which image it was made for. */
#pragma once

#include <stdint.h>

#include "change/segment/segment-sum.h"
#include "host/module/module-file.h"

/* Its entries, the directory first. */
#define SEGMENT_MARK_DIRECTORY ".hostdriver"
#define SEGMENT_MARK_FILE SEGMENT_MARK_DIRECTORY "/segment.json"

/* The image that it belongs to: what comes before it in the same file, or the file beside it. */
typedef struct SegmentBaseMark {
        uint64_t size; /* bytes */
        char sha256[SEGMENT_SHA256_SIZE];
} SegmentBaseMark;

/* The mark as JSON, which the caller frees; FILES are those of the modules that the segment brings. 0 or
 * -ENOMEM. */
int segment_mark_format(const SegmentBaseMark *base, ModuleFile *const *files, size_t count,
                char **ret) WARN_UNUSED NONNULL(1, 4);

/* 0; -EBADMSG if TEXT is no mark of a format that we know; -ENOMEM. */
int segment_mark_parse(const char *text, SegmentBaseMark *ret) WARN_UNUSED NONNULL(1, 2);

/* Finds the segment at the end of the image FD (seekable). 1 and the mark: the image's own part are the
 * first ret->size bytes. 0 if it has none; or a negative errno. */
int segment_find(int fd, SegmentBaseMark *ret) WARN_UNUSED NONNULL(2);
