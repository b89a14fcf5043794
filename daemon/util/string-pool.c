/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Blocks that strings are put into one behind the other. A string never moves. */

#include "util/string-pool.h"

#include <string.h>

#define BLOCK_SIZE 4000U

struct StringPool {
        StringPool *next; /* the block before */
        size_t size;
        size_t used;
        char bytes[];
};

char *string_pool_add(StringPool **pool, const char *text)
{
        size_t size = strlen(text) + 1;
        StringPool *block = *pool;

        if (!block || block->size - block->used < size) {
                size_t capacity = size > BLOCK_SIZE ? size : BLOCK_SIZE;

                block = malloc(sizeof(*block) + capacity);
                if (!block)
                        return NULL;
                *block = (StringPool){ .next = *pool, .size = capacity };
                *pool = block;
        }
        block->used += size;
        return memcpy(block->bytes + block->used - size, text, size);
}

StringPool *string_pool_free(StringPool *pool)
{
        while (pool) {
                StringPool *next = pool->next;

                free(pool);
                pool = next;
        }
        return NULL;
}
