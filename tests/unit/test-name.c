/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Names as tables. */

#include <errno.h>
#include <glib.h>
#include <string.h>

#include "host/name.h"
#include "temp-dir.h"

static void test_check(void)
{
        static const struct {
                const char *name;
                NameDefect defect;
        } rows[] = {
                { "1.11.17.1", NAME_VALID },
                { "...", NAME_VALID },
                { " leading blank", NAME_VALID },
                { "fünf-\xf0\x9f\x98\x80", NAME_VALID },
                { "\xc2\xa0", NAME_VALID },                 /* U+00A0, just behind C1 */
                { "\xed\x9f\xbf\xee\x80\x80", NAME_VALID }, /* either side of the surrogates */
                { "\xf4\x8f\xbf\xbf", NAME_VALID },         /* U+10FFFF */
                { "", NAME_EMPTY },
                { ".", NAME_RESERVED },
                { "..", NAME_RESERVED },
                { "a/b", NAME_SLASH },
                { "a\nb", NAME_CONTROL },
                { "\x1b[31m", NAME_CONTROL },
                { "a\x7f", NAME_CONTROL },
                { "a\xc2\x9f", NAME_CONTROL }, /* U+009F, the last of C1 */
                { "\xff", NAME_NOT_UTF8 },
                { "\x80", NAME_NOT_UTF8 },
                { "a\xc3", NAME_NOT_UTF8 },            /* cut off */
                { "\xc0\xaf", NAME_NOT_UTF8 },         /* an overlong slash */
                { "\xe0\x80\xaf", NAME_NOT_UTF8 },     /* and a longer one */
                { "\xed\xa0\x80", NAME_NOT_UTF8 },     /* a surrogate */
                { "\xf4\x90\x80\x80", NAME_NOT_UTF8 }, /* U+110000 */
                { "\xf8\x88\x80\x80\x80", NAME_NOT_UTF8 },
        };
        char longest[NAME_BYTES_MAX + 2];

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                g_test_message("row %zu", i);
                g_assert_cmpint(name_check(rows[i].name), ==, rows[i].defect);
        }
        memset(longest, 'a', sizeof(longest) - 1);
        longest[sizeof(longest) - 1] = '\0';
        g_assert_cmpint(name_check(longest), ==, NAME_TOO_LONG);
        longest[NAME_BYTES_MAX] = '\0';
        g_assert_cmpint(name_check(longest), ==, NAME_VALID);
}

static void test_defect_text(void)
{
        for (int i = NAME_VALID; i <= NAME_SLASH; i++)
                for (int j = i + 1; j <= NAME_SLASH; j++)
                        g_assert_cmpstr(name_defect_text((NameDefect) i), !=,
                                        name_defect_text((NameDefect) j));
        g_assert_cmpstr(name_defect_text(NAME_CONTROL), ==, "holds a control character");
}

static void test_escape(void)
{
        static const char *const rows[][2] = {
                { "", "" },
                { "1.2 fünf", "1.2 fünf" },
                { "a\nb\x7f", "a\\x0ab\\x7f" },
                { "\xff\xc3(", "\\xff\\xc3(" },
                { "\xc2\x9f", "\\xc2\\x9f" },
                { "\xe2\x80\xae txt", "\\xe2\\x80\\xae txt" }, /* U+202E, right-to-left override */
                { "a/b\\", "a/b\\" },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                char *escaped CLEANUP_FREE = name_escape(rows[i][0]);

                g_assert_cmpstr(escaped, ==, rows[i][1]);
        }
}

static void test_module(void)
{
        static const struct {
                const char *name;
                const char *canonical; /* NULL: none */
        } rows[] = {
                { "ice", "ice" },
                { "dell-laptop", "dell_laptop" },
                { "i40e_-x", "i40e__x" },
                { "8139too", "8139too" },
                { "", NULL },
                { "a b", NULL },
                { "a.b", NULL },
                { "../x", NULL },
                { "a\n", NULL },
                { "fünf", NULL },
        };
        char longest[70];

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                char *name CLEANUP_FREE = NULL;

                g_assert_cmpint(module_name_canonical(rows[i].name, &name), ==,
                                rows[i].canonical ? 0 : -EINVAL);
                g_assert_cmpstr(name, ==, rows[i].canonical);
        }
        memset(longest, 'm', sizeof(longest));
        for (size_t length = 50; length < sizeof(longest); length++) {
                char *name CLEANUP_FREE = NULL;

                longest[length] = '\0';
                /* 55 bytes on a 64-bit kernel, 59 on a 32-bit one. */
                g_assert_cmpint(module_name_canonical(longest, &name), ==,
                                length <= 63 - sizeof(long) ? 0 : -EINVAL);
                longest[length] = 'm';
        }
}

static void test_file(void)
{
        static const struct {
                const char *file;
                size_t stem; /* 0: no module file */
                const char *name;
        } rows[] = {
                { "ice.ko", 3, "ice" },
                { "dell-laptop.ko.xz", 11, "dell_laptop" },
                { "a.ko.gz", 1, "a" },
                { "a.ko.zst", 1, "a" },
                { ".ko", 0, NULL },
                { ".ko.xz", 0, NULL },
                { "ice", 0, NULL },
                { "ice.ko.bz2", 0, NULL },
                { "ice.ko.tmp", 0, NULL },
                { "ice.KO", 0, NULL },
                { "iceko", 0, NULL },
                { ".ice.ko", 0, NULL },
                { "ice.ko.ko", 0, NULL },
                { "a b.ko", 0, NULL },
                { "", 0, NULL },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                char *name CLEANUP_FREE = NULL;

                g_test_message("%s", rows[i].file);
                g_assert_cmpuint(module_file_stem(rows[i].file), ==, rows[i].stem);
                g_assert_cmpint(module_name_from_file(rows[i].file, &name), ==,
                                rows[i].stem > 0 ? 0 : -EINVAL);
                g_assert_cmpstr(name, ==, rows[i].name);
        }
}

/* What the real depmod says to it; it writes nothing. */
static bool depmod_takes(const TempDir *dir, const char *name)
{
        const char *argv[] = { "depmod", "-n", "-C", "/dev/null", "-b", dir->path, name, NULL };
        g_autofree char *directory = g_strdup_printf("lib/modules/%s", name);
        g_autoptr(GError) error = NULL;
        int status;

        temp_dir_mkdir(dir, directory);
        g_assert_true(g_spawn_sync(NULL, (char **) argv, NULL,
                        G_SPAWN_LEAVE_DESCRIPTORS_OPEN | G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL |
                                        G_SPAWN_STDERR_TO_DEV_NULL,
                        NULL, NULL, NULL, NULL, &status, &error));
        g_assert_no_error(error);
        return status == 0;
}

static void test_kernel_release(void)
{
        static const struct {
                const char *name;
                bool is_release;
        } rows[] = {
                { "6.1.0-50-amd64", true },
                { "4.19.0+1", true },
                { "6.1", true },
                { "06.1foo", true },
                { "6.1.", true },
                { "6", false },
                { "6.", false },
                { "6.x", false },
                { ".6", false },
                { "v6.1", false },
                { "linux-6.1", false },
                { "kernel", false },
        };
        TempDir dir CLEANUP_TEMP_DIR = { 0 };

        temp_dir_init(&dir, "name");
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                g_test_message("%s", rows[i].name);
                g_assert_cmpint(name_is_kernel_release(rows[i].name), ==, rows[i].is_release);
                g_assert_cmpint(depmod_takes(&dir, rows[i].name), ==, rows[i].is_release);
        }
        g_assert_false(name_is_kernel_release(""));
        g_assert_false(name_is_kernel_release("-6.1"));
        g_assert_false(name_is_kernel_release(" 6.1"));
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/name/check", test_check);
        g_test_add_func("/name/defect-text", test_defect_text);
        g_test_add_func("/name/escape", test_escape);
        g_test_add_func("/name/module", test_module);
        g_test_add_func("/name/file", test_file);
        g_test_add_func("/name/kernel-release", test_kernel_release);
        return g_test_run();
}
