/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The tree of driver variants with an info.json each: dmv/<package>/<variant>/…/<module>.ko. */

#include "host/tree/info-json.h"
#include "host/tree/tree-walk.h"

static const char *directory(const Config *config)
{
        return config->dmv_directory;
}

static int scan_tree(const TreeScan *scan)
{
        static const TreeLayout layout = { .versions = true, .read_info = info_json_read };

        return tree_walk(scan, &layout);
}

const Tree tree_dmv = { .name = "dmv", .directory = directory, .scan = scan_tree };
