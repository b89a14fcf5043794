/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Refusals are values: the last one counts, and an error of ours that is blamed on something stays one. */

#include <errno.h>
#include <glib.h>

#include "change/refusal.h"

static void test_refuse(void)
{
        Refusal refusal CLEANUP_REFUSAL = { 0 };

        g_assert_cmpint(refuse(&refusal, REFUSAL_BUSY, "Job %d runs.", 1), ==, -ECANCELED);
        g_assert_cmpint(refuse(&refusal, REFUSAL_IN_USE, "Job %d runs.", 2), ==, -ECANCELED);
        g_assert_cmpint(refusal.kind, ==, REFUSAL_IN_USE);
        g_assert_cmpstr(refusal.sentence, ==, "Job 2 runs.");
        refusal_done(&refusal);
        g_assert_cmpint(refusal.kind, ==, REFUSAL_NONE);
        g_assert_null(refusal.sentence);
}

static void test_blame(void)
{
        static const int untold[] = { 0, 1, -ECANCELED, -ENOMEM };
        Refusal refusal CLEANUP_REFUSAL = { 0 };

        for (size_t i = 0; i < G_N_ELEMENTS(untold); i++) {
                g_assert_cmpint(refusal_blame(&refusal, untold[i], "/%s", "a"), ==, untold[i]);
                g_assert_cmpint(refusal.kind, ==, REFUSAL_NONE);
        }
        g_assert_cmpint(refusal_blame(&refusal, -ENOSPC, "/%s", "a"), ==, -ENOSPC);
        g_assert_cmpint(refusal.kind, ==, REFUSAL_FAILED);
        g_assert_cmpstr(refusal.sentence, ==, "/a could not be written: No space left on device.");
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/refusal/refuse", test_refuse);
        g_test_add_func("/refusal/blame", test_blame);
        return g_test_run();
}
