/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What trees tell of a version as a value, and which tree is for what. */

#include "host/tree/tree.h"

const Tree *tree_writable(void)
{
        size_t i = 0;

        while (!all_trees[i]->is_writable)
                i++;
        return all_trees[i];
}

const Tree *tree_fallback(void)
{
        size_t i = 0;

        while (!all_trees[i]->is_fallback)
                i++;
        return all_trees[i];
}

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
        free(info->name);
        free(info->variant);
        free(info->type);
        free(info->description);
        free(info->version);
        free(info->status);
        free(info->problem);
        free(info);
        return NULL;
}
