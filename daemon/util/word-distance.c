/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Compares words as a typist's slips do. The client is built with this file, too. */

#include "util/word-distance.h"

#include <stdint.h>
#include <string.h>

#define WORD_MAX 32

static size_t smaller(size_t a, size_t b)
{
        return a < b ? a : b;
}

/* Optimal string alignment, three rows at a time. */
size_t word_distance(const char *a, const char *b)
{
        size_t a_length = strlen(a), b_length = strlen(b);
        size_t rows[3][WORD_MAX + 1];

        if (a_length > WORD_MAX || b_length > WORD_MAX)
                return SIZE_MAX;
        for (size_t j = 0; j <= b_length; j++)
                rows[0][j] = j;
        for (size_t i = 1; i <= a_length; i++) {
                size_t *row = rows[i % 3], *above = rows[(i - 1) % 3], *second = rows[(i + 1) % 3];

                row[0] = i;
                for (size_t j = 1; j <= b_length; j++) {
                        row[j] = smaller(smaller(above[j], row[j - 1]) + 1,
                                        above[j - 1] + (a[i - 1] != b[j - 1]));
                        if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                                row[j] = smaller(row[j], second[j - 2] + 1);
                }
        }
        return rows[a_length % 3][b_length];
}
