/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Asks libkmod for the signer, since the signature is PKCS #7. One context a file: libkmod keeps one module
 * per name in a context and refuses the second file (EEXIST). */

#include "host/module/module-signer.h"

#include <errno.h>
#include <libkmod.h>
#include <stdio.h>
#include <string.h>

static void stay_silent(void *data, int priority, const char *file, int line, const char *function,
                const char *format, va_list arguments)
{
}

static int find_signer(const struct kmod_list *information, char **ret)
{
        const struct kmod_list *item;

        kmod_list_foreach(item, information)
        {
                const char *key = kmod_module_info_get_key(item);
                const char *value = kmod_module_info_get_value(item);

                if (key && value && strcmp(key, "signer") == 0) {
                        *ret = strdup(value);
                        return *ret ? 0 : -ENOMEM;
                }
        }
        return -ENOENT;
}

int module_signer_read(const char *path, char **ret)
{
        /* No configuration: an alias or blacklist of the host must not decide what a file is. */
        static const char *const no_configuration[] = { NULL };
        struct kmod_ctx *context = kmod_new("/", no_configuration);
        struct kmod_list *information = NULL;
        struct kmod_module *module = NULL;
        int r;

        if (!context)
                return -ENOMEM;
        kmod_set_log_fn(context, stay_silent, NULL);
        r = kmod_module_new_from_path(context, path, &module);
        if (r >= 0)
                r = kmod_module_get_info(module, &information);
        if (r >= 0)
                r = find_signer(information, ret);
        kmod_module_info_free_list(information);
        (void) kmod_module_unref(module);
        (void) kmod_unref(context);
        return r;
}
