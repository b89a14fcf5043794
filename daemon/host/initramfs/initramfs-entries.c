/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Follows modules.dep and links inside an image to the file that a name stands for. */

#include "host/initramfs/initramfs-entries.h"

#include <errno.h>
#include <string.h>

#include "host/name.h"
#include "util/array.h"

/* Names that are asked for, each in some versions: real images hold a handful. */
#define ENTRIES_MAX 4096
/* As the kernel: MAXSYMLINKS. */
#define LINKS_MAX 40

static int add(InitramfsEntries *entries, const char *path, InitramfsEntry **ret)
{
        if (entries->count == ENTRIES_MAX)
                return -EFBIG;
        if (!array_reserve(entries->items, entries->count))
                return -ENOMEM;
        entries->items[entries->count] = (InitramfsEntry){ .path = strdup(path) };
        if (!entries->items[entries->count].path)
                return -ENOMEM;
        *ret = &entries->items[entries->count++];
        return 0;
}

int initramfs_entries_add_link(InitramfsEntries *entries, const char *path, const char *target)
{
        InitramfsEntry *entry;
        int r = add(entries, path, &entry);

        if (r < 0)
                return r;
        entry->target = strdup(target);
        return entry->target ? 0 : -ENOMEM;
}

int initramfs_entries_add_file(InitramfsEntries *entries, const char *path, uint32_t inode, ModuleFile *file)
{
        InitramfsEntry *entry;
        int r = add(entries, path, &entry);

        if (r < 0)
                return r;
        entry->inode = inode;
        entry->file = module_file_ref(file);
        return 0;
}

void initramfs_entries_done(InitramfsEntries *entries)
{
        for (size_t i = 0; i < entries->count; i++) {
                free(entries->items[i].path);
                free(entries->items[i].target);
                (void) module_file_unref(entries->items[i].file);
        }
        free(entries->items);
        *entries = (InitramfsEntries){ 0 };
}

/* The last entry of that path: later ones are unpacked over earlier ones. */
static const InitramfsEntry *find(const InitramfsEntries *entries, const char *path, size_t size)
{
        for (size_t i = entries->count; i > 0; i--) {
                const InitramfsEntry *entry = &entries->items[i - 1];

                if (strncmp(entry->path, path, size) == 0 && entry->path[size] == '\0')
                        return entry;
        }
        return NULL;
}

/* The content of a file, which may be that of another hard link. */
static ModuleFile *content_of(const InitramfsEntries *entries, const InitramfsEntry *entry)
{
        if (entry->file)
                return entry->file;
        for (size_t i = 0; i < entries->count; i++)
                if (!entries->items[i].target && entries->items[i].inode == entry->inode &&
                                entries->items[i].file)
                        return entries->items[i].file;
        return NULL;
}

/* Where the link at PATH leads, relative to the module directory; NULL if out of it. Absolute ones are those
 * of mkinitcpio. The caller frees it. -ENOENT, -ENOMEM. */
static int link_target(const InitramfsEntry *entry, char **ret)
{
        const char *target = entry->target, *modules, *slash = strrchr(entry->path, '/');
        size_t size = slash ? (size_t) (slash - entry->path) : 0;
        char *joined;

        if (target[0] == '/') {
                modules = strstr(target, "/lib/modules/");
                modules = modules ? strchr(modules + strlen("/lib/modules/"), '/') : NULL;
                if (!modules)
                        return -ENOENT;
                *ret = strdup(modules + 1);
                return *ret ? 0 : -ENOMEM;
        }
        while (strncmp(target, "../", 3) == 0 || strncmp(target, "./", 2) == 0) {
                if (target[1] == '.') {
                        if (size == 0)
                                return -ENOENT;
                        while (size > 0 && entry->path[size - 1] != '/')
                                size--;
                        if (size > 0)
                                size--;
                }
                target = strchr(target, '/') + 1;
        }
        joined = malloc(size + strlen(target) + 2);
        if (!joined)
                return -ENOMEM;
        memcpy(joined, entry->path, size);
        joined[size] = '/';
        strcpy(joined + size + (size > 0), target);
        *ret = joined;
        return 0;
}

/* The content that a path leads to; *ret is borrowed, NULL if nothing. */
static int follow(const InitramfsEntries *entries, const char *path, size_t size, ModuleFile **ret)
{
        const InitramfsEntry *entry = find(entries, path, size);

        *ret = NULL;
        for (size_t i = 0; entry && entry->target && i < LINKS_MAX; i++) {
                char *target CLEANUP_FREE = NULL;
                int r = link_target(entry, &target);

                if (r == -ENOMEM)
                        return r;
                entry = r < 0 ? NULL : find(entries, target, strlen(target));
        }
        if (entry && !entry->target)
                *ret = content_of(entries, entry);
        return 0;
}

static bool same_content(const ModuleFile *a, const ModuleFile *b)
{
        if (a == b)
                return true;
        return a && b && a->defect == MODULE_SOUND && b->defect == MODULE_SOUND && a->build_id[0] != '\0' &&
               strcmp(a->build_id, b->build_id) == 0;
}

static int compare_name(const void *key, const void *item)
{
        return strcmp(key, *(char *const *) item);
}

/* The position in NAMES of the module that PATH is a file of; -ENOENT if of none of them, -ENOMEM. */
static ssize_t position_of(const StringSet *names, const char *path, size_t size)
{
        char file[NAME_BYTES_MAX + 1];
        char *module CLEANUP_FREE = NULL;
        char **found;
        size_t begin = size;
        int r;

        while (begin > 0 && path[begin - 1] != '/')
                begin--;
        if (size - begin > NAME_BYTES_MAX)
                return -ENOENT;
        memcpy(file, path + begin, size - begin);
        file[size - begin] = '\0';
        r = module_name_from_file(file, &module);
        if (r < 0)
                return r == -ENOMEM ? r : -ENOENT;
        found = bsearch(module, names->items, names->count, sizeof(char *), compare_name);
        return found ? found - names->items : -ENOENT;
}

/* What a name may stand for. */
typedef struct Finding {
        InitramfsModule module;
        bool differ;   /* several files, not all the same */
        bool by_index; /* found in modules.dep */
} Finding;

/* Adds one file that a name may stand for. */
static int meet(const InitramfsEntries *entries, const char *path, size_t size, Finding *finding)
{
        InitramfsModule *module = &finding->module;
        ModuleFile *file;
        int r = follow(entries, path, size, &file);

        if (r < 0)
                return r;
        if (module->path) {
                finding->differ = finding->differ || !same_content(module->file, file);
                return 0;
        }
        module->path = strndup(path, size);
        module->file = module_file_ref(file);
        return module->path ? 0 : -ENOMEM;
}

/* By the lines "PATH: DEPENDENCIES" of modules.dep. */
static int find_by_index(
                const InitramfsEntries *entries, const char *text, const StringSet *names, Finding *findings)
{
        while (*text) {
                size_t line = strcspn(text, "\n"), size = strcspn(text, ":\n");
                ssize_t position = text[size] == ':' ? position_of(names, text, size) : -ENOENT;
                int r = position == -ENOMEM ? -ENOMEM : 0;

                /* An index that names more than the image holds says nothing of it. */
                if (position >= 0 && find(entries, text, size)) {
                        findings[position].by_index = true;
                        r = meet(entries, text, size, &findings[position]);
                }
                if (r < 0)
                        return r;
                text += line + (text[line] == '\n');
        }
        return 0;
}

/* A module that the image's index doesn't know can't be loaded by its name; but the image holds it. */
static int find_by_files(
                const InitramfsEntries *entries, bool has_index, const StringSet *names, Finding *findings)
{
        for (size_t i = 0; i < entries->count; i++) {
                const char *path = entries->items[i].path;
                ssize_t position = position_of(names, path, strlen(path));
                int r = position == -ENOMEM ? -ENOMEM : 0;

                if (position >= 0 && !findings[position].by_index) {
                        findings[position].differ = findings[position].differ || has_index;
                        r = meet(entries, path, strlen(path), &findings[position]);
                }
                if (r < 0)
                        return r;
        }
        return 0;
}

static void finding_done(Finding *finding)
{
        free(finding->module.name);
        free(finding->module.path);
        (void) module_file_unref(finding->module.file);
}

/* Hands on those that were found and frees the others, and all if there is no memory. */
static int hand_on(Finding *findings, const StringSet *names, InitramfsModule *modules, size_t *ret_count)
{
        size_t count = 0;

        for (size_t i = 0; i < names->count; i++) {
                Finding *finding = &findings[i];

                if (!finding->module.path)
                        continue;
                finding->module.name = strdup(names->items[i]);
                if (!finding->module.name)
                        return -ENOMEM;
                if (finding->differ)
                        finding->module.file = module_file_unref(finding->module.file);
                modules[count++] = finding->module;
        }
        memset(findings, 0, names->count * sizeof(*findings));
        *ret_count = count;
        return 0;
}

int initramfs_entries_resolve(const InitramfsEntries *entries, const char *modules_dep,
                const StringSet *names, InitramfsModule **ret, size_t *ret_count)
{
        Finding *findings CLEANUP_FREE = calloc(names->count + 1, sizeof(*findings));
        InitramfsModule *modules CLEANUP_FREE = calloc(names->count + 1, sizeof(*modules));
        int r;

        if (!findings || !modules)
                return -ENOMEM;
        r = modules_dep ? find_by_index(entries, modules_dep, names, findings) : 0;
        if (r >= 0)
                r = find_by_files(entries, modules_dep != NULL, names, findings);
        if (r >= 0)
                r = hand_on(findings, names, modules, ret_count);
        for (size_t i = 0; i < names->count; i++)
                finding_done(&findings[i]);
        if (r < 0)
                return r;
        *ret = STEAL(modules);
        return 0;
}
