/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libkmod tells nobody what it was built with, so that it is asked to read the file. It must not log. */

#include "host/module/kmod-read.h"

#include <errno.h>
#include <fcntl.h>
#include <libkmod.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "util/exhausted.h"
#include "util/text-format.h"

static void no_log(void *data, int priority, const char *file, int line, const char *function,
                const char *format, va_list arguments)
{
}

static void context_unrefp(struct kmod_ctx **place)
{
        if (*place)
                (void) kmod_unref(*place);
}

static void module_unrefp(struct kmod_module **place)
{
        if (*place)
                (void) kmod_module_unref(*place);
}

/* Whether the file is a zstd frame without Frame_Content_Size: RFC 8878, section 3.1.1.1. */
static bool is_unsized(const char *path)
{
        static const uint8_t magic[] = { 0x28, 0xb5, 0x2f, 0xfd };
        int fd CLEANUP_FD = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        uint8_t head[5];

        /* The descriptor's two highest bits are the size's width; with the third, one byte at least. */
        return fd >= 0 && read(fd, head, sizeof(head)) == sizeof(head) &&
               memcmp(head, magic, sizeof(magic)) == 0 && (head[4] & 0xe0) == 0;
}

int kmod_read(const HostRoot *root, const char *release, const char *path, KmodReading *ret)
{
        static const char *const no_config = NULL;
        /* One of its own: in one context a second file of the same module's name is refused. */
        struct kmod_ctx *context CLEANUP(context_unrefp) = kmod_new(NULL, &no_config);
        struct kmod_module *module CLEANUP(module_unrefp) = NULL;
        struct kmod_list *info = NULL;
        char *absolute CLEANUP_FREE = NULL, *resolved CLEANUP_FREE = NULL;
        int r;

        if (!context || text_format(&absolute, "/lib/modules/%s/%s", release, path) < 0)
                return -ENOMEM;
        kmod_set_log_fn(context, no_log, NULL);
        r = host_root_resolve(root, absolute, &resolved);
        if (r >= 0)
                r = kmod_module_new_from_path(context, resolved, &module);
        if (r < 0)
                return r;
        r = kmod_module_get_info(module, &info);
        kmod_module_info_free_list(info);
        if (r == -ENOMEM)
                return r;
        *ret = r >= 0 ? KMOD_READS : is_unsized(resolved) ? KMOD_CANNOT_READ_UNSIZED : KMOD_CANNOT_READ;
        return 0;
}

/* More than libkmod reads to find out what a file is. */
#define SAMPLE_BYTES 64

/* Has libkmod read a file that begins like one of a compression, and is damaged in what follows: its answer
 * is *RET. 0 or a lack of resources. */
static int ask_of_damaged(const uint8_t *magic, size_t size, int *ret)
{
        static const char *const no_config = NULL;
        struct kmod_ctx *context CLEANUP(context_unrefp) = kmod_new(NULL, &no_config);
        struct kmod_module *module CLEANUP(module_unrefp) = NULL;
        int fd CLEANUP_FD = memfd_create("hostdriver", MFD_CLOEXEC);
        char path[sizeof("/proc/self/fd/") + 3 * sizeof(int)];
        uint8_t sample[SAMPLE_BYTES];
        struct kmod_list *info = NULL;

        if (!context)
                return -ENOMEM;
        if (fd < 0)
                return exhausted(-errno) ? -errno : 0;
        memset(sample, 0xff, sizeof(sample));
        memcpy(sample, magic, size);
        if (write(fd, sample, sizeof(sample)) != sizeof(sample))
                return 0;
        kmod_set_log_fn(context, no_log, NULL);
        (void) snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
        *ret = kmod_module_new_from_path(context, path, &module);
        if (*ret >= 0)
                *ret = kmod_module_get_info(module, &info);
        kmod_module_info_free_list(info);
        return 0;
}

/* Up to kmod 32 what it can't decompress is no ELF file for it; from 33 on it says that it can't. */
static int find_lacking(const uint8_t *magic, size_t size, bool *ret)
{
        int answer = 0, r = ask_of_damaged(magic, size, &answer);

        *ret = answer == -ENOEXEC || answer == -ENOSYS;
        return r;
}

int kmod_formats_read(KmodFormats *ret)
{
        static const uint8_t gzip[] = { 0x1f, 0x8b }, xz[] = { 0xfd, '7', 'z', 'X', 'Z', 0x00 },
                             zstd[] = { 0x28, 0xb5, 0x2f, 0xfd };
        KmodFormats formats = { 0 };
        int r = find_lacking(gzip, sizeof(gzip), &formats.lacks_gzip);

        if (r >= 0)
                r = find_lacking(xz, sizeof(xz), &formats.lacks_xz);
        if (r >= 0)
                r = find_lacking(zstd, sizeof(zstd), &formats.lacks_zstd);
        if (r >= 0)
                *ret = formats;
        return r;
}

bool kmod_formats_lack(const KmodFormats *formats, const char *file)
{
        const struct {
                const char *ending;
                bool lacks;
        } rows[] = {
                { ".ko.gz", formats->lacks_gzip },
                { ".ko.xz", formats->lacks_xz },
                { ".ko.zst", formats->lacks_zstd },
        };
        size_t size = strlen(file);

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                size_t ending = strlen(rows[i].ending);

                if (size > ending && memcmp(file + size - ending, rows[i].ending, ending) == 0)
                        return rows[i].lacks;
        }
        return false;
}
