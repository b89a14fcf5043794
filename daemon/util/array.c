/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The capacity follows from the count, so that nobody has to keep it. It knows no item. */

#include "util/array.h"

#include <stdint.h>

void *array_grow(void *items, size_t count, size_t size)
{
        if (count > 0 && (count & (count - 1)) != 0)
                return items;
        return count > SIZE_MAX / 2 ? NULL : reallocarray(items, count > 0 ? 2 * count : 1, size);
}
