/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One place that versions come from. A tree is one file that defines one constant Tree; see all_trees[]. */
#pragma once

#include "host/config.h"
#include "host/hardware/pci-id.h"
#include "util/macros.h"

/* The PCI ids that one module of a version is for. */
typedef struct PciIdList {
        char *module; /* canonical */
        PciId *items; /* NULL if there are none */
        size_t count;
} PciIdList;

/* What a tree knows of a version beyond its module files (dmv: info.json). Shared by reference between the
 * files of the version. Strings are never NULL. */
typedef struct TreeInfo {
        unsigned references;
        char *type; /* "network", "storage", … */
        char *description;
        char *version;
        char *status;
        int64_t priority;
        PciIdList *pci_ids; /* in the order of the file, which may name a module twice */
        size_t pci_ids_count;
        char *problem; /* why the information could not be used, as a sentence; "" if it could */
} TreeInfo;

/* Empty, with one reference, and its strings still NULL. NULL: no memory. */
TreeInfo *tree_info_new(void) WARN_UNUSED;
TreeInfo *tree_info_ref(TreeInfo *info);
TreeInfo *tree_info_unref(TreeInfo *info);
DEFINE_CLEANUP(TreeInfo, tree_info_unref)

/* One entry of a module file's name that a tree has found, whatever it is: a regular file, a link, a FIFO.
 * All borrowed for the time of the call, but for info. */
typedef struct TreeFile {
        const char *package;
        const char *version; /* the version directory's name; "kernel" for the kernel tree */
        const char *path;    /* relative to the kernel release's module directory */
        const char *file;    /* the last component of path */
        int directory_fd;    /* the directory that holds it */
        TreeInfo *info;      /* a reference that goes to the visitor; NULL if the tree knows nothing more */
} TreeFile;

/* What a scan is given. Callbacks return 0 to go on, or a negative errno that ends the scan. */
typedef struct TreeScan {
        int modules_fd;          /* the module directory of one kernel release */
        const char *directory;   /* the tree's directory in it, e.g. "xenserver" */
        const StringSet *wanted; /* the kernel tree tells only of these module names; others ignore it */
        int (*found)(void *userdata, const TreeFile *file);
        /* PATH was passed over: REASON ends a sentence ("holds a control character"). */
        int (*skipped)(void *userdata, const char *path, const char *reason);
        void *userdata;
} TreeScan;

typedef struct Tree {
        const char *name; /* "xenserver", "dmv", "kernel" */
        /* The configured directory below the module directory; NULL or "" if switched off. */
        const char *(*directory)(const Config *config);
        /* Walks the tree; a directory that isn't there is an empty tree. It opens directories only, and
         * follows no link; what an entry is, the visitor finds out. An unreadable directory and a name that
         * can't be one are told as skipped and hide no neighbour; what vanishes meanwhile is passed over.
         * 0, or the first error of a callback, or -ENOMEM. */
        int (*scan)(const TreeScan *scan);
} Tree;

extern const Tree tree_xenserver;
extern const Tree tree_dmv;
extern const Tree tree_kernel;

/* All trees, in order of precedence, NULL at the end; the kernel tree is the last. */
extern const Tree *const all_trees[];
