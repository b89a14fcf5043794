/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the tests of sets write and compare. Every failure ends the test. */

#include "sample-set.h"

#include <glib.h>

void sample_set_add(StringSet *set, const char *words)
{
        char **list = g_strsplit(words, " ", -1);

        for (size_t i = 0; list[i]; i++)
                if (*list[i])
                        g_assert_cmpint(string_set_add(set, list[i]), >=, 0);
        g_strfreev(list);
}

void sample_set_assert(const StringSet *set, const char *words)
{
        char *joined = set->count > 0 ? g_strjoinv(" ", set->items) : g_strdup("");

        g_assert_cmpstr(joined, ==, words);
        g_free(joined);
}
