/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What commands of install lines do, by their words. */

#include <glib.h>

#include "model/modprobe-meaning.h"

static void test_commands(void)
{
        static const struct {
                const char *command;
                InstallMeaning meaning;
        } rows[] = {
                { "/bin/false", INSTALL_NOTHING },
                { "", INSTALL_NOTHING },
                { "  \r", INSTALL_NOTHING },
                { ":", INSTALL_NOTHING },
                { "# modprobe -i dell_laptop", INSTALL_NOTHING },
                { "/usr/bin/true $CMDLINE_OPTS", INSTALL_NOTHING },
                { "/bin/echo no >&2; exit 1", INSTALL_NOTHING },
                { "logger no && /bin/false||:", INSTALL_NOTHING },
                { "echo no;insmod /x.ko", INSTALL_UNKNOWN },
                { "true |/opt/load", INSTALL_UNKNOWN },
                { "echo `/opt/load`", INSTALL_UNKNOWN },
                { "echo $(/opt/load)", INSTALL_UNKNOWN },
                { "/opt/true/load", INSTALL_UNKNOWN },
                { "falsehood", INSTALL_UNKNOWN },
                { "/sbin/modprobe --ignore-install dell-laptop $CMDLINE_OPTS", INSTALL_LOADS },
                { "modprobe -i -q dell_laptop", INSTALL_LOADS },
                { "modprobe first; modprobe --ignore-install dell_laptop && true", INSTALL_LOADS },
                { "modprobe --ignore-install first; modprobe dell_laptop", INSTALL_UNKNOWN },
                { "modprobe --ignore-install dell_laptops", INSTALL_UNKNOWN },
                { "insmod -i dell_laptop", INSTALL_UNKNOWN },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
                g_test_message("%s", rows[i].command);
                g_assert_cmpint(install_meaning(rows[i].command, "dell_laptop"), ==, rows[i].meaning);
        }
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/modprobe-meaning/commands", test_commands);
        return g_test_run();
}
