/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The part of driver_derive() that fills the versions, and package problems with them. */
#pragma once

#include "model/derivation.h"

/* 0 or -ENOMEM; on an error the driver is freed by the caller. */
int driver_derive_versions(const Derivation *derivation) WARN_UNUSED NONNULL(1);
