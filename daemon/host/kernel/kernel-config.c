/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Looks for lines in a kernel's .config. What isn't in one is off: kconfig leaves out what can't be chosen.
 */

#include "host/kernel/kernel-config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "host/name.h"
#include "util/exhausted.h"
#include "util/fs.h"
#include "util/text-format.h"

/* A distribution's has 300 KB. */
#define CONFIG_SIZE_MAX (8U * 1024 * 1024)

/* Whether TEXT has the line NAME=y. */
static KernelOption get_option(const char *text, const char *name)
{
        size_t size = strlen(name);

        for (const char *place = text; (place = strstr(place, name)); place += size)
                if ((place == text || place[-1] == '\n') && place[size] == '=' && place[size + 1] == 'y' &&
                                (place[size + 2] == '\n' || place[size + 2] == '\0'))
                        return KERNEL_OPTION_ON;
        return KERNEL_OPTION_OFF;
}

/* 1 if PATH is a configuration, 0 if it isn't there or is something else. */
static int read_file(const HostRoot *root, const char *path, KernelConfig *ret)
{
        int fd CLEANUP_FD = host_root_open(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
        char *text CLEANUP_FREE = NULL;
        struct stat st;
        size_t size;
        int r;

        if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
                return exhausted(fd) ? fd : 0;
        r = fs_read_fd(fd, CONFIG_SIZE_MAX, &text, &size);
        if (r < 0)
                return exhausted(r) ? r : 0;
        /* A kernel without it would load no module at all. */
        if (get_option(text, "CONFIG_MODULES") != KERNEL_OPTION_ON)
                return 0;
        ret->module_versions = get_option(text, "CONFIG_MODVERSIONS");
        ret->force_load = get_option(text, "CONFIG_MODULE_FORCE_LOAD");
        ret->any_namespace = get_option(text, "CONFIG_MODULE_ALLOW_MISSING_NAMESPACE_IMPORTS");
        return 1;
}

int kernel_config_read(const HostRoot *root, const char *release, KernelConfig *ret)
{
        static const struct {
                const char *before;
                const char *after;
        } places[] = {
                { "/lib/modules/", "/config" },
                { "/boot/config-", "" },
                { "/lib/modules/", "/build/.config" },
        };
        int r = 0;

        *ret = (KernelConfig){ KERNEL_OPTION_UNKNOWN };
        if (!name_is_valid(release))
                return 0;
        for (size_t i = 0; r == 0 && i < ELEMENTSOF(places); i++) {
                char *path CLEANUP_FREE = NULL;

                if (text_format(&path, "%s%s%s", places[i].before, release, places[i].after) < 0)
                        return -ENOMEM;
                r = read_file(root, path, ret);
        }
        return r < 0 ? r : 0;
}
