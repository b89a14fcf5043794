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

static char *ask(const char *root, const char *release, const char *module)
{
        g_autofree char *configuration = g_build_filename(root, "etc/modprobe.d", NULL);
        const char *const argv[] = { "modprobe", "--show-depends", "-d", root, "-S", release, "-C",
                configuration, module, NULL };
        g_autofree char *output = NULL;
        g_autoptr(GError) error = NULL;
        g_auto(GStrv) lines = NULL;
        const char *last = "";

        if (!g_spawn_sync(NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL, NULL,
                            NULL, &output, NULL, NULL, &error))
                g_error("modprobe: %s", error->message);
        lines = g_strsplit(output, "\n", -1);
        /* What it depends on comes before it. */
        for (char **line = lines; *line; line++)
                if (**line != '\0')
                        last = *line;
        if (g_str_has_prefix(last, "insmod "))
                return describe_file(last);
        return g_strdup(g_str_has_prefix(last, "install ") ? "nothing, since it is blocked" : "nothing");
}

char *crash_loads(const char *root)
{
        static const char *const modules[] = { "bnx2", "cnic", "dell_laptop", "ice", "irdma", "tg3" };
        g_autofree char *path = g_build_filename(root, "lib/modules", NULL);
        g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
        GString *text = g_string_new(NULL);
        const char *release;

        g_assert_nonnull(dir);
        while ((release = g_dir_read_name(dir)))
                for (size_t i = 0; *release != '.' && i < G_N_ELEMENTS(modules); i++) {
                        g_autofree char *file = ask(root, release, modules[i]);

                        g_string_append_printf(text, "%s %s loads %s\n", release, modules[i], file);
                }
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
