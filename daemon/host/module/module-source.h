/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A module file's content, compressed or not, as libelf reads it. It interprets nothing. A file is never
 * mapped: one that is truncated while it is read must not end the process (SIGBUS). libelf reads pieces of
 * a large one where they are asked for. */
#pragma once

#include <libelf.h>
#include <stdint.h>

#include "util/macros.h"

/* What isn't a trap: 64 Ki sections and more come about with every function in its own. */
#define MODULE_SECTION_COUNT_MAX (256U * 1024)

typedef struct ModuleSource {
        Elf *elf; /* NULL: of no ELF file, or of one that libelf must not open */
        uint64_t size;
        uint8_t *content; /* its own memory: decompressed, or a small file; NULL: none */
} ModuleSource;

/* Borrows FD, a regular file of at most MODULE_FILE_SIZE_MAX bytes. 0; -EINVAL if it is no regular file,
 * -EFBIG if it is larger or would be after decompression, read's error, or as decompress() and
 * module_source_open_memory(). End it with module_source_done() only if it succeeded. */
int module_source_open(int fd, ModuleSource *ret) WARN_UNUSED NONNULL(2);

/* The same of an image in memory, borrowed. 0 or -ENOMEM. */
int module_source_open_memory(const uint8_t *data, size_t size, ModuleSource *ret) WARN_UNUSED NONNULL(3);
void module_source_done(ModuleSource *source) NONNULL(1);

/* SIZE bytes from OFFSET, valid until module_source_done(); aligned to nothing, in the file's byte order.
 * -EBADMSG if they don't lie in the source, -ENOMEM, or read's error. libelf keeps what it has read, and
 * looks it up in a list: not for thousands of pieces. */
int module_source_get(const ModuleSource *source, uint64_t offset, uint64_t size,
                const uint8_t **ret) WARN_UNUSED NONNULL(1, 4);

/* What a call of libelf failed of, if errno was 0 before it. Its own numbers aren't public: a failed read or
 * allocation leaves errno behind, and all else is -EBADMSG. */
int module_source_error(void);
