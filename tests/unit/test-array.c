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

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/array/grow", test_grow);
        g_test_add_func("/array/too-large", test_too_large);
        return g_test_run();
}
