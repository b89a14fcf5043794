/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The lines of our generated depmod.d file. */
#pragma once

#include "change/parts/part.h"

extern const Part part_override_file;
