/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where what is selected and what a load gets differ. */
#pragma once

#include "model/derivation.h"

/* 0 or -ENOMEM; on an error the driver is freed by the caller. */
int driver_derive_selection_problems(const Derivation *derivation) WARN_UNUSED NONNULL(1);
