/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How every tree is walked: by open directories, never through a link, and past what can't be read. */
#pragma once

#include "host/tree/tree.h"

typedef struct TreeLayout {
        /* <package>/<version>/…: each version directory is named, and its files belong to it. Otherwise the
         * whole tree is one version, named like its tree, of no package. */
        bool versions;
        const char *name; /* the version's name where there are no version directories */
        bool only_wanted; /* tells only of scan->wanted, and is silent on names that are none */
        /* Reads what the open version directory says of itself; NULL if it says nothing. 0 with *ret set, or
         * -ENOMEM. */
        int (*read_info)(int directory_fd, TreeInfo **ret);
} TreeLayout;

/* Directories nested deeper than this below the tree's own are passed over: each costs a descriptor while it
 * is open, and no package nests like that. */
#define TREE_DEPTH_MAX 32

/* Walks scan->directory; see Tree.scan. */
int tree_walk(const TreeScan *scan, const TreeLayout *layout) WARN_UNUSED NONNULL(1, 2);
