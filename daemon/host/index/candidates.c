/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Looks for all files of a module. It opens none of them for reading. */

#include "host/index/candidates.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "host/path.h"
#include "host/tree/tree-walk.h"
#include "util/exhausted.h"
#include "util/text-format.h"

typedef struct Search {
        int modules_fd;
        const char *prefix; /* of an external directory: its path; NULL in the module directory */
        CandidateList *list;
} Search;

static void candidate_done(Candidate *candidate)
{
        free(candidate->path);
        free(candidate->target);
        *candidate = (Candidate){ 0 };
}

void candidate_list_done(CandidateList *list)
{
        for (size_t i = 0; i < list->count; i++)
                candidate_done(&list->items[i]);
        free(list->items);
        *list = (CandidateList){ 0 };
}

/* Follows a link. */
static int read_link_target(const Search *search, const TreeFile *file, Candidate *candidate)
{
        int fd CLEANUP_FD = openat(file->directory_fd, file->file, O_PATH | O_CLOEXEC);
        struct stat st;
        int r;

        candidate->kind = CANDIDATE_DANGLING;
        if (fd < 0 || fstat(fd, &st) < 0)
                return 0;
        candidate->kind = S_ISREG(st.st_mode) ? CANDIDATE_LINK : CANDIDATE_OTHER;
        if (!S_ISREG(st.st_mode))
                return 0;
        r = path_beneath(search->modules_fd, fd, &candidate->target);
        return exhausted(r) ? r : 0;
}

static int file_found(void *userdata, const TreeFile *file)
{
        const Search *search = userdata;
        Candidate candidate CLEANUP(candidate_done) = { .kind = CANDIDATE_OTHER };
        Candidate *larger;
        struct stat st;
        int r = 0;

        if (fstatat(file->directory_fd, file->file, &st, AT_SYMLINK_NOFOLLOW) < 0)
                return 0;
        if (S_ISREG(st.st_mode))
                candidate.kind = CANDIDATE_FILE;
        else if (S_ISLNK(st.st_mode))
                r = read_link_target(search, file, &candidate);
        if (r < 0)
                return r;
        /* The walk began at ".", so that its paths begin with "./". */
        if (search->prefix)
                r = text_format(&candidate.path, "%s%s", search->prefix, file->path + 1);
        else
                candidate.path = strdup(file->path + 2);
        if (r < 0)
                return -ENOMEM;
        if (!candidate.target)
                candidate.target = strdup("");
        larger = reallocarray(search->list->items, search->list->count + 1, sizeof(*larger));
        if (larger)
                search->list->items = larger;
        if (!larger || !candidate.path || !candidate.target)
                return -ENOMEM;
        larger[search->list->count++] = candidate;
        candidate = (Candidate){ 0 };
        return 0;
}

static int ignore_skipped(void *userdata, const char *path, const char *reason)
{
        return 0;
}

static int search_directory(Search *search, int fd, const StringSet *wanted)
{
        static const Tree everything = { .name = "" };
        const TreeScan scan = {
                .modules_fd = fd,
                .directory = ".",
                .wanted = wanted,
                .found = file_found,
                .skipped = ignore_skipped,
                .userdata = search,
        };

        return tree_walk(&everything, &scan);
}

static int compare_candidates(const void *x, const void *y)
{
        const Candidate *a = x, *b = y;

        return strcmp(a->path, b->path);
}

/* An external directory may lie in another one, or be named twice. */
static void drop_doubles(CandidateList *list)
{
        size_t kept = 0;

        for (size_t i = 0; i < list->count; i++) {
                if (kept > 0 && strcmp(list->items[kept - 1].path, list->items[i].path) == 0)
                        candidate_done(&list->items[i]);
                else
                        list->items[kept++] = list->items[i];
        }
        list->count = kept;
}

int candidates_read(const HostRoot *root, const char *release, const char *module,
                const DepmodConfig *config, CandidateList *ret)
{
        CandidateList list CLEANUP_CANDIDATE_LIST = { 0 };
        StringSet wanted CLEANUP_STRING_SET = { 0 };
        int fd CLEANUP_FD = host_root_open_modules(root, release);
        Search search = { .modules_fd = fd, .list = &list };
        int r = string_set_add(&wanted, module);

        if (r >= 0 && fd >= 0)
                r = search_directory(&search, fd, &wanted);
        for (size_t i = 0; i < config->external_count && r >= 0 && fd >= 0; i++) {
                int external_fd CLEANUP_FD =
                                host_root_open(root, config->externals[i].name, O_RDONLY | O_DIRECTORY);

                search.prefix = config->externals[i].name;
                if (external_fd >= 0)
                        r = search_directory(&search, external_fd, &wanted);
        }
        if (r < 0)
                return r;
        if (list.count > 0)
                qsort(list.items, list.count, sizeof(*list.items), compare_candidates);
        drop_doubles(&list);
        *ret = list;
        list = (CandidateList){ 0 };
        return 0;
}
