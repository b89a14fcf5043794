/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which program makes the initramfs images of a host: found out, and configurable. It runs nothing. */
#pragma once

#include "host/config.h"
#include "host/root.h"

/* What rules the host beneath ROOT: what Initramfs= says; else what kernel-install(8) is told by
 * install.conf (initrd_generator=); else the first of initramfs-tools, dracut and mkinitcpio that is
 * installed. INITRAMFS_NONE if there is none, none that is known, or if update-initramfs.conf(5) says that
 * images are not to be updated, and Initramfs= doesn't. Never INITRAMFS_AUTO. 0 or -ENOMEM. */
int initramfs_generator_find(const HostRoot *root, const Config *config, InitramfsGenerator *ret) WARN_UNUSED
                NONNULL(1, 2, 3);

/* The generator's program, as a path beneath the root. Static; NULL: it isn't installed. */
const char *initramfs_generator_program(const HostRoot *root, InitramfsGenerator generator) NONNULL(1);

/* Whether update-initramfs.conf(5) says that the old image is to be kept as IMAGE.bak. False for other
 * generators. 0 or -ENOMEM. */
int initramfs_generator_backs_up(const HostRoot *root, InitramfsGenerator generator, bool *ret) WARN_UNUSED
                NONNULL(1, 3);

/* "initramfs-tools", "dracut", "mkinitcpio", "none". Static. */
const char *initramfs_generator_text(InitramfsGenerator generator);

/* The command with which people rebuild the image of RELEASE: "update-initramfs -u -k RELEASE". Where the
 * generator isn't known, a description of what to do. The caller frees it; NULL: no memory. */
char *initramfs_generator_advice(InitramfsGenerator generator, const char *release,
                const char *image) WARN_UNUSED NONNULL(2, 3);
