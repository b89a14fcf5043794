/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A module file's facts as bytes, and back. */
#pragma once

#include "host/module/module-file.h"

/* As bytes for the metadata cache, and back. Unpacking checks every byte: -EBADMSG if they are not ours. The
 * bytes carry a format number, so that an old cache is refused and not misread. */
int module_file_pack(const ModuleFile *file, void **ret_data, size_t *ret_size) WARN_UNUSED NONNULL(1, 2, 3);
int module_file_unpack(const void *data, size_t size, ModuleFile **ret) WARN_UNUSED NONNULL(1, 3);
