/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How a ModuleFile comes into being: one block with all of its strings. */
#pragma once

#include "host/module/module-file.h"

/* The strings of a ModuleFile, in the order of its fields. */
typedef enum ModuleText {
        MODULE_TEXT_NAME,
        MODULE_TEXT_VERSION,
        MODULE_TEXT_SRCVERSION,
        MODULE_TEXT_VERMAGIC,
        MODULE_TEXT_DESCRIPTION,
        MODULE_TEXT_LICENSE,
        MODULE_TEXT_SIGNER,
        MODULE_TEXT_NOTE_VERSION,
        MODULE_TEXT_NOTE_DRIVER_VERSION,
        MODULE_TEXT_NOTE_RELEASE,
        MODULE_TEXT_BUILD_ID,
        MODULE_TEXT_COUNT,
} ModuleText;

/* What a ModuleFile is made of. All borrowed. */
typedef struct ModuleContent {
        ModuleFile facts;                     /* defect, error, machine, class, byte order, is_signed */
        const char *texts[MODULE_TEXT_COUNT]; /* NULL: "" */
        const char *modinfo; /* entries with a NUL behind each; those not kept are left out */
        size_t modinfo_size;
} ModuleContent;

/* Copies it all. A text that isn't UTF-8, which D-Bus couldn't carry, is escaped. 0 or -ENOMEM. */
int module_file_assemble(const ModuleContent *content, ModuleFile **ret) WARN_UNUSED NONNULL(1, 2);

/* Where a string stands in the structure. */
const char **module_file_text(ModuleFile *file, ModuleText text) NONNULL(1);

/* True if ENTRY ("alias=…") is one that a ModuleFile keeps: what module_file_next() can be asked for. */
bool modinfo_entry_is_kept(const char *entry) NONNULL(1);

/* A file that was not read, because of DEFECT. */
int module_file_new_defective(ModuleDefect defect, int error, ModuleFile **ret) WARN_UNUSED NONNULL(3);
