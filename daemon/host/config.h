/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What an administrator sets in /etc/hostdriver/hostdriver.conf and hostdriver.conf.d/. It reads; it never
 * writes. */
#pragma once

#include "host/root.h"
#include "host/tree/tree.h"
#include "util/string-set.h"

/* What makes the initramfs images: [Apply] Initramfs=. */
typedef enum InitramfsGenerator {
        INITRAMFS_AUTO, /* to be found out: see initramfs-generator.h */
        INITRAMFS_NONE, /* leave images alone */
        INITRAMFS_TOOLS,
        INITRAMFS_DRACUT,
        INITRAMFS_MKINITCPIO,
} InitramfsGenerator;

/* How an image that holds the changed modules is made anew: [Apply] ImageMethod=. */
typedef enum ImageMethod {
        IMAGE_METHOD_AUTO,      /* by a segment where that can be, else by the generator */
        IMAGE_METHOD_SEGMENT,   /* by a segment, or not at all */
        IMAGE_METHOD_GENERATOR, /* by the generator */
} ImageMethod;

/* What to do when somebody else changes a selection: [Service] OnDrift=. */
typedef enum OnDrift {
        ON_DRIFT_REPORT,
        ON_DRIFT_HEAL, /* select again what was wanted */
} OnDrift;

typedef struct Config {
        /* [Trees], by the trees' positions: NULL is the tree's own, "" switches the tree off. */
        char *tree_directories[TREES_MAX];
        unsigned depmod_timeout_sec;    /* [Apply] DepmodTimeoutSec=, 300 */
        unsigned initramfs_timeout_sec; /* [Apply] InitramfsTimeoutSec=, 1800 */
        InitramfsGenerator initramfs;   /* [Apply] Initramfs=, auto */
        ImageMethod image_method;       /* [Apply] ImageMethod=, auto */
        unsigned exit_idle_sec;         /* [Service] ExitIdleSec=, 60; used only with --exit-on-idle */
        OnDrift on_drift;               /* [Service] OnDrift=, report */
        StringSet warnings; /* sentences about lines that were not understood; they were skipped */
} Config;

/* Reads the main file, then the drop-ins (*.conf) of /usr/lib and /etc by name; a missing file is no error.
 * A line that is not understood becomes a warning and changes nothing. 0, or -ENOMEM. */
int config_read(const HostRoot *root, Config *ret) WARN_UNUSED NONNULL(1, 2);
void config_done(Config *config) NONNULL(1);

/* The directory of TREE below a kernel release's module directory; "" if it is switched off. Borrowed. */
const char *config_tree_directory(const Config *config, const Tree *tree) NONNULL(1, 2);
