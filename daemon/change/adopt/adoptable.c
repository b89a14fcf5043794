/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Looks for the module files that others have installed and the index names, and reads where adopted ones
 * came from. It judges no version and changes nothing. */

#include "change/adopt/adoptable.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "change/adopt/dkms.h"
#include "change/parts/version-mark.h"
#include "change/plan/plan-parts.h"
#include "host/index/module-index.h"
#include "host/module/module-read.h"
#include "host/name.h"
#include "util/array.h"
#include "util/directory.h"
#include "util/fs-copy.h"
#include "util/fs-tree.h"
#include "util/text-format.h"

#define DEPTH_MAX 16
#define UPDATES "updates/"
#define WEAK_UPDATES "weak-updates/"

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
        /* weak-modules links to the files of other kernels. */
        if (!S_ISREG(st.st_mode) &&
                        !(S_ISLNK(st.st_mode) && strncmp(path, WEAK_UPDATES, strlen(WEAK_UPDATES) - 1) == 0))
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

/* All such files of a module in one release. */
static int walk_places(int modules_fd, const char *module, StringSet *ret)
{
        static const char *const places[] = { "updates", "extra", "weak-updates" };
        int r = 0;

        for (size_t i = 0; r >= 0 && i < ELEMENTSOF(places); i++)
                r = walk(openat(modules_fd, places[i], O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
                                places[i], module, 0, ret);
        return r;
}

static int refuse_loser(const char *release, const StringSet *paths, const char *module,
                const char *resolved, Refusal *refusal)
{
        if (!resolved)
                return refuse(refusal, REFUSAL_CONFLICT,
                                "/lib/modules/%s/%s is not what is loaded: the module index has no file of "
                                "%s. If depmod hasn't run since it was installed, run `depmod %s`, then try "
                                "again.",
                                release, paths->items[0], module, release);
        return refuse(refusal, REFUSAL_CONFLICT,
                        "/lib/modules/%s/%s is not what is loaded: depmod takes %s%s%s%s, and to adopt the "
                        "other would change that. Move away the one that isn't wanted and run `depmod %s`; "
                        "then try again. `hostdriverctl import` makes a version of any module file.",
                        release, paths->items[0], *resolved == '/' ? "" : "/lib/modules/",
                        *resolved == '/' ? "" : release, *resolved == '/' ? "" : "/", resolved, release);
}

static const char *find_in_updates(const StringSet *paths)
{
        for (size_t i = 0; i < paths->count; i++)
                if (strncmp(paths->items[i], UPDATES, strlen(UPDATES)) == 0 &&
                                !plan_path_is_kept(paths->items[i]))
                        return paths->items[i];
        return NULL;
}

static bool is_in_directory(const char *path, const char *directory)
{
        size_t size = strlen(directory);

        return strncmp(path, directory, size) == 0 && path[size] == '/' && !strchr(path + size + 1, '/');
}

/* Whether a line of ours names the directory of none of PATHS. */
static bool is_selected_elsewhere(
                const Facts *facts, const char *release, const char *module, const StringSet *paths)
{
        const OverrideEntry *override = override_list_find(&facts->selection->overrides, release, module);

        for (size_t i = 0; override && i < paths->count; i++)
                if (is_in_directory(paths->items[i], override->directory))
                        return false;
        return override;
}

/* The one that the name resolves to now: no other may be adopted, since that would change what is loaded.
 * Where a version is selected, any stands for all. */
static int choose(const HostRoot *root, const Facts *facts, const char *release, const char *module,
                const StringSet *paths, const char **ret, Refusal *refusal)
{
        ModuleIndex *index CLEANUP(module_index_freep) = NULL;
        char *resolved CLEANUP_FREE = NULL;
        const char *in_updates = find_in_updates(paths);
        int r = module_index_open(root, release, &index);

        *ret = in_updates ? in_updates : paths->items[0];
        if (is_selected_elsewhere(facts, release, module, paths))
                return 0;
        if (r >= 0)
                r = module_index_resolve(index, module, &resolved);
        if (r == -ENOMEM)
                return r;
        if (r < 0 || !string_set_contains(paths, resolved))
                return refuse_loser(release, paths, module, resolved, refusal);
        /* A link of ours has no place beside a file there. */
        if (in_updates && strncmp(resolved, UPDATES, strlen(UPDATES)) != 0)
                return refuse_loser(release, &(StringSet){ (char *[]){ (char *) in_updates, NULL }, 1 },
                                module, resolved, refusal);
        *ret = paths->items[string_set_find(paths, resolved)];
        return 0;
}

/* Follows the link of another program, none of ours. */
static int open_outside(const HostRoot *root, int modules_fd, const AdoptableFile *file)
{
        const char *name;
        char *path CLEANUP_FREE = NULL;
        int dir_fd CLEANUP_FD = -1, fd;

        if (file->kept) {
                if (text_format(&path, "/lib/modules/%s/%s", file->release, file->outside) < 0)
                        return -ENOMEM;
                return host_root_open(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
        }
        dir_fd = fs_open_parent_at(modules_fd, file->outside, false, &name);
        if (dir_fd < 0)
                return dir_fd;
        fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
        return fd < 0 ? -errno : fd;
}

static int read_file(const HostRoot *root, int modules_fd, const char *module, AdoptableFile *file,
                Refusal *refusal)
{
        int fd CLEANUP_FD = -1;
        int r;

        file->kept = plan_path_is_kept(file->outside);
        fd = open_outside(root, modules_fd, file);
        if (fd == -ENOMEM)
                return fd;
        r = module_file_read(fd, NULL, &file->file);
        if (r < 0)
                return r;
        if (file->file->defect != MODULE_SOUND)
                return refuse(refusal, REFUSAL_INCOMPATIBLE,
                                "/lib/modules/%s/%s %s, so it can be no version. Move it away.",
                                file->release, file->outside, module_defect_text(file->file->defect));
        return file->kept ? dkms_find_package(root, file->release, module, &file->package) : 0;
}

static int find_in(const HostRoot *root, const Facts *facts, const char *release, const char *module,
                AdoptableList *list, Refusal *refusal)
{
        int modules_fd CLEANUP_FD = host_root_open_modules(root, release);
        AdoptableFile file CLEANUP(file_done) = { 0 };
        StringSet paths CLEANUP_STRING_SET = { 0 };
        const char *path;
        int r;

        if (modules_fd < 0)
                return 0;
        r = walk_places(modules_fd, module, &paths);
        if (r < 0 || paths.count == 0)
                return r;
        r = choose(root, facts, release, module, &paths, &path, refusal);
        if (r < 0)
                return r;
        file.release = strdup(release);
        file.outside = strdup(path);
        if (!file.release || !file.outside)
                return -ENOMEM;
        r = read_file(root, modules_fd, module, &file, refusal);
        return r < 0 ? r : append(list, &file);
}

/* --- what is selected -----------------------------------------------------------------------------------
 */

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
static int check_kept(const HostRoot *root, int modules_fd, const AdoptableFile *file, Refusal *refusal)
{
        const char *inside;
        int outside_fd CLEANUP_FD = open_outside(root, modules_fd, file), inside_fd CLEANUP_FD = -1;
        int dir_fd CLEANUP_FD = fs_open_parent_at(modules_fd, file->inside, false, &inside);

        if (dir_fd >= 0)
                inside_fd = openat(
                                dir_fd, inside, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
        if (outside_fd >= 0 && inside_fd >= 0 && fs_same_content(outside_fd, inside_fd) > 0)
                return 0;
        return refuse(refusal, REFUSAL_CONFLICT,
                        "/lib/modules/%s/%s was removed or built anew since it was adopted, so this copy is "
                        "the only one. Keep it as a version, or select another one and remove it.",
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
                file.kept = plan_path_is_kept(file.outside);
                r = file.kept ? check_kept(root, modules_fd, &file, refusal) : 0;
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
                        r = find_in(root, facts, release, module, &list, refusal);
        }
        if (r < 0)
                return r;
        if (list.count == 0)
                return refuse(refusal, REFUSAL_NO_SUCH_DRIVER,
                                "No plain module file of %s lies in updates/, extra/ or weak-updates/ of %s. "
                                "Only such a file can be adopted.",
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
