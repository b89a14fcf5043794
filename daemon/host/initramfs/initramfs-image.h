/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which module files the initramfs of a kernel release holds, and which of them a name resolves to in there.
 * It reads; it never writes. */
#pragma once

#include <stdint.h>

#include "host/modprobe-rules.h"
#include "host/module/module-file.h"
#include "util/string-set.h"

/* The module that a name stands for inside an image. */
typedef struct InitramfsModule {
        char *name;       /* canonical */
        char *path;       /* relative to the image's own module directory, as its modules.dep names it */
        ModuleFile *file; /* NULL if it can't be told which of several files counts, or if it is damaged */
} InitramfsModule;

typedef struct InitramfsImage {
        unsigned references;
        char *release;
        char *path; /* absolute beneath the root: "/boot/initrd.img-6.1.0" */
        FileStamp stamp;
        StringSet asked;          /* the canonical names that were looked for */
        int error;                /* 0, or the negative errno for which nothing is known of what it holds */
        InitramfsModule *modules; /* by name; only those of the asked ones that it holds */
        size_t count;
        uint64_t unpacked; /* bytes that its files and directories take in blocks of 4 KiB, as far as it was
                              read */
        ModprobeRules modprobe; /* what its own files of modprobe.d say */
        StringSet blocked;      /* those of the asked ones that it holds our modprobe.d file of */
} InitramfsImage;

InitramfsImage *initramfs_image_ref(InitramfsImage *image);
InitramfsImage *initramfs_image_unref(InitramfsImage *image);
DEFINE_CLEANUP(InitramfsImage, initramfs_image_unref)

/* Whether FILE of the host is the one inside. Generators strip at most debug information, which leaves
 * build-id and srcversion; a file that has neither is told by its version. */
bool initramfs_module_is(const InitramfsModule *module, const ModuleFile *file) NONNULL(1, 2);

/* What NAME (canonical) stands for; NULL if the image doesn't hold it. */
const InitramfsModule *initramfs_image_module(const InitramfsImage *image, const char *name) NONNULL(1, 2);

/* The part of PATH, of an image's entry, behind the module directory of RELEASE; NULL if it lies elsewhere.
 */
const char *initramfs_module_path(const char *path, const char *release) NONNULL(1, 2);
