/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How each initramfs generator is called, and what is called when an image has changed. It only builds the
 * commands. */
#pragma once

#include "host/config.h"

#define INITRAMFS_ARGUMENTS_MAX 12

typedef struct InitramfsCommand {
        const char *argv[INITRAMFS_ARGUMENTS_MAX]; /* NULL-terminated; borrowed from below */
        char *strings[3];
} InitramfsCommand;

/* The paths of our modprobe.d files beneath ROOT, with blanks between: "" if there are none. The caller
 * frees *ret. 0 or -ENOMEM. */
int initramfs_command_blocks(const HostRoot *root, char **ret) WARN_UNUSED NONNULL(1, 2);

/* The command that writes the image of RELEASE to IMAGE. PROGRAM (static) is the generator's; all paths are
 * as the program sees them. FILES: initramfs_command_blocks(), for a generator that doesn't take all of
 * that directory by itself (dracut without hostonly). 0, -EOPNOTSUPP for a
 * generator that is none, -ENOMEM. */
int initramfs_command(InitramfsGenerator generator, const char *program, const char *release,
                const char *image, const char *files, InitramfsCommand *ret) WARN_UNUSED
                NONNULL(2, 3, 4, 5, 6);

/* The command that tells boot loaders of the new IMAGE, as update-initramfs(8) does: those that keep copies
 * have their hooks there. 0, -ENOENT if this host has no such hooks, or -ENOMEM. */
int initramfs_hooks_command(const HostRoot *root, const char *release, const char *image,
                InitramfsCommand *ret) WARN_UNUSED NONNULL(1, 2, 3, 4);

void initramfs_command_done(InitramfsCommand *command) NONNULL(1);
