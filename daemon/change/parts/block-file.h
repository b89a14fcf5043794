/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Our modprobe.d files, one a deselected module. */
#pragma once

#include "change/parts/part.h"

extern const Part part_block_file;
extern const Record block_file_record; /* its fields in a journal */
