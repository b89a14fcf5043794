/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The fallback tree is read last: only then is it known which modules are drivers. */

#include "host/tree/catalogue-read.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "host/name.h"
#include "host/tree/tree-walk.h"
#include "util/array.h"
#include "util/directory.h"
#include "util/exhausted.h"
#include "util/fs.h"
#include "util/text-format.h"

typedef struct Reader {
        const HostRoot *root;
        const Config *config;
        const Catalogue *previous;
        const MetadataCache *cache;
        Catalogue *catalogue;
        /* While one tree of one release is walked: */
        FileSource source;
        CatalogueRelease *release;
        const Tree *tree;
} Reader;

/* PATH is absolute beneath the root, as it is. */
static int add_skip(Catalogue *catalogue, const char *path, const char *reason, int error)
{
        char *escaped CLEANUP_FREE = name_escape(path);
        CatalogueSkip skip = { .error = error };

        if (!escaped)
                return -ENOMEM;
        skip.path = string_pool_add(&catalogue->strings, escaped);
        skip.reason = string_pool_add(&catalogue->strings, reason);
        if (!skip.path || !skip.reason || !array_reserve(catalogue->skips, catalogue->skip_count))
                return -ENOMEM;
        catalogue->skips[catalogue->skip_count++] = skip;
        return 0;
}

static int tell_in_release(
                Catalogue *catalogue, const char *release, const char *path, const char *reason, int error)
{
        char *absolute CLEANUP_FREE = NULL;

        if (text_format(&absolute, "/lib/modules/%s%s%s", release, *path ? "/" : "", path) < 0)
                return -ENOMEM;
        return add_skip(catalogue, absolute, reason, error);
}

static int skip_in_release(Catalogue *catalogue, const char *release, const char *path, const char *reason)
{
        return tell_in_release(catalogue, release, path, reason, 0);
}

static int entry_skipped(void *userdata, const char *path, const char *reason, int error)
{
        Reader *reader = userdata;

        return tell_in_release(reader->catalogue, reader->release->release, path, reason, error);
}

/* A copy of TEXT; the one of the file before, if that says the same. */
static char *share(Reader *reader, char *before, const char *text)
{
        if (before && strcmp(before, text) == 0)
                return before;
        return string_pool_add(&reader->catalogue->strings, text);
}

static int file_found(void *userdata, const TreeFile *found)
{
        Reader *reader = userdata;
        CatalogueRelease *release = reader->release;
        TreeInfo *info CLEANUP(tree_info_unrefp) = found->info;
        ModuleFile *metadata CLEANUP(module_file_unrefp) = NULL;
        char *module CLEANUP_FREE = NULL;
        const CatalogueFile *before = release->count > 0 ? &release->files[release->count - 1] : NULL;
        CatalogueFile file = { .tree = reader->tree };
        int r;

        r = module_name_from_file(found->file, &module);
        if (r < 0)
                return r;
        r = catalogue_file_read(&reader->source, found, &file.stamp, &metadata);
        if (r <= 0)
                return r;
        file.module = share(reader, before ? before->module : NULL, module);
        file.package = share(reader, before ? before->package : NULL, found->package);
        file.version = share(reader, before ? before->version : NULL, found->version);
        file.path = string_pool_add(&reader->catalogue->strings, found->path);
        if (!array_reserve(release->files, release->count))
                return -ENOMEM;
        if (!file.module || !file.package || !file.version || !file.path ||
                        string_set_add(&reader->catalogue->modules, module) < 0)
                return -ENOMEM;
        file.file = STEAL(metadata);
        file.info = STEAL(info);
        release->files[release->count++] = file;
        return 0;
}

static int scan_tree(Reader *reader, const Tree *tree)
{
        TreeScan scan = {
                .modules_fd = reader->source.modules_fd,
                .directory = config_tree_directory(reader->config, tree),
                .wanted = &reader->catalogue->modules,
                .found = file_found,
                .skipped = entry_skipped,
                .userdata = reader,
        };

        if (scan.directory[0] == '\0')
                return 0;
        reader->tree = tree;
        return tree_walk(tree, &scan);
}

static int cannot_open(Catalogue *catalogue, const char *release, int error)
{
        char *reason CLEANUP_FREE = text_new("can't be opened: %s", strerror(-error));

        return reason ? tell_in_release(catalogue, release, "", reason, error) : -ENOMEM;
}

/* Walks the trees of one release: the fallback, or all the others. */
static int scan_release(Reader *reader, CatalogueRelease *release, bool fallback)
{
        int fd CLEANUP_FD = host_root_open_modules(reader->root, release->release);
        char *absolute CLEANUP_FREE = NULL, *modules_path CLEANUP_FREE = NULL;
        int r = 0;

        if (fd == -ENOENT || fd == -ENOTDIR)
                return 0;
        if (exhausted(fd))
                return fd;
        if (fd < 0)
                return fallback ? 0 : cannot_open(reader->catalogue, release->release, fd);
        if (text_format(&absolute, "/lib/modules/%s", release->release) < 0)
                return -ENOMEM;
        r = host_root_resolve(reader->root, absolute, &modules_path);
        if (exhausted(r))
                return r;
        r = 0;
        reader->release = release;
        reader->source = (FileSource){
                .root = reader->root,
                .release = release->release,
                .modules_fd = fd,
                .modules_path = modules_path,
                .previous = reader->previous ? catalogue_release(reader->previous, release->release) : NULL,
                .cache = reader->cache,
        };
        release->has_index = faccessat(fd, "modules.dep.bin", F_OK, 0) >= 0;
        for (size_t i = 0; all_trees[i] && r >= 0; i++)
                if (all_trees[i]->is_fallback == fallback)
                        r = scan_tree(reader, all_trees[i]);
        return r;
}

static size_t precedence(const Tree *tree)
{
        size_t i = 0;

        while (all_trees[i] && all_trees[i] != tree)
                i++;
        return i;
}

/* What makes two files the same version of the same module. */
static int compare_identity(const CatalogueFile *a, const CatalogueFile *b)
{
        int order = strcmp(a->module, b->module);

        if (order == 0)
                order = a->tree->is_fallback - b->tree->is_fallback;
        if (order == 0)
                order = strcmp(a->package, b->package);
        if (order == 0)
                order = strcmp(a->version, b->version);
        return order;
}

static int compare_files(const void *x, const void *y)
{
        const CatalogueFile *a = x, *b = y;
        int order = compare_identity(a, b);

        if (order == 0)
                order = (int) precedence(a->tree) - (int) precedence(b->tree);
        return order != 0 ? order : strcmp(a->path, b->path);
}

/* Sorts the files, and takes out those that another one stands for. */
static int finish_release(Catalogue *catalogue, CatalogueRelease *release)
{
        CatalogueFile *files = release->files;
        size_t kept = 0;
        int r = 0;

        if (release->count > 0)
                qsort(files, release->count, sizeof(*files), compare_files);
        for (size_t i = 0; i < release->count; i++) {
                if (kept == 0 || compare_identity(&files[kept - 1], &files[i]) != 0) {
                        files[kept++] = files[i];
                        continue;
                }
                if (r >= 0)
                        r = skip_in_release(catalogue, release->release, files[i].path,
                                        "is a second file of this module in this version");
                (void) module_file_unref(files[i].file);
                (void) tree_info_unref(files[i].info);
        }
        release->count = kept;
        if (kept > 0) {
                files = reallocarray(files, kept, sizeof(*files));
                release->files = files ? files : release->files;
        }
        return r < 0 ? r : catalogue_order_builds(release);
}

/* 1 if it is, 0 if not, or an error of exhausted(). */
static int is_directory(const HostRoot *root, const char *release, int fd, const struct dirent *entry)
{
        struct stat st;
        int release_fd CLEANUP_FD = -ENOENT;

        if (entry->d_type == DT_DIR)
                return 1;
        if (entry->d_type == DT_UNKNOWN && fstatat(fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) >= 0 &&
                        S_ISDIR(st.st_mode))
                return 1;
        /* A link from one release to another's directory is how some hosts name their kernel. */
        if (entry->d_type == DT_LNK || entry->d_type == DT_UNKNOWN)
                release_fd = host_root_open_modules(root, release);
        if (exhausted(release_fd))
                return release_fd;
        /* One that can't be opened is told as such later. */
        return release_fd != -ENOENT && release_fd != -ENOTDIR && release_fd != -ELOOP;
}

/* Whether modules could be in a directory that depmod makes no index for. */
static bool holds_tree(const Reader *reader, int fd, const char *name)
{
        int release_fd CLEANUP_FD = openat(fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        struct stat st;

        for (size_t i = 0; all_trees[i] && release_fd >= 0; i++) {
                const char *directory = config_tree_directory(reader->config, all_trees[i]);

                if (*directory && fstatat(release_fd, directory, &st, 0) >= 0)
                        return true;
        }
        return false;
}

/* Only what depmod can make an index for is a kernel release: a selection for another one would fail when
 * the links are there already. */
static int take_directory(const Reader *reader, int fd, const char *name, StringSet *ret)
{
        if (name_is_kernel_release(name))
                return string_set_add(ret, name);
        /* Where version directories stand that are being added or removed. */
        if (fs_is_temporary(name))
                return 0;
        if (!holds_tree(reader, fd, name))
                return 0;
        return skip_in_release(reader->catalogue, name, "",
                        "doesn't begin with two numbers and a point between, as a kernel release does, so "
                        "that depmod takes it for none");
}

/* The names of the directories in /lib/modules that are kernel releases. */
static int list_releases(const Reader *reader, StringSet *ret)
{
        const HostRoot *root = reader->root;
        int fd = host_root_open(root, "/lib/modules", O_RDONLY | O_DIRECTORY);
        DIR *dir CLEANUP_DIRECTORY = NULL;
        const struct dirent *entry;
        int r;

        r = directory_open(fd, &dir);
        if (r < 0)
                return r == -ENOENT ? 0 : r;
        while (r >= 0 && (errno = 0, entry = readdir(dir))) {
                NameDefect defect = name_check(entry->d_name);

                if (defect == NAME_VALID) {
                        r = is_directory(root, entry->d_name, fd, entry);
                        if (r > 0)
                                r = take_directory(reader, fd, entry->d_name, ret);
                } else if (defect != NAME_VALID && defect != NAME_RESERVED)
                        r = skip_in_release(reader->catalogue, entry->d_name, "", name_defect_text(defect));
        }
        return r < 0 ? r : -errno;
}

static int make_releases(Catalogue *catalogue, const StringSet *names)
{
        catalogue->releases = calloc(names->count > 0 ? names->count : 1, sizeof(*catalogue->releases));
        if (!catalogue->releases)
                return -ENOMEM;
        for (size_t i = 0; i < names->count; i++) {
                char *name = string_pool_add(&catalogue->strings, names->items[i]);

                if (!name)
                        return -ENOMEM;
                catalogue->releases[catalogue->release_count++].release = name;
        }
        return 0;
}

int catalogue_read(const HostRoot *root, const Config *config, const Catalogue *previous,
                const MetadataCache *cache, Catalogue **ret)
{
        Catalogue *catalogue CLEANUP(catalogue_freep) = calloc(1, sizeof(*catalogue));
        StringSet names CLEANUP_STRING_SET = { 0 };
        Reader reader = {
                .root = root,
                .config = config,
                .previous = previous,
                .cache = cache,
                .catalogue = catalogue,
        };
        int r;

        if (!catalogue)
                return -ENOMEM;
        r = list_releases(&reader, &names);
        if (r >= 0)
                r = make_releases(catalogue, &names);
        for (size_t i = 0; r >= 0 && i < catalogue->release_count; i++)
                r = scan_release(&reader, &catalogue->releases[i], false);
        /* Only now is it known which modules are drivers, in whatever release. */
        for (size_t i = 0; r >= 0 && i < catalogue->release_count && catalogue->modules.count > 0; i++)
                r = scan_release(&reader, &catalogue->releases[i], true);
        for (size_t i = 0; r >= 0 && i < catalogue->release_count; i++)
                r = finish_release(catalogue, &catalogue->releases[i]);
        if (r < 0)
                return r;
        *ret = STEAL(catalogue);
        return 0;
}
