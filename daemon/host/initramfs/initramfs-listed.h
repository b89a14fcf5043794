/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which modules the administrator tells the initramfs generator by name to put into every image. It reads
 * configuration; it runs nothing. */
#pragma once

#include "host/config.h"

/* Adds the canonical names that the configuration of GENERATOR beneath ROOT lists: the files "modules" and
 * modules.d/ of initramfs-tools(7), add_drivers, force_drivers and drivers of dracut.conf(5), MODULES of
 * mkinitcpio.conf(5). What a shell would have to work out is passed over. 0 or -ENOMEM. */
int initramfs_listed(const HostRoot *root, InitramfsGenerator generator, StringSet *ret) WARN_UNUSED
                NONNULL(1, 3);
