/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The list of trees. What a tree does is in its own file. */

#include "host/tree.h"

const Tree *const all_trees[] = { &tree_xenserver, &tree_dmv, &tree_kernel, NULL };

TreeInfo *tree_info_free(TreeInfo *info)
{
        if (!info)
                return NULL;
        free(info->type);
        free(info->description);
        free(info->version);
        free(info->status);
        free(info->pci_ids);
        free(info->problem);
        free(info);
        return NULL;
}
