/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Slices of reading between the turns of the event loop. */

#include "registry/image-scan.h"

#include <errno.h>
#include <string.h>

#include "host/initramfs/initramfs-reader.h"
#include "util/clock.h"
#include "util/log.h"

/* How long calls may have to wait for a slice, but for a single large file in an image. */
#define SLICE_USEC 5000U

struct ImageScan {
        Registry *registry;
        void (*read)(void *userdata);
        void *userdata;
        sd_event_source *slice;
        InitramfsReader *reader; /* NULL: nothing is being read */
        bool news;               /* facts have an image that nobody has looked at */
};

/* 1 if there is an image to read, which was begun; 0 if not. */
static int begin(ImageScan *scan)
{
        const Registry *registry = scan->registry;
        char *path CLEANUP_FREE = NULL;
        size_t release;
        int r;

        r = facts_unread_image(registry->root, registry->facts, 0, &release, &path);
        if (r <= 0)
                return r;
        r = initramfs_reader_new(registry->root, registry->facts->catalogue->releases[release].release, path,
                        &registry->facts->catalogue->modules, &scan->reader);
        return r < 0 ? r : 1;
}

/* 1 if there is more to do. */
static int read_slice(ImageScan *scan)
{
        uint64_t end = clock_usec(CLOCK_MONOTONIC) + SLICE_USEC;

        do {
                InitramfsImage *image CLEANUP(initramfs_image_unrefp) = NULL;
                int r = scan->reader ? initramfs_reader_step(scan->reader, &image) : begin(scan);

                if (r < 0 || (r == 0 && !image))
                        return r;
                if (!image)
                        continue;
                facts_put_image(scan->registry->facts, image);
                scan->reader = initramfs_reader_free(scan->reader);
                scan->news = true;
        } while (clock_usec(CLOCK_MONOTONIC) < end);
        return 1;
}

static int on_slice(sd_event_source *source, void *userdata)
{
        ImageScan *scan = userdata;
        int r;

        r = read_slice(scan);
        if (r > 0)
                return 0;
        (void) sd_event_source_set_enabled(source, SD_EVENT_OFF);
        scan->reader = initramfs_reader_free(scan->reader);
        if (r < 0)
                log_warning("The initramfs images could not be read: %s.", strerror(-r));
        if (!scan->news)
                return 0;
        scan->news = false;
        scan->read(scan->userdata);
        return 0;
}

int image_scan_update(ImageScan *scan)
{
        char *path CLEANUP_FREE = NULL;
        size_t release;
        int r;

        if (scan->reader)
                return 0;
        r = facts_unread_image(scan->registry->root, scan->registry->facts, 0, &release, &path);
        return r <= 0 ? r : sd_event_source_set_enabled(scan->slice, SD_EVENT_ON);
}

bool image_scan_is_busy(const ImageScan *scan)
{
        return sd_event_source_get_enabled(scan->slice, NULL) > 0;
}

int image_scan_new(sd_event *event, Registry *registry, void (*read)(void *userdata), void *userdata,
                ImageScan **ret)
{
        ImageScan *scan CLEANUP(image_scan_freep) = calloc(1, sizeof(*scan));
        int r;

        if (!scan)
                return -ENOMEM;
        *scan = (ImageScan){ .registry = registry, .read = read, .userdata = userdata };
        r = sd_event_add_defer(event, &scan->slice, on_slice, scan);
        if (r >= 0)
                r = sd_event_source_set_enabled(scan->slice, SD_EVENT_OFF);
        if (r >= 0)
                r = sd_event_source_set_priority(scan->slice, SD_EVENT_PRIORITY_IDLE);
        if (r < 0)
                return r;
        *ret = STEAL(scan);
        return 0;
}

ImageScan *image_scan_free(ImageScan *scan)
{
        if (!scan)
                return NULL;
        (void) sd_event_source_disable_unref(scan->slice);
        (void) initramfs_reader_free(scan->reader);
        free(scan);
        return NULL;
}
