/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Orders an image's files of modprobe.d as libkmod would find them there. */

#include "host/initramfs/initramfs-modprobe.h"

#include <errno.h>
#include <string.h>

#include "util/array.h"
#include "util/text-format.h"

/* Hosts have some fifty, of some kilobytes all together. */
#define CONFIGS_MAX 1024
#define CONFIG_BYTES_MAX (4U * 1024 * 1024)

const char *image_config_name(const char *name, size_t *ret_directory)
{
        name += strspn(name, "./");
        for (size_t i = 0; i < MODPROBE_DIRECTORY_COUNT; i++) {
                const char *directory = modprobe_directories[i] + 1;
                size_t size = strlen(directory), length;

                if (strncmp(name, directory, size) != 0 || name[size] != '/')
                        continue;
                *ret_directory = i;
                name += size + 1;
                length = strlen(name);
                return name[0] != '.' && !strchr(name, '/') && length > strlen(".conf") &&
                                                       strcmp(name + length - strlen(".conf"), ".conf") == 0
                                       ? name
                                       : NULL;
        }
        return NULL;
}

int image_configs_add(ImageConfigs *configs, size_t directory, const char *name, char *text_taken)
{
        char *text CLEANUP_FREE = text_taken, *copy CLEANUP_FREE = NULL;

        for (size_t i = 0; i < configs->count; i++) {
                ImageConfig *item = &configs->items[i];

                if (item->directory != directory || strcmp(item->name, name) != 0)
                        continue;
                free(item->text);
                item->text = STEAL(text);
                return 0;
        }
        configs->bytes += strlen(text);
        if (configs->count == CONFIGS_MAX || configs->bytes > CONFIG_BYTES_MAX)
                return 0;
        copy = strdup(name);
        if (!copy || !array_reserve(configs->items, configs->count))
                return -ENOMEM;
        configs->items[configs->count++] = (ImageConfig){ directory, STEAL(copy), STEAL(text) };
        return 0;
}

static int compare(const void *a, const void *b)
{
        const ImageConfig *x = a, *y = b;
        int order = strcmp(x->name, y->name);

        return order != 0 ? order : x->directory < y->directory ? -1 : x->directory > y->directory;
}

int image_configs_rules(ImageConfigs *configs, ModprobeRules *ret)
{
        int r = 0;

        if (configs->count > 0)
                qsort(configs->items, configs->count, sizeof(*configs->items), compare);
        for (size_t i = 0; i < configs->count && r >= 0; i++) {
                const ImageConfig *item = &configs->items[i];
                char *path CLEANUP_FREE = NULL;

                /* Only the first directory's file of a name counts. */
                if (i > 0 && strcmp(configs->items[i - 1].name, item->name) == 0)
                        continue;
                r = text_format(&path, "%s/%s", modprobe_directories[item->directory], item->name);
                if (r >= 0)
                        r = modprobe_rules_add_file(ret, path, item->text);
        }
        return r < 0 ? r : 0;
}

void image_configs_done(ImageConfigs *configs)
{
        for (size_t i = 0; i < configs->count; i++) {
                free(configs->items[i].name);
                free(configs->items[i].text);
        }
        free(configs->items);
        *configs = (ImageConfigs){ 0 };
}
