/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Configuration files on a temporary root. */

#include <glib.h>
#include <string.h>
#include <sys/stat.h>

#include "host/config.h"
#include "temp-dir.h"

#define MAIN_FILE "etc/hostdriver/hostdriver.conf"

typedef struct Fixture {
        TempDir dir;
        HostRoot *root;
        Config config;
} Fixture;

static void set_up(Fixture *fixture, gconstpointer data)
{
        temp_dir_init(&fixture->dir, "config");
        g_assert_cmpint(host_root_new(fixture->dir.path, "6.1", &fixture->root), ==, 0);
}

static void tear_down(Fixture *fixture, gconstpointer data)
{
        config_done(&fixture->config);
        fixture->root = host_root_free(fixture->root);
        temp_dir_done(&fixture->dir);
}

static const Config *read_config(Fixture *fixture)
{
        config_done(&fixture->config);
        g_assert_cmpint(config_read(fixture->root, &fixture->config), ==, 0);
        return &fixture->config;
}

static void assert_defaults(const Config *config)
{
        g_assert_cmpstr(config_tree_directory(config, &tree_xenserver), ==, "xenserver");
        g_assert_cmpstr(config_tree_directory(config, &tree_dmv), ==, "dmv");
        g_assert_cmpuint(config->depmod_timeout_sec, ==, 300);
        g_assert_cmpuint(config->initramfs_timeout_sec, ==, 1800);
        g_assert_cmpuint(config->exit_idle_sec, ==, 60);
}

static void test_defaults(Fixture *fixture, gconstpointer data)
{
        const Config *config = read_config(fixture);

        assert_defaults(config);
        g_assert_cmpuint(config->warnings.count, ==, 0);
}

static void test_all(Fixture *fixture, gconstpointer data)
{
        const Config *config;

        temp_dir_write(&fixture->dir, MAIN_FILE,
                        "# a comment\n; another\n\n[Trees]\nXenServer=vendor\nDmv =\n [Apply] \r\n"
                        "DepmodTimeoutSec = 5\nInitramfsTimeoutSec=86400\nInitramfs=dracut\n[Service]\nExitIdleSec=1");
        config = read_config(fixture);
        g_assert_cmpuint(config->warnings.count, ==, 0);
        g_assert_cmpstr(config_tree_directory(config, &tree_xenserver), ==, "vendor");
        g_assert_cmpstr(config_tree_directory(config, &tree_dmv), ==, "");
        g_assert_cmpuint(config->depmod_timeout_sec, ==, 5);
        g_assert_cmpuint(config->initramfs_timeout_sec, ==, 86400);
        g_assert_cmpint(config->initramfs, ==, INITRAMFS_DRACUT);
        g_assert_cmpuint(config->exit_idle_sec, ==, 1);
}

/* By name, wherever they lie; /etc's stands in for the one of the same name in /usr/lib. */
static void test_drop_ins(Fixture *fixture, gconstpointer data)
{
        const Config *config;

        temp_dir_write(&fixture->dir, MAIN_FILE, "[Service]\nExitIdleSec=1\n[Apply]\nDepmodTimeoutSec=1\n");
        temp_dir_write(&fixture->dir, "usr/lib/hostdriver/hostdriver.conf.d/50-a.conf",
                        "[Service]\nExitIdleSec=2\n");
        temp_dir_write(&fixture->dir, "etc/hostdriver/hostdriver.conf.d/10-b.conf",
                        "[Service]\nExitIdleSec=3\n[Apply]\nDepmodTimeoutSec=3\n");
        temp_dir_write(&fixture->dir, "usr/lib/hostdriver/hostdriver.conf.d/60-c.conf",
                        "[Apply]\nInitramfsTimeoutSec=4\n");
        temp_dir_write(&fixture->dir, "etc/hostdriver/hostdriver.conf.d/60-c.conf", "");
        temp_dir_write(&fixture->dir, "usr/lib/hostdriver/hostdriver.conf.d/70-d.conf", "[Trees]\nDmv=d\n");
        temp_dir_link(&fixture->dir, "etc/hostdriver/hostdriver.conf.d/70-d.conf", "/dev/null");
        temp_dir_write(&fixture->dir, "etc/hostdriver/hostdriver.conf.d/90-e.conf.rpmsave", "rubbish");
        temp_dir_write(&fixture->dir, "etc/hostdriver/hostdriver.conf.d/.hidden.conf", "rubbish");
        config = read_config(fixture);
        g_assert_cmpuint(config->warnings.count, ==, 0);
        g_assert_cmpuint(config->exit_idle_sec, ==, 2);
        g_assert_cmpuint(config->depmod_timeout_sec, ==, 3);
        g_assert_cmpuint(config->initramfs_timeout_sec, ==, 1800);
        g_assert_cmpstr(config_tree_directory(config, &tree_dmv), ==, "dmv");
}

/* Each is one warning that names the file and the line, and changes nothing. */
static void test_not_understood(Fixture *fixture, gconstpointer data)
{
        static const struct {
                const char *text;
                const char *warning;
        } rows[] = {
                { "ExitIdleSec=1\n", ":1: Unknown setting: ExitIdleSec. The line was skipped." },
                { "[Trees]\nxenserver=a\n", ":2: Unknown setting: xenserver" },
                { "[Trees]\nDmv=a/b\n", ":2: Not a valid value: a/b" },
                { "[Trees]\nDmv=..\n", ":2: Not a valid value: .." },
                { "[Trees]\nXenServer=updates\n", ":2: Not a valid value: updates" },
                { "[Trees]\nXenServer=kernel\n", ":2: Not a valid value: kernel" },
                { "[Trees]\nXenServer=a\x1b[0m\n", ":2: Not a valid value: a\\x1b[0m" },
                { "[Trees]\n\nDmv\n", ":3: Neither a section nor NAME=VALUE: Dmv" },
                { "[Trees\nDmv=a\n", ":1: The section has no closing bracket: [Trees" },
                { "[Tree]\nDmv=a\nXenServer=b\n", ":1: Unknown section: Tree" },
                { "[Service]\nExitIdleSec=0\n", ":2: Not a valid value: 0" },
                { "[Service]\nExitIdleSec=\n", ":2: Not a valid value: " },
                { "[Service]\nExitIdleSec=-1\n", ":2: Not a valid value: -1" },
                { "[Service]\nExitIdleSec=1min\n", ":2: Not a valid value: 1min" },
                { "[Service]\nExitIdleSec=86401\n", ":2: Not a valid value: 86401" },
                { "[Service]\nExitIdleSec=4294967297\n", ":2: Not a valid value: 4294967297" },
                { "[Trees]\nDmv=xenserver\n", "name the same directory" },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                const Config *config;

                g_test_message("%s", rows[i].text);
                temp_dir_write(&fixture->dir, MAIN_FILE, rows[i].text);
                config = read_config(fixture);
                g_assert_cmpuint(config->warnings.count, >=, 1);
                g_assert_nonnull(strstr(config->warnings.items[0], rows[i].warning));
                if (i + 1 < ELEMENTSOF(rows)) {
                        assert_defaults(config);
                        g_assert_true(g_str_has_prefix(config->warnings.items[0], "/" MAIN_FILE ":"));
                }
        }
        g_assert_cmpstr(config_tree_directory(&fixture->config, &tree_dmv), ==, "");
}

static void test_rubbish(Fixture *fixture, gconstpointer data)
{
        char *path CLEANUP_FREE = temp_dir_path(&fixture->dir, MAIN_FILE);
        const Config *config;

        temp_dir_write(&fixture->dir, MAIN_FILE, "");
        g_assert_true(g_file_set_contents(path, "\0\0[\xff]\n=\n[]\n]", 12, NULL));
        assert_defaults(read_config(fixture));
        /* A loop of links, as of a broken package. */
        g_assert_cmpint(unlinkat(fixture->dir.fd, MAIN_FILE, 0), ==, 0);
        temp_dir_link(&fixture->dir, MAIN_FILE, "hostdriver.conf");
        config = read_config(fixture);
        assert_defaults(config);
        g_assert_cmpuint(config->warnings.count, ==, 1);
        g_assert_nonnull(strstr(
                        config->warnings.items[0], "/etc/hostdriver/hostdriver.conf can't be read: "));
}

#define ADD(name, function) g_test_add("/config/" name, Fixture, NULL, set_up, function, tear_down)

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        ADD("defaults", test_defaults);
        ADD("all", test_all);
        ADD("drop-ins", test_drop_ins);
        ADD("not-understood", test_not_understood);
        ADD("rubbish", test_rubbish);
        return g_test_run();
}
