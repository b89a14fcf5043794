/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where xapi's stand-in for driver-tool is looked for, and by what it is known. */

#include <glib.h>

#include "host/driver-tool-mock.h"
#include "sample-root.h"

#define PATH "/usr/sbin/driver-tool"

/* What xapi writes, in short. */
static const char mock[] = "#!/usr/bin/env bash\n"
                           "# Options aren't checked, as this is a mock.\n"
                           "cat <<EOF\n"
                           "{ \"drivers\": { \"a\": { \"friendly_name\": \"a\", \"variants\": {\n"
                           "  \"generic\": { \"version\": \"1\", \"hardware_present\": false } } } } }\n"
                           "EOF\n";

static void check(const char *path, const char *text, const char *config, const char *fragment,
                const char *expected)
{
        SampleRoot sample CLEANUP(sample_root_done) = { 0 };
        char *found CLEANUP_FREE = NULL;

        sample_root_init(&sample, SAMPLE_KERNEL);
        if (text)
                temp_dir_write(&sample.dir, path + 1, text);
        if (config)
                temp_dir_write(&sample.dir, "etc/xapi.conf", config);
        if (fragment)
                temp_dir_write(&sample.dir, "etc/xapi.conf.d/50-tool.conf", fragment);
        g_assert_cmpint(driver_tool_mock_find(sample.root, &found), ==, expected ? 1 : 0);
        g_assert_cmpstr(found, ==, expected);
}

static void test_content(void)
{
        static const char *const others[] = {
                "",
                "#!/bin/sh\nexec /usr/libexec/hostdriver/driver-tool \"$@\"\n",
                "#!/usr/bin/env python3\nfrom xcp.dmv import DriverMultiVersionManager\n",
                "#!/usr/bin/env python3\nx = { \"friendly_name\": n, \"hardware_present\": p(ids) }\n",
                "\177ELF mock \"friendly_name\" \"hardware_present\"",
        };

        check(PATH, mock, NULL, NULL, PATH);
        check(PATH, NULL, NULL, NULL, NULL);
        for (size_t i = 0; i < G_N_ELEMENTS(others); i++)
                check(PATH, others[i], NULL, NULL, NULL);
}

/* As xapi reads its configuration: the last line counts, and those of fragments come later. */
static void test_config(void)
{
        static const char elsewhere[] = "/opt/tool";

        check(PATH, mock, "# drivertool = /opt/tool\nother-drivertool = /opt/tool\n", NULL, PATH);
        check(PATH, mock, "drivertool = /opt/tool\n", NULL, NULL);
        check(elsewhere, mock, "drivertool=/opt/tool # here\n", NULL, elsewhere);
        check(elsewhere, mock, "drivertool = \"/opt/tool\"\t\n", NULL, elsewhere);
        check(elsewhere, mock, "drivertool = /opt/other\nlog = all\ndrivertool = '/opt/tool'", NULL,
                        elsewhere);
        check(elsewhere, mock, "drivertool = /opt/other\n", "drivertool = /opt/tool\n", elsewhere);
        check(elsewhere, mock, "drivertool = /opt/tool\n", "drivertool = /opt/other\n", NULL);
        check(elsewhere, mock, "drivertool\n=\ndrivertool =\ndrivertool = \"\n", NULL, NULL);
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/driver-tool-mock/content", test_content);
        g_test_add_func("/driver-tool-mock/config", test_config);
        return g_test_run();
}
