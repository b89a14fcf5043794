/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Walks through an image once. It is read to the end before anything is said of it: later entries count. */

#include "change/segment/segment-base.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "change/tool/depmod.h"
#include "host/initramfs/cpio-reader.h"
#include "host/initramfs/initramfs-image.h"
#include "host/name.h"
#include "host/path.h"
#include "util/fs.h"
#include "util/text-format.h"

#define UNPACKED_MAX (4ULL * 1024 * 1024 * 1024)
#define FILE_MAX (64U * 1024 * 1024)
#define INDEX_FILE "modules.dep"
#define FIRMWARE_DIRECTORY "lib/firmware/"

typedef struct Walk {
        const HostRoot *root;
        SegmentStage *stage;
        SegmentBase *base;
        CpioReader *reader;
        CpioEntry entry;
        Refusal *refusal;
} Walk;

void segment_base_done(SegmentBase *base)
{
        string_set_done(&base->paths);
        string_set_done(&base->others);
        free(base->modules);
        *base = (SegmentBase){ 0 };
}

static bool is_module(const char *path)
{
        const char *file = strrchr(path, '/');

        return module_file_stem(file ? file + 1 : path) > 0;
}

/* The path of the host's file of the same path and content, as depmod must name it; NULL: there is none. */
static int find_same(const Walk *walk, const char *path, const void *data, size_t size, char **ret)
{
        char *name CLEANUP_FREE = NULL, *content CLEANUP_FREE = NULL;
        int fd CLEANUP_FD = -1;
        struct stat st;
        int r;

        if (text_format(&name, "/lib/modules/%s/%s", walk->stage->release, path) < 0)
                return -ENOMEM;
        fd = host_root_open(walk->root, name, O_RDONLY | O_NONBLOCK | O_NOCTTY);
        if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || (size_t) st.st_size != size)
                return 0;
        r = fs_read_fd(fd, size, &content, NULL);
        if (r < 0)
                return r == -ENOMEM ? r : 0;
        if (memcmp(content, data, size) != 0)
                return 0;
        r = host_root_resolve(walk->root, name, ret);
        return r == -ENOMEM ? r : 0;
}

static int take_file(Walk *walk, const char *path)
{
        const CpioEntry *entry = &walk->entry;
        uint8_t *content CLEANUP_FREE = NULL;
        char *same CLEANUP_FREE = NULL;
        int r;

        r = cpio_reader_content(walk->reader, FILE_MAX, &content);
        if (r >= 0 && is_module(path))
                r = find_same(walk, path, content, entry->size, &same);
        if (r < 0)
                return r;
        return same ? segment_stage_link(walk->stage, path, same)
                    : segment_stage_put(walk->stage, path, content, entry->size);
}

static int take_link(Walk *walk, const char *path)
{
        uint8_t *target CLEANUP_FREE = NULL;
        int r = cpio_reader_content(walk->reader, CPIO_NAME_MAX, &target);

        /* Those of mkinitcpio name the image's own directory, which the stage is not. */
        if (r >= 0 && target[0] == '/')
                return refuse(walk->refusal, REFUSAL_NOT_SUPPORTED, "The image has an absolute link: %s.",
                                path);
        return r < 0 ? r : segment_stage_link(walk->stage, path, (const char *) target);
}

/* Of a file or link in the module directory. */
static int check_place(Walk *walk, const char *name, const char *path)
{
        size_t length = (size_t) (path - name) - 1;

        if (!path_is_below(name))
                return refuse(walk->refusal, REFUSAL_NOT_SUPPORTED, "The image has an odd path: %s.", name);
        /* To write to one would change the others (the kernel's init/initramfs.c: maybe_link()). */
        if (S_ISREG(walk->entry.mode) && walk->entry.links > 1)
                return refuse(walk->refusal, REFUSAL_NOT_SUPPORTED,
                                "The image has several names of one file: %s.", path);
        if (!walk->base->modules) {
                walk->base->modules = strndup(name, length);
                return walk->base->modules ? 0 : -ENOMEM;
        }
        if (strlen(walk->base->modules) != length || strncmp(walk->base->modules, name, length) != 0)
                return refuse(walk->refusal, REFUSAL_NOT_SUPPORTED, "The image has two module directories.");
        return 0;
}

static bool is_in_etc(const char *name)
{
        return strncmp(name, "etc", 3) == 0 && (name[3] == '/' || name[3] == '\0');
}

static int take_entry(Walk *walk)
{
        const char *name = walk->entry.name, *path;
        int r;

        while (name[0] == '/' || (name[0] == '.' && name[1] == '/'))
                name++;
        if (*name == '\0' || strcmp(name, ".") == 0)
                return 0;
        r = string_set_add(&walk->base->paths, name);
        path = initramfs_module_path(name, walk->stage->release);
        if (r >= 0 && !S_ISDIR(walk->entry.mode) && (path || is_in_etc(name)))
                r = string_set_add(&walk->base->others, name);
        if (r < 0 || !path || *path == '\0' || S_ISDIR(walk->entry.mode))
                return r;
        r = check_place(walk, name, path);
        if (r < 0)
                return r;
        if (strcmp(path, INDEX_FILE) == 0) {
                walk->base->indexed = S_ISREG(walk->entry.mode);
                return 0;
        }
        if (S_ISREG(walk->entry.mode) && (is_module(path) || index_is_source(path)))
                return take_file(walk, path);
        return S_ISLNK(walk->entry.mode) && is_module(path) ? take_link(walk, path) : 0;
}

/* What leads nowhere in the image would have depmod write an empty index. */
static int drop_dangling(SegmentStage *stage)
{
        for (size_t i = 0; i < stage->paths.count;) {
                char *path CLEANUP_FREE = strdup(stage->paths.items[i]);
                struct stat st;

                if (!path)
                        return -ENOMEM;
                if (fstatat(stage->fd, path, &st, 0) >= 0 && S_ISREG(st.st_mode)) {
                        i++;
                        continue;
                }
                if (unlinkat(stage->fd, path, 0) < 0)
                        return -errno;
                (void) string_set_remove(&stage->paths, path);
        }
        return 0;
}

static int check(const SegmentBase *base, Refusal *refusal)
{
        if (!base->indexed)
                return refuse(refusal, REFUSAL_NOT_SUPPORTED, "The image has no modules.dep.");
        return 0;
}

int segment_base_read(int fd, const HostRoot *root, SegmentStage *stage, SegmentBase *ret, Refusal *refusal)
{
        SegmentBase base CLEANUP(segment_base_done) = { 0 };
        Walk *walk CLEANUP_FREE = calloc(1, sizeof(*walk));
        int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);
        CpioReader *reader CLEANUP(cpio_reader_freep) = NULL;
        int r;

        if (copy < 0 || lseek(copy, 0, SEEK_SET) < 0) {
                r = -errno;
                (void) fd_close(copy);
                return r;
        }
        r = cpio_reader_new(copy, UNPACKED_MAX, &reader);
        if (!walk)
                return -ENOMEM;
        *walk = (Walk){ .root = root, .stage = stage, .base = &base, .reader = reader, .refusal = refusal };
        while (r >= 0) {
                r = cpio_reader_next(reader, &walk->entry);
                if (r <= 0)
                        break;
                base.compression = cpio_reader_compression(reader);
                r = take_entry(walk);
        }
        if (r >= 0)
                r = check(&base, refusal);
        if (r >= 0)
                r = drop_dangling(stage);
        if (r < 0)
                return r;
        *ret = base;
        base = (SegmentBase){ 0 };
        return 0;
}

/* Whether PATH is NAME below one of the directories where the kernel looks. */
static bool is_firmware(const char *path, const char *name)
{
        static const char *const endings[] = { "", ".xz", ".zst" };
        const char *below = strstr(path, FIRMWARE_DIRECTORY);
        size_t length = strlen(name);

        if (!below || length == 0)
                return false;
        below += strlen(FIRMWARE_DIRECTORY);
        /* In updates/, or a directory of the release, too. */
        for (const char *p = strstr(below, name); p; p = strstr(p + 1, name))
                for (size_t i = 0; p[-1] == '/' && i < ELEMENTSOF(endings); i++)
                        if (strcmp(p + length, endings[i]) == 0)
                                return true;
        return false;
}

bool segment_base_has_firmware(const SegmentBase *base, const char *name)
{
        for (size_t i = 0; i < base->paths.count; i++)
                if (is_firmware(base->paths.items[i], name))
                        return true;
        return false;
}
