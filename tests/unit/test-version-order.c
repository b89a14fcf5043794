/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The order of versions, against `systemd-analyze compare-versions` and against the laws of an order. */

#include <glib.h>
#include <sys/wait.h>

#include "model/version-order.h"

#define RANDOM_SEED 20240229
#define ORACLE_PAIRS 60
#define VERSION_SIZE 16

/* Without closing descriptors, which are closed on exec anyway, GLib has no need to fork: with the address
 * sanitizer that takes longer than the program. */
#define QUIETLY (G_SPAWN_LEAVE_DESCRIPTORS_OPEN | G_SPAWN_STDOUT_TO_DEV_NULL)

static const struct {
        const char *a, *b;
        int order;
} table[] = {
        { "", "", 0 },
        { "1", "1", 0 },
        { "1", "", 1 },
        { "~", "", -1 },
        { "1.6.4", "1.11.17.1", -1 },
        { "1.11.17.1", "1.11.17", 1 },
        { "1.0", "1.0~rc1", 1 },
        { "1.0~rc1", "1.0~rc2", -1 },
        { "1.0~~", "1.0~", 1 },
        { "1.0^20240101", "1.0", 1 },
        { "1.0^20240101", "1.0.1", -1 },
        { "1.0-1", "1.0.1", -1 },
        { "1.0-1", "1.0^1", -1 },
        { "1.0-1", "1.0", 1 },
        { "1.01", "1.1", 0 },
        { "00000000000000000000000000000000001", "1", 0 },
        { "99999999999999999999999999999999998", "99999999999999999999999999999999999", -1 },
        { "1a", "1.1", 1 },
        { "1.a", "1.1", -1 },
        { "1.A", "1.a", -1 },
        { "abc", "abcd", -1 },
        { "1_2", "12", -1 },
        { "1_2", "1 2", 0 },
        { "1_2", "1+2", 0 },
        { "_", "", 0 },
        { "_~", "~_", -1 },
        { "~_~", "~~", 0 },
        { "1.0\xc3\xa9", "1.0", 0 },
        { "\xff\xfe", "", 0 },
        { "5.10.0-8-amd64", "5.10.0-10-amd64", -1 },
        { "kernel", "1", -1 },
        { "intel-ice/1.6.4", "intel-ice/1.11", -1 },
};

/* What systemd-analyze said of the pairs that RANDOM_SEED makes, one after the other: a process for each
 * would take longer than all else here. */
static const char recorded[] =
                "><><<><<>>><<<><>><><<<><><>><<>><<><<>>><<>>><>><><><>><<>>>>><>=><><<<<<<><>>>><>><<>><>><>>>><<><"
                "><><<>><<<<>><<><>><><<>>>>><><><<<><<<<>><<>><<><<<<<><<<><><<<><<><<>><<>>>>>><><<>><>>>>=>>><<<>>"
                "><<=<>><>>><<<>=>>><>><<<<<><>><><<<<>><<<<<<<><<<<>>=<><>><>><<<>=>><><><><><><><><<>>>>><><<><><<<"
                "<><<<><<<<<><><>><<>><>><<<>>>><<>><><>>>>>><<><><><=<><<<>>><>><><<><>>>>>><<>><<<<<<<><>>>><>>><><"
                "=<<><>><><<<>>>><><><<><=><><>>><><<<<<<<>><>>>=>><<>>>>><>><<<>><><<><><=<>><<<<<<><><<<><><<><><<<"
                "<<<>>>>><<<<><><<<>>><<><>=<=<><<>>==<>><><<><<<>><><>=>><>><><><<<<><<>><<><><<>><<<<>><>><><><><>>";

static int sign(int order)
{
        return (order > 0) - (order < 0);
}

static char *find_oracle(void)
{
        char *oracle = g_find_program_in_path("systemd-analyze");
        int status = -1;

        if (oracle) {
                char *command[] = { oracle, (char *) "compare-versions", (char *) "1", (char *) "1", NULL };

                if (g_spawn_sync(NULL, command, NULL, QUIETLY | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, NULL,
                                    NULL, &status, NULL) &&
                                status == 0)
                        return oracle;
        }
        g_free(oracle);
        return NULL;
}

/* What the oracle says: its exit code is 0, 11 or 12. */
static int ask_oracle(char *oracle, const char *a, const char *b)
{
        char *command[] = { oracle, (char *) "compare-versions", (char *) "--", (char *) a, (char *) b,
                NULL };
        int status = -1;

        g_assert_true(g_spawn_sync(NULL, command, NULL, QUIETLY, NULL, NULL, NULL, NULL, &status, NULL));
        g_assert_true(WIFEXITED(status));
        switch (WEXITSTATUS(status)) {
        case 0:
                return 0;
        case 11:
                return 1;
        case 12:
                return -1;
        default:
                g_error("systemd-analyze compare-versions '%s' '%s' exits %d", a, b, WEXITSTATUS(status));
        }
}

/* Short strings of few characters, so that two of them often share a beginning. */
static void make_version(GRand *random, char version[static VERSION_SIZE])
{
        static const char *const alphabets[] = { "~-^.01a_", "~^.0_", "ab1.-~+ ", "019.", "~_", "aB.1" };
        const char *alphabet = alphabets[g_rand_int_range(random, 0, G_N_ELEMENTS(alphabets))];
        int length = g_rand_int_range(random, 0, 8), size = (int) strlen(alphabet);

        for (int i = 0; i < length; i++)
                version[i] = alphabet[g_rand_int_range(random, 0, size)];
        version[length] = '\0';
}

static void test_table(void)
{
        for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
                if (sign(version_compare(table[i].a, table[i].b)) != table[i].order)
                        g_error("'%s' and '%s': not %d", table[i].a, table[i].b, table[i].order);
                g_assert_cmpint(sign(version_compare(table[i].b, table[i].a)), ==, -table[i].order);
        }
}

static void test_recorded(void)
{
        GRand *random = g_rand_new_with_seed(RANDOM_SEED);

        for (const char *answer = recorded; *answer != '\0'; answer++) {
                char a[VERSION_SIZE], b[VERSION_SIZE];

                make_version(random, a);
                make_version(random, b);
                if ("<=>"[sign(version_compare(a, b)) + 1] != *answer)
                        g_error("'%s' and '%s': %d, but systemd-analyze said %c", a, b,
                                        version_compare(a, b), *answer);
        }
        g_rand_free(random);
}

/* Other pairs with each run. `--seed=` with the seed that a failure prints makes the same again. */
static void test_oracle(void)
{
        char *oracle = find_oracle();
        GRand *random;

        if (!oracle) {
                g_test_skip("there is no systemd-analyze that knows compare-versions");
                return;
        }
        for (size_t i = 0; i < G_N_ELEMENTS(table); i++)
                if (ask_oracle(oracle, table[i].a, table[i].b) != table[i].order)
                        g_error("the table is wrong about '%s' and '%s'", table[i].a, table[i].b);
        random = g_rand_new_with_seed((guint32) g_test_rand_int());
        for (unsigned i = 0; i < ORACLE_PAIRS; i++) {
                char a[VERSION_SIZE], b[VERSION_SIZE];
                int expected;

                make_version(random, a);
                make_version(random, b);
                expected = ask_oracle(oracle, a, b);
                if (sign(version_compare(a, b)) != expected)
                        g_error("'%s' and '%s': %d, but systemd-analyze says %d", a, b,
                                        version_compare(a, b), expected);
        }
        g_rand_free(random);
        g_free(oracle);
}

static void test_laws(void)
{
        GRand *random = g_rand_new_with_seed(RANDOM_SEED);

        for (unsigned i = 0; i < 100000; i++) {
                char a[VERSION_SIZE], b[VERSION_SIZE], c[VERSION_SIZE];

                make_version(random, a);
                make_version(random, b);
                make_version(random, c);
                g_assert_cmpint(version_compare(a, a), ==, 0);
                g_assert_cmpint(sign(version_compare(a, b)), ==, -sign(version_compare(b, a)));
                if (version_compare(a, b) <= 0 && version_compare(b, c) <= 0 && version_compare(a, c) > 0)
                        g_error("'%s' <= '%s' <= '%s', but not transitively", a, b, c);
        }
        g_rand_free(random);
}

static void test_total(void)
{
        g_assert_cmpint(version_compare("1.01", "1.1"), ==, 0);
        g_assert_cmpint(version_compare_total("1.01", "1.1"), <, 0);
        g_assert_cmpint(version_compare_total("1.1", "1.01"), >, 0);
        g_assert_cmpint(version_compare_total("1.1", "1.1"), ==, 0);
        g_assert_cmpint(version_compare_total("1.10", "1.9"), >, 0);
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/version-order/table", test_table);
        g_test_add_func("/version-order/recorded", test_recorded);
        g_test_add_func("/version-order/oracle", test_oracle);
        g_test_add_func("/version-order/laws", test_laws);
        g_test_add_func("/version-order/total", test_total);
        return g_test_run();
}
