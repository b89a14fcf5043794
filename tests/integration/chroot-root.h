/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Makes a sample root one that programs run in, by chroot(2): with this machine's programs and libraries,
 * but its own /lib/modules, /etc and /var. Only in an own mount namespace. */
#pragma once

#include "sample-root.h"

typedef struct ChrootRoot {
        const SampleRoot *sample; /* borrowed */
        bool has_proc;
        bool has_run; /* this namespace's /run */
} ChrootRoot;

/* Links /usr and the like to a mount of this machine's root, which can't be written through. NULL, or why
 * that can't be done here, for g_test_skip(). Static. */
const char *chroot_root_enter(const SampleRoot *sample, bool with_proc, bool with_run, ChrootRoot *ret)
                NONNULL(1, 4);

/* Takes the mounts away, without which the sample mustn't be removed. */
void chroot_root_leave(ChrootRoot *root) NONNULL(1);
#define CLEANUP_CHROOT_ROOT CLEANUP(chroot_root_leave)

/* What PATH of this machine is called in there; g_free() it. */
char *chroot_root_path(const char *path) NONNULL(1);
