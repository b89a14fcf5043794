/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A visitor that writes down. */

#include "tree-record.h"

#include <string.h>

#include "host/tree/tree-walk.h"

static int found(void *userdata, const TreeFile *file)
{
        TreeRecord *record = userdata;

        g_assert_true(g_str_has_suffix(file->path, file->file));
        g_assert_cmpint(file->directory_fd, >=, 0);
        g_ptr_array_add(record->found,
                        g_strdup_printf("%s|%s|%s", file->package, file->version, file->path));
        if (file->info)
                g_ptr_array_add(record->infos, file->info);
        return 0;
}

static int skipped(void *userdata, const char *path, const char *reason, int error)
{
        TreeRecord *record = userdata;

        g_ptr_array_add(record->skipped, g_strdup_printf("%s %s", path, reason));
        return 0;
}

static void free_info(gpointer info)
{
        (void) tree_info_unref(info);
}

static int compare_lines(gconstpointer a, gconstpointer b)
{
        return strcmp(*(const char *const *) a, *(const char *const *) b);
}

void tree_record_scan(TreeRecord *record, const Tree *tree, const TempDir *dir, const char *directory,
                const StringSet *wanted)
{
        TreeScan scan = {
                .modules_fd = dir->fd,
                .directory = directory,
                .wanted = wanted,
                .found = found,
                .skipped = skipped,
                .userdata = record,
        };

        tree_record_done(record);
        record->found = g_ptr_array_new_with_free_func(g_free);
        record->skipped = g_ptr_array_new_with_free_func(g_free);
        record->infos = g_ptr_array_new_with_free_func(free_info);
        g_assert_cmpint(tree_walk(tree, &scan), ==, 0);
        g_ptr_array_sort(record->found, compare_lines);
        g_ptr_array_sort(record->skipped, compare_lines);
}

void tree_record_done(TreeRecord *record)
{
        g_clear_pointer(&record->found, g_ptr_array_unref);
        g_clear_pointer(&record->skipped, g_ptr_array_unref);
        g_clear_pointer(&record->infos, g_ptr_array_unref);
}

char *tree_record_lines(const GPtrArray *lines)
{
        GString *text = g_string_new(NULL);

        for (guint i = 0; i < lines->len; i++)
                g_string_append_printf(text, "%s\n", (const char *) lines->pdata[i]);
        return g_string_free(text, FALSE);
}
