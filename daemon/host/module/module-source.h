/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A module file's content, compressed or not, as a source of bytes. It interprets nothing. */
#pragma once

#include "host/module/byte-source.h"

typedef struct ModuleSource {
        ByteSource bytes;
        uint8_t *decompressed; /* NULL if the file isn't compressed */
} ModuleSource;

/* Borrows FD, a regular file of at most MODULE_FILE_SIZE_MAX bytes. 0; -EINVAL if it is no regular file,
 * -EFBIG if it is larger or would be after decompression, else as byte_source_init_file() and decompress().
 * End it with module_source_done() only if it succeeded. */
int module_source_open(int fd, ModuleSource *ret) WARN_UNUSED NONNULL(2);
void module_source_done(ModuleSource *source) NONNULL(1);
