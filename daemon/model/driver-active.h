/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which version the kernel runs, and by what that is known. */
#pragma once

#include "model/derivation.h"

/* 0 or -ENOMEM; on an error the driver is freed by the caller. */
int driver_derive_active(const Derivation *derivation) WARN_UNUSED NONNULL(1);
