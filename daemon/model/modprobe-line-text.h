/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lines of modprobe.d in sentences: what to do with them, and what they do to a module that needs another.
 * Pure. */
#pragma once

#include "host/index/modprobe-load.h"

/* The name of the line's file, if that lies in the administrator's directory; else NULL. */
const char *modprobe_line_in_etc(const ModprobeLine *line) NONNULL(1);

/* How to have the line count no more: a sentence. */
const char *modprobe_line_advice(const ModprobeLine *line) NONNULL(1);

/* Says that SUBJECT ("Version 1 of ice") can't be loaded because LINE keeps DEPENDENCY from being loaded,
 * and what to do. The caller frees it; NULL: no memory. */
char *modprobe_dependency_text(const ModprobeDependency *dependency, const ModprobeLine *line,
                const char *subject) WARN_UNUSED NONNULL(1, 2, 3);
