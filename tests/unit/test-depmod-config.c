/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* depmod.d's lines, with all that depmod takes and ignores, and the files that they come from. */

#include <glib.h>
#include <sys/stat.h>

#include "host/index/depmod-config.h"
#include "temp-dir.h"

/* "search NAME", "override PATH", …: one line for each thing that CONFIG says. */
static char *describe(const DepmodConfig *config)
{
        static const char *const kinds[] = { "", "(built-in)", "(external)" };
        GString *text = g_string_new(NULL);

        for (size_t i = 0; i < config->search_count; i++)
                g_string_append_printf(text, "search %s%s\n", config->searches[i].directory,
                                kinds[config->searches[i].kind]);
        for (size_t i = 0; i < config->override_count; i++)
                g_string_append_printf(text, "override %s\n", config->overrides[i].path);
        for (size_t i = 0; i < config->external_count; i++)
                g_string_append_printf(text, "external %s\n", config->externals[i].name);
        for (size_t i = 0; i < config->exclude_count; i++)
                g_string_append_printf(text, "exclude %s\n", config->excludes[i].name);
        return g_string_free(text, FALSE);
}

static void test_lines(void)
{
        static const struct {
                const char *text;
                const char *expected;
        } rows[] = {
                { "", "" },
                { "\n# search x\n\n", "" },
                { "search updates built-in\n", "search updates\nsearch (built-in)\n" },
                { "search\tupdates  extra", "search updates\nsearch extra\n" },
                { "search a\nsearch external b\n", "search a\nsearch (external)\nsearch b\n" },
                { "search a \\\n b\n", "search a\nsearch b\n" },
                { "search a\\b\n", "search ab\n" },
                { "  search a\n", "search a\n" },
                { " # search a\n", "" },
                { "search a # b\n", "search a\nsearch #\nsearch b\n" },
                { "override ice * updates\n", "override updates/ice\n" },
                { "override ice 4.19.0 updates more words\n", "override updates/ice\n" },
                { "override ice ^4[.]19[.]0[+]1$ updates\n", "override updates/ice\n" },
                /* As it stands, a plus means something else. */
                { "override ice 4.19.0+1 updates\n", "" },
                { "override ice 4\\.19\\.0\\+1 updates\n", "" },
                { "override ice 5.* updates\n", "" },
                { "override ice [ updates\n", "" },
                { "override ice *\n", "" },
                { "override ice\noverride\n", "" },
                { "external * /opt/a /opt/b\n", "external /opt/a\n" },
                { "external 5 /opt/a\nexternal 4 /opt/b\nexternal 4\n", "external /opt/b\n" },
                { "exclude a b\nexclude c\n", "exclude a\nexclude b\nexclude c\n" },
                { "nonsense a b\ninclude x\nmake_map_files yes\nsearch\n", "" },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
                DepmodConfig config CLEANUP_DEPMOD_CONFIG = { 0 };
                g_autofree char *text = NULL;

                g_test_message("%s", rows[i].text);
                g_assert_cmpint(depmod_config_parse(&config, "4.19.0+1", "/f", rows[i].text), ==, 0);
                text = describe(&config);
                g_assert_cmpstr(text, ==, rows[i].expected);
        }
}

static void test_files(void)
{
        TempDir dir CLEANUP_TEMP_DIR = { 0 };
        HostRoot *root CLEANUP(host_root_freep) = NULL;
        DepmodConfig config CLEANUP_DEPMOD_CONFIG = { 0 };
        g_autofree char *text = NULL;

        temp_dir_init(&dir, "depmod-config");
        temp_dir_link(&dir, "lib", "usr/lib");
        temp_dir_write(&dir, "usr/lib/depmod.d/b.conf", "search masked\n");
        temp_dir_write(&dir, "usr/lib/depmod.d/a.conf", "search first\n");
        temp_dir_write(&dir, "run/depmod.d/d.conf", "override ice * run\n");
        temp_dir_write(&dir, "usr/local/lib/depmod.d/c.conf", "search third\n");
        temp_dir_write(&dir, "etc/depmod.d/b.conf", "search second\n");
        temp_dir_write(&dir, "etc/depmod.d/zz.conf", "override ice * etc\n");
        temp_dir_write(&dir, "etc/depmod.d/.hidden.conf", "search hidden\n");
        temp_dir_write(&dir, "etc/depmod.d/.conf", "search hidden\n");
        temp_dir_write(&dir, "etc/depmod.d/other.bak", "search other\n");
        /* A directory doesn't stand for the file of its name that comes later, but a link to nothing does.
         */
        temp_dir_mkdir(&dir, "etc/depmod.d/a.conf");
        temp_dir_link(&dir, "etc/depmod.d/e.conf", "/no/where");
        temp_dir_write(&dir, "usr/lib/depmod.d/e.conf", "search nowhere\n");
        g_assert_cmpint(mkfifoat(dir.fd, "etc/depmod.d/fifo.conf", 0600), ==, 0);
        temp_dir_link(&dir, "etc/depmod.d/link.conf", "../../extra");
        temp_dir_write(&dir, "extra", "exclude linked\n");
        g_assert_cmpint(host_root_new(dir.path, "6.1", &root), ==, 0);
        g_assert_cmpint(depmod_config_read(root, "6.1", &config), ==, 0);
        text = describe(&config);
        g_assert_cmpstr(text, ==,
                        "search first\nsearch second\nsearch third\noverride run/ice\noverride etc/ice\n"
                        "exclude linked\n");
        g_assert_cmpstr(config.overrides[0].file, ==, "/run/depmod.d/d.conf");
        g_assert_cmpstr(config.overrides[1].file, ==, "/etc/depmod.d/zz.conf");
}

static void test_no_files(void)
{
        TempDir dir CLEANUP_TEMP_DIR = { 0 };
        HostRoot *root CLEANUP(host_root_freep) = NULL;
        DepmodConfig config CLEANUP_DEPMOD_CONFIG = { 0 };
        g_autofree char *text = NULL;

        temp_dir_init(&dir, "depmod-config");
        g_assert_cmpint(host_root_new(dir.path, "6.1", &root), ==, 0);
        g_assert_cmpint(depmod_config_read(root, "6.1", &config), ==, 0);
        text = describe(&config);
        g_assert_cmpstr(text, ==, "search updates\n");
}

/* glibc would take all memory for these; depmod then can't do with them either. */
static void test_expensive(void)
{
        static const char *const patterns[] = { "4++++++++++++++++++++++++++++++++++++++++++++++++++",
                "((((4{1,9999}){1,9999}){1,9999}){1,9999}).*", "4*?+*?+*?+*?+*?+*?+*?+*?+*?+*?+*?+*?+" };

        for (size_t i = 0; i < G_N_ELEMENTS(patterns); i++) {
                DepmodConfig config CLEANUP_DEPMOD_CONFIG = { 0 };
                g_autofree char *text = g_strdup_printf(
                                "override ice %s d\noverride ice 4[.]1{1}9.* e\n", patterns[i]);

                g_assert_cmpint(depmod_config_parse(&config, "4.19.0+1", "/f", text), ==, 0);
                g_assert_cmpuint(config.override_count, ==, 1);
                g_assert_cmpstr(config.overrides[0].path, ==, "e/ice");
        }
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/depmod-config/lines", test_lines);
        g_test_add_func("/depmod-config/files", test_files);
        g_test_add_func("/depmod-config/no-files", test_no_files);
        g_test_add_func("/depmod-config/expensive", test_expensive);
        return g_test_run();
}
