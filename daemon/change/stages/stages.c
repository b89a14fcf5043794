/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The order of the stages. */

#include "change/stages/stages.h"

#include "change/job/job-progress.h"
#include "change/stages/stage-copy.h"
#include "change/stages/stage-devices.h"
#include "change/stages/stage-images.h"
#include "change/stages/stage-index.h"

const Stage *const stages_all[] = { &stage_copy, &stage_index, &stage_images, &stage_devices, NULL };

_Static_assert(ELEMENTSOF(stages_all) - 1 <= PROGRESS_PARTS_MAX, "the clock has no part for each stage");

const Stage *const stages_early[] = { &stage_index, NULL };
