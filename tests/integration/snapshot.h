/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A directory tree as text, to prove that something left it as it was. */
#pragma once

#include "util/macros.h"

/* One line for each entry below PATH, sorted: type, mode, owner, size, link's text, checksum of what it
 * holds. The service's own memory (var, run) doesn't count. g_free() it. */
char *snapshot_take(const char *path) NONNULL(1);

/* The same of everything, var and run too, with inode and time of each file: whatever was written, even what
 * had been there, shows. Of the database, which whoever reads it may touch, there is nothing. */
char *snapshot_take_exactly(const char *path) NONNULL(1);

/* Fails the test, naming the first difference, unless the tree is still what BEFORE says. */
void snapshot_assert_same(const char *path, const char *before) NONNULL(1, 2);
