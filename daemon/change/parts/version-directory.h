/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Version directories, which come and go as a whole. */
#pragma once

#include "change/parts/part.h"

extern const Part part_version_directory;
extern const Record version_directory_record; /* its fields in a journal */
