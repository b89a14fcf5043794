/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which module files the initramfs of a kernel release holds, and which of them a name resolves to in there.
 * It reads; it never writes. */
#pragma once

#include <stdint.h>

#include "host/module/module-file.h"
#include "host/root.h"
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
        StringSet blocked; /* those of the asked ones that it holds our modprobe.d file of */
} InitramfsImage;

/* The image of RELEASE, where distributions and kernel-install(8) put it: the first that there is. *ret_path
 * is absolute beneath the root; the caller frees it. Nothing is opened but directories. -ENOENT if there is
 * none, -ENOMEM. */
int initramfs_find(const HostRoot *root, const char *release, char **ret_path,
                FileStamp *ret_stamp) WARN_UNUSED NONNULL(1, 2, 3, 4);

/* Adds the paths of RELEASE's unified kernel images, which hold kernel and initramfs in one file
 * (EFI/Linux/ of the boot partition, by the Boot Loader Specification): those whose name holds the release.
 * 0 or -ENOMEM. */
int initramfs_find_unified(const HostRoot *root, const char *release, StringSet *ret) WARN_UNUSED
                NONNULL(1, 2, 3);

/* Reading in slices, since a large image takes a second: the caller has other things to do between. */
typedef struct InitramfsReader InitramfsReader;

/* Begins to read the image at PATH, beneath the root, for the canonical NAMES, which are copied. 0, or
 * -ENOMEM: what is wrong with the image is found in the result. */
int initramfs_reader_new(const HostRoot *root, const char *release, const char *path, const StringSet *names,
                InitramfsReader **ret) WARN_UNUSED NONNULL(1, 2, 3, 4, 5);
InitramfsReader *initramfs_reader_free(InitramfsReader *reader);
DEFINE_CLEANUP(InitramfsReader, initramfs_reader_free)

/* Reads one entry. 1 if there is more to do; 0 if that was all, with the image, which the caller unrefs;
 * -ENOMEM. Memory is bounded by the largest module file and modules.dep. */
int initramfs_reader_step(InitramfsReader *reader, InitramfsImage **ret) WARN_UNUSED NONNULL(1, 2);

/* All steps at once. */
int initramfs_image_read(const HostRoot *root, const char *release, const char *path, const StringSet *names,
                InitramfsImage **ret) WARN_UNUSED NONNULL(1, 2, 3, 4, 5);

InitramfsImage *initramfs_image_ref(InitramfsImage *image);
InitramfsImage *initramfs_image_unref(InitramfsImage *image);
DEFINE_CLEANUP(InitramfsImage, initramfs_image_unref)

/* Whether FILE of the host is the one inside. Generators strip at most debug information, which leaves
 * build-id and srcversion; a file that has neither is told by its version. */
bool initramfs_module_is(const InitramfsModule *module, const ModuleFile *file) NONNULL(1, 2);

/* What NAME (canonical) stands for; NULL if the image doesn't hold it. */
const InitramfsModule *initramfs_image_module(const InitramfsImage *image, const char *name) NONNULL(1, 2);
