/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The entries of an initramfs, as the kernel unpacks one: cpio archives in a row, each plain or compressed,
 * of which later ones are unpacked over earlier ones. It keeps no entry in memory and knows nothing of
 * modules. */
#pragma once

#include <stdint.h>

#include "host/module/decompress.h"

/* A name longer than PATH_MAX is refused, as the kernel does. */
#define CPIO_NAME_MAX 4096

typedef struct CpioReader CpioReader;

/* One entry of the "newc" format (Documentation/driver-api/early-userspace/buffer-format.rst). */
typedef struct CpioEntry {
        char name[CPIO_NAME_MAX]; /* as it stands there */
        uint32_t inode;
        uint32_t mode; /* as st_mode */
        uint32_t links;
        uint32_t size; /* bytes; 0 for all but the last of several hard links */
} CpioEntry;

/* Reads FD, a regular file that is taken over, also on an error. LIMIT: so many bytes at most, after
 * decompression. 0 or -ENOMEM; what the file holds is seen with the first entry. */
int cpio_reader_new(int fd_taken, uint64_t limit, CpioReader **ret) WARN_UNUSED NONNULL(3);
CpioReader *cpio_reader_free(CpioReader *reader);
DEFINE_CLEANUP(CpioReader, cpio_reader_free)

/* The next entry: 1; 0 behind the last one. -EBADMSG if this is no initramfs, is damaged or cut off; -EFBIG
 * if it is larger than the limit; -EOPNOTSUPP if its compression isn't known; or read's error. */
int cpio_reader_next(CpioReader *reader, CpioEntry *ret) WARN_UNUSED NONNULL(1, 2);

/* The content of the entry that came last, once; its size is entry->size. -EFBIG if that is more than LIMIT.
 * The caller frees *ret, which has a NUL behind its end. */
int cpio_reader_content(CpioReader *reader, size_t limit, uint8_t **ret) WARN_UNUSED NONNULL(1, 3);

/* How the archive is compressed that the last entry lies in; LZO is none that can be read. */
Compression cpio_reader_compression(const CpioReader *reader) NONNULL(1);
