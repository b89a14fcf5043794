/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which DKMS package a module file was built from. It reads only. */
#pragma once

#include "host/root.h"

/* The package that DKMS built the file of MODULE (canonical) for a release from, by what `dkms install`
 * leaves in /var/lib/dkms: PACKAGE/kernel-RELEASE-ARCH/module/. *ret is NULL if none; the caller frees it. 0
 * or -ENOMEM. */
int dkms_find_package(const HostRoot *root, const char *release, const char *module, char **ret) WARN_UNUSED
                NONNULL(1, 2, 3, 4);
