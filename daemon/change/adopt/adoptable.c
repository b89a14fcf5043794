/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Looks for plain module files below updates/, and reads where adopted ones came from. It judges no version
 * and changes nothing. */

#include "change/adopt/adoptable.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "change/adopt/dkms.h"
#include "change/parts/version-mark.h"
#include "host/index/module-index.h"
#include "host/module/module-read.h"
#include "host/name.h"
#include "util/array.h"
#include "util/directory.h"
#include "util/fs-copy.h"
#include "util/fs-tree.h"
#include "util/text-format.h"

#define DEPTH_MAX 16
#define DKMS_PREFIX "updates/dkms/"

static void file_done(AdoptableFile *file)
{
        free(file->release);
        free(file->outside);
        free(file->inside);
        free(file->package);
        (void) module_file_unref(file->file);
        *file = (AdoptableFile){ 0 };
}

void adoptable_list_done(AdoptableList *list)
{
        for (size_t i = 0; i < list->count; i++)
                file_done(&list->items[i]);
        free(list->items);
        *list = (AdoptableList){ 0 };
}

static int append(AdoptableList *list, AdoptableFile *file)
{
        if (!array_reserve(list->items, list->count))
                return -ENOMEM;
        list->items[list->count++] = *file;
        *file = (AdoptableFile){ 0 };
        return 0;
}

/* --- plain files ----------------------------------------------------------------------------------------
 */

static int walk(int fd_taken, const char *path, const char *module, unsigned depth, StringSet *ret);

static int walk_entry(int fd, const char *path, const char *name, const char *module, unsigned depth,
                StringSet *ret)
{
        char *below CLEANUP_FREE = NULL, *of_file CLEANUP_FREE = NULL;
        struct stat st;

        if (!name_is_valid(name) || fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
                return 0;
        if (text_format(&below, "%s/%s", path, name) < 0)
                return -ENOMEM;
        if (S_ISDIR(st.st_mode))
                return walk(openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), below, module,
                                depth + 1, ret);
        if (!S_ISREG(st.st_mode))
                return 0;
        switch (module_name_from_file(name, &of_file)) {
        case 0:
                return strcmp(of_file, module) == 0 ? string_set_add(ret, below) : 0;
        case -ENOMEM:
                return -ENOMEM;
        default:
                return 0;
        }
}

/* The paths of all regular files of MODULE. A directory that can't be read has none. */
static int walk(int fd_taken, const char *path, const char *module, unsigned depth, StringSet *ret)
{
        DIR *dir CLEANUP_DIRECTORY = NULL;
        const struct dirent *entry;
        int r = directory_open(fd_taken, &dir);

        if (r < 0 || depth > DEPTH_MAX)
                return r == -ENOMEM ? r : 0;
        while (r >= 0 && (entry = readdir(dir)))
                r = walk_entry(fd_taken, path, entry->d_name, module, depth, ret);
        return r < 0 ? r : 0;
}

/* Of several files, the one that the name resolves to now. */
static int choose(const HostRoot *root, const char *release, const char *module, const StringSet *paths,
                const char **ret, Refusal *refusal)
{
        ModuleIndex *index CLEANUP(module_index_freep) = NULL;
        char *resolved CLEANUP_FREE = NULL;

        *ret = paths->items[0];
        if (paths->count == 1)
                return 0;
        if (module_index_open(root, release, &index) >= 0 &&
                        module_index_resolve(index, module, &resolved) >= 0)
                for (size_t i = 0; i < paths->count; i++)
                        if (strcmp(paths->items[i], resolved) == 0) {
                                *ret = paths->items[i];
                                return 0;
                        }
        return refuse(refusal, REFUSAL_CONFLICT,
                        "/lib/modules/%s has both %s and %s, and the module index names neither. Move one of "
                        "them away, then try again.",
                        release, paths->items[0], paths->items[1]);
}

static int read_file(const HostRoot *root, int modules_fd, AdoptableFile *file, Refusal *refusal)
{
        const char *name;
        int dir_fd CLEANUP_FD = fs_open_parent_at(modules_fd, file->outside, false, &name);
        int fd CLEANUP_FD = -1;
        int r;

        if (dir_fd >= 0)
                fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
        r = module_file_read(fd, NULL, &file->file);
        if (r < 0)
                return r;
        if (file->file->defect != MODULE_SOUND)
                return refuse(refusal, REFUSAL_INCOMPATIBLE,
                                "/lib/modules/%s/%s %s, so it can be no version. Move it out of updates/.",
                                file->release, file->outside, module_defect_text(file->file->defect));
        file->kept = strncmp(file->outside, DKMS_PREFIX, strlen(DKMS_PREFIX)) == 0;
        return file->kept ? dkms_find_package(root, file->release, name, &file->package) : 0;
}

static int find_in(const HostRoot *root, const char *release, const char *module, AdoptableList *list,
                Refusal *refusal)
{
        int modules_fd CLEANUP_FD = host_root_open_modules(root, release);
        AdoptableFile file CLEANUP(file_done) = { 0 };
        StringSet paths CLEANUP_STRING_SET = { 0 };
        const char *path;
        int r;

        if (modules_fd < 0)
                return 0;
        r = walk(openat(modules_fd, "updates", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), "updates",
                        module, 0, &paths);
        if (r < 0 || paths.count == 0)
                return r;
        r = choose(root, release, module, &paths, &path, refusal);
        if (r < 0)
                return r;
        file.release = strdup(release);
        file.outside = strdup(path);
        if (!file.release || !file.outside)
                return -ENOMEM;
        r = read_file(root, modules_fd, &file, refusal);
        return r < 0 ? r : append(list, &file);
}

/* --- what is selected -----------------------------------------------------------------------------------
 */

static bool is_in_directory(const char *path, const char *directory)
{
        size_t size = strlen(directory);

        return strncmp(path, directory, size) == 0 && path[size] == '/' && !strchr(path + size + 1, '/');
}

const char *adoptable_selected_instead(const Facts *facts, const char *module, const AdoptableFile *file)
{
        const OverrideEntry *override =
                        override_list_find(&facts->selection->overrides, file->release, module);

        return override && !is_in_directory(file->outside, override->directory) ? override->directory : NULL;
}

void adoptable_pass_over(const Facts *facts, const char *module, AdoptableList *list)
{
        size_t kept = 0;

        for (size_t i = 0; i < list->count; i++)
                kept += !list->items[i].kept || !adoptable_selected_instead(facts, module, &list->items[i]);
        if (kept == 0)
                return;
        kept = 0;
        for (size_t i = 0; i < list->count; i++) {
                if (list->items[i].kept && adoptable_selected_instead(facts, module, &list->items[i]))
                        file_done(&list->items[i]);
                else
                        list->items[kept++] = list->items[i];
        }
        list->count = kept;
}

/* --- adopted files --------------------------------------------------------------------------------------
 */

static int read_mark(int modules_fd, const char *inside, char **ret)
{
        const char *name;
        int dir_fd CLEANUP_FD = fs_open_parent_at(modules_fd, inside, false, &name);

        return dir_fd < 0 ? 0 : version_mark_read(dir_fd, name, ret);
}

/* Only what is in both places may go from one of them. */
static int check_kept(int modules_fd, const AdoptableFile *file, Refusal *refusal)
{
        const char *outside, *inside;
        int outside_fd CLEANUP_FD = fs_open_parent_at(modules_fd, file->outside, false, &outside);
        int inside_fd CLEANUP_FD = fs_open_parent_at(modules_fd, file->inside, false, &inside);

        if (outside_fd >= 0 && inside_fd >= 0 && fs_same_file_at(outside_fd, outside, inside_fd, inside) > 0)
                return 0;
        return refuse(refusal, REFUSAL_CONFLICT,
                        "DKMS has built /lib/modules/%s/%s anew or removed it, so this copy is the only one. "
                        "Keep it as a version, or select another one and remove it.",
                        file->release, file->outside);
}

static int find_adopted_in(const HostRoot *root, const ReleaseSelection *selection, const char *module,
                AdoptableList *list, Refusal *refusal)
{
        int modules_fd CLEANUP_FD = host_root_open_modules(root, selection->release);

        for (size_t i = 0; modules_fd >= 0 && i < selection->update_count; i++) {
                const UpdateEntry *entry = &selection->updates[i];
                AdoptableFile file CLEANUP(file_done) = { 0 };
                int r;

                if (strcmp(entry->module, module) != 0 || entry->kind != UPDATE_VERSION)
                        continue;
                r = read_mark(modules_fd, entry->path, &file.outside);
                if (r <= 0)
                        return r;
                file.release = strdup(selection->release);
                file.inside = strdup(entry->path);
                if (!file.release || !file.inside)
                        return -ENOMEM;
                file.kept = strncmp(file.outside, DKMS_PREFIX, strlen(DKMS_PREFIX)) == 0;
                r = file.kept ? check_kept(modules_fd, &file, refusal) : 0;
                return r < 0 ? r : append(list, &file);
        }
        return 0;
}

/* --- over all releases ----------------------------------------------------------------------------------
 */

static int check_releases(const Facts *facts, const StringSet *releases, Refusal *refusal)
{
        for (size_t i = 0; releases && i < releases->count; i++)
                if (!catalogue_release(facts->catalogue, releases->items[i]))
                        return refuse(refusal, REFUSAL_INVALID_ARGS,
                                        "The kernel release %s is not installed: there is no "
                                        "/lib/modules/%s.",
                                        releases->items[i], releases->items[i]);
        return 0;
}

int adoptable_find(const HostRoot *root, const Facts *facts, const char *module, const StringSet *releases,
                AdoptableList *ret, Refusal *refusal)
{
        AdoptableList list CLEANUP_ADOPTABLE_LIST = { 0 };
        int r = check_releases(facts, releases, refusal);

        for (size_t i = 0; r >= 0 && i < facts->catalogue->release_count; i++) {
                const char *release = facts->catalogue->releases[i].release;

                if (!releases || string_set_contains(releases, release))
                        r = find_in(root, release, module, &list, refusal);
        }
        if (r < 0)
                return r;
        if (list.count == 0)
                return refuse(refusal, REFUSAL_NO_SUCH_DRIVER,
                                "No plain module file of %s lies in updates/ of %s. Only such a file can be "
                                "adopted.",
                                module, releases ? "these kernel releases" : "any kernel release");
        *ret = list;
        list = (AdoptableList){ 0 };
        return 0;
}

int adoptable_find_adopted(const HostRoot *root, const Facts *facts, const char *module,
                const StringSet *releases, AdoptableList *ret, Refusal *refusal)
{
        AdoptableList list CLEANUP_ADOPTABLE_LIST = { 0 };
        int r = check_releases(facts, releases, refusal);

        for (size_t i = 0; r >= 0 && i < facts->selection->release_count; i++) {
                const ReleaseSelection *selection = &facts->selection->releases[i];

                if (!releases || string_set_contains(releases, selection->release))
                        r = find_adopted_in(root, selection, module, &list, refusal);
        }
        if (r < 0)
                return r;
        if (list.count == 0)
                return refuse(refusal, REFUSAL_CONFLICT,
                                "The selected version of %s was not adopted. If another version was, select "
                                "that one first: its file goes back to the place that the link has now.",
                                module);
        *ret = list;
        list = (AdoptableList){ 0 };
        return 0;
}
