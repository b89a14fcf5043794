/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Strings of all sizes stay where they are. */

#include <glib.h>
#include <string.h>

#include "util/string-pool.h"

static void test_add(void)
{
        StringPool *pool = NULL;
        char *copies[500];

        for (size_t i = 0; i < G_N_ELEMENTS(copies); i++) {
                g_autofree char *text = g_strnfill(i * 20, (char) ('a' + i % 26));

                copies[i] = string_pool_add(&pool, text);
                g_assert_nonnull(copies[i]);
        }
        for (size_t i = 0; i < G_N_ELEMENTS(copies); i++) {
                g_autofree char *text = g_strnfill(i * 20, (char) ('a' + i % 26));

                g_assert_cmpstr(copies[i], ==, text);
        }
        pool = string_pool_free(pool);
        g_assert_null(pool);
        g_assert_null(string_pool_free(NULL));
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/string-pool/add", test_add);
        return g_test_run();
}
