/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How every tree is walked: by open directories, never through a link, and past what can't be read. */
#pragma once

#include "host/tree/tree.h"

/* Directories nested deeper than this below the tree's own are passed over: each costs a descriptor while it
 * is open, and no package nests like that. */
#define TREE_DEPTH_MAX 32

/* Walks scan->directory, which is laid out as TREE says; a directory that isn't there is an empty tree. It
 * opens directories only, and follows no link unless scan->follow does; what an entry is, the visitor finds
 * out. An unreadable directory and a name that can't be one are told as skipped and hide no neighbour; what
 * vanishes meanwhile is passed over. 0, or the first error of a callback, or -ENOMEM. */
int tree_walk(const Tree *tree, const TreeScan *scan) WARN_UNUSED NONNULL(1, 2);
