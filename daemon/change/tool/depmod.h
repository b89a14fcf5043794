/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How depmod is called for a root. It only builds the command; stages/stage-index.c runs it. */
#pragma once

#include "change/refusal.h"
#include "host/root.h"

/* -b, its directory, -C for each depmod.d directory, the release and NULL. */
#define DEPMOD_ARGUMENTS_MAX 16

typedef struct DepmodCommand {
        const char *argv[DEPMOD_ARGUMENTS_MAX]; /* NULL-terminated; borrowed from below */
        char *strings[DEPMOD_ARGUMENTS_MAX];
        size_t count;
} DepmodCommand;

/* Where depmod is, one of the fixed system paths, since a service trusts no PATH. Static; NULL: not
 * installed. */
const char *depmod_path(void);

/* For "/" plain `depmod RELEASE`. Beneath another root, -b and -C for each directory of the root's depmod.d:
 * -b alone reads the host's depmod.d, and any -C replaces that list (measured with kmod 30; several -C add
 * up, files are taken in order of their names over all of them, the first directory wins for one name).
 * 0, -ECANCELED with a refusal, or a negative errno. */
int depmod_command(const HostRoot *root, const char *release, DepmodCommand *ret,
                Refusal *refusal) WARN_UNUSED NONNULL(1, 2, 3, 4);
/* The same for BASE/lib/modules/RELEASE, by the configuration of ROOT. Errors as above. */
int depmod_command_staged(const HostRoot *root, const char *base, const char *release, DepmodCommand *ret,
                Refusal *refusal) WARN_UNUSED NONNULL(1, 2, 3, 4, 5);
void depmod_command_done(DepmodCommand *command) NONNULL(1);

/* Whether NAME, of the module directory, comes with the kernel, and depmod makes the index of it and others
 * (kbuild's modules_install; kmod's depmod.c only reads these). */
bool index_is_source(const char *name) NONNULL(1);

/* Syncs every "modules.*" file of the release that is depmod's, then the directory: depmod renames new files
 * into place but syncs none of them (kmod 30 and 34, depmod_output()), so that a power cut could leave an
 * empty index, with which nothing loads. 0, or the first negative errno. */
int index_sync(const HostRoot *root, const char *release) WARN_UNUSED NONNULL(1, 2);
