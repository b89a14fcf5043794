/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The list of trees, and what they tell of a version as a value. What a tree does is in its own file. */

#include "host/tree/tree.h"

const Tree *const all_trees[] = { &tree_xenserver, &tree_dmv, &tree_kernel, NULL };

TreeInfo *tree_info_new(void)
{
        TreeInfo *info = calloc(1, sizeof(*info));

        if (info)
                info->references = 1;
        return info;
}

TreeInfo *tree_info_ref(TreeInfo *info)
{
        if (info)
                info->references++;
        return info;
}

TreeInfo *tree_info_unref(TreeInfo *info)
{
        if (!info || --info->references > 0)
                return NULL;
        for (size_t i = 0; i < info->pci_ids_count; i++) {
                free(info->pci_ids[i].module);
                free(info->pci_ids[i].items);
        }
        free(info->pci_ids);
        free(info->type);
        free(info->description);
        free(info->version);
        free(info->status);
        free(info->problem);
        free(info);
        return NULL;
}
