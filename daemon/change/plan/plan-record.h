/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A plan's fields as tables. What is sound in them decides what recovery may do to the host. */
#pragma once

#include "util/record.h"

extern const Record plan_record;

/* Without files and directories: as journals had it before there were any. */
extern const Record plan_record_without_files;
