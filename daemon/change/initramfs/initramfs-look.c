/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Looks at images before and after a rebuild, a slice at a time. */

#include "change/initramfs/initramfs-look.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "change/initramfs/initramfs-swap.h"
#include "host/initramfs/initramfs-find.h"
#include "host/initramfs/initramfs-generator.h"
#include "host/initramfs/initramfs-listed.h"
#include "host/initramfs/initramfs-reader.h"
#include "util/clock.h"

/* How long the event loop may have to wait, but for a single large file in an image. */
#define SLICE_USEC 5000U

void rebuild_item_done(RebuildItem *item)
{
        rebuild_request_done(&item->request);
        string_set_done(&item->names);
        free(item->path);
        (void) initramfs_image_unref(item->old);
        (void) initramfs_image_unref(item->rebuilt);
        image_wants_done(&item->wants);
        *item = (RebuildItem){ 0 };
}

int image_read_slice(InitramfsReader *reader, InitramfsImage **ret)
{
        uint64_t end = clock_usec(CLOCK_MONOTONIC) + SLICE_USEC;
        int r;

        do
                r = initramfs_reader_step(reader, ret);
        while (r > 0 && clock_usec(CLOCK_MONOTONIC) < end);
        return r;
}

/* What the facts know of the image, if that is all that is asked for. */
static InitramfsImage *known_image(const Facts *facts, const RebuildItem *item, const FileStamp *stamp)
{
        for (size_t i = 0; facts->images && i < facts->catalogue->release_count; i++) {
                InitramfsImage *image = facts->images[i];

                if (!image || strcmp(image->release, item->request.release) != 0 ||
                                strcmp(image->path, item->path) != 0 ||
                                !file_stamp_equal(&image->stamp, stamp))
                        continue;
                for (size_t j = 0; j < item->names.count; j++)
                        if (!string_set_contains(&image->asked, item->names.items[j]))
                                return NULL;
                return image;
        }
        return NULL;
}

static int find(const HostRoot *root, const Facts *facts, RebuildItem *item, InitramfsReader **ret_reader)
{
        FileStamp stamp;
        int r = initramfs_find(root, item->request.release, &item->path, &stamp);

        if (r < 0)
                return r == -ENOENT ? 0 : r;
        r = string_set_add_all(&item->names, &item->request.modules);
        if (r >= 0)
                r = string_set_add_all(&item->names, &facts->catalogue->modules);
        if (r < 0)
                return r;
        item->old = initramfs_image_ref(known_image(facts, item, &stamp));
        if (item->old)
                return 0;
        return initramfs_reader_new(root, item->request.release, item->path, &item->names, ret_reader);
}

int rebuild_item_look(const HostRoot *root, const Facts *facts, RebuildItem *item, InitramfsReader **reader)
{
        int r = *reader ? image_read_slice(*reader, &item->old) : find(root, facts, item, reader);

        if (r > 0 || (r == 0 && *reader && !item->old))
                return 1;
        *reader = initramfs_reader_free(*reader);
        return r;
}

int rebuild_item_judge(const HostRoot *root, const StringSet *listed, const Plan *plan, RebuildItem *item)
{
        const char *release = item->request.release;
        int r = image_wants_read(root, release, &item->request.modules, listed, &item->wants);

        if (r >= 0 && plan)
                r = image_wants_foresee(root, release, plan, &item->wants);
        if (r < 0)
                return r;
        if (item->request.forced)
                return 1;
        /* Of one that can't be read nothing is known, and the Manager's problems say so. */
        return item->old->error == 0 && image_is_stale(item->old, &item->wants) ? 1 : 0;
}

bool rebuild_item_has_changed(const RebuildItem *item, const ImageSwap *swap)
{
        FileStamp stamp;
        struct stat st;

        if (fstatat(swap->dir_fd, swap->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
                return true;
        stamp = file_stamp(&st);
        return !file_stamp_equal(&stamp, &item->old->stamp);
}

int rebuild_item_settle(RebuildItem *item, const ImageSwap *swap)
{
        struct stat st;
        char *path;

        if (fstatat(swap->dir_fd, swap->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
                return -errno;
        path = strdup(item->path);
        if (!path)
                return -ENOMEM;
        free(item->rebuilt->path);
        item->rebuilt->path = path;
        item->rebuilt->stamp = file_stamp(&st);
        return 0;
}

/* --- old images that were kept ---------------------------------------------------------------------- */

int kept_images_judge(const HostRoot *root, const InitramfsImage *image, const StringSet *listed)
{
        ImageWants wants CLEANUP(image_wants_done) = { 0 };
        int r;

        /* Of one that can't be read nothing is known. */
        if (image->error < 0 || !image_place_keeps(root, image->path))
                return 0;
        r = image_wants_read(root, image->release, &image->asked, listed, &wants);
        if (r >= 0 && !image_is_stale(image, &wants))
                image_place_forget(root, image->path);
        return r;
}

int kept_images_review(const HostRoot *root, const Config *config, const char *release, const char *path,
                const StringSet *modules)
{
        InitramfsImage *image CLEANUP(initramfs_image_unrefp) = NULL;
        StringSet listed CLEANUP_STRING_SET = { 0 };
        InitramfsGenerator generator;
        int r;

        if (!image_place_keeps(root, path))
                return 0;
        r = initramfs_generator_find(root, config, &generator);
        if (r >= 0)
                r = initramfs_listed(root, generator, &listed);
        if (r >= 0)
                r = initramfs_image_read(root, release, path, modules, &image);
        return r < 0 ? r : kept_images_judge(root, image, &listed);
}
