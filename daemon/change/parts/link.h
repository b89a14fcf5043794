/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The links in updates/ of a kernel release. */
#pragma once

#include "change/parts/part.h"

extern const Part part_link;
