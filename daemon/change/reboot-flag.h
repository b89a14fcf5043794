/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tells the rest of the system that a reboot is required, in Debian's way: /run/reboot-required, and
 * /run/reboot-required.pkgs with the names of the packages that want it. */
#pragma once

#include "host/root.h"

#define REBOOT_FLAG_PATH "/run/reboot-required"
#define REBOOT_FLAG_PACKAGES_PATH "/run/reboot-required.pkgs"

/* Makes both files say what REQUIRED says, for us: what other packages have written stays, and so does the
 * flag as long as one of them wants it or it wasn't we who made it. Doing it twice changes nothing. 0 or a
 * negative errno. */
int reboot_flag_set(const HostRoot *root, bool required) WARN_UNUSED NONNULL(1);
