/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What may be a name: of a package, a version, a kernel release, a module. Pure functions over strings. */
#pragma once

#include "util/macros.h"

/* The longest name of a directory entry on Linux, in bytes (NAME_MAX). */
#define NAME_BYTES_MAX 255

typedef enum NameDefect {
        NAME_VALID,
        NAME_EMPTY,
        NAME_TOO_LONG,
        NAME_RESERVED, /* "." or ".." */
        NAME_CONTROL,  /* holds a control character (C0, DEL, C1) */
        NAME_NOT_UTF8,
        NAME_SLASH,
} NameDefect;

/* What is wrong with NAME as one component of a path. */
NameDefect name_check(const char *name) WARN_UNUSED NONNULL(1);
bool name_is_valid(const char *name) NONNULL(1);

/* A defect as the end of a sentence, "holds a control character". Static. */
const char *name_defect_text(NameDefect defect);

/* True if NAME begins with two numbers and a point between: what depmod takes for a kernel release. It
 * refuses all others with "Bad version passed" (kmod 30, depmod.c: sscanf() with "%u.%u"; the blanks and
 * signs that it would take in front are no part of any kernel's name). */
bool name_is_kernel_release(const char *name) NONNULL(1);

/* True if TEXT is UTF-8 (RFC 3629), whatever characters it holds. */
bool name_is_utf8(const char *text) NONNULL(1);

/* NAME made printable: bytes that aren't valid, printable UTF-8 as \xNN. The caller frees it; NULL: no
 * memory. */
char *name_escape(const char *name) WARN_UNUSED NONNULL(1);

/* The kernel's spelling of a module name: "-" is "_". The caller frees *ret.
 * -EINVAL unless it is a name that a module can have. */
int module_name_canonical(const char *name, char **ret) WARN_UNUSED NONNULL(1, 2);

/* Whether a module can have that name, in whatever spelling. */
bool module_name_is_valid(const char *name) NONNULL(1);

/* "dell-laptop.ko.xz" → "dell_laptop". The caller frees *ret. -EINVAL if FILE isn't NAME.ko[.gz|.xz|.zst].
 */
int module_name_from_file(const char *file, char **ret) WARN_UNUSED NONNULL(1, 2);

/* The length of FILE without its ending: 11 for "dell-laptop.ko.xz" (the raw spelling, as depmod's override
 * line wants it); 0 if FILE is not a module file's name. */
size_t module_file_stem(const char *file) WARN_UNUSED NONNULL(1);
