/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libkmod tells nobody what it was built with, so that it is asked to read the file. It must not log. */

#include "host/module/kmod-read.h"

#include <errno.h>
#include <libkmod.h>
#include <stdarg.h>
#include <stdio.h>

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

int kmod_reads(const HostRoot *root, const char *release, const char *path)
{
        static const char *const no_config = NULL;
        /* One of its own: in one context a second file of the same module's name is refused. */
        struct kmod_ctx *context CLEANUP(context_unrefp) = kmod_new(NULL, &no_config);
        struct kmod_module *module CLEANUP(module_unrefp) = NULL;
        struct kmod_list *info = NULL;
        char *absolute CLEANUP_FREE = NULL, *resolved CLEANUP_FREE = NULL;
        int r;

        if (!context || asprintf(&absolute, "/lib/modules/%s/%s", release, path) < 0) {
                absolute = NULL;
                return -ENOMEM;
        }
        kmod_set_log_fn(context, no_log, NULL);
        r = host_root_resolve(root, absolute, &resolved);
        if (r >= 0)
                r = kmod_module_new_from_path(context, resolved, &module);
        if (r < 0)
                return r;
        r = kmod_module_get_info(module, &info);
        kmod_module_info_free_list(info);
        return r == -ENOMEM ? r : r >= 0;
}
