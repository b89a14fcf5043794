/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Adopted module files. */
#pragma once

#include "change/parts/part.h"

extern const Part part_version_file;
extern const Record version_file_record; /* its fields in a journal */

/* Puts a link to TARGET in the place of the file outside, which is also inside. -EEXIST if another file than
 * that stands there. */
int version_file_put_link(int modules_fd, const PlanFile *file, const char *target) WARN_UNUSED
                NONNULL(2, 3);
