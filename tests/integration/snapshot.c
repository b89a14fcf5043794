/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A directory tree as text. */

#include "snapshot.h"

#include <glib.h>
#include <string.h>
#include <sys/stat.h>

/* Larger files are told apart by their size and times alone. */
#define CHECKSUM_LIMIT (1024 * 1024)

static char *contents(const char *path, const struct stat *status)
{
        char *text = NULL, *checksum;
        gsize size;

        if (S_ISLNK(status->st_mode))
                return g_file_read_link(path, NULL);
        if (!S_ISREG(status->st_mode))
                return g_strdup("");
        if (status->st_size > CHECKSUM_LIMIT)
                return g_strdup_printf(
                                "%ld.%09ld", (long) status->st_mtim.tv_sec, (long) status->st_mtim.tv_nsec);
        g_assert_true(g_file_get_contents(path, &text, &size, NULL));
        checksum = g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *) text, size);
        g_free(text);
        return checksum;
}

static bool is_left_out(const char *below, const char *name, bool exact)
{
        if (exact)
                return g_str_has_prefix(name, "hostdriver.db");
        return !*below && (strcmp(name, "var") == 0 || strcmp(name, "run") == 0);
}

static char *times(const struct stat *status, bool exact)
{
        return exact ? g_strdup_printf(" %lu %ld.%09ld", (unsigned long) status->st_ino,
                                       (long) status->st_mtim.tv_sec, (long) status->st_mtim.tv_nsec)
                     : g_strdup("");
}

static void add_entries(const char *path, const char *below, bool exact, GPtrArray *lines)
{
        GDir *dir = g_dir_open(path, 0, NULL);
        const char *name;

        g_assert_nonnull(dir);
        while ((name = g_dir_read_name(dir))) {
                char *entry, *relative, *what, *when;
                struct stat status;

                if (is_left_out(below, name, exact))
                        continue;
                entry = g_build_filename(path, name, NULL);
                relative = *below ? g_build_filename(below, name, NULL) : g_strdup(name);

                g_assert_cmpint(lstat(entry, &status), ==, 0);
                what = contents(entry, &status);
                /* Each start of the service writes there. */
                when = times(&status, exact && strcmp(name, "hostdriver") != 0);
                g_ptr_array_add(lines,
                                g_strdup_printf("%s %06o %u:%u %lld %s%s", relative, status.st_mode,
                                                status.st_uid, status.st_gid,
                                                S_ISDIR(status.st_mode) ? 0 : (long long) status.st_size,
                                                what, when));
                if (S_ISDIR(status.st_mode))
                        add_entries(entry, relative, exact, lines);
                g_free(when);
                g_free(what);
                g_free(relative);
                g_free(entry);
        }
        g_dir_close(dir);
}

static int compare_lines(gconstpointer a, gconstpointer b)
{
        return strcmp(*(const char *const *) a, *(const char *const *) b);
}

static char *take(const char *path, bool exact)
{
        GPtrArray *lines = g_ptr_array_new_with_free_func(g_free);
        char *text;

        add_entries(path, "", exact, lines);
        g_ptr_array_sort(lines, compare_lines);
        g_ptr_array_add(lines, NULL);
        text = g_strjoinv("\n", (char **) lines->pdata);
        g_ptr_array_unref(lines);
        return text;
}

char *snapshot_take(const char *path)
{
        return take(path, false);
}

char *snapshot_take_exactly(const char *path)
{
        return take(path, true);
}

void snapshot_assert_same(const char *path, const char *before)
{
        char *now = snapshot_take(path);
        char **old_lines = g_strsplit(before, "\n", -1);
        char **new_lines = g_strsplit(now, "\n", -1);

        for (size_t i = 0; old_lines[i] || new_lines[i]; i++)
                if (g_strcmp0(old_lines[i], new_lines[i]) != 0)
                        g_error("The disk has changed: \"%s\" was \"%s\"", new_lines[i] ?: "(nothing)",
                                        old_lines[i] ?: "(nothing)");
        g_strfreev(old_lines);
        g_strfreev(new_lines);
        g_free(now);
}
