/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The root that every path of the host lies beneath. Links are resolved inside it, never out of it. */
#pragma once

#include <sys/types.h>

#include "util/macros.h"

typedef struct HostRoot HostRoot;

/* What is remembered of a root lies in here: of that one alone, whatever else is shared with another. */
#define STATE_DIRECTORY "/var/lib/hostdriver"

/* PATH is an existing directory, "/" for this host. KERNEL is the kernel release to take as the running one;
 * NULL asks uname(2). The caller frees *ret with host_root_free(). */
int host_root_new(const char *path, const char *kernel, HostRoot **ret) WARN_UNUSED NONNULL(1, 3);
HostRoot *host_root_free(HostRoot *root);
DEFINE_CLEANUP(HostRoot, host_root_free)

/* Absolute and without a slash at its end, but for "/" itself. Borrowed. */
const char *host_root_path(const HostRoot *root) NONNULL(1);

/* The running kernel release. Borrowed. */
const char *host_root_kernel(const HostRoot *root) NONNULL(1);

/* True if the root is "/": other programs find the same paths. */
bool host_root_is_host(const HostRoot *root) NONNULL(1);

/* True if it is also what runs on this machine, and no chroot on it: then udev and the kernel are its own.
 */
bool host_root_is_running(const HostRoot *root) NONNULL(1);

/* Opens PATH ("/lib/modules/…") beneath the root as openat2(RESOLVE_IN_ROOT) does, always O_CLOEXEC. A
 * kernel without it (before 5.6) resolves in user space: see root-walk.h.
 * Returns a descriptor that the caller closes, or a negative errno. */
int host_root_open(const HostRoot *root, const char *path, int flags) WARN_UNUSED NONNULL(1, 2);

/* Makes the directories of PATH that don't exist, and opens the last one. MODE is for the new ones. */
int host_root_make_directory(const HostRoot *root, const char *path, mode_t mode) WARN_UNUSED NONNULL(1, 2);

/* Reads a regular file (sysfs and proc files too) whole. See fs_read_fd(). */
int host_root_read(const HostRoot *root, const char *path, size_t limit, char **ret_data,
                size_t *ret_size) WARN_UNUSED NONNULL(1, 2, 4);

/* PATH as another program must name it, with links of the root resolved inside it: for depmod, libkmod and
 * SQLite, which take no descriptor. The caller frees *ret. */
int host_root_resolve(const HostRoot *root, const char *path, char **ret) WARN_UNUSED NONNULL(1, 2, 3);

/* "/lib/modules/RELEASE", opened as a directory. */
int host_root_open_modules(const HostRoot *root, const char *release) WARN_UNUSED NONNULL(1, 2);

/* Where PATH leads, links followed, beneath the root: "/usr/lib/modules". The caller frees *ret. For when
 * path_of_descriptor() can't tell; what renames directories at the same time can mislead it. */
int host_root_place(const HostRoot *root, const char *path, char **ret) WARN_UNUSED NONNULL(1, 2, 3);
