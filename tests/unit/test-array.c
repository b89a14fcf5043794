/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Arrays that grow by one item. */

#include <glib.h>
#include <stdint.h>

#include "util/array.h"

static void test_grow(void)
{
        unsigned *items = NULL;

        for (unsigned i = 0; i < 1000; i++) {
                unsigned *larger = array_grow(items, i, sizeof(*items));

                g_assert_nonnull(larger);
                items = larger;
                items[i] = i;
        }
        for (unsigned i = 0; i < 1000; i++)
                g_assert_cmpuint(items[i], ==, i);
        free(items);
}

static void test_too_large(void)
{
        g_assert_null(array_grow(NULL, SIZE_MAX / 2 + 1, 1));
}

static void test_reserve(void)
{
        size_t *items = NULL, count = 0;

        while (count < 100) {
                g_assert_true(array_reserve(items, count));
                items[count] = 2 * count;
                count++;
        }
        for (size_t i = 0; i < count; i++)
                g_assert_cmpuint(items[i], ==, 2 * i);
        free(items);
}

static void test_search(void)
{
        static const int items[] = { 1, 3, 3, 3, 7 };
        static const struct {
                int item;
                size_t count, place;
        } rows[] = { { 0, 5, 0 }, { 1, 5, 0 }, { 2, 5, 1 }, { 3, 5, 1 }, { 4, 5, 4 }, { 7, 5, 4 },
                { 8, 5, 5 }, { 1, 0, 0 }, { 1, 1, 0 }, { 2, 1, 1 } };

        for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
                g_assert_cmpuint(array_search(j, rows[i].count, items[j] < rows[i].item), ==, rows[i].place);
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/array/grow", test_grow);
        g_test_add_func("/array/too-large", test_too_large);
        g_test_add_func("/array/reserve", test_reserve);
        g_test_add_func("/array/search", test_search);
        return g_test_run();
}
