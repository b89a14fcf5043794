/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where modprobe.d changes what a load does. */
#pragma once

#include "model/derivation.h"

/* 0 or -ENOMEM; on an error the driver is freed by the caller. */
int driver_derive_modprobe_problems(const Derivation *derivation) WARN_UNUSED NONNULL(1);
