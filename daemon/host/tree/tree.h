/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One place that versions come from. A tree is one row of trees.c. */
#pragma once

#include "host/hardware/pci-id.h"
#include "util/string-set.h"

/* The id of the one version that the kernel's own package ships. No other version has it. */
#define KERNEL_VERSION_ID "kernel"

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
        char *name; /* of the driver, and of the version: what XenServer's tools know them by */
        char *variant;
        char *type; /* "network", "storage", … */
        char *description;
        char *version;
        char *status;
        int64_t priority; /* 0 if it has none */
        bool has_priority;
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
        const StringSet *wanted; /* without packages, only these module names are told; NULL: all */
        int (*found)(void *userdata, const TreeFile *file);
        /* PATH was passed over: REASON ends a sentence ("holds a control character"). ERROR is 0 for what it
         * is, -ELOOP for a link that was followed and leads back, and else why it couldn't be read. */
        int (*skipped)(void *userdata, const char *path, const char *reason, int error);
        /* Opens the directory that the link PATH leads to: a descriptor, or a negative errno if there is
         * none to go on with. NULL: links to directories are not followed. */
        int (*follow)(void *userdata, const char *path);
        void *userdata;
} TreeScan;

typedef struct Tree {
        const char *name;    /* what ids, the journal and the database call it */
        const char *setting; /* the key of its directory in [Trees]; NULL: the directory is fixed */
        const char *base;    /* its directory below a kernel release's module directory, unless configured */
        /* <package>/<version>/…/<module>.ko: a driver's versions, which packages ship. Without, the whole
         * tree is one version, KERNEL_VERSION_ID, of no package, and only modules that another tree ships
         * too are looked for. */
        bool has_packages;
        /* The kernel's own modules. They stand in where no other version can be had, never compete with
         * others, and are selected by an override line alone, without a link. The last row. */
        bool is_fallback;
        /* Imported and adopted versions go there. One row has it. */
        bool is_writable;
        /* XenServer's driver-tool selects among its versions, too. */
        bool has_driver_tool;
        /* Reads what the open version directory says of itself; NULL if it says nothing. 0 with *ret set, or
         * -ENOMEM. */
        int (*read_info)(int directory_fd, TreeInfo **ret);
} Tree;

/* Rows by name, for tests; other code asks the flags. */
extern const Tree tree_xenserver;
extern const Tree tree_dmv;
extern const Tree tree_kernel;

/* More rows than this would need a larger Config. */
#define TREES_MAX 8

/* All trees, in order of precedence, NULL at the end; the fallback is the last. */
extern const Tree *const all_trees[];

/* The tree that new versions go to. Static. */
const Tree *tree_writable(void);
/* The kernel's own. Static. */
const Tree *tree_fallback(void);
