/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What crashes leave in /lib/modules: version directories that were being added, or were removed. */

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "change/changer-internal.h"
#include "util/directory.h"
#include "util/fs-tree.h"
#include "util/fs.h"
#include "util/log.h"

static int list_aside(const Changer *changer, StringSet *ret)
{
        DIR *dir CLEANUP_DIRECTORY = NULL;
        const struct dirent *entry;
        int r = directory_open(host_root_open(changer->root, "/lib/modules", O_RDONLY | O_DIRECTORY), &dir);

        if (r < 0)
                return r == -ENOENT ? 0 : r;
        while (r >= 0 && (entry = readdir(dir)))
                if (strncmp(entry->d_name, FS_TEMPORARY_PREFIX, strlen(FS_TEMPORARY_PREFIX)) == 0)
                        r = string_set_add(ret, entry->d_name);
        return r < 0 ? r : 0;
}

static bool is_named(const JournalList *entries, const char *name)
{
        for (size_t i = 0; i < entries->count; i++)
                if (strstr(entries->items[i].plan, name))
                        return true;
        return false;
}

void changer_sweep_aside(Changer *changer, const JournalList *open_entries)
{
        StringSet names CLEANUP_STRING_SET = { 0 };
        int fd CLEANUP_FD = host_root_open(changer->root, "/lib/modules", O_RDONLY | O_DIRECTORY);
        int r = fd < 0 ? 0 : list_aside(changer, &names);

        for (size_t i = 0; r >= 0 && i < names.count; i++)
                if (!is_named(open_entries, names.items[i]))
                        r = fs_remove_tree_at(fd, names.items[i]);
        if (r < 0)
                log_warning("What an interrupted change left in /lib/modules can't be removed: %s.",
                                strerror(-r));
}
