/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads what stands in updates/, in our override file and in modprobe.d. It changes nothing, and opens no
 * module file for reading. */

#include "host/selection.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "host/module-path.h"
#include "host/name.h"
#include "host/path.h"
#include "util/array.h"
#include "util/directory.h"
#include "util/exhausted.h"
#include "util/fs.h"
#include "util/text-format.h"

static void update_entry_done(UpdateEntry *entry)
{
        free(entry->file);
        free(entry->module);
        free(entry->target);
        free(entry->path);
        *entry = (UpdateEntry){ 0 };
}

Selection *selection_free(Selection *selection)
{
        if (!selection)
                return NULL;
        for (size_t i = 0; i < selection->release_count; i++) {
                for (size_t j = 0; j < selection->releases[i].update_count; j++)
                        update_entry_done(&selection->releases[i].updates[j]);
                free(selection->releases[i].updates);
                free(selection->releases[i].release);
        }
        free(selection->releases);
        override_list_done(&selection->overrides);
        string_set_done(&selection->edited_overrides);
        string_set_done(&selection->blocked);
        string_set_done(&selection->edited_blocks);
        string_set_done(&selection->unreadable);
        free(selection);
        return NULL;
}

const ReleaseSelection *selection_release(const Selection *selection, const char *release)
{
        for (size_t i = 0; i < selection->release_count; i++)
                if (strcmp(selection->releases[i].release, release) == 0)
                        return &selection->releases[i];
        return NULL;
}

const UpdateEntry *update_entry_next(
                const ReleaseSelection *selection, const char *module, const UpdateEntry *previous)
{
        size_t position = previous ? (size_t) (previous - selection->updates) + 1
                                   : array_search(i, selection->update_count,
                                                     strcmp(selection->updates[i].module, module) < 0);

        if (position == selection->update_count || strcmp(selection->updates[position].module, module) != 0)
                return NULL;
        return &selection->updates[position];
}

/* What the link's own text names, if the catalogue has a file there: that one may be a link itself, and its
 * target's path wouldn't be known. */
static int path_by_text(const CatalogueRelease *release, const char *target, char **ret)
{
        char *updates CLEANUP_FREE = NULL, *path CLEANUP_FREE = NULL;
        size_t size;

        if (text_format(&updates, "/lib/modules/%s/updates", release->release) < 0)
                return -ENOMEM;
        /* The same directory where /lib is a link to /usr/lib. */
        if (strncmp(target, "/usr/lib/", 9) == 0)
                target += 4;
        if (path_of_link(updates, target, &path) < 0)
                return -ENOMEM;
        size = strlen(updates) - strlen("updates");
        if (strncmp(path, updates, size) != 0 || !catalogue_file_at(release, path + size))
                return 0;
        *ret = strdup(path + size);
        return *ret ? 1 : -ENOMEM;
}

/* Follows the link UPDATES/FILE. */
static int classify_link(
                const HostRoot *root, const CatalogueRelease *release, int modules_fd, UpdateEntry *entry)
{
        char *link CLEANUP_FREE = NULL;
        int fd CLEANUP_FD = -1;
        struct stat st;
        int r;

        if (text_format(&link, "/lib/modules/%s/updates/%s", release->release, entry->file) < 0)
                return -ENOMEM;
        entry->kind = UPDATE_DANGLING;
        fd = host_root_open(root, link, O_PATH);
        if (exhausted(fd))
                return fd;
        if (fd < 0 || fstat(fd, &st) < 0)
                return 0;
        r = module_path_place(root, release->release, modules_fd, link, fd, &entry->path);
        if (exhausted(r) || r == -ENOENT)
                return r == -ENOENT ? 0 : r;
        if (!S_ISREG(st.st_mode)) {
                free(STEAL(entry->path));
                entry->kind = UPDATE_OTHER;
                return 0;
        }
        if (r < 0) {
                entry->kind = UPDATE_OUTSIDE;
                return 0;
        }
        entry->kind = UPDATE_FOREIGN;
        if (!catalogue_file_at(release, entry->path)) {
                char *path = NULL;

                r = path_by_text(release, entry->target, &path);
                if (r <= 0)
                        return r;
                free(entry->path);
                entry->path = path;
        }
        entry->kind = UPDATE_VERSION;
        return 0;
}

/* Finds out about the entry NAME of updates/. 1 with *ret set, 0 if it is of no interest or has vanished. */
static int read_update(const HostRoot *root, const CatalogueRelease *release, int modules_fd, int updates_fd,
                const char *name, UpdateEntry *ret)
{
        UpdateEntry entry CLEANUP(update_entry_done) = { 0 };
        struct stat st;
        int r = module_name_from_file(name, &entry.module);

        if (r < 0)
                return r == -EINVAL ? 0 : r;
        if (fstatat(updates_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
                return 0;
        entry.kind = S_ISREG(st.st_mode) ? UPDATE_REGULAR : UPDATE_OTHER;
        if (S_ISLNK(st.st_mode)) {
                r = fs_read_link_at(updates_fd, name, &entry.target);
                if (r < 0)
                        return exhausted(r) ? r : 0; /* swapped for a file meanwhile: seen next time */
                entry.absolute = entry.target[0] == '/';
        } else {
                entry.target = strdup("");
        }
        entry.file = strdup(name);
        if (!entry.file || !entry.target)
                return -ENOMEM;
        if (S_ISLNK(st.st_mode))
                r = classify_link(root, release, modules_fd, &entry);
        if (r < 0)
                return r;
        *ret = entry;
        entry = (UpdateEntry){ 0 };
        return 1;
}

static int compare_updates(const void *x, const void *y)
{
        const UpdateEntry *a = x, *b = y;
        int order = strcmp(a->module, b->module);

        return order != 0 ? order : strcmp(a->file, b->file);
}

static int add_update(ReleaseSelection *selection, UpdateEntry *entry)
{
        if (!array_reserve(selection->updates, selection->update_count)) {
                update_entry_done(entry);
                return -ENOMEM;
        }
        selection->updates[selection->update_count++] = *entry;
        return 0;
}

/* What ERROR keeps from being read: to be told, unless it says that there is nothing to read. */
static int add_unreadable(const char *release, int error, StringSet *ret)
{
        char *text CLEANUP_FREE = NULL;

        if (exhausted(error))
                return error;
        /* A link to a directory isn't followed, and something else holds no links. */
        if (error == -ENOENT || error == -ENOTDIR || error == -ELOOP)
                return 0;
        text = text_new("/lib/modules/%s/updates can't be read: %s", release, strerror(-error));
        return text ? string_set_add(ret, text) : -ENOMEM;
}

static int read_updates(const HostRoot *root, const CatalogueRelease *release, ReleaseSelection *selection,
                StringSet *unreadable)
{
        int modules_fd CLEANUP_FD = host_root_open_modules(root, release->release);
        DIR *dir CLEANUP_DIRECTORY = NULL;
        const struct dirent *item;
        int fd, r = 0;

        if (modules_fd < 0)
                return exhausted(modules_fd)
                                       ? modules_fd
                                       : 0; /* vanished; the catalogue told of one that can't be read */
        fd = openat(modules_fd, "updates", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        r = fd < 0 ? -errno : directory_open(fd, &dir);
        if (r < 0)
                return add_unreadable(release->release, r, unreadable);
        while (r >= 0 && (errno = 0, item = readdir(dir))) {
                UpdateEntry entry;

                r = read_update(root, release, modules_fd, fd, item->d_name, &entry);
                if (r > 0)
                        r = add_update(selection, &entry);
        }
        if (r >= 0 && errno != 0)
                r = add_unreadable(release->release, -errno, unreadable);
        if (selection->update_count > 0)
                qsort(selection->updates, selection->update_count, sizeof(*selection->updates),
                                compare_updates);
        return r;
}

static int read_overrides(const HostRoot *root, Selection *selection)
{
        char *text CLEANUP_FREE = NULL;
        size_t size;
        int r = host_root_read(root, OVERRIDE_FILE_PATH, OVERRIDE_FILE_SIZE_MAX, &text, &size);

        if (exhausted(r) || r == -ENOENT)
                return r == -ENOENT ? 0 : r;
        if (r < 0) {
                selection->override_file_foreign = true; /* no file that we wrote */
                return 0;
        }
        return override_list_parse(text, size, &selection->overrides, &selection->edited_overrides,
                        &selection->override_file_foreign);
}

int selection_read(const HostRoot *root, const Catalogue *catalogue, Selection **ret)
{
        Selection *selection CLEANUP(selection_freep) = calloc(1, sizeof(*selection));
        int r;

        if (!selection)
                return -ENOMEM;
        if (catalogue->release_count > 0) {
                selection->releases = calloc(catalogue->release_count, sizeof(*selection->releases));
                if (!selection->releases)
                        return -ENOMEM;
        }
        for (size_t i = 0; i < catalogue->release_count; i++) {
                ReleaseSelection *release = &selection->releases[selection->release_count++];

                release->release = strdup(catalogue->releases[i].release);
                if (!release->release)
                        return -ENOMEM;
                r = read_updates(root, &catalogue->releases[i], release, &selection->unreadable);
                if (r < 0)
                        return r;
        }
        r = read_overrides(root, selection);
        if (r >= 0)
                r = blocks_judge(root, &selection->blocked, &selection->edited_blocks);
        if (r < 0)
                return r;
        *ret = STEAL(selection);
        return 0;
}
