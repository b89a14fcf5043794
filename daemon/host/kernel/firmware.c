/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Looks for firmware files by name where the kernel does. */

#include "host/kernel/firmware.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "host/name.h"
#include "util/exhausted.h"
#include "util/text-format.h"

#define PARAMETER_PATH "/sys/module/firmware_class/parameters/path"
#define DIRECTORY_COUNT 5

/* The directories to look in; some may be NULL. */
typedef struct Directories {
        char *paths[DIRECTORY_COUNT];
} Directories;

static void directories_done(Directories *directories)
{
        for (size_t i = 0; i < DIRECTORY_COUNT; i++)
                free(directories->paths[i]);
}

static int list_directories(const HostRoot *root, const char *release, Directories *ret)
{
        static const char *const parents[] = { "/lib/firmware/updates", "/lib/firmware" };
        int r = host_root_read(root, PARAMETER_PATH, 4096, &ret->paths[0], NULL);

        if (exhausted(r))
                return r;
        if (ret->paths[0]) /* empty unless the administrator sets it */
                ret->paths[0][strcspn(ret->paths[0], "\n")] = '\0';
        for (size_t i = 0; i < ELEMENTSOF(parents); i++) {
                char *path;

                if (text_format(&path, "%s/%s", parents[i], release) < 0)
                        return -ENOMEM;
                ret->paths[1 + 2 * i] = path;
                ret->paths[2 + 2 * i] = strdup(parents[i]);
                if (!ret->paths[2 + 2 * i])
                        return -ENOMEM;
        }
        return 0;
}

/* 1 if DIRECTORY has NAME, plain or compressed; 0 if not; -ENOMEM. */
static int has(const HostRoot *root, const char *directory, const char *name)
{
        static const char *const endings[] = { "", ".xz", ".zst" };

        for (size_t i = 0; i < ELEMENTSOF(endings); i++) {
                char *path CLEANUP_FREE = NULL;
                int fd CLEANUP_FD = -1;

                if (text_format(&path, "%s/%s%s", directory, name, endings[i]) < 0)
                        return -ENOMEM;
                fd = host_root_open(root, path, O_PATH);
                if (fd >= 0)
                        return 1;
        }
        return 0;
}

static int is_installed(const HostRoot *root, const Directories *directories, const char *name)
{
        int r = 0;

        for (size_t i = 0; r == 0 && i < DIRECTORY_COUNT; i++)
                if (directories->paths[i] && directories->paths[i][0] == '/')
                        r = has(root, directories->paths[i], name);
        return r;
}

int firmware_missing(const HostRoot *root, const char *release, const ModuleFile *file, StringSet *ret)
{
        Directories directories CLEANUP(directories_done) = { 0 };
        const char *name = module_file_next(file, "firmware", NULL);
        int r;

        if (!name)
                return 0;
        r = list_directories(root, release, &directories);
        for (; name && r >= 0; name = module_file_next(file, "firmware", name)) {
                char *printable CLEANUP_FREE = NULL;

                if (name[0] == '\0' || strpbrk(name, "*?["))
                        continue;
                r = is_installed(root, &directories, name);
                if (r != 0)
                        continue;
                printable = name_escape(name);
                r = printable ? string_set_add(ret, printable) : -ENOMEM;
        }
        return r < 0 ? r : 0;
}
