/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A sorted array. Modules mostly arrive in order, so that entries are mostly appended. */

#include "change/plan/plan-index.h"

#include <errno.h>
#include <string.h>

#include "util/array.h"

static int compare(const PlanIndexEntry *entry, const char *name, const char *release)
{
        int order = strcmp(entry->name, name);

        return order != 0 ? order : strcmp(entry->release, release);
}

/* The first entry that isn't before them, or, if BEHIND, the first that is behind. */
static size_t position_of(const PlanIndex *index, const char *name, const char *release, bool behind)
{
        return array_search(i, index->count, compare(&index->items[i], name, release) < (behind ? 1 : 0));
}

int plan_index_add(PlanIndex *index, const char *name, const char *release, size_t position)
{
        size_t place = position_of(index, name, release, true);

        if (!array_reserve(index->items, index->count))
                return -ENOMEM;
        memmove(&index->items[place + 1], &index->items[place],
                        (index->count++ - place) * sizeof(*index->items));
        index->items[place] = (PlanIndexEntry){ name, release, position };
        return 0;
}

const PlanIndexEntry *plan_index_find(const PlanIndex *index, const char *name, const char *release)
{
        size_t place = position_of(index, name, release, false);

        return place < index->count && compare(&index->items[place], name, release) == 0
                               ? &index->items[place]
                               : NULL;
}

const PlanIndexEntry *plan_index_find_all(const PlanIndex *index, const char *name, size_t *ret_count)
{
        size_t place = position_of(index, name, "", false), count = 0;

        while (place + count < index->count && strcmp(index->items[place + count].name, name) == 0)
                count++;
        *ret_count = count;
        return count > 0 ? &index->items[place] : NULL;
}

void plan_index_done(PlanIndex *index)
{
        free(index->items);
        *index = (PlanIndex){ 0 };
}
