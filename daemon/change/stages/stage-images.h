/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The initramfs images that hold what has changed are rebuilt, all or none. */
#pragma once

#include "change/stages/stage.h"

extern const Stage stage_images;
