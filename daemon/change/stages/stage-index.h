/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The module index: depmod runs for each release, and what it wrote is read back. */
#pragma once

#include "change/stages/stage.h"

extern const Stage stage_index;
