/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One comparison of an image with the host, used before a rebuild and after it. */

#include "change/initramfs/initramfs-plan.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "host/index/module-index.h"
#include "host/module/module-read.h"
#include "host/selection.h"
#include "util/text-format.h"

typedef enum Fit {
        FIT_RIGHT,
        FIT_OTHER,     /* another file than the host's */
        FIT_UNBLOCKED, /* deselected, but the image could load it */
        FIT_BLOCKED,   /* selected, but the image would refuse to load it */
        FIT_ABSENT,    /* not in there, which is right unless it has to be */
} Fit;

void image_wants_done(ImageWants *wants)
{
        for (size_t i = 0; i < wants->count; i++) {
                free(wants->items[i].module);
                (void) module_file_unref(wants->items[i].file);
        }
        free(wants->items);
        *wants = (ImageWants){ 0 };
}

static int read_blocked(const HostRoot *root, const char *module, bool *ret)
{
        char *name CLEANUP_FREE = NULL, *path CLEANUP_FREE = NULL;
        int fd CLEANUP_FD = -1;
        int r = block_file_name(module, &name);

        if (r < 0)
                return r;
        if (text_format(&path, BLOCK_DIRECTORY "/%s", name) < 0)
                return -ENOMEM;
        fd = host_root_open(root, path, O_PATH);
        *ret = fd >= 0;
        return fd == -ENOMEM ? fd : 0;
}

/* RELATIVE to the module directory. One that can't be opened is none. */
static int read_file_at(const HostRoot *root, const char *release, const char *relative, ImageWant *want)
{
        char *path CLEANUP_FREE = NULL;
        int fd CLEANUP_FD = -1;

        want->file = module_file_unref(want->file);
        if (text_format(&path, "/lib/modules/%s/%s", release, relative) < 0)
                return -ENOMEM;
        fd = host_root_open(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
        if (fd < 0)
                return fd == -ENOMEM ? fd : 0;
        return module_file_read(fd, NULL, &want->file);
}

static int read_file(const HostRoot *root, ModuleIndex *index, const char *release, ImageWant *want)
{
        char *relative CLEANUP_FREE = NULL;
        int r = module_index_resolve(index, want->module, &relative);

        if (r < 0)
                return r == -ENOENT ? 0 : r;
        return read_file_at(root, release, relative, want);
}

int image_wants_read(const HostRoot *root, const char *release, const StringSet *modules,
                const StringSet *listed, ImageWants *ret)
{
        ImageWants wants CLEANUP(
                        image_wants_done) = { .items = calloc(modules->count + 1, sizeof(ImageWant)) };
        ModuleIndex *index CLEANUP(module_index_freep) = NULL;
        int r = module_index_open(root, release, &index);

        if (!wants.items)
                return -ENOMEM;
        if (r == -ENOENT)
                r = 0;
        for (size_t i = 0; r >= 0 && i < modules->count; i++) {
                ImageWant *want = &wants.items[wants.count++];

                want->module = strdup(modules->items[i]);
                want->listed = string_set_contains(listed, modules->items[i]);
                r = want->module ? read_blocked(root, want->module, &want->blocked) : -ENOMEM;
                if (r >= 0 && index)
                        r = read_file(root, index, release, want);
        }
        if (r < 0)
                return r;
        *ret = wants;
        wants = (ImageWants){ 0 };
        return 0;
}

/* Where the file lies now that the index is to resolve to; NULL: none that the plan knows of. */
static const char *find_planned(const Plan *plan, const PlanChange *change)
{
        const char *path = change->after.target ? change->after.target + strlen("../") : change->expected;

        if (!change->expected)
                return NULL;
        for (size_t i = 0; i < plan->file_count; i++) {
                const PlanFile *file = &plan->files[i];

                if (strcmp(file->release, change->release) == 0 &&
                                strcmp(file->after ? file->inside : file->outside, path) == 0)
                        return file->before ? file->inside : file->outside;
        }
        return path;
}

int image_wants_foresee(const HostRoot *root, const char *release, const Plan *plan, ImageWants *wants)
{
        int r = 0;

        for (size_t i = 0; r >= 0 && i < wants->count; i++) {
                ImageWant *want = &wants->items[i];

                for (size_t j = 0; j < plan->block_count; j++)
                        if (strcmp(plan->blocks[j].module, want->module) == 0)
                                want->blocked = plan->blocks[j].after;
                for (size_t j = 0; r >= 0 && j < plan->change_count; j++) {
                        const PlanChange *change = &plan->changes[j];
                        const char *path = strcmp(change->release, release) == 0 &&
                                                                           strcmp(change->module,
                                                                                           want->module) == 0
                                                           ? find_planned(plan, change)
                                                           : NULL;

                        if (path)
                                r = read_file_at(root, release, path, want);
                }
        }
        return r;
}

/* A file that nothing identifies, on either side, is taken for the same: nothing could tell them apart. */
static bool is_anonymous(const ModuleFile *file)
{
        return file->defect == MODULE_SOUND && !*file->build_id && !*file->srcversion && !*file->version;
}

static Fit fit(const InitramfsImage *image, const ImageWant *want)
{
        const InitramfsModule *module = initramfs_image_module(image, want->module);
        bool blocked = string_set_contains(&image->blocked, want->module);

        if (!module)
                return FIT_ABSENT;
        if (want->blocked)
                return blocked ? FIT_RIGHT : FIT_UNBLOCKED;
        if (!want->file) /* the host has no such module any more: nothing to compare with */
                return FIT_RIGHT;
        if (blocked)
                return FIT_BLOCKED;
        if (module->file && is_anonymous(module->file) && is_anonymous(want->file))
                return FIT_RIGHT;
        return initramfs_module_is(module, want->file) ? FIT_RIGHT : FIT_OTHER;
}

static bool must_hold(const ImageWant *want)
{
        return want->file && !want->blocked;
}

bool image_is_stale(const InitramfsImage *image, const ImageWants *wants)
{
        for (size_t i = 0; i < wants->count; i++) {
                const ImageWant *want = &wants->items[i];
                Fit found = fit(image, want);

                if (found == FIT_ABSENT ? want->listed && must_hold(want) : found != FIT_RIGHT)
                        return true;
        }
        return false;
}

bool image_concerns(const InitramfsImage *image, const ImageWants *wants, const char *module)
{
        for (size_t i = 0; i < wants->count; i++)
                if (strcmp(wants->items[i].module, module) == 0)
                        return wants->items[i].listed || initramfs_image_module(image, module);
        return false;
}

static int say(const InitramfsImage *image, const ImageWant *want, Fit found, char **ret)
{
        static const char *const texts[][2] = {
                [FIT_OTHER] = { "holds another version of ", " than the selected one" },
                [FIT_UNBLOCKED] = { "could load ",
                                ", which is deselected: have the generator copy our file of /etc/modprobe.d" },
                [FIT_BLOCKED] = { "keeps ", " from being loaded, though a version is selected" },
                [FIT_ABSENT] = { "lacks ", ", which the image before held" },
        };

        return text_format(ret, "The initramfs that was built for kernel release %s %s%s%s.", image->release,
                        texts[found][0], want->module, texts[found][1]);
}

int image_check(const InitramfsImage *old, const InitramfsImage *rebuilt, const ImageWants *wants,
                char **ret_sentence)
{
        if (rebuilt->error < 0)
                return text_format(ret_sentence,
                                "The initramfs that was built for kernel release %s can't be read: %s.",
                                rebuilt->release,
                                rebuilt->error == -EBADMSG ? "it is damaged, or of an unknown format"
                                                           : strerror(-rebuilt->error));
        for (size_t i = 0; i < wants->count; i++) {
                const ImageWant *want = &wants->items[i];
                Fit found = fit(rebuilt, want);
                bool held = old && initramfs_image_module(old, want->module);
                int r;

                if (found == FIT_RIGHT || (found == FIT_ABSENT && !(held && must_hold(want))))
                        continue;
                r = say(rebuilt, want, found, ret_sentence);
                return r < 0 ? r : 0;
        }
        return 1;
}
