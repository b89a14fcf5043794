/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The table of stages. Which of them a job has, its operation says. */
#pragma once

#include "change/stages/stage.h"

/* All, in the order in which they run; NULL at the end. */
extern const Stage *const stages_all[];
/* Early in the boot: the index, and no more. */
extern const Stage *const stages_early[];
