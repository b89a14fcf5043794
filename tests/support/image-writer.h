/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Writes initramfs images with libarchive, which shares no code with what reads them. Every failure ends the
 * program. */
#pragma once

#include <glib.h>

#include "module-writer.h"

typedef struct ImageWriter ImageWriter;

/* One cpio archive. Entries come in the order of the calls. */
ImageWriter *image_writer_new(void);
void image_writer_add_file(ImageWriter *writer, const char *path, const void *data, size_t size)
                NONNULL(1, 2, 3);
void image_writer_add_text(ImageWriter *writer, const char *path, const char *text) NONNULL(1, 2, 3);
void image_writer_add_link(ImageWriter *writer, const char *path, const char *target) NONNULL(1, 2, 3);
/* One of several hard links to inode INODE: SIZE is 0 but for the last one. */
void image_writer_add_hard_link(ImageWriter *writer, const char *path, gint64 inode, const void *data,
                size_t size) NONNULL(1, 2);
/* A module file of that build-id, VERSION (may be NULL) and compression. */
void image_writer_add_module(ImageWriter *writer, const char *path, const char *name, const char *build_id,
                const char *version, ModuleCompression compression) NONNULL(1, 2, 3, 4);

/* Ends the archive, frees the writer and appends the archive to IMAGE, compressed as a whole. */
void image_writer_append_to(ImageWriter *writer, ModuleCompression compression, GByteArray *image)
                NONNULL(1, 3);
