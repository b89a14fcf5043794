/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the kernel says of module signatures, as files of a temporary root. */

#include <glib.h>

#include "host/kernel/signature-policy.h"
#include "temp-dir.h"

#define EFIVARS "sys/firmware/efi/efivars"
#define SECURE_BOOT EFIVARS "/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"

typedef struct Fixture {
        TempDir dir;
        HostRoot *root;
        SignaturePolicy policy;
} Fixture;

static void set_up(Fixture *fixture, gconstpointer data)
{
        temp_dir_init(&fixture->dir, "signature");
        g_assert_cmpint(host_root_new(fixture->dir.path, "6.1", &fixture->root), ==, 0);
}

static void tear_down(Fixture *fixture, gconstpointer data)
{
        signature_policy_done(&fixture->policy);
        fixture->root = host_root_free(fixture->root);
        temp_dir_done(&fixture->dir);
}

static const SignaturePolicy *read_policy(Fixture *fixture)
{
        signature_policy_done(&fixture->policy);
        g_assert_cmpint(signature_policy_read(fixture->root, &fixture->policy), ==, 0);
        return &fixture->policy;
}

static void test_nothing(Fixture *fixture, gconstpointer data)
{
        const SignaturePolicy *policy = read_policy(fixture);

        g_assert_false(policy->is_enforced || policy->secure_boot || policy->keys_known);
}

static void test_enforced(Fixture *fixture, gconstpointer data)
{
        static const struct {
                const char *enforce;
                const char *lockdown;
                bool enforced;
        } rows[] = {
                { "N\n", "[none] integrity confidentiality\n", false },
                { "Y\n", "[none] integrity confidentiality\n", true },
                { "N\n", "none [integrity] confidentiality\n", true },
                { "N\n", "none integrity [confidentiality]\n", true },
                { "", "", false },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                temp_dir_write(&fixture->dir, "sys/module/module/parameters/sig_enforce", rows[i].enforce);
                temp_dir_write(&fixture->dir, "sys/kernel/security/lockdown", rows[i].lockdown);
                g_assert_cmpint(read_policy(fixture)->is_enforced, ==, rows[i].enforced);
        }
}

static void test_secure_boot(Fixture *fixture, gconstpointer data)
{
        char *path CLEANUP_FREE = temp_dir_path(&fixture->dir, SECURE_BOOT);

        temp_dir_mkdir(&fixture->dir, EFIVARS);
        g_assert_true(g_file_set_contents(path, "\x06\0\0\0\x01", 5, NULL));
        g_assert_true(read_policy(fixture)->secure_boot);
        g_assert_true(g_file_set_contents(path, "\x06\0\0\0\0", 5, NULL));
        g_assert_false(read_policy(fixture)->secure_boot);
        g_assert_true(g_file_set_contents(path, "\x06\0\0\0", 4, NULL));
        g_assert_false(read_policy(fixture)->secure_boot);
}

static void test_keys(Fixture *fixture, gconstpointer data)
{
        const SignaturePolicy *policy;

        temp_dir_write(&fixture->dir, "proc/keys",
                        "0a1b2c3d I------     1 perm 1f030000     0     0 asymmetri Debian Secure Boot CA: "
                        "6ccece7e4c6c0d1f6149f3dd27dfcc5cbb419ea1: X509.rsa bb419ea1 []\n"
                        "0b1b2c3d I------     1 perm 1f030000     0     0 asymmetri Example: Kernel: key: "
                        "0123456789abcdef: X509.rsa 89abcdef []\n"
                        "0c1b2c3d I--Q---     1 perm 3f030000     0     0 keyring   _ses: 1\n"
                        "0d1b2c3d I------     1 perm 1f030000     0     0 asymmetri cut off");
        policy = read_policy(fixture);
        g_assert_true(policy->keys_known);
        g_assert_cmpuint(policy->keys.count, ==, 3);
        g_assert_true(string_set_contains(&policy->keys, "Debian Secure Boot CA"));
        g_assert_true(string_set_contains(&policy->keys, "Example: Kernel: key"));
        g_assert_true(string_set_contains(&policy->keys, "Kernel: key"));
}

#define ADD(name, function) g_test_add("/signature-policy/" name, Fixture, NULL, set_up, function, tear_down)

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        ADD("nothing", test_nothing);
        ADD("enforced", test_enforced);
        ADD("secure-boot", test_secure_boot);
        ADD("keys", test_keys);
        return g_test_run();
}
