/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A sample root that can build initramfs images: small-generator.c in the place of mkinitramfs, and busybox
 * as the shell of hooks. Every failure ends the test. */
#pragma once

#include "sample-root.h"

#define SAMPLE_IMAGE "boot/initrd.img-" SAMPLE_KERNEL

/* Why that can't be done here, for g_test_skip(); NULL: it can. Static. */
const char *sample_initramfs_obstacle(void);

/* MODULES: names, one a line, that the generator puts into its images. All of them are its own: no segments.
 */
void sample_initramfs_init(const SampleRoot *sample, const char *modules) NONNULL(1, 2);

/* ImageMethod= of hostdriver.conf, for who reads that from now on. */
void sample_initramfs_set_method(const SampleRoot *sample, const char *method) NONNULL(1, 2);

bool sample_initramfs_exists(const SampleRoot *sample, const char *path) WARN_UNUSED NONNULL(1, 2);
/* A file below the root that is there goes. */
void sample_initramfs_remove(const SampleRoot *sample, const char *path) NONNULL(1, 2);

/* "", "fail", "hang", "hang-once", "nothing", "lacks", "unblocked", or "other": the file at
 * etc/small-generator/other instead of the selected one. */
void sample_initramfs_set_fault(const SampleRoot *sample, const char *fault) NONNULL(1, 2);

/* Whether one is set: "hang-once" is not once it hangs. */
bool sample_initramfs_has_fault(const SampleRoot *sample) NONNULL(1);

/* Builds the image of RELEASE, in the root by chroot(2). */
void sample_initramfs_build(const SampleRoot *sample, const char *release) NONNULL(1, 2);

/* How often the generator has run since the last call. */
unsigned sample_initramfs_take_runs(const SampleRoot *sample) NONNULL(1);

/* Lets hooks of boot loaders run: TEXT is the shell script of one, which gets the release and the image. */
void sample_initramfs_add_hook(const SampleRoot *sample, const char *text) NONNULL(1, 2);

/* The image's file of MODULE is the one at PATH, relative to its module directory (NULL: it has none), and
 * the image doesn't keep it from being loaded. */
void sample_initramfs_assert_holds(const SampleRoot *sample, const char *module, const char *path)
                NONNULL(1, 2);
/* It does. */
void sample_initramfs_assert_blocked(const SampleRoot *sample, const char *module) NONNULL(1, 2);

/* Nothing hidden is left in boot/. */
void sample_initramfs_assert_clean(const SampleRoot *sample) NONNULL(1);
