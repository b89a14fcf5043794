/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A sorted set of strings with the arithmetic that reconciling needs. It owns its strings. No I/O. */
#pragma once

#include "util/macros.h"

typedef struct StringSet {
        char **items; /* ascending by strcmp(); NULL-terminated once anything was added, so usable as a strv
                       */
        size_t count;
} StringSet;

/* Frees the strings and the array; the set is empty and usable afterwards. */
void string_set_done(StringSet *set) NONNULL(1);

/* Adds a copy. Returns 1 if it was new, 0 if it was there, -ENOMEM. Appending in order is O(log n). */
int string_set_add(StringSet *set, const char *item) WARN_UNUSED NONNULL(1, 2);

/* Removes an item. Returns whether it was there. */
bool string_set_remove(StringSet *set, const char *item) NONNULL(1, 2);

/* Where ITEM is; the set's count if it isn't there. */
size_t string_set_find(const StringSet *set, const char *item) NONNULL(1, 2);

bool string_set_contains(const StringSet *set, const char *item) NONNULL(1, 2);
bool string_set_equal(const StringSet *a, const StringSet *b) NONNULL(1, 2);

/* Fills an empty set with what is in A and not in B, or in both. 0 or -ENOMEM. */
int string_set_difference(const StringSet *a, const StringSet *b, StringSet *ret) WARN_UNUSED
                NONNULL(1, 2, 3);
int string_set_intersection(const StringSet *a, const StringSet *b, StringSet *ret) WARN_UNUSED
                NONNULL(1, 2, 3);

/* Adds every item of SOURCE. 0 or -ENOMEM. */
int string_set_add_all(StringSet *set, const StringSet *source) WARN_UNUSED NONNULL(1, 2);

#define CLEANUP_STRING_SET CLEANUP(string_set_done)
