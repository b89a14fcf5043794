/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A module file that says everything of itself, and how its bytes are read. */
#pragma once

#include "host/module/module-file.h"
#include "module-writer.h"

extern const char *const sample_module_aliases[];
extern const char *const sample_module_firmware[];
extern const ModuleSpec sample_module;

/* What is read of a copy of exactly SIZE bytes, so that ASan sees a read behind the end. */
ModuleFile *sample_module_parse(const uint8_t *data, size_t size) WARN_UNUSED NONNULL(1);
