/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lines "PATH: DEPENDENCY…" of modules.dep (modules.dep(5)). */

#include "change/checks/index-paths.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/name.h"
#include "util/array.h"
#include "util/fs.h"

#define TEXT_SIZE_MAX (256U * 1024 * 1024)

void index_paths_done(IndexPaths *paths)
{
        for (size_t i = 0; i < paths->count; i++) {
                free(paths->items[i].module);
                free(paths->items[i].path);
        }
        free(paths->items);
        *paths = (IndexPaths){ 0 };
}

static int compare(const void *a, const void *b)
{
        return strcmp(((const IndexPath *) a)->module, ((const IndexPath *) b)->module);
}

/* Of what else `depmod -n` prints, nothing before the first colon of a line ends like a module file's name.
 */
static int take_line(char *line, IndexPaths *paths)
{
        char *colon = strchr(line, ':');
        IndexPath item = { 0 };
        const char *name;
        int r;

        if (!colon || *line == '#')
                return 0;
        *colon = '\0';
        name = strrchr(line, '/');
        r = module_name_from_file(name ? name + 1 : line, &item.module);
        if (r < 0)
                return r == -ENOMEM ? r : 0;
        item.path = strdup(line);
        if (!item.path || !array_reserve(paths->items, paths->count)) {
                free(item.module);
                free(item.path);
                return -ENOMEM;
        }
        paths->items[paths->count++] = item;
        return 0;
}

int index_paths_read(int fd, IndexPaths *ret)
{
        IndexPaths paths CLEANUP_INDEX_PATHS = { 0 };
        char *text CLEANUP_FREE = NULL, *rest = NULL;
        int r = fs_read_fd(fd, TEXT_SIZE_MAX, &text, NULL);

        for (char *line = r < 0 ? NULL : strtok_r(text, "\n", &rest); r >= 0 && line;
                        line = strtok_r(NULL, "\n", &rest))
                r = take_line(line, &paths);
        if (r < 0 || paths.count == 0)
                return r < 0 ? r : -ENODATA;
        qsort(paths.items, paths.count, sizeof(*paths.items), compare);
        *ret = paths;
        paths = (IndexPaths){ 0 };
        return 0;
}

const char *index_paths_find(const IndexPaths *paths, const char *module)
{
        const IndexPath wanted = { .module = (char *) module };
        const IndexPath *found = paths->count == 0 ? NULL
                                                   : bsearch(&wanted, paths->items, paths->count,
                                                                     sizeof(wanted), compare);

        return found ? found->path : NULL;
}
