/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Runs modprobe with --show-depends, which loads nothing. Files are compared by what they hold: an adopted
 * one has two names for a while. */

#include "crash-loads.h"

#include <glib.h>
#include <string.h>

#define GONE "nothing, since the file is gone"

/* What "insmod /lib/modules/…/ice.ko " names. */
static char *describe_file(const char *line)
{
        g_autofree char *path = g_strstrip(g_strdup(line + strlen("insmod ")));
        g_autofree char *content = NULL, *sum = NULL;
        gsize size;

        if (!g_file_get_contents(path, &content, &size, NULL))
                return g_strdup(GONE);
        sum = g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *) content, size);
        return g_steal_pointer(&sum);
}

/* What modprobe would do last is what the name itself stands for: what that depends on comes before. */
static char *describe(const char *last)
{
        if (g_str_has_prefix(last, "insmod "))
                return describe_file(last);
        return g_strdup(g_str_has_prefix(last, "install ") ? "nothing, since it is blocked" : "nothing");
}

/* One shell for all: to fork this process, with its sanitizers, takes longer than all the rest. */
static const char script[] = "for path in \"$0\"/lib/modules/*; do\n"
                             "    release=${path##*/}\n"
                             "    for module in bnx2 cnic dell_laptop ice irdma tg3; do\n"
                             "        echo \"= $release $module\"\n"
                             "        modprobe --show-depends -d \"$0\" -S \"$release\" "
                             "-C \"$0/etc/modprobe.d\" \"$module\"\n"
                             "    done\n"
                             "done\n"
                             "echo '= '\n";

char *crash_loads(const char *root)
{
        const char *const argv[] = { "/bin/sh", "-c", script, root, NULL };
        g_autofree char *output = NULL;
        g_autoptr(GError) error = NULL;
        g_auto(GStrv) lines = NULL;
        const char *asked = NULL, *last = "";
        GString *text = g_string_new(NULL);

        if (!g_spawn_sync(NULL, (char **) argv, NULL, G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, &output, NULL,
                            NULL, &error))
                g_error("modprobe: %s", error->message);
        lines = g_strsplit(output, "\n", -1);
        for (char **line = lines; *line; line++) {
                if (!g_str_has_prefix(*line, "= ")) {
                        last = **line != '\0' ? *line : last;
                        continue;
                }
                if (asked) {
                        g_autofree char *file = describe(last);

                        g_string_append_printf(text, "%s loads %s\n", asked, file);
                }
                asked = *line + strlen("= ");
                last = "";
        }
        g_assert_cmpstr(asked, ==, ""); /* the end */
        g_assert_cmpuint(text->len, >, 0);
        return g_string_free(text, FALSE);
}

bool crash_loads_either(const char *old, const char *new, const char *now)
{
        g_auto(GStrv) before = g_strsplit(old, "\n", -1);
        g_auto(GStrv) after = g_strsplit(new, "\n", -1);
        g_auto(GStrv) lines = g_strsplit(now, "\n", -1);

        for (char **line = lines; *line; line++)
                if (!g_str_has_suffix(*line, GONE) &&
                                !g_strv_contains((const char *const *) before, *line) &&
                                !g_strv_contains((const char *const *) after, *line))
                        return false;
        return true;
}
