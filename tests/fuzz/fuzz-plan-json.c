/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The plan in a journal: what is taken for one can be copied, taken back, written and read again. */

#include <glib.h>
#include <string.h>

#include "change/plan/plan.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        Plan *plan CLEANUP(plan_freep) = NULL, *copy CLEANUP(plan_freep) = NULL;
        Plan *inverse CLEANUP(plan_freep) = NULL, *read CLEANUP(plan_freep) = NULL;
        g_autofree char *input = g_strndup((const char *) data, size);
        char *text CLEANUP_FREE = NULL, *again CLEANUP_FREE = NULL, *undoing CLEANUP_FREE = NULL;

        if (plan_from_json(input, &plan) < 0)
                return 0;
        g_assert_cmpint(plan_copy(plan, &copy), ==, 0);
        g_assert_cmpint(plan_to_json(copy, &text), ==, 0);
        g_assert_cmpint(plan_from_json(text, &read), ==, 0);
        g_assert_cmpint(plan_to_json(read, &again), ==, 0);
        g_assert_cmpstr(text, ==, again);
        g_assert_cmpint(plan_invert(plan, &inverse), ==, 0);
        g_assert_cmpint(plan_to_json(inverse, &undoing), ==, 0);
        return 0;
}

_Bool fuzz_seed(size_t index, uint8_t **ret, size_t *ret_size)
{
        static const char *const seeds[] = {
                "{\"blocks\":[{\"after\":false,\"before\":true,\"module\":\"ice\"}],\"changes\":[{\"after\":"
                "{\"directory\":\"x/p/1\",\"link\":\"ice.ko\",\"spelling\":\"ice\",\"target\":{\"hex\":\"2eff\"}},"
                "\"before\":{},\"expected\":\"x/p/1/ice.ko\",\"module\":\"ice\",\"release\":\"6.1\"}],\"format\":1,"
                "\"kind\":\"select\",\"renews\":true,\"subjects\":[{\"driver\":\"ice\",\"from\":\"\",\"release\":"
                "\"6.1\",\"to\":\"1\"}]}",
                "{\"blocks\":[],\"changes\":[],\"directories\":[{\"after\":true,\"aside\":\".hostdriver-0-0\","
                "\"before\":false,\"inside\":true,\"place\":\"x/p/1\",\"release\":\"6.1\"}],\"files\":[{\"after\":"
                "true,\"before\":false,\"inside\":\"x/p/1/ice.ko\",\"kept\":false,\"outside\":\"updates/ice.ko\","
                "\"release\":\"6.1\"}],\"format\":2,\"kind\":\"adopt\",\"subjects\":[]}",
        };

        if (index >= ELEMENTSOF(seeds))
                return false;
        *ret_size = strlen(seeds[index]);
        *ret = g_memdup2(seeds[index], *ret_size);
        return true;
}
