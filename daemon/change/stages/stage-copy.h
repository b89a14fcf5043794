/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An import's files are copied to where they lie aside, by a process of its own. */
#pragma once

#include "change/stages/stage.h"

extern const Stage stage_copy;
