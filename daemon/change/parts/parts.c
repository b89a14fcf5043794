/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The parts, in their order. */

#include "change/parts/parts.h"

#include "change/parts/block-file.h"
#include "change/parts/link.h"
#include "change/parts/override-file.h"
#include "change/parts/version-directory.h"
#include "change/parts/version-file.h"

/* What a link leads to is there before it; and depmod is told of a link when that is there. */
const Part *const parts[PART_COUNT] = {
        &part_version_directory,
        &part_version_file,
        &part_link,
        &part_override_file,
        &part_block_file,
};

const void *part_item(const Part *part, const Plan *plan, size_t position)
{
        const char *base = (const char *) plan;

        if (position >= *(const size_t *) (base + part->count_offset))
                return NULL;
        return *(char *const *) (base + part->items_offset) + position * part->item_size;
}
