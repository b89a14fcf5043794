/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How a ModuleFile comes into being: one block with all of its strings. */
#pragma once

#include "host/module/module-file.h"
#include "util/record.h"

/* All of a ModuleFile but its references; what it says is as a ModuleFile has it. */
extern const Record module_file_record;

/* Copies CONTENT, whose strings are borrowed; NULL is "". A text that isn't UTF-8, which D-Bus couldn't
 * carry, is escaped, and entries that aren't kept are left out. 0 or -ENOMEM. */
int module_file_assemble(const ModuleFile *content, ModuleFile **ret) WARN_UNUSED NONNULL(1, 2);

/* A file that was not read, because of DEFECT. */
int module_file_new_defective(ModuleDefect defect, int error, ModuleFile **ret) WARN_UNUSED NONNULL(3);
