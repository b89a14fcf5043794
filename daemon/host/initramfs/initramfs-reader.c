/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Keeps what belongs to the names that are asked for, and says at the end what they resolve to. */

#include "host/initramfs/initramfs-reader.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "host/initramfs/cpio-reader.h"
#include "host/initramfs/initramfs-entries.h"
#include "host/initramfs/initramfs-modprobe.h"
#include "host/module/module-read.h"
#include "host/name.h"
#include "host/selection.h"
#include "util/exhausted.h"

/* Of real images the largest have some 500 MiB; what is larger is a mistake or an attack. */
#define IMAGE_UNPACKED_MAX (4ULL * 1024 * 1024 * 1024)
#define IMAGE_MODULE_MAX (64U * 1024 * 1024)
#define MODULES_DEP_MAX (16U * 1024 * 1024)
#define CONFIG_MAX (256U * 1024)

#define BLOCK_BYTES 4096U

struct InitramfsReader {
        InitramfsImage *image;
        CpioReader *cpio;
        InitramfsEntries entries;
        char *modules_dep;
        ImageConfigs configs;
        CpioEntry entry; /* the one that is at hand */
};

InitramfsReader *initramfs_reader_free(InitramfsReader *reader)
{
        if (!reader)
                return NULL;
        (void) initramfs_image_unref(reader->image);
        (void) cpio_reader_free(reader->cpio);
        initramfs_entries_done(&reader->entries);
        free(reader->modules_dep);
        image_configs_done(&reader->configs);
        free(reader);
        return NULL;
}

/* The stamp is set where there is one, also for a file that can't be opened: it tells when to try again. */
static int open_image(const HostRoot *root, const char *path, FileStamp *ret_stamp)
{
        int fd CLEANUP_FD = host_root_open(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
        struct stat st;

        if (fd < 0) {
                int error = fd;

                fd = host_root_open(root, path, O_PATH);
                if (fd >= 0 && fstat(fd, &st) >= 0)
                        *ret_stamp = file_stamp(&st);
                return error;
        }
        if (fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode))
                return -EINVAL;
        *ret_stamp = file_stamp(&st);
        return fd_steal(&fd);
}

int initramfs_reader_new(const HostRoot *root, const char *release, const char *path, const StringSet *names,
                InitramfsReader **ret)
{
        InitramfsReader *reader CLEANUP(initramfs_reader_freep) = calloc(1, sizeof(*reader));
        InitramfsImage *image;
        int r;

        if (!reader)
                return -ENOMEM;
        reader->image = image = calloc(1, sizeof(*image));
        if (!image)
                return -ENOMEM;
        image->references = 1;
        image->release = strdup(release);
        image->path = strdup(path);
        if (!image->release || !image->path || string_set_add_all(&image->asked, names) < 0)
                return -ENOMEM;
        r = open_image(root, path, &image->stamp);
        if (r >= 0)
                r = cpio_reader_new(r, IMAGE_UNPACKED_MAX, &reader->cpio);
        if (exhausted(r))
                return r;
        if (r < 0)
                image->error = r;
        *ret = STEAL(reader);
        return 0;
}

static int take_module(InitramfsReader *reader, const char *path)
{
        const CpioEntry *entry = &reader->entry;
        uint8_t *content CLEANUP_FREE = NULL;
        ModuleFile *file CLEANUP(module_file_unrefp) = NULL;
        int r = 0;

        if (S_ISLNK(entry->mode)) {
                r = cpio_reader_content(reader->cpio, CPIO_NAME_MAX, &content);
                return r < 0 ? r : initramfs_entries_add_link(&reader->entries, path, (char *) content);
        }
        if (!S_ISREG(entry->mode))
                return 0;
        /* The content of hard links comes with the last of them. */
        if (entry->size > 0 || entry->links < 2) {
                r = cpio_reader_content(reader->cpio, IMAGE_MODULE_MAX, &content);
                if (r >= 0)
                        r = module_file_parse_packed(content, entry->size, IMAGE_MODULE_MAX, &file);
        }
        return r < 0 ? r : initramfs_entries_add_file(&reader->entries, path, entry->inode, file);
}

static int take_modules_dep(InitramfsReader *reader)
{
        uint8_t *content CLEANUP_FREE = NULL;
        int r = cpio_reader_content(reader->cpio, MODULES_DEP_MAX, &content);

        if (r < 0)
                return r;
        /* What comes later in an image is unpacked over what came before. */
        free(reader->modules_dep);
        reader->modules_dep = (char *) STEAL(content);
        return 0;
}

/* Our file of a deselected module, by what it says: the last one of a name counts, and a segment of ours
 * puts one that says nothing over one that is to go. */
static int take_block(InitramfsReader *reader, const char *file, const char *text)
{
        char *module CLEANUP_FREE = NULL;
        BlockJudgement judgement;
        int r = block_file_module(file, &module);

        if (r < 0)
                return exhausted(r) ? r : 0;
        if (!string_set_contains(&reader->image->asked, module))
                return 0;
        r = block_text_judge(text, module, &judgement);
        if (r < 0)
                return r;
        (void) string_set_remove(&reader->image->blocked, module);
        return judgement.blocks ? string_set_add(&reader->image->blocked, module) : 0;
}

/* A file of modprobe.d. One that is too large to be one counts as empty, as a link does. */
static int take_config(InitramfsReader *reader)
{
        size_t directory;
        const char *name = image_config_name(reader->entry.name, &directory);
        char *text CLEANUP_FREE = NULL;
        bool has_text = S_ISREG(reader->entry.mode) && reader->entry.size <= CONFIG_MAX;

        if (!name || (!S_ISREG(reader->entry.mode) && !S_ISLNK(reader->entry.mode)))
                return 0;
        if (has_text) {
                uint8_t *content = NULL;
                int r = cpio_reader_content(reader->cpio, CONFIG_MAX, &content);

                if (r < 0)
                        return r;
                text = (char *) content;
        } else {
                text = strdup("");
                if (!text)
                        return -ENOMEM;
        }
        if (strcmp(modprobe_directories[directory], BLOCK_DIRECTORY) == 0) {
                int r = take_block(reader, name, text);

                if (r < 0)
                        return r;
        }
        return image_configs_add(&reader->configs, directory, name, STEAL(text));
}

static int take_entry(InitramfsReader *reader)
{
        const char *path = initramfs_module_path(
                        reader->entry.name + strspn(reader->entry.name, "./"), reader->image->release);
        const char *file = path ? strrchr(path, '/') : NULL;
        char *name CLEANUP_FREE = NULL;
        int r;

        if (!path)
                return take_config(reader);
        if (strcmp(path, "modules.dep") == 0 && S_ISREG(reader->entry.mode))
                return take_modules_dep(reader);
        r = module_name_from_file(file ? file + 1 : path, &name);
        if (exhausted(r))
                return r;
        if (r < 0 || !string_set_contains(&reader->image->asked, name))
                return 0;
        return take_module(reader, path);
}

static int finish(InitramfsReader *reader, InitramfsImage **ret)
{
        InitramfsImage *image = reader->image;

        if (image->error == 0) {
                int r = initramfs_entries_resolve(&reader->entries, reader->modules_dep, &image->asked,
                                &image->modules, &image->count);

                if (r >= 0)
                        r = image_configs_rules(&reader->configs, &image->modprobe);
                if (r < 0)
                        return r;
        }
        *ret = STEAL(reader->image);
        return 0;
}

/* What the entry takes on most file systems. */
static uint64_t blocks_of(const CpioEntry *entry)
{
        uint64_t blocks =
                        S_ISDIR(entry->mode) ? 1 : ((uint64_t) entry->size + BLOCK_BYTES - 1) / BLOCK_BYTES;

        return blocks * BLOCK_BYTES;
}

int initramfs_reader_step(InitramfsReader *reader, InitramfsImage **ret)
{
        int r = reader->image->error;

        if (r == 0)
                r = cpio_reader_next(reader->cpio, &reader->entry);
        if (r > 0) {
                reader->image->unpacked += blocks_of(&reader->entry);
                r = take_entry(reader);
                if (r >= 0)
                        return 1;
        }
        if (exhausted(r))
                return r;
        reader->image->error = r;
        return finish(reader, ret);
}

int initramfs_image_read(const HostRoot *root, const char *release, const char *path, const StringSet *names,
                InitramfsImage **ret)
{
        InitramfsReader *reader CLEANUP(initramfs_reader_freep) = NULL;
        int r = initramfs_reader_new(root, release, path, names, &reader);

        if (r < 0)
                return r;
        do
                r = initramfs_reader_step(reader, ret);
        while (r > 0);
        return r;
}
