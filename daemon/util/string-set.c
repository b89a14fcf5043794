/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A sorted array with binary search: small, compact, and as fast as anything for names in the thousands. */

#include "util/string-set.h"

#include <errno.h>
#include <string.h>

#include "util/array.h"

/* Where ITEM is, or where it belongs. */
static size_t position_of(const StringSet *set, const char *item, bool *ret_found)
{
        size_t place = set->count;

        /* Names mostly arrive in order. */
        if (place > 0 && strcmp(set->items[place - 1], item) >= 0)
                place = array_search(i, set->count, strcmp(set->items[i], item) < 0);
        *ret_found = place < set->count && strcmp(set->items[place], item) == 0;
        return place;
}

void string_set_done(StringSet *set)
{
        for (size_t i = 0; i < set->count; i++)
                free(set->items[i]);
        free(set->items);
        *set = (StringSet){ 0 };
}

int string_set_add(StringSet *set, const char *item)
{
        bool found;
        size_t position = position_of(set, item, &found);
        char *copy;

        if (found)
                return 0;
        /* And for the NULL at the end. */
        if (!array_reserve(set->items, set->count + 1))
                return -ENOMEM;
        copy = strdup(item);
        if (!copy)
                return -ENOMEM;
        memmove(set->items + position + 1, set->items + position,
                        (set->count - position) * sizeof(*set->items));
        set->items[position] = copy;
        set->count++;
        set->items[set->count] = NULL;
        return 1;
}

bool string_set_remove(StringSet *set, const char *item)
{
        bool found;
        size_t position = position_of(set, item, &found);

        if (!found)
                return false;
        free(set->items[position]);
        set->count--;
        /* Moves the NULL at the end, too. */
        memmove(set->items + position, set->items + position + 1,
                        (set->count - position + 1) * sizeof(*set->items));
        return true;
}

size_t string_set_find(const StringSet *set, const char *item)
{
        bool found;
        size_t position = position_of(set, item, &found);

        return found ? position : set->count;
}

bool string_set_contains(const StringSet *set, const char *item)
{
        return string_set_find(set, item) < set->count;
}

bool string_set_equal(const StringSet *a, const StringSet *b)
{
        if (a->count != b->count)
                return false;
        for (size_t i = 0; i < a->count; i++)
                if (strcmp(a->items[i], b->items[i]) != 0)
                        return false;
        return true;
}

/* Adds to RET the items of A whose presence in B is WANTED. */
static int filter(const StringSet *a, const StringSet *b, bool wanted, StringSet *ret)
{
        StringSet result CLEANUP_STRING_SET = { 0 };

        for (size_t i = 0; i < a->count; i++)
                if (string_set_contains(b, a->items[i]) == wanted &&
                                string_set_add(&result, a->items[i]) < 0)
                        return -ENOMEM;
        *ret = result;
        result = (StringSet){ 0 };
        return 0;
}

int string_set_difference(const StringSet *a, const StringSet *b, StringSet *ret)
{
        return filter(a, b, false, ret);
}

int string_set_intersection(const StringSet *a, const StringSet *b, StringSet *ret)
{
        return filter(a, b, true, ret);
}

int string_set_add_all(StringSet *set, const StringSet *source)
{
        for (size_t i = 0; i < source->count; i++)
                if (string_set_add(set, source->items[i]) < 0)
                        return -ENOMEM;
        return 0;
}
