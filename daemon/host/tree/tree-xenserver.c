/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* XenServer's tree of driver versions: xenserver/<package>/<version>/…/<module>.ko. */

#include "host/tree/tree-walk.h"

static const char *directory(const Config *config)
{
        return config->xenserver_directory;
}

static int scan_tree(const TreeScan *scan)
{
        static const TreeLayout layout = { .versions = true };

        return tree_walk(scan, &layout);
}

const Tree tree_xenserver = { .name = "xenserver", .directory = directory, .scan = scan_tree };
