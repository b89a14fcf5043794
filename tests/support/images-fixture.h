/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A host whose initramfs holds "ice" and "bnx2fc", a small but real generator in a chroot, and a changer. A
 * test is skipped where that can't be. Every failure ends it. */
#pragma once

#include "sample-changer.h"
#include "sample-initramfs.h"

/* The version of "ice" that is selected first, and another one. */
#define IMAGES_OLD "1.11.17.1"
#define IMAGES_NEW "1.6.4"

typedef struct ImagesFixture {
        SampleRoot sample;
        SampleChanger host;
        bool skipped;
} ImagesFixture;

typedef struct ImagesTest {
        const char *name;
        void (*body)(ImagesFixture *fixture);
} ImagesTest;

/* All there is to do in main(): GROUP is what the names of TESTS follow. They have mounts of their own, if
 * that is allowed. */
int images_main(int argc, char **argv, const char *group, const ImagesTest *tests, size_t count)
                NONNULL(2, 3, 4);

/* Whether they have. */
bool images_own_mounts(void);

/* Asks for a version; the job is the caller's to unref. */
Job *images_start(ImagesFixture *fixture, const char *driver, const char *version) NONNULL(1, 2, 3);
/* And runs it to its end, which must be a good one. */
void images_select(ImagesFixture *fixture, const char *driver, const char *version) NONNULL(1, 2, 3);
/* And runs it to its end, which must be a failure that is told in WORDS. The caller frees the sentence. */
char *images_fail(ImagesFixture *fixture, const char *version, const char *words) WARN_UNUSED
                NONNULL(1, 2, 3);

/* Adds version "1.12" of "ice", which covers what the others do, and has the index made. All else of it is
 * SPEC's, which is changed. */
void images_add_version(ImagesFixture *fixture, ModuleSpec *spec) NONNULL(1, 2);

/* The SHA-256 of a file below the root. g_free() it. */
char *images_sum(const ImagesFixture *fixture, const char *path) WARN_UNUSED NONNULL(1, 2);
/* Selections and image, to compare. g_free() it. */
char *images_state(const ImagesFixture *fixture) WARN_UNUSED NONNULL(1);

/* Mounts a tmpfs with OPTIONS on a directory of the root; false, and the test is skipped, where that isn't
 * allowed. */
bool images_mount(const ImagesFixture *fixture, const char *where, const char *options) WARN_UNUSED
                NONNULL(1, 2, 3);
void images_unmount(const ImagesFixture *fixture, const char *where) NONNULL(1, 2);

/* The same for boot/, in which the image is built, and nothing hidden must be left. */
bool images_mount_boot(const ImagesFixture *fixture, const char *options) WARN_UNUSED NONNULL(1, 2);
/* Makes what is mounted on boot/ read-only, or no longer. */
void images_remount_boot(const ImagesFixture *fixture, bool read_only) NONNULL(1);
void images_unmount_boot(const ImagesFixture *fixture) NONNULL(1);
