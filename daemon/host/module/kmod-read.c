/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libkmod tells nobody what it was built with, so that it is asked to read the file. It must not log. */

#include "host/module/kmod-read.h"

#include <errno.h>
#include <fcntl.h>
#include <libkmod.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

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
