/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The private bus itself: a test that is aborted leaves no process behind that holds its output open. */

#include "private-bus.h"

#define PATIENCE_USEC (20 * G_USEC_PER_SEC)

static void test_aborted(void)
{
        PrivateBus first, second;

        if (g_test_subprocess()) {
                private_bus_init(&first);
                private_bus_init(&second);
                g_error("It is aborted.");
        }
        /* It waits until nobody has the output open any more. */
        g_test_trap_subprocess(NULL, PATIENCE_USEC, 0);
        g_assert_false(g_test_trap_reached_timeout());
        g_test_trap_assert_failed();
        g_test_trap_assert_stderr("*It is aborted.*");
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/private-bus/aborted", test_aborted);
        return g_test_run();
}
