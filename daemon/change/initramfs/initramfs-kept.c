/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Compares an image with the whole host: a kept one may be about another driver than the request at hand. */

#include "change/initramfs/initramfs-kept.h"

#include "change/initramfs/initramfs-place.h"
#include "change/initramfs/initramfs-plan.h"
#include "host/initramfs/initramfs-generator.h"
#include "host/initramfs/initramfs-listed.h"
#include "host/initramfs/initramfs-reader.h"

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
