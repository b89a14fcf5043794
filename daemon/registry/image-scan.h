/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads initramfs images in the background, when nothing else is to be done. It interprets nothing. */
#pragma once

#include <systemd/sd-event.h>

#include "registry/registry.h"

typedef struct ImageScan ImageScan;

/* READ is called from the event loop when the registry's facts have got new images, so that they are to be
 * read anew. All is borrowed. 0 or a negative errno. */
int image_scan_new(sd_event *event, Registry *registry, void (*read)(void *userdata), void *userdata,
                ImageScan **ret) WARN_UNUSED NONNULL(1, 2, 3, 5);
ImageScan *image_scan_free(ImageScan *scan);
DEFINE_CLEANUP(ImageScan, image_scan_free)

/* To be called after each refresh: begins with the images that aren't known. 0 or a negative errno. */
int image_scan_update(ImageScan *scan) WARN_UNUSED NONNULL(1);

/* Whether there is an image that is yet to be read. */
bool image_scan_is_busy(const ImageScan *scan) NONNULL(1);
