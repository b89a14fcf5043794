/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which DKMS package a module file was built from. It reads only. */
#pragma once

#include "host/root.h"

/* The package that DKMS built the module file FILE of a release from, by what `dkms install` leaves in
 * /var/lib/dkms: PACKAGE/kernel-RELEASE-ARCH/module/FILE. *ret is NULL if none; the caller frees it. 0 or
 * -ENOMEM. */
int dkms_find_package(const HostRoot *root, const char *release, const char *file, char **ret) WARN_UNUSED
                NONNULL(1, 2, 3, 4);
