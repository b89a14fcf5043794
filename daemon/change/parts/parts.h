/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The table of parts. */
#pragma once

#include "change/parts/part.h"

#define PART_COUNT 5

/* In this order they are checked, told and placed; in the opposite one they are taken. */
extern const Part *const parts[PART_COUNT];

/* What PLAN says of PART at POSITION, or NULL at the end. */
const void *part_item(const Part *part, const Plan *plan, size_t position) NONNULL(1, 2);
