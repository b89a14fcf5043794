/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which images are known, by their stamps. It opens none. */

#include "host/facts-images.h"

#include <errno.h>
#include <string.h>

#include "host/initramfs/initramfs-preset.h"
#include "util/exhausted.h"

/* What PREVIOUS knows of the release's image, if that is still the same and was read for all modules. */
static InitramfsImage *known_image(const Facts *facts, const char *release, const char *path,
                const FileStamp *stamp, const StringSet *modules)
{
        for (size_t i = 0; facts->images && i < facts->catalogue->release_count; i++) {
                InitramfsImage *image = facts->images[i];

                if (!image || strcmp(image->release, release) != 0)
                        continue;
                if (strcmp(image->path, path) != 0 || !file_stamp_equal(&image->stamp, stamp))
                        return NULL;
                for (size_t j = 0; j < modules->count; j++)
                        if (!string_set_contains(&image->asked, modules->items[j]))
                                return NULL;
                return image;
        }
        return NULL;
}

int facts_keep_images(const HostRoot *root, const Facts *previous, Facts *facts)
{
        const Catalogue *catalogue = facts->catalogue;

        facts->images = calloc(catalogue->release_count + 1, sizeof(InitramfsImage *));
        if (!facts->images)
                return -ENOMEM;
        for (size_t i = 0; i < catalogue->release_count; i++) {
                const char *release = catalogue->releases[i].release;
                char *path CLEANUP_FREE = NULL;
                FileStamp stamp;
                int r = initramfs_find_unified(root, release, &facts->unified);

                if (r >= 0)
                        r = initramfs_find(root, release, &path, &stamp);
                if (r >= 0)
                        r = initramfs_find_others(root, release, path, &facts->other_images);
                if (exhausted(r))
                        return r;
                if (r >= 0 && previous)
                        facts->images[i] = initramfs_image_ref(
                                        known_image(previous, release, path, &stamp, &catalogue->modules));
        }
        return 0;
}

/* True if the release has a module that a package ships: others have no version to compare with. */
static bool has_drivers(const CatalogueRelease *release)
{
        for (size_t i = 0; i < release->count; i++)
                if (release->files[i].tree->has_packages)
                        return true;
        return false;
}

int facts_unread_image(
                const HostRoot *root, const Facts *facts, size_t from, size_t *ret_release, char **ret_path)
{
        for (size_t i = from; facts->images && i < facts->catalogue->release_count; i++) {
                const CatalogueRelease *release = &facts->catalogue->releases[i];
                FileStamp stamp;
                int r;

                if (facts->images[i] || !has_drivers(release))
                        continue;
                r = initramfs_find(root, release->release, ret_path, &stamp);
                if (exhausted(r))
                        return r;
                if (r < 0)
                        continue;
                *ret_release = i;
                return 1;
        }
        return 0;
}

void facts_put_image(Facts *facts, InitramfsImage *image)
{
        for (size_t i = 0; facts->images && i < facts->catalogue->release_count; i++)
                if (strcmp(facts->catalogue->releases[i].release, image->release) == 0) {
                        (void) initramfs_image_unref(facts->images[i]);
                        facts->images[i] = initramfs_image_ref(image);
                        return;
                }
}
