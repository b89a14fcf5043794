/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From an open file to its facts: .modinfo, notes, machine, signer. Whatever the file holds, the answer is a
 * ModuleFile. */
#pragma once

#include "host/module/module-file.h"

/* Reads the open file FD (plain, gz, xz or zst, told by its first bytes, not its name). PATH is the same
 * file as libkmod must name it, for the signer only; NULL skips that. A defect is a result, not an error:
 * returns 0 and a ModuleFile that the caller unrefs, or -ENOMEM. */
int module_file_read(int fd, const char *path, ModuleFile **ret) WARN_UNUSED NONNULL(3);

/* The same for an ELF image in memory; no signer. */
int module_file_parse(const uint8_t *data, size_t size, ModuleFile **ret) WARN_UNUSED NONNULL(3);

/* The same for a file's content in memory, compressed or not. LIMIT: so many bytes at most, after
 * decompression. */
int module_file_parse_packed(const uint8_t *data, size_t size, size_t limit, ModuleFile **ret) WARN_UNUSED
                NONNULL(1, 4);
