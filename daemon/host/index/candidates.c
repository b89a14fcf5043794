/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Looks for all files of a module. It opens none of them for reading. */

#include "host/index/candidates.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "host/module-path.h"
#include "host/name.h"
#include "host/tree/tree-walk.h"
#include "util/array.h"
#include "util/exhausted.h"
#include "util/text-format.h"

/* No host has more links to directories below its module directory; and each may lead to all others. */
#define FOLLOWED_MAX 1024

typedef struct Search {
        const HostRoot *root;
        const char *release;
        int modules_fd;
        const char *base;   /* the directory that is walked, beneath the root */
        const char *prefix; /* of an external directory: its path; NULL in the module directory */
        const KmodFormats *formats;
        CandidateList *list;
        unsigned followed; /* links to directories */
} Search;

static void candidate_done(Candidate *candidate)
{
        free(candidate->module);
        free(candidate->path);
        free(candidate->target);
        *candidate = (Candidate){ 0 };
}

void candidate_list_done(CandidateList *list)
{
        for (size_t i = 0; i < list->count; i++)
                candidate_done(&list->items[i]);
        free(list->items);
        free(list->loop);
        *list = (CandidateList){ 0 };
}

/* Where the file lies, links followed; whether it is one, or behind one. */
static int read_target(const Search *search, const TreeFile *file, bool is_link, Candidate *candidate)
{
        int fd CLEANUP_FD = openat(file->directory_fd, file->file, O_PATH | O_CLOEXEC);
        char *path CLEANUP_FREE = text_new("%s%s", search->base, file->path + 1);
        struct stat st;
        int r;

        if (!path)
                return -ENOMEM;
        if (is_link)
                candidate->kind = CANDIDATE_DANGLING;
        if (fd < 0 || fstat(fd, &st) < 0)
                return 0;
        candidate->kind = S_ISREG(st.st_mode) ? CANDIDATE_LINK : CANDIDATE_OTHER;
        if (!S_ISREG(st.st_mode))
                return 0;
        r = module_path_place(
                        search->root, search->release, search->modules_fd, path, fd, &candidate->target);
        return exhausted(r) ? r : 0;
}

static int classify(const Search *search, const TreeFile *file, Candidate *candidate)
{
        struct stat st;
        int r = 0;

        candidate->kind = CANDIDATE_OTHER;
        if (fstatat(file->directory_fd, file->file, &st, AT_SYMLINK_NOFOLLOW) < 0)
                return 0;
        if (S_ISREG(st.st_mode))
                candidate->kind = CANDIDATE_FILE;
        if (S_ISLNK(st.st_mode) || (S_ISREG(st.st_mode) && search->followed > 0))
                r = read_target(search, file, S_ISLNK(st.st_mode), candidate);
        /* Most files lie where their path says, or outside as their external directory does. */
        if (S_ISREG(st.st_mode) && (candidate->target ? strcmp(candidate->target, file->path + 2) == 0
                                                      : search->prefix != NULL)) {
                candidate->kind = CANDIDATE_FILE;
                freep(&candidate->target);
        }
        if ((candidate->kind == CANDIDATE_FILE || candidate->kind == CANDIDATE_LINK) &&
                        kmod_formats_lack(search->formats, file->file))
                candidate->kind = CANDIDATE_COMPRESSED;
        return r;
}

static int file_found(void *userdata, const TreeFile *file)
{
        const Search *search = userdata;
        CandidateList *list = search->list;
        Candidate candidate CLEANUP(candidate_done) = { 0 };
        int r = classify(search, file, &candidate);

        if (r >= 0)
                r = module_name_from_file(file->file, &candidate.module);
        if (r < 0)
                return r;
        /* The walk began at ".", so that its paths begin with "./". */
        candidate.path = text_new(
                        "%s%s", search->prefix ? search->prefix : "", file->path + (search->prefix ? 1 : 2));
        if (!candidate.target)
                candidate.target = strdup("");
        if (!candidate.path || !candidate.target || !array_reserve(list->items, list->count))
                return -ENOMEM;
        list->items[list->count++] = candidate;
        candidate = (Candidate){ 0 };
        return 0;
}

static int entry_skipped(void *userdata, const char *path, const char *reason, int error)
{
        const Search *search = userdata;

        if (error != -ELOOP || search->list->loop)
                return 0;
        return text_format(&search->list->loop, "%s%s", search->base, path + 1);
}

static int follow(void *userdata, const char *path)
{
        static const char *const never[] = { "build", "source" }; /* depmod doesn't either */
        const char *name = strrchr(path, '/') + 1;
        Search *search = userdata;
        char *absolute CLEANUP_FREE = text_new("%s%s", search->base, path + 1);
        int fd;

        if (!absolute)
                return -ENOMEM;
        for (size_t i = 0; i < ELEMENTSOF(never); i++)
                if (strcmp(name, never[i]) == 0)
                        return -ENOENT;
        if (search->followed >= FOLLOWED_MAX)
                return -ELOOP;
        fd = host_root_open(search->root, absolute, O_RDONLY | O_DIRECTORY | O_NONBLOCK);
        search->followed += fd >= 0;
        return fd;
}

static int search_directory(Search *search, int fd, const StringSet *wanted)
{
        static const Tree everything = { .name = "" };
        const TreeScan scan = {
                .modules_fd = fd,
                .directory = ".",
                .wanted = wanted,
                .found = file_found,
                .skipped = entry_skipped,
                .follow = follow,
                .userdata = search,
        };

        return tree_walk(&everything, &scan);
}

static int compare_to(const Candidate *candidate, const char *module, const char *path)
{
        int order = strcmp(candidate->module, module);

        return order != 0 ? order : strcmp(candidate->path, path);
}

static int compare_candidates(const void *x, const void *y)
{
        const Candidate *b = y;

        return compare_to(x, b->module, b->path);
}

/* An external directory may lie in another one, or be named twice. */
static void drop_doubles(CandidateList *list)
{
        size_t kept = 0;

        for (size_t i = 0; i < list->count; i++) {
                if (kept > 0 && compare_candidates(&list->items[kept - 1], &list->items[i]) == 0)
                        candidate_done(&list->items[i]);
                else
                        list->items[kept++] = list->items[i];
        }
        list->count = kept;
}

static int search_externals(Search *search, const DepmodConfig *config, const StringSet *wanted)
{
        int r = 0;

        for (size_t i = 0; i < config->external_count && r >= 0; i++) {
                const char *name = config->externals[i].name;
                int fd CLEANUP_FD = host_root_open(search->root, name, O_RDONLY | O_DIRECTORY);

                search->base = search->prefix = name;
                if (fd >= 0)
                        r = search_directory(search, fd, wanted);
                else if (exhausted(fd))
                        r = fd;
        }
        return r;
}

int candidates_read(const HostRoot *root, const char *release, const StringSet *modules,
                const DepmodConfig *config, const KmodFormats *formats, CandidateList *ret)
{
        CandidateList list CLEANUP_CANDIDATE_LIST = { 0 };
        char *base CLEANUP_FREE = text_new("/lib/modules/%s", release);
        int fd CLEANUP_FD = host_root_open_modules(root, release);
        Search search = { .root = root,
                .release = release,
                .modules_fd = fd,
                .base = base,
                .formats = formats,
                .list = &list };
        int r = 0;

        if (!base || exhausted(fd))
                return base ? fd : -ENOMEM;
        if (fd >= 0)
                r = search_directory(&search, fd, modules);
        if (fd >= 0 && r >= 0)
                r = search_externals(&search, config, modules);
        if (r < 0)
                return r;
        if (list.count > 0)
                qsort(list.items, list.count, sizeof(*list.items), compare_candidates);
        drop_doubles(&list);
        *ret = list;
        list = (CandidateList){ 0 };
        return 0;
}

int candidates_read_module(const HostRoot *root, const char *release, const char *module,
                const DepmodConfig *config, const KmodFormats *formats, CandidateList *ret)
{
        StringSet modules CLEANUP_STRING_SET = { 0 };
        int r = string_set_add(&modules, module);

        return r < 0 ? r : candidates_read(root, release, &modules, config, formats, ret);
}

CandidateList candidates_of(const CandidateList *list, const char *module)
{
        size_t first = array_search(i, list->count, strcmp(list->items[i].module, module) < 0), count = 0;

        while (first + count < list->count && strcmp(list->items[first + count].module, module) == 0)
                count++;
        return (CandidateList){ .items = list->items + first, .count = count, .loop = list->loop };
}

int candidates_set_link(CandidateList *list, const char *module, const char *path, const char *target)
{
        size_t place = array_search(i, list->count, compare_to(&list->items[i], module, path) < 0);
        Candidate candidate CLEANUP(candidate_done) = { .kind = CANDIDATE_LINK };

        if (place < list->count && compare_to(&list->items[place], module, path) == 0) {
                candidate_done(&list->items[place]);
                list->count--;
                memmove(&list->items[place], &list->items[place + 1],
                                (list->count - place) * sizeof(*list->items));
        }
        if (!target)
                return 0;
        candidate.module = strdup(module);
        candidate.path = strdup(path);
        candidate.target = strdup(target);
        if (!candidate.module || !candidate.path || !candidate.target ||
                        !array_reserve(list->items, list->count))
                return -ENOMEM;
        memmove(&list->items[place + 1], &list->items[place], (list->count - place) * sizeof(*list->items));
        list->items[place] = candidate;
        list->count++;
        candidate = (Candidate){ 0 };
        return 0;
}
