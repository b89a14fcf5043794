/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The lines of our generated depmod.d file. */
#pragma once

#include "change/parts/part.h"
#include "host/index/override-list.h"

extern const Part part_override_file;

/* Makes the lines of LIST what they are once PLAN is carried out. 0, -ENOMEM, or -EINVAL if one can't be
 * written. */
int override_file_set_lines(const Plan *plan, OverrideList *list) WARN_UNUSED NONNULL(1, 2);
