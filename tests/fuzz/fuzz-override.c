/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The override file, which anybody may have edited: what was understood is written and read as the same. */

#include <glib.h>
#include <string.h>

#include "fuzz.h"
#include "host/index/override-list.h"

static void check_equal(const OverrideList *a, const OverrideList *b)
{
        g_assert_cmpuint(a->count, ==, b->count);
        for (size_t i = 0; i < a->count; i++) {
                g_assert_cmpstr(a->items[i].module, ==, b->items[i].module);
                g_assert_cmpstr(a->items[i].release, ==, b->items[i].release);
                g_assert_cmpstr(a->items[i].directory, ==, b->items[i].directory);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        OverrideList list = { 0 }, again = { 0 };
        char *text CLEANUP_FREE = calloc(1, size + 1), *written CLEANUP_FREE = NULL;
        bool foreign = false;

        g_assert_nonnull(text);
        memcpy(text, data, size);
        g_assert_cmpint(override_list_parse(text, size, &list, NULL, &foreign), >=, 0);
        g_assert_true(foreign || strlen(text) == size);
        g_assert_cmpint(override_list_format(&list, &written), >=, 0);
        foreign = false;
        g_assert_cmpint(override_list_parse(written, strlen(written), &again, NULL, &foreign), >=, 0);
        g_assert_false(foreign);
        check_equal(&list, &again);
        override_list_done(&list);
        override_list_done(&again);
        return 0;
}

_Bool fuzz_seed(size_t index, uint8_t **ret, size_t *ret_size)
{
        OverrideList list = { 0 };
        char *text CLEANUP_FREE = NULL;

        if (index > 0)
                return false;
        g_assert_cmpint(override_list_set(&list, "4.19.0+1", "ice", "xenserver/intel-ice/1.11.17.1"), >=, 0);
        g_assert_cmpint(override_list_set(&list, "6.1.0-13-amd64", "dell-laptop", "kernel/drivers/x"), >=,
                        0);
        g_assert_cmpint(override_list_format(&list, &text), >=, 0);
        override_list_done(&list);
        *ret_size = strlen(text);
        *ret = g_memdup2(text, *ret_size);
        return true;
}
