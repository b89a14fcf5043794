/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Room in arrays that grow by one item at a time, and the place of an item in sorted ones. It knows no item.
 */
#pragma once

#include "util/macros.h"

/* ITEMS, an array of COUNT items of SIZE bytes that only this function has made larger, with room for one
 * more of them: the next power of two. The items stay as they are. NULL: no memory, and ITEMS is as it was.
 */
void *array_grow(void *items, size_t count, size_t size) WARN_UNUSED;

/* True if ITEMS, such an array with COUNT items, now has room for one more; false: no memory. */
#define array_reserve(items, count)                                            \
        ({                                                                     \
                void *_grown = array_grow((items), (count), sizeof(*(items))); \
                if (_grown)                                                    \
                        (items) = _grown;                                      \
                _grown != NULL;                                                \
        })

/* Where an item is, or belongs, in a sorted array of COUNT: the first position I for which BEFORE doesn't
 * hold, an expression that must hold for all in front of that and for none behind. */
#define array_search(i, count, before)                        \
        ({                                                    \
                size_t _low = 0, _high = (count);             \
                while (_low < _high) {                        \
                        size_t i = _low + (_high - _low) / 2; \
                        if (before)                           \
                                _low = i + 1;                 \
                        else                                  \
                                _high = i;                    \
                }                                             \
                _low;                                         \
        })
