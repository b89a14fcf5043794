/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is wrong with a driver's files and packages. */
#pragma once

#include "model/derivation.h"

/* 0 or -ENOMEM; on an error the driver is freed by the caller. */
int driver_derive_file_problems(const Derivation *derivation) WARN_UNUSED NONNULL(1);
int driver_derive_package_problems(const Derivation *derivation) WARN_UNUSED NONNULL(1);
