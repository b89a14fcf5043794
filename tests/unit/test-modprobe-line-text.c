/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lines of modprobe.d in words: where one may be changed, and what keeps a dependency from being loaded. */

#include <glib.h>

#include "model/modprobe-line-text.h"

static ModprobeLine line_of(const char *file, const char *text)
{
        return (ModprobeLine){ MODPROBE_INSTALL, (char *) "libeth", (char *) file, 3, (char *) text };
}

static void test_place(void)
{
        const ModprobeLine etc = line_of("/etc/modprobe.d/a.conf", "/bin/true");
        const ModprobeLine usr = line_of("/usr/lib/modprobe.d/a.conf", "/bin/true");
        const ModprobeLine index = line_of("/lib/modules/6.1/modules.softdep", "pre: a");

        g_assert_cmpstr(modprobe_line_in_etc(&etc), ==, "a.conf");
        g_assert_null(modprobe_line_in_etc(&usr));
        g_assert_null(modprobe_line_in_etc(&index));
        g_assert_cmpstr(modprobe_line_advice(&etc), ==, "Remove that line.");
        g_assert_cmpstr(modprobe_line_advice(&usr), ==,
                        "Copy the file to /etc/modprobe.d and remove that line there.");
        g_assert_nonnull(g_strrstr(modprobe_line_advice(&index), "Select and deselect it again"));
}

static void test_dependency(void)
{
        const ModprobeDependency dependency = { .module = (char *) "libeth" };
        const ModprobeLine block = line_of("/etc/modprobe.d/hostdriver-libeth.conf", "/bin/false");
        const ModprobeLine other = line_of("/etc/modprobe.d/a.conf", "/bin/true");
        ModprobeLine refused = line_of("/proc/cmdline", "module_blacklist=libeth");
        char *text CLEANUP_FREE = modprobe_dependency_text(&dependency, &block, "Version 1 of ice");
        char *by_other CLEANUP_FREE = modprobe_dependency_text(&dependency, &other, "It");
        char *by_kernel CLEANUP_FREE = NULL;

        refused.command = MODPROBE_REFUSED;
        by_kernel = modprobe_dependency_text(&dependency, &refused, "It");
        g_assert_true(g_str_has_prefix(text, "Version 1 of ice can't be loaded: it needs libeth, which is "
                                             "deselected"));
        g_assert_nonnull(g_strrstr(text, "`hostdriverctl select libeth VERSION`"));
        g_assert_nonnull(g_strrstr(
                        by_other, "line 3 of /etc/modprobe.d/a.conf has modprobe run `/bin/true`"));
        g_assert_nonnull(g_strrstr(by_other, "Remove that line."));
        g_assert_nonnull(g_strrstr(by_kernel, "booted with module_blacklist=libeth"));
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/modprobe-line-text/place", test_place);
        g_test_add_func("/modprobe-line-text/dependency", test_dependency);
        return g_test_run();
}
