/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* udev and the devices that wait for a driver are told. */
#pragma once

#include "change/stages/stage.h"

extern const Stage stage_devices;
