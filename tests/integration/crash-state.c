/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Compares states as texts, line by line. */

#include "crash-state.h"

#include <glib.h>
#include <string.h>

#include "disk-state.h"
#include "file-state.h"
#include "host/index/module-index.h"

void crash_state_done(CrashState *state)
{
        g_free(state->disk);
        g_free(state->rest);
        g_free(state->index);
        g_free(state->loads);
}

bool crash_state_equal(const CrashState *a, const CrashState *b)
{
        return strcmp(a->disk, b->disk) == 0 && strcmp(a->rest, b->rest) == 0;
}

/* Whether LINE is about a temporary name of ours, or about an old image that is kept. */
static bool is_temporary(const char *line)
{
        return strstr(line, "/.hostdriver-") ||
               (g_str_has_prefix(line, "boot/.") && strstr(line, ".hostdriver-"));
}

bool crash_is_disk(const CrashState *state, const char *disk)
{
        g_auto(GStrv) now = g_strsplit(disk, "\n", -1);
        g_autoptr(GPtrArray) kept = g_ptr_array_new();
        g_autofree char *text = NULL;

        for (char **line = now; *line; line++)
                if (!is_temporary(*line))
                        g_ptr_array_add(kept, *line);
        g_ptr_array_add(kept, NULL);
        text = g_strjoinv("\n", (char **) kept->pdata);
        return strcmp(text, state->disk) == 0;
}

char *crash_index(const char *root)
{
        static const char *const releases[] = { "4.19.0+1", "5.10.0" };
        static const char *const modules[] = { "dell_laptop", "ice", "irdma", "tg3" };
        HostRoot *host CLEANUP(host_root_freep) = NULL;
        GString *text = g_string_new(NULL);

        g_assert_cmpint(host_root_new(root, releases[0], &host), ==, 0);
        for (size_t i = 0; i < ELEMENTSOF(releases); i++) {
                ModuleIndex *index CLEANUP(module_index_freep) = NULL;

                if (module_index_open(host, releases[i], &index) < 0)
                        continue; /* not all hosts have the second one */
                for (size_t j = 0; j < ELEMENTSOF(modules); j++) {
                        char *path CLEANUP_FREE = NULL;

                        (void) !module_index_resolve(index, modules[j], &path);
                        g_string_append_printf(text, "%s %s resolves to %s,\n", releases[i], modules[j],
                                        path ? path : "nothing");
                }
        }
        return g_string_free(text, FALSE);
}

char *crash_disk(const char *root)
{
        g_autofree char *disk = disk_state(root), *files = file_state(root);

        return g_strjoin("\n", disk, files, NULL);
}

static bool has_line(char **lines, const char *line)
{
        return g_strv_contains((const char *const *) lines, line);
}

static bool has_prefix(char **lines, const char *prefix)
{
        for (char **line = lines; *line; line++)
                if (g_str_has_prefix(*line, prefix))
                        return true;
        return false;
}

/* What LINE begins with, if it is about a link or an image, which are there at every instant. Of a module's
 * link up to the module's name: the file's may change ("ice.ko", "ice.ko.xz"). */
static char *lasting_name(const char *line)
{
        const char *end = strstr(line, ".ko");

        if (g_str_has_prefix(line, "boot/"))
                return g_strndup(line, strcspn(line, " ") + 1);
        if (!end || !strstr(line, " -> "))
                return NULL;
        return g_strndup(line, (gsize) (end - line) + strlen(".ko"));
}

bool crash_shares_image(const CrashState *a, const CrashState *b)
{
        g_auto(GStrv) lines = g_strsplit(a->disk, "\n", -1);
        g_auto(GStrv) others = g_strsplit(b->disk, "\n", -1);

        for (char **line = lines; *line; line++)
                if (g_str_has_prefix(*line, "boot/") && has_line(others, *line))
                        return true;
        return false;
}

bool crash_is_mix(const CrashState *old, const CrashState *new, const char *disk)
{
        g_auto(GStrv) before = g_strsplit(old->disk, "\n", -1);
        g_auto(GStrv) after = g_strsplit(new->disk, "\n", -1);
        g_auto(GStrv) now = g_strsplit(disk, "\n", -1);

        for (char **line = now; *line; line++)
                if (!is_temporary(*line) && !has_line(before, *line) && !has_line(after, *line))
                        return false;
        for (char **line = before; *line; line++) {
                g_autofree char *name = lasting_name(*line);

                if (name && has_prefix(after, name) && !has_prefix(now, name))
                        return false;
        }
        return true;
}

bool crash_keeps_content(const CrashState *old, const CrashState *new, const char *disk)
{
        g_auto(GStrv) before = g_strsplit(old->disk, "\n", -1);

        for (char **line = before; *line; line++) {
                const char *content = strstr(*line, " is ");

                if (content && strstr(new->disk, content) && !strstr(disk, content))
                        return false;
        }
        return true;
}

bool crash_resolves_either(const CrashState *old, const CrashState *new, const char *index)
{
        g_auto(GStrv) before = g_strsplit(old->rest, "\n", -1);
        g_auto(GStrv) after = g_strsplit(new->rest, "\n", -1);
        g_auto(GStrv) before_index = g_strsplit(old->index, "\n", -1);
        g_auto(GStrv) after_index = g_strsplit(new->index, "\n", -1);
        g_auto(GStrv) now = g_strsplit(index, "\n", -1);

        for (char **line = now; **line; line++) {
                const char *path = strstr(*line, " resolves to ");
                g_autofree char *blocked =
                                g_strdup_printf("%.*s resolves to nothing", (int) (path - *line), *line);

                if (has_line(before_index, *line) || has_line(after_index, *line))
                        continue;
                if (!has_prefix(before, *line) && !has_prefix(after, *line) && !has_prefix(after, blocked))
                        return false;
        }
        return true;
}
