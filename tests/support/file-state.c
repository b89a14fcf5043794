/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads trees with nothing of the code under test. */

#include "file-state.h"

#include <glib.h>
#include <string.h>

static void add_file(GPtrArray *lines, const char *path, const char *shown)
{
        g_autofree char *content = NULL, *sum = NULL;
        gsize size;

        g_assert_true(g_file_get_contents(path, &content, &size, NULL));
        sum = g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *) content, size);
        g_ptr_array_add(lines, g_strdup_printf("%s is %s", shown, sum));
}

static void add_tree(GPtrArray *lines, const char *root, const char *shown)
{
        g_autofree char *path = g_build_filename(root, shown, NULL);
        g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
        const char *name;

        while (dir && (name = g_dir_read_name(dir))) {
                g_autofree char *below = g_build_filename(shown, name, NULL);
                g_autofree char *absolute = g_build_filename(root, below, NULL);

                if (g_file_test(absolute, G_FILE_TEST_IS_SYMLINK))
                        continue;
                if (g_file_test(absolute, G_FILE_TEST_IS_DIR))
                        add_tree(lines, root, below);
                else
                        add_file(lines, absolute, below);
        }
}

static gint compare(gconstpointer a, gconstpointer b)
{
        return strcmp(*(char *const *) a, *(char *const *) b);
}

char *file_state(const char *root)
{
        g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
        g_autofree char *modules = g_build_filename(root, "lib/modules", NULL);
        g_autoptr(GDir) dir = g_dir_open(modules, 0, NULL);
        const char *name;

        g_assert_nonnull(dir);
        while ((name = g_dir_read_name(dir))) {
                g_autofree char *release = g_build_filename("lib/modules", name, NULL);
                g_autofree char *updates = g_build_filename(release, "updates", NULL);
                g_autofree char *tree = g_build_filename(release, "xenserver", NULL);

                if (g_str_has_prefix(name, ".hostdriver-"))
                        add_tree(lines, root, release);
                add_tree(lines, root, updates);
                add_tree(lines, root, tree);
        }
        add_tree(lines, root, "boot");
        g_ptr_array_sort(lines, compare);
        g_ptr_array_add(lines, NULL);
        return g_strjoinv("\n", (char **) lines->pdata);
}
