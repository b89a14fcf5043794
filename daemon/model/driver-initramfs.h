/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which version each release's initramfs holds. */
#pragma once

#include "model/derivation.h"

/* 0 or -ENOMEM; on an error the driver is freed by the caller. */
int driver_derive_initramfs(const Derivation *derivation) WARN_UNUSED NONNULL(1);
