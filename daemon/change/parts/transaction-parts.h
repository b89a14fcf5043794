/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The kinds of things on disk that a transaction is made of. For transaction.c alone. */
#pragma once

#include "change/plan/plan.h"
#include "host/root.h"

/* Each _check() refuses with Conflict where something of somebody else's stands in the way, and changes
 * nothing. Each _apply() is idempotent, and has synced the directories when it returns 0. On an error,
 * errno-style, the refusal says which path could not be written, and why. */

int links_check(const HostRoot *root, const Plan *plan, const char *release, Refusal *refusal) WARN_UNUSED
                NONNULL(1, 2, 3, 4);
int links_apply(const HostRoot *root, const Plan *plan, const char *release, Refusal *refusal) WARN_UNUSED
                NONNULL(1, 2, 3, 4);

/* Adopted files. Placed before the links, each is where it shall be, and still where it was; what stands
 * where a link belongs goes when that is put. Taken after the override file, it is no longer where it shall
 * not be. */
int version_files_check(const HostRoot *root, const Plan *plan, const char *release,
                Refusal *refusal) WARN_UNUSED NONNULL(1, 2, 3, 4);
int version_files_place(const HostRoot *root, const Plan *plan, const char *release,
                Refusal *refusal) WARN_UNUSED NONNULL(1, 2, 3, 4);
int version_files_take(const HostRoot *root, const Plan *plan, const char *release,
                Refusal *refusal) WARN_UNUSED NONNULL(1, 2, 3, 4);

/* Puts a link to TARGET in the place of the file outside, which is also inside. -EEXIST if another file than
 * that stands there. */
int version_file_put_link(int modules_fd, const PlanFile *file, const char *target) WARN_UNUSED
                NONNULL(2, 3);

/* Version directories: those that come, before the links; those that go, after the override file. */
int version_directories_check(const HostRoot *root, const Plan *plan, const char *release,
                Refusal *refusal) WARN_UNUSED NONNULL(1, 2, 3, 4);
int version_directories_place(const HostRoot *root, const Plan *plan, const char *release,
                Refusal *refusal) WARN_UNUSED NONNULL(1, 2, 3, 4);
int version_directories_take(const HostRoot *root, const Plan *plan, const char *release,
                Refusal *refusal) WARN_UNUSED NONNULL(1, 2, 3, 4);

/* Removes the directory PATH and those above it up to, but not with, the tree's own, as far as they are
 * empty; the tree's is synced. 0 or a negative errno. */
int remove_empty_directories(int modules_fd, const char *path) WARN_UNUSED NONNULL(2);

int override_file_check(const HostRoot *root, const Plan *plan, Refusal *refusal) WARN_UNUSED
                NONNULL(1, 2, 3);
int override_file_apply(const HostRoot *root, const Plan *plan, Refusal *refusal) WARN_UNUSED
                NONNULL(1, 2, 3);

/* Writes the files of the modules that become blocked, or removes those of the others. */
int block_files_write(const HostRoot *root, const Plan *plan, Refusal *refusal) WARN_UNUSED NONNULL(1, 2, 3);
int block_files_remove(const HostRoot *root, const Plan *plan, Refusal *refusal) WARN_UNUSED
                NONNULL(1, 2, 3);

/* Opens a directory of configuration, and makes it durably if it isn't there. */
int open_configuration(const HostRoot *root, const char *parent, const char *path) WARN_UNUSED
                NONNULL(1, 2, 3);

/* Removes what a crash left behind: temporary names of ours that are of TYPE (S_IFLNK, S_IFREG). */
int sweep_temporaries(int dir_fd, mode_t type) WARN_UNUSED;

/* Says that PATH could not be written. Returns ERROR, or -ENOMEM. */
int blame(Refusal *refusal, const char *path, int error) NONNULL(1, 2);
