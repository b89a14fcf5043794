/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Removes trees by their names. It opens none of them. */

#include "change/aside.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "store/store-journal.h"
#include "util/directory.h"
#include "util/fs-tree.h"
#include "util/fs.h"
#include "util/log.h"

static int list_aside(int fd, StringSet *ret)
{
        DIR *dir CLEANUP_DIRECTORY = NULL;
        const struct dirent *entry;
        int r = directory_open(fs_open_directory_at(fd, "", false), &dir);

        while (r >= 0 && (entry = readdir(dir)))
                if (fs_is_temporary(entry->d_name))
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

/* Takes FD, of PATH or an error. */
static void sweep(int fd, const char *path, const JournalList *open_entries)
{
        int dir_fd CLEANUP_FD = fd;
        StringSet names CLEANUP_STRING_SET = { 0 };
        int r = dir_fd < 0 ? 0 : list_aside(dir_fd, &names);

        for (size_t i = 0; r >= 0 && i < names.count; i++)
                if (!is_named(open_entries, names.items[i]))
                        r = fs_remove_tree_at(dir_fd, names.items[i]);
        if (r < 0)
                log_warning("What an interrupted change left in %s can't be removed: %s.", path,
                                strerror(-r));
}

void aside_sweep(const HostRoot *root, const Catalogue *catalogue, const JournalList *open_entries)
{
        sweep(host_root_open(root, "/lib/modules", O_RDONLY | O_DIRECTORY), "/lib/modules", open_entries);
        /* Of those that are mounts of their own, and of those that were. */
        for (size_t i = 0; i < catalogue->release_count; i++)
                sweep(host_root_open_modules(root, catalogue->releases[i].release),
                                catalogue->releases[i].release, open_entries);
}
