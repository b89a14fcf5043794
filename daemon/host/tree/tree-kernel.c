/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the kernel's own package ships under kernel/, for the modules that another tree ships too. */

#include "host/tree/tree-walk.h"

static const char *directory(const Config *config)
{
        /* Not configuration: kbuild installs there (scripts/Makefile.modinst). */
        return "kernel";
}

static int scan_tree(const TreeScan *scan)
{
        static const TreeLayout layout = { .name = "kernel", .only_wanted = true };

        return tree_walk(scan, &layout);
}

const Tree tree_kernel = { .name = "kernel", .directory = directory, .scan = scan_tree };
