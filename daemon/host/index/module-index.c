/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Asks libkmod what a name resolves to, with no configuration of its own. It loads nothing. */

#include "host/index/module-index.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <libkmod.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include "util/exhausted.h"
#include "util/text-format.h"

struct ModuleIndex {
        struct kmod_ctx *context;
        char *directory; /* as libkmod knows it */
        bool has_builtin;
        bool has_symbols;
        bool is_sound; /* no part of it is damaged */
};

/* Core code is silent; what matters is in the results. */
static void no_log(void *data, int priority, const char *file, int line, const char *function,
                const char *format, va_list arguments)
{
}

static void module_unrefp(struct kmod_module **place)
{
        if (*place)
                (void) kmod_module_unref(*place);
        *place = NULL;
}

static void list_unrefp(struct kmod_list **place)
{
        (void) kmod_module_unref_list(*place);
        *place = NULL;
}

ModuleIndex *module_index_free(ModuleIndex *index)
{
        if (!index)
                return NULL;
        if (index->context)
                (void) kmod_unref(index->context);
        free(index->directory);
        free(index);
        return NULL;
}

/* The beginning of an index file, in big endian (libkmod/libkmod-index.h of kmod 30). */
#define INDEX_MAGIC 0xB007F457U
#define INDEX_VERSION_MAJOR 2
#define INDEX_OFFSET_MASK 0x0FFFFFFFU

/* depmod doesn't sync what it writes, so that a power cut may leave an empty file or zeros, which libkmod
 * knows for no index (-ENODATA), or a part of one: it would look for its nodes outside of it (-EBADMSG). An
 * empty index has a root without flags behind its end. */
static int check_index(int modules_fd, const char *name)
{
        int fd CLEANUP_FD = openat(modules_fd, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        uint32_t header[3]; /* magic, version, the root's offset with flags above it */
        struct stat st;
        ssize_t size;
        uint32_t root;

        if (fd < 0 || fstat(fd, &st) < 0)
                return -errno;
        size = read(fd, header, sizeof(header));
        if (size < 0)
                return -errno;
        if ((size_t) size < sizeof(header) || be32toh(header[0]) != INDEX_MAGIC ||
                        be32toh(header[1]) >> 16 != INDEX_VERSION_MAJOR)
                return -ENODATA;
        root = be32toh(header[2]);
        if ((root & INDEX_OFFSET_MASK) + (uint64_t) (root > INDEX_OFFSET_MASK) > (uint64_t) st.st_size)
                return -EBADMSG;
        return 0;
}

/* Whether every part that libkmod may look into is sound, or isn't there. 0 or a lack of resources. */
static int check_all(int modules_fd, bool *ret)
{
        static const char *const names[] = { "modules.alias.bin", "modules.symbols.bin",
                "modules.builtin.bin", "modules.builtin.alias.bin" };
        int r;

        *ret = true;
        for (size_t i = 0; i < ELEMENTSOF(names); i++) {
                r = check_index(modules_fd, names[i]);
                if (exhausted(r))
                        return r;
                *ret = *ret && (r >= 0 || r == -ENOENT || r == -ENODATA);
        }
        return 0;
}

int module_index_open(const HostRoot *root, const char *release, ModuleIndex **ret)
{
        static const char *const no_config = NULL;
        ModuleIndex *index CLEANUP(module_index_freep) = NULL;
        int modules_fd CLEANUP_FD = host_root_open_modules(root, release);
        char *path CLEANUP_FREE = NULL;
        int r;

        if (modules_fd < 0)
                return modules_fd;
        r = check_index(modules_fd, "modules.dep.bin");
        if (r < 0)
                return r == -ENODATA ? -EBADMSG : r;
        index = calloc(1, sizeof(*index));
        if (!index || text_format(&path, "/lib/modules/%s", release) < 0)
                return -ENOMEM;
        /* The resolved path: where /lib is a link to /usr/lib, libkmod must not see both spellings. */
        r = host_root_resolve(root, path, &index->directory);
        if (r < 0)
                return r;
        r = check_index(modules_fd, "modules.builtin.bin");
        if (exhausted(r))
                return r;
        index->has_builtin = r >= 0;
        r = check_index(modules_fd, "modules.symbols.bin");
        if (exhausted(r))
                return r;
        index->has_symbols = r >= 0;
        r = check_all(modules_fd, &index->is_sound);
        if (r < 0)
                return r;
        index->context = kmod_new(index->directory, &no_config);
        if (!index->context)
                return -ENOMEM;
        kmod_set_log_fn(index->context, no_log, NULL);
        /* Maps all index files. Should one of them be missing, libkmod opens the others at each look-up. */
        (void) kmod_load_resources(index->context);
        *ret = STEAL(index);
        return 0;
}

int module_index_resolve(ModuleIndex *index, const char *module, char **ret)
{
        struct kmod_module *found CLEANUP(module_unrefp) = NULL;
        size_t size = strlen(index->directory);
        const char *path;
        int r = kmod_module_new_from_name(index->context, module, &found);

        if (r < 0)
                return r;
        /* Asked first: of a module that was built in since depmod ran, the index may still know a file. */
        path = kmod_module_get_path(found);
        if (!path)
                return -ENOENT;
        /* A directory that depmod.d names as "external" lies elsewhere and keeps its whole path. */
        if (strncmp(path, index->directory, size) == 0 && path[size] == '/')
                path += size + 1;
        *ret = strdup(path);
        return *ret ? 0 : -ENOMEM;
}

bool module_index_is_builtin(ModuleIndex *index, const char *module)
{
        struct kmod_module *found CLEANUP(module_unrefp) = NULL;

        if (!index->has_builtin || kmod_module_new_from_name(index->context, module, &found) < 0)
                return false;
        /* libkmod looks into modules.builtin.bin before it asks sysfs, which is not necessarily the root's.
         */
        return kmod_module_get_initstate(found) == KMOD_MODULE_BUILTIN;
}

static int add_names(const struct kmod_list *list, StringSet *ret)
{
        const struct kmod_list *entry;
        int r = 0;

        kmod_list_foreach(entry, list)
        {
                struct kmod_module *module CLEANUP(module_unrefp) = kmod_module_get_module(entry);

                if (r >= 0)
                        r = string_set_add(ret, kmod_module_get_name(module));
        }
        return r < 0 ? r : 0;
}

int module_index_look_up(ModuleIndex *index, const char *name, StringSet *ret)
{
        struct kmod_list *list CLEANUP(list_unrefp) = NULL;

        if (!index->is_sound || kmod_module_new_from_lookup(index->context, name, &list) < 0)
                return 0;
        return add_names(list, ret);
}

int module_index_dependencies(ModuleIndex *index, const char *module, StringSet *ret)
{
        struct kmod_list *list CLEANUP(list_unrefp) = NULL;
        struct kmod_module *found CLEANUP(module_unrefp) = NULL;

        if (kmod_module_new_from_name(index->context, module, &found) < 0)
                return 0;
        list = kmod_module_get_dependencies(found);
        return add_names(list, ret);
}

bool module_index_has_symbols(const ModuleIndex *index)
{
        return index->has_symbols;
}

int module_index_exporter(ModuleIndex *index, const char *symbol, char **ret)
{
        struct kmod_list *list CLEANUP(list_unrefp) = NULL;
        struct kmod_module *exporter CLEANUP(module_unrefp) = NULL;
        char *alias CLEANUP_FREE = NULL;

        if (!index->has_symbols)
                return -ENOENT;
        if (text_format(&alias, "symbol:%s", symbol) < 0)
                return -ENOMEM;
        /* A name that is too long for libkmod is no symbol's. */
        if (kmod_module_new_from_lookup(index->context, alias, &list) < 0 || !list)
                return -ENOENT;
        exporter = kmod_module_get_module(list);
        *ret = strdup(kmod_module_get_name(exporter));
        return *ret ? 0 : -ENOMEM;
}
