/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The first phase of a rebuild, and no more, with what the plan says in place of what the host says now. */

#include "change/initramfs/initramfs-foresee.h"

#include <errno.h>
#include <string.h>

#include "change/initramfs/initramfs-look.h"
#include "change/initramfs/initramfs-rebuild.h"
#include "host/initramfs/initramfs-generator.h"
#include "host/initramfs/initramfs-listed.h"
#include "host/initramfs/initramfs-reader.h"

struct ImageForesight {
        const HostRoot *root;
        const Plan *plan;
        ForesightObserver observer;
        RebuildItem *items;
        size_t count;
        size_t position; /* of the item that is looked at */
        StringSet listed;
        StringSet images; /* found so far */
        InitramfsReader *reader;
        sd_event_source *turn;
};

/* Reads on, or looks at one more image. 1 if there is more to do, 0 if that was all, or a negative errno;
 * READ: whether an image may be read. */
static int step(ImageForesight *foresight, bool read)
{
        RebuildItem *item = &foresight->items[foresight->position];
        int r;

        if (foresight->position >= foresight->count)
                return 0;
        if (foresight->reader && !read)
                return 1;
        r = rebuild_item_look(foresight->root, foresight->observer.facts(foresight->observer.userdata), item,
                        &foresight->reader);
        if (r != 0)
                return r;
        r = item->path ? rebuild_item_judge(foresight->root, &foresight->listed, foresight->plan, item) : 0;
        if (r > 0)
                r = string_set_add(&foresight->images, item->path);
        foresight->position++;
        return r < 0 ? r : foresight->position < foresight->count;
}

static int on_turn(sd_event_source *source, void *userdata)
{
        ImageForesight *foresight = userdata;
        int r = step(foresight, true);

        if (r > 0)
                return 0;
        (void) sd_event_source_set_enabled(source, SD_EVENT_OFF);
        foresight->observer.done(foresight->observer.userdata, r, &foresight->images);
        return 0;
}

static int take_requests(ImageForesight *foresight)
{
        RebuildRequests requests CLEANUP(rebuild_requests_done) = { 0 };
        int r = rebuild_requests_add_plan(&requests, foresight->plan);

        foresight->items = calloc(requests.count + 1, sizeof(*foresight->items));
        if (!foresight->items)
                return -ENOMEM;
        for (size_t i = 0; r >= 0 && i < requests.count; i++) {
                foresight->items[foresight->count++].request = requests.items[i];
                requests.items[i] = (RebuildRequest){ 0 };
        }
        return r;
}

static int begin(ImageForesight *foresight, const Config *config)
{
        InitramfsGenerator generator;
        int r = initramfs_generator_find(foresight->root, config, &generator);

        /* Nothing is rebuilt without one. */
        if (r < 0 || initramfs_rebuild_obstacle(foresight->root, generator))
                return r;
        r = initramfs_listed(foresight->root, generator, &foresight->listed);
        if (r >= 0)
                r = take_requests(foresight);
        if (r < 0 || foresight->count == 0)
                return r;
        while ((r = step(foresight, false)) > 0 && !foresight->reader)
                ;
        return r;
}

static int go_on_later(ImageForesight *foresight, sd_event *event)
{
        int r = sd_event_add_defer(event, &foresight->turn, on_turn, foresight);

        if (r >= 0)
                r = sd_event_source_set_priority(foresight->turn, SD_EVENT_PRIORITY_IDLE);
        return r < 0 ? r : sd_event_source_set_enabled(foresight->turn, SD_EVENT_ON);
}

int image_foresight_begin(sd_event *event, const HostRoot *root, const Config *config, const Plan *plan,
                const ForesightObserver *observer, StringSet *ret, ImageForesight **ret_foresight)
{
        ImageForesight *foresight CLEANUP(image_foresight_freep) = calloc(1, sizeof(*foresight));
        int r;

        if (!foresight)
                return -ENOMEM;
        foresight->root = root;
        foresight->plan = plan;
        foresight->observer = *observer;
        r = begin(foresight, config);
        if (r == 0)
                r = string_set_add_all(ret, &foresight->images);
        else if (r > 0) {
                r = go_on_later(foresight, event);
                if (r >= 0) {
                        *ret_foresight = STEAL(foresight);
                        return 1;
                }
        }
        return r < 0 ? r : 0;
}

ImageForesight *image_foresight_free(ImageForesight *foresight)
{
        if (!foresight)
                return NULL;
        (void) sd_event_source_disable_unref(foresight->turn);
        (void) initramfs_reader_free(foresight->reader);
        for (size_t i = 0; i < foresight->count; i++)
                rebuild_item_done(&foresight->items[i]);
        free(foresight->items);
        string_set_done(&foresight->listed);
        string_set_done(&foresight->images);
        free(foresight);
        return NULL;
}
