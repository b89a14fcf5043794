/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Writes and reads the mark of an adopted file. What it reads it trusts as little as any file. */

#include "change/parts/version-mark.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "change/plan/plan-parts.h"
#include "util/fs.h"
#include "util/text-format.h"

#define MARK_ENDING ".adopted"

static int mark_name(const char *file, char **ret)
{
        return text_format(ret, "%s" MARK_ENDING, file);
}

int version_mark_write(int dir_fd, const char *file, const char *outside)
{
        char *name CLEANUP_FREE = NULL, *known CLEANUP_FREE = NULL, *line CLEANUP_FREE = NULL;
        int r = mark_name(file, &name);

        if (r < 0)
                return r;
        r = version_mark_read(dir_fd, file, &known);
        if (r < 0 || (r > 0 && strcmp(known, outside) == 0))
                return r < 0 ? r : 0;
        if (text_format(&line, "%s\n", outside) < 0)
                return -ENOMEM;
        return fs_write_file_at(dir_fd, name, line, strlen(line), 0644);
}

int version_mark_read(int dir_fd, const char *file, char **ret_outside)
{
        char *name CLEANUP_FREE = NULL, *line CLEANUP_FREE = NULL;
        size_t size = 0;
        int r = mark_name(file, &name);

        if (r < 0)
                return r;
        r = fs_read_file_at(dir_fd, name, PATH_MAX, &line, &size);
        if (r < 0)
                return r == -ENOMEM ? r : 0;
        if (strlen(line) != size || size == 0 || line[size - 1] != '\n')
                return 0;
        line[size - 1] = '\0';
        if (!plan_path_is_outside(line))
                return 0;
        *ret_outside = STEAL(line);
        return 1;
}

int version_mark_remove(int dir_fd, const char *file)
{
        char *name CLEANUP_FREE = NULL;
        int r = mark_name(file, &name);

        return r < 0 ? r : fs_remove_at(dir_fd, name);
}
