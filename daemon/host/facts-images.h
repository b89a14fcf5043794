/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The part of the facts that comes from initramfs images. For facts.c only. */
#pragma once

#include "host/facts.h"

/* Takes from PREVIOUS (may be NULL) the images that haven't changed. 0 or -ENOMEM. */
int facts_keep_images(const HostRoot *root, const Facts *previous, Facts *facts) WARN_UNUSED NONNULL(1, 3);
