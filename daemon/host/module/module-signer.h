/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who signed a module file, as libkmod tells it. It doesn't verify: the kernel does. */
#pragma once

#include "util/macros.h"

/* The signer's common name of the file at PATH; the caller frees it. -ENOENT if libkmod finds none. */
int module_signer_read(const char *path, char **ret) WARN_UNUSED NONNULL(1, 2);
