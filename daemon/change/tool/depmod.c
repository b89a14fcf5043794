/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Builds depmod's command line, and syncs what it wrote. */

#include "change/tool/depmod.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "host/index/depmod-config.h"
#include "util/directory.h"
#include "util/fs.h"
#include "util/text-format.h"

const char *depmod_path(void)
{
        static const char *const paths[] = { "/usr/sbin/depmod", "/sbin/depmod", "/usr/bin/depmod",
                "/bin/depmod" };

        for (size_t i = 0; i < ELEMENTSOF(paths); i++)
                if (access(paths[i], X_OK) == 0)
                        return paths[i];
        return NULL;
}

void depmod_command_done(DepmodCommand *command)
{
        for (size_t i = 0; i < ELEMENTSOF(command->strings); i++)
                free(command->strings[i]);
        *command = (DepmodCommand){ 0 };
}

static void add_static(DepmodCommand *command, const char *argument)
{
        command->argv[command->count++] = argument;
}

static void add_taken(DepmodCommand *command, char *argument)
{
        command->strings[command->count] = argument;
        command->argv[command->count++] = argument;
}

/* Whether the release is a link by bare name to another one beside it, which depmod may follow by itself. */
static bool is_alias(const HostRoot *root, const char *release)
{
        int fd CLEANUP_FD = host_root_open(root, "/lib/modules", O_RDONLY | O_DIRECTORY);
        char *target CLEANUP_FREE = NULL;

        return fd >= 0 && fs_read_link_at(fd, release, &target) >= 0 && !strchr(target, '/');
}

/* Whether the kernel is led to RESOLVED by PATH beneath the root's own path, as depmod will be. */
static bool leads_there(const HostRoot *root, const char *path, const char *resolved)
{
        char *beneath CLEANUP_FREE = text_new("%s%s", host_root_path(root), path);
        char *place CLEANUP_FREE = beneath ? realpath(beneath, NULL) : NULL;

        return place && strcmp(place, resolved) == 0;
}

/* depmod resolves links of ROOT on its own, out of the root if they are absolute. So it is given a base that
 * has no link between it and the module directory, but for an alias of the release; or the root itself,
 * should all links lead where they do in the root. */
static int add_base(DepmodCommand *command, const HostRoot *root, const char *release, Refusal *refusal)
{
        bool alias = is_alias(root, release);
        char *path CLEANUP_FREE = NULL;
        char *resolved CLEANUP_FREE = NULL;
        const char *tail;
        size_t length, tail_length;
        int r;

        if (text_format(&path, "/lib/modules/%s", release) < 0)
                return -ENOMEM;
        tail = alias ? "/lib/modules" : path;
        r = host_root_resolve(root, tail, &resolved);
        if (r < 0)
                return r;
        length = strlen(resolved);
        tail_length = strlen(tail);
        add_static(command, "-b");
        if (length > tail_length && strcmp(resolved + length - tail_length, tail) == 0) {
                resolved[length - tail_length] = '\0';
                add_taken(command, STEAL(resolved));
                return 0;
        }
        if (!leads_there(root, path, resolved))
                return refuse(refusal, REFUSAL_NOT_SUPPORTED,
                                "depmod can't reach %s: links lead it to %s, and it only knows "
                                "BASE/lib/modules.",
                                path, resolved);
        add_static(command, host_root_path(root));
        return 0;
}

static int add_configuration(DepmodCommand *command, const HostRoot *root)
{
        size_t found = command->count;

        for (size_t i = 0; i < DEPMOD_DIRECTORY_COUNT; i++) {
                char *resolved CLEANUP_FREE = NULL;
                bool known = false;
                int r = host_root_resolve(root, depmod_directories[i], &resolved);

                if (r == -ENOMEM)
                        return r;
                if (r < 0) /* not there, or no way leads there */
                        continue;
                for (size_t j = found; j < command->count; j++)
                        known = known || strcmp(command->argv[j], resolved) == 0;
                if (known)
                        continue;
                add_static(command, "-C");
                add_taken(command, STEAL(resolved));
        }
        if (command->count == found) { /* without any -C it would read the host's */
                add_static(command, "-C");
                add_static(command, "/dev/null");
        }
        return 0;
}

/* BASE: another place than the root's own; or NULL. */
static int make_command(const HostRoot *root, const char *base, const char *release, DepmodCommand *ret,
                Refusal *refusal)
{
        DepmodCommand command CLEANUP(depmod_command_done) = { 0 };
        const char *path = depmod_path();
        char *copy;
        int r = 0;

        if (!path)
                return refuse(refusal, REFUSAL_NOT_SUPPORTED,
                                "There is no depmod, which makes a selection effective. Install kmod.");
        add_static(&command, path);
        if (base) {
                copy = strdup(base);
                if (!copy)
                        return -ENOMEM;
                add_static(&command, "-b");
                add_taken(&command, copy);
        } else if (!host_root_is_host(root))
                r = add_base(&command, root, release, refusal);
        if (r >= 0 && (base || !host_root_is_host(root)))
                r = add_configuration(&command, root);
        copy = r < 0 ? NULL : strdup(release);
        if (r < 0 || !copy)
                return r < 0 ? r : -ENOMEM;
        add_taken(&command, copy);
        *ret = command;
        command = (DepmodCommand){ 0 };
        return 0;
}

int depmod_command(const HostRoot *root, const char *release, DepmodCommand *ret, Refusal *refusal)
{
        return make_command(root, NULL, release, ret, refusal);
}

int depmod_command_staged(const HostRoot *root, const char *base, const char *release, DepmodCommand *ret,
                Refusal *refusal)
{
        return make_command(root, base, release, ret, refusal);
}

#define INDEX_PREFIX "modules."

bool index_is_source(const char *name)
{
        static const char *const names[] = { "modules.order", "modules.builtin", "modules.builtin.modinfo",
                "modules.builtin.ranges" };

        for (size_t i = 0; i < ELEMENTSOF(names); i++)
                if (strcmp(name, names[i]) == 0)
                        return true;
        return false;
}

static int sync_file(int dir_fd, const char *name)
{
        int fd CLEANUP_FD = openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);

        if (fd < 0) /* another depmod may be at work, and links are nobody's index */
                return errno == ENOENT || errno == ELOOP ? 0 : -errno;
        return fs_sync(fd);
}

int index_sync(const HostRoot *root, const char *release)
{
        DIR *directory CLEANUP_DIRECTORY = NULL;
        const struct dirent *entry;
        int r = directory_open(host_root_open_modules(root, release), &directory);

        while (r >= 0 && (entry = readdir(directory)))
                if (strncmp(entry->d_name, INDEX_PREFIX, strlen(INDEX_PREFIX)) == 0 &&
                                !index_is_source(entry->d_name))
                        r = sync_file(dirfd(directory), entry->d_name);
        return r < 0 ? r : fs_sync(dirfd(directory));
}
