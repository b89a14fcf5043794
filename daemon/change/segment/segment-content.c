/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The same layout as on the host, links and all: depmod.d decides by paths. */

#include "change/segment/segment-content.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "change/segment/segment-mark.h"
#include "host/block-list.h"
#include "host/index/module-index.h"
#include "host/initramfs/cpio-reader.h"
#include "host/kernel/firmware.h"
#include "host/modprobe-rules.h"
#include "host/module/module-read.h"
#include "host/name.h"
#include "util/array.h"
#include "util/directory.h"
#include "util/fs-tree.h"
#include "util/fs.h"
#include "util/text-format.h"

#define UNPACKED_MAX (1024ULL * 1024 * 1024)
#define FILE_MAX (64U * 1024 * 1024)
#define INDEX_PREFIX "modules."
#define NO_BLOCK "# hostdriver: this module is no longer deselected.\n"

/* What is at work. */
typedef struct Making {
        const HostRoot *root;
        const InitramfsImage *old;
        const SegmentBase *base;
        SegmentStage *stage;
        ModuleIndex *index;
        ModprobeRules soft; /* the soft dependencies that the host's modules name */
        int modules_fd;     /* the host's module directory */
        SegmentContent *content;
        Refusal *refusal;
} Making;

static void file_done(SegmentFile *file)
{
        free(file->path);
        free(file->data);
}

void segment_content_done(SegmentContent *content)
{
        for (size_t i = 0; i < content->count; i++)
                file_done(&content->files[i]);
        free(content->files);
        *content = (SegmentContent){ 0 };
}

/* The files whose paths FITS says yes to go. */
static void drop_files(
                SegmentContent *content, bool (*fits)(const char *path, const char *name), const char *name)
{
        size_t kept = 0;

        for (size_t i = 0; i < content->count; i++)
                if (fits(content->files[i].path, name))
                        file_done(&content->files[i]);
                else
                        content->files[kept++] = content->files[i];
        content->count = kept;
}

static bool is_path(const char *path, const char *other)
{
        return strcmp(path, other) == 0;
}

static bool is_of_module(const char *path, const char *module)
{
        const char *slash = strrchr(path, '/');
        char *name CLEANUP_FREE = NULL;

        return module_name_from_file(slash ? slash + 1 : path, &name) >= 0 && strcmp(name, module) == 0;
}

/* In the place of what has that path. */
static int put_file(SegmentContent *content, char *path_taken, mode_t mode, void *data_taken, size_t size)
{
        char *path CLEANUP_FREE = path_taken;
        uint8_t *data CLEANUP_FREE = data_taken;

        drop_files(content, is_path, path);
        if (!array_reserve(content->files, content->count))
                return -ENOMEM;
        content->files[content->count++] = (SegmentFile){
                .path = STEAL(path), .mode = mode, .data = STEAL(data), .size = size
        };
        return 0;
}

static int add_file(SegmentContent *content, const char *directory, const char *path, mode_t mode,
                void *data_taken, size_t size)
{
        uint8_t *data CLEANUP_FREE = data_taken;
        char *joined = NULL;

        if (!data || text_format(&joined, "%s/%s", directory, path) < 0)
                return -ENOMEM;
        return put_file(content, joined, mode, STEAL(data), size);
}

/* --- an earlier segment ---------------------------------------------------------------------------------
 */

/* The part of PATH behind the image's module directory; NULL if it lies elsewhere. */
static const char *below_modules(const SegmentBase *base, const char *path)
{
        size_t length = strlen(base->modules);

        return strncmp(path, base->modules, length) == 0 && path[length] == '/' ? path + length + 1 : NULL;
}

/* What our segments bring: files and links in the module directory, blocks, the mark. */
static bool is_ours(const CpioEntry *entry, const char *module)
{
        size_t length = strlen(&BLOCK_DIRECTORY[1]);

        if (S_ISDIR(entry->mode))
                return true;
        if (module)
                return S_ISREG(entry->mode) || S_ISLNK(entry->mode);
        return S_ISREG(entry->mode) &&
               (strcmp(entry->name, SEGMENT_MARK_FILE) == 0 ||
                               (strncmp(entry->name, &BLOCK_DIRECTORY[1], length) == 0 &&
                                               entry->name[length] == '/'));
}

static int take_entry(CpioReader *reader, const CpioEntry *entry, const SegmentBase *base,
                SegmentStage *stage, SegmentContent *content, Refusal *refusal)
{
        const char *module = below_modules(base, entry->name);
        uint8_t *data CLEANUP_FREE = NULL;
        char *path CLEANUP_FREE = NULL;
        int r;

        if (!is_ours(entry, module))
                return refuse(refusal, REFUSAL_NOT_SUPPORTED,
                                "Behind its segment the image has what is not of a segment: %s.",
                                entry->name);
        if (S_ISDIR(entry->mode) || strcmp(entry->name, SEGMENT_MARK_FILE) == 0 ||
                        (module && strncmp(module, INDEX_PREFIX, strlen(INDEX_PREFIX)) == 0))
                return 0;
        r = cpio_reader_content(reader, FILE_MAX, &data);
        if (r < 0)
                return r;
        if (module)
                r = S_ISLNK(entry->mode) ? segment_stage_link(stage, module, (const char *) data)
                                         : segment_stage_put(stage, module, data, entry->size);
        if (r < 0)
                return r;
        path = strdup(entry->name);
        return path ? put_file(content, STEAL(path), entry->mode, STEAL(data), entry->size) : -ENOMEM;
}

int segment_content_take(int fd, const SegmentBase *base, SegmentStage *stage, SegmentContent *content,
                Refusal *refusal)
{
        CpioReader *reader CLEANUP(cpio_reader_freep) = NULL;
        CpioEntry *entry CLEANUP_FREE = malloc(sizeof(*entry));
        int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);
        int r = copy < 0 ? -errno : cpio_reader_new(copy, UNPACKED_MAX, &reader);

        if (!entry)
                return -ENOMEM;
        while (r >= 0) {
                r = cpio_reader_next(reader, entry);
                if (r <= 0)
                        break;
                r = take_entry(reader, entry, base, stage, content, refusal);
        }
        return r;
}

/* --- modules --------------------------------------------------------------------------------------------
 */

static int lacks(const Making *making, const char *what, const char *name, const char *module)
{
        return refuse(making->refusal, REFUSAL_NOT_SUPPORTED,
                        "The initramfs of kernel release %s lacks the %s %s, which %s needs.",
                        making->stage->release, what, name, module);
}

/* The host's file at PATH, relative to the module directory, which is no link: into the archive, and as a
 * link into the stage. */
static int bring_file(Making *making, const char *path)
{
        char *name CLEANUP_FREE = NULL, *resolved CLEANUP_FREE = NULL, *data CLEANUP_FREE = NULL;
        int fd CLEANUP_FD = -1;
        size_t size;
        int r;

        if (text_format(&name, "/lib/modules/%s/%s", making->stage->release, path) < 0)
                return -ENOMEM;
        fd = host_root_open(making->root, name, O_RDONLY | O_NONBLOCK | O_NOCTTY);
        if (fd < 0)
                return fd;
        r = fs_read_fd(fd, FILE_MAX, &data, &size);
        if (r >= 0)
                r = host_root_resolve(making->root, name, &resolved);
        if (r >= 0)
                r = segment_stage_link(making->stage, path, resolved);
        return r < 0 ? r
                     : add_file(making->content, making->base->modules, path, S_IFREG | 0644, STEAL(data),
                                       size);
}

/* Where a link of the module directory leads, if that is in there: "../xenserver/a/1/a.ko" of updates/a.ko.
 * NULL: it leads elsewhere. */
static int follow(const char *path, const char *target, char **ret)
{
        const char *slash = strrchr(path, '/');
        size_t length = slash ? (size_t) (slash - path) : 0;

        while (strncmp(target, "../", 3) == 0) {
                if (length == 0)
                        return 0;
                while (length > 0 && path[length - 1] != '/')
                        length--;
                length -= length > 0;
                target += 3;
        }
        if (target[0] == '/' || strstr(target, "../"))
                return 0;
        return text_format(ret, "%.*s%s%s", (int) length, path, length > 0 ? "/" : "", target);
}

static int bring_link(Making *making, const char *path, char *target_taken)
{
        char *target CLEANUP_FREE = target_taken, *inside CLEANUP_FREE = NULL;
        struct stat st;
        int r = follow(path, target, &inside);

        if (r < 0)
                return r;
        /* A file by whatever name does as well, where one link doesn't tell all of the way. */
        if (!inside || fstatat(making->modules_fd, inside, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
                        !S_ISREG(st.st_mode))
                return bring_file(making, path);
        r = segment_stage_link(making->stage, path, target);
        if (r >= 0)
                r = add_file(making->content, making->base->modules, path, S_IFLNK | 0777, strdup(target),
                                strlen(target));
        return r < 0 ? r : bring_file(making, inside);
}

/* What the host would load, in the place of what the image has. */
static int exchange(Making *making, const ImageWant *want)
{
        char *path CLEANUP_FREE = NULL, *target = NULL;
        int r = module_index_resolve(making->index, want->module, &path);

        if (r >= 0)
                r = segment_stage_drop(making->stage, want->module);
        if (r < 0)
                return r;
        drop_files(making->content, is_of_module, want->module);
        r = fs_read_link_at(making->modules_fd, path, &target);
        return r >= 0 ? bring_link(making, path, target) : r == -EINVAL ? bring_file(making, path) : r;
}

/* --- what the image must have already -------------------------------------------------------------------
 */

static int check_firmware(const Making *making, const ImageWant *want)
{
        StringSet missing CLEANUP_STRING_SET = { 0 };
        const char *name = NULL;
        int r = firmware_missing(making->root, making->stage->release, want->file, &missing);

        while (r >= 0 && (name = module_file_next(want->file, "firmware", name)))
                if (*name && !strpbrk(name, "*?[") && !string_set_contains(&missing, name) &&
                                !segment_base_has_firmware(making->base, name))
                        r = lacks(making, "firmware", name, want->module);
        return r;
}

/* "pre: a b post: c". A name that the host has no file of is passed over, as modprobe does. */
static int check_soft(const Making *making, const ImageWant *want, const StringSet *held)
{
        const ModprobeLine *line = modprobe_rules_next(&making->soft, MODPROBE_SOFTDEP, want->module, NULL);
        char *text CLEANUP_FREE = line ? strdup(line->text) : NULL, *rest = NULL;

        if (line && !text)
                return -ENOMEM;
        for (char *word = text ? strtok_r(text, " \t", &rest) : NULL; word;
                        word = strtok_r(NULL, " \t", &rest)) {
                char *name CLEANUP_FREE = NULL, *path CLEANUP_FREE = NULL;
                int r = module_name_canonical(word, &name);

                if (r >= 0 && !string_set_contains(held, name))
                        r = module_index_resolve(making->index, name, &path);
                if (r == -ENOMEM)
                        return r;
                if (path)
                        return lacks(making, "module", name, want->module);
        }
        return 0;
}

/* The image's file of MODULE, links followed. A descriptor; -ENOENT. */
static int open_staged(const Making *making, const char *module)
{
        for (size_t i = 0; i < making->stage->paths.count; i++)
                if (is_of_module(making->stage->paths.items[i], module)) {
                        int fd = openat(making->stage->fd, making->stage->paths.items[i],
                                        O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

                        return fd < 0 ? -errno : fd;
                }
        return -ENOENT;
}

/* Whether two files hold the same module. 1, 0, or -ENOMEM. */
static int compare_modules(int a, int b)
{
        ModuleFile *a_file CLEANUP(module_file_unrefp) = NULL, *b_file CLEANUP(module_file_unrefp) = NULL;
        struct stat a_stat, b_stat;
        int r;

        if (fstat(a, &a_stat) < 0 || fstat(b, &b_stat) < 0)
                return 0;
        if (a_stat.st_dev == b_stat.st_dev && a_stat.st_ino == b_stat.st_ino)
                return 1;
        r = module_file_read(a, NULL, &a_file);
        if (r >= 0)
                r = module_file_read(b, NULL, &b_file);
        return r < 0 ? r : initramfs_module_is(&(InitramfsModule){ .file = a_file }, b_file);
}

/* What a module needs must be what it was built with: the host's. */
static int check_same(const Making *making, const char *needed, const char *module)
{
        char *path CLEANUP_FREE = NULL;
        int staged CLEANUP_FD = -1, fd CLEANUP_FD = -1;
        int r = module_index_resolve(making->index, needed, &path);

        if (r < 0)
                return r == -ENOMEM ? r : 0;
        fd = openat(making->modules_fd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        staged = open_staged(making, needed);
        r = fd < 0 || staged < 0 ? 0 : compare_modules(staged, fd);
        if (r != 0)
                return r < 0 ? r : 0;
        return refuse(making->refusal, REFUSAL_NOT_SUPPORTED,
                        "The initramfs of kernel release %s has another module %s than the host, and %s needs "
                        "the host's.",
                        making->stage->release, needed, module);
}

static int check_needs(const Making *making, const ImageWant *want, const StringSet *held)
{
        StringSet needed CLEANUP_STRING_SET = { 0 };
        int r = module_index_dependencies(making->index, want->module, &needed);

        for (size_t i = 0; r >= 0 && i < needed.count; i++)
                if (module_index_is_builtin(making->index, needed.items[i]))
                        continue;
                else if (!string_set_contains(held, needed.items[i]))
                        r = lacks(making, "module", needed.items[i], want->module);
                else
                        r = check_same(making, needed.items[i], want->module);
        if (r >= 0)
                r = check_soft(making, want, held);
        return r < 0 ? r : check_firmware(making, want);
}

/* --- modprobe.d -----------------------------------------------------------------------------------------
 */

static int change_block(const Making *making, const ImageWant *want)
{
        char *name CLEANUP_FREE = NULL, *text CLEANUP_FREE = NULL;
        int r = block_file_name(want->module, &name);

        if (r < 0)
                return r;
        if (want->blocked)
                r = block_text_format(want->module, &text);
        else
                r = text_format(&text, "%s", NO_BLOCK);
        if (r < 0)
                return r;
        r = (int) strlen(text);
        return add_file(making->content, &BLOCK_DIRECTORY[1], name, S_IFREG | 0644, STEAL(text), (size_t) r);
}

/* --- all of it ------------------------------------------------------------------------------------------
 */

/* What a boot with the image would go by, and is to go by: 1 if the module is exchanged, 0 if not. */
static int take_want(Making *making, const ImageWant *want)
{
        const InitramfsModule *held = initramfs_image_module(making->old, want->module);
        bool blocked = string_set_contains(&making->old->blocked, want->module);
        int r = 0;

        if (!held)
                return want->listed && want->file && !want->blocked
                                       ? refuse(making->refusal, REFUSAL_NOT_SUPPORTED,
                                                         "The initramfs of kernel release %s lacks %s, which "
                                                         "is to be in it.",
                                                         making->stage->release, want->module)
                                       : 0;
        if (want->blocked != blocked)
                r = change_block(making, want);
        if (r < 0 || want->blocked || !want->file || (held->file && initramfs_module_is(held, want->file)))
                return r;
        r = exchange(making, want);
        return r < 0 ? r : 1;
}

static int take_wants(Making *making, const ImageWants *wants)
{
        bool *exchanged CLEANUP_FREE = calloc(wants->count + 1, sizeof(*exchanged));
        StringSet held CLEANUP_STRING_SET = { 0 };
        int r = exchanged ? 0 : -ENOMEM;

        for (size_t i = 0; r >= 0 && i < wants->count; i++) {
                r = take_want(making, &wants->items[i]);
                exchanged[i] = r > 0;
        }
        if (r >= 0)
                r = segment_stage_modules(making->stage, &held);
        for (size_t i = 0; r >= 0 && i < wants->count; i++)
                if (exchanged[i])
                        r = check_needs(making, &wants->items[i], &held);
        return r;
}

/* All files that depmod has written. */
static int collect_index(const Making *making)
{
        DIR *directory CLEANUP_DIRECTORY = NULL;
        const struct dirent *entry;
        int r = directory_open(fs_open_directory_at(making->stage->fd, "", false), &directory);

        while (r >= 0 && (entry = readdir(directory))) {
                char *data CLEANUP_FREE = NULL;
                size_t size;

                if (strncmp(entry->d_name, INDEX_PREFIX, strlen(INDEX_PREFIX)) != 0)
                        continue;
                r = fs_read_file_at(dirfd(directory), entry->d_name, FILE_MAX, &data, &size);
                if (r >= 0)
                        r = add_file(making->content, making->base->modules, entry->d_name, S_IFREG | 0644,
                                        STEAL(data), size);
        }
        return r;
}

int segment_content_make(const HostRoot *root, const InitramfsImage *old, const SegmentBase *base,
                const ImageWants *wants, SegmentStage *stage, SegmentContent *content, Refusal *refusal)
{
        ModuleIndex *index CLEANUP(module_index_freep) = NULL;
        int modules_fd CLEANUP_FD = host_root_open_modules(root, stage->release);
        Making making = { .root = root,
                .old = old,
                .base = base,
                .stage = stage,
                .modules_fd = modules_fd,
                .content = content,
                .refusal = refusal };
        int r = modules_fd < 0 ? modules_fd : module_index_open(root, stage->release, &index);

        making.index = index;
        if (r >= 0)
                r = modprobe_rules_read_release(root, stage->release, &making.soft);
        if (r >= 0)
                r = take_wants(&making, wants);
        modprobe_rules_done(&making.soft);
        if (r >= 0)
                r = segment_stage_index(stage, root, refusal);
        return r < 0 ? r : collect_index(&making);
}
