/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads links, override lines and block files with nothing of the code under test. */

#include "disk-state.h"

#include <glib.h>
#include <string.h>

static void add_entry(GPtrArray *lines, const char *directory, const char *shown, const char *name)
{
        char *path = g_build_filename(directory, name, NULL);
        char *target = g_file_read_link(path, NULL);
        char *text = NULL;

        if (target)
                g_ptr_array_add(lines, g_strdup_printf("%s/%s -> %s", shown, name, target));
        else if (g_file_test(path, G_FILE_TEST_IS_REGULAR) && g_file_get_contents(path, &text, NULL, NULL))
                g_ptr_array_add(lines, g_strdup_printf("%s/%s: %s", shown, name, text));
        else
                g_ptr_array_add(lines, g_strdup_printf("%s/%s?", shown, name));
        g_free(text);
        g_free(target);
        g_free(path);
}

static void add_directory(GPtrArray *lines, const char *root, const char *shown)
{
        char *path = g_build_filename(root, shown, NULL);
        GDir *dir = g_dir_open(path, 0, NULL);
        const char *name;

        while (dir && (name = g_dir_read_name(dir)))
                add_entry(lines, path, shown, name);
        if (dir)
                g_dir_close(dir);
        g_free(path);
}

static void add_overrides(GPtrArray *lines, const char *root)
{
        char *path = g_build_filename(root, "etc/depmod.d/zz-hostdriver.conf", NULL);
        char *text = NULL;

        if (g_file_get_contents(path, &text, NULL, NULL)) {
                char **split = g_strsplit(text, "\n", -1);

                for (char **line = split; *line; line++)
                        if (**line != '\0' && **line != '#')
                                g_ptr_array_add(lines, g_strdup(*line));
                g_strfreev(split);
        }
        g_free(text);
        g_free(path);
}

/* Whatever else lies in depmod.d: left-over temporary files. */
static void add_strangers(GPtrArray *lines, const char *root)
{
        char *path = g_build_filename(root, "etc/depmod.d", NULL);
        GDir *dir = g_dir_open(path, 0, NULL);
        const char *name;

        while (dir && (name = g_dir_read_name(dir)))
                if (strcmp(name, "zz-hostdriver.conf") != 0)
                        g_ptr_array_add(lines, g_strdup_printf("etc/depmod.d/%s", name));
        if (dir)
                g_dir_close(dir);
        g_free(path);
}

static gint compare(gconstpointer a, gconstpointer b)
{
        return strcmp(*(char *const *) a, *(char *const *) b);
}

char *disk_state(const char *root)
{
        GPtrArray *lines = g_ptr_array_new_with_free_func(g_free);
        char *modules = g_build_filename(root, "lib/modules", NULL);
        GDir *dir = g_dir_open(modules, 0, NULL);
        const char *release;
        char *state;

        g_assert_nonnull(dir);
        while ((release = g_dir_read_name(dir))) {
                char *shown = g_build_filename("lib/modules", release, "updates", NULL);

                add_directory(lines, root, shown);
                g_free(shown);
        }
        g_dir_close(dir);
        add_overrides(lines, root);
        add_strangers(lines, root);
        add_directory(lines, root, "etc/modprobe.d");
        g_ptr_array_sort(lines, compare);
        g_ptr_array_add(lines, NULL);
        state = g_strjoinv("\n", (char **) lines->pdata);
        g_ptr_array_unref(lines);
        g_free(modules);
        return state;
}
