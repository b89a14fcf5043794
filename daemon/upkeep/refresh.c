/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* When the host is read anew: on request, and when the watch says that something may have changed. */

#include <errno.h>
#include <malloc.h>
#include <string.h>
#include <time.h>

#include "bus/service.h"
#include "change/reboot-flag.h"
#include "registry/refresh.h"
#include "upkeep/heal.h"
#include "util/log.h"

/* Long enough for those who waited for the bus name to get the answer to their first call. */
#define WATCH_PATIENCE_USEC (100 * 1000ULL)

/* What was found decides what to watch. */
static void update_watch(Service *service)
{
        int r;

        if (!service->watch)
                return;
        r = watch_update(service->watch, service->registry->facts->catalogue);
        if (r < 0)
                log_warning("Some directories can't be watched: %s.", strerror(-r));
        service_tell_watching(service,
                        r == WATCH_COMPLETE
                                        ? NULL
                                        : "Not all directories can be watched. Raise "
                                          "fs.inotify.max_user_watches, or call Rescan() after changes.");
}

void service_flag_reboot(Service *service)
{
        bool required = host_state_reboot_required(&service->registry->state);
        int r;

        r = reboot_flag_set(service->root, required);
        if (r < 0)
                log_warning(REBOOT_FLAG_PATH " can't be %s: %s.", required ? "written" : "removed",
                                strerror(-r));
}

static void update_images(Service *service)
{
        int r;

        r = image_scan_update(service->images);
        if (r < 0)
                log_warning("The initramfs images can't be read: %s.", strerror(-r));
}

void service_remember_metadata(Service *service)
{
        MetadataPending *pending = &service->registry->pending;

        if (pending->count == 0)
                return;
        /* A database that can't be written is one of the Manager's problems already: files are read again.
         */
        (void) metadata_pending_write(pending, service->store);
        /* What was read for the first time needed more memory than the facts that stay. */
        (void) malloc_trim(0);
}

int service_refresh(Service *service)
{
        bool reboot_required = host_state_reboot_required(&service->registry->state);
        int r;

        if (service->watch)
                watch_catch_up(service->watch);
        r = registry_refresh(service->registry);
        service_tell_reading(service, r);
        service_check_state(service);
        if (r >= 0)
                update_watch(service);
        if (reboot_required != host_state_reboot_required(&service->registry->state))
                service_flag_reboot(service);
        if (r >= 0 && service->images)
                update_images(service);
        service_remember_metadata(service);
        if (r >= 0)
                drift_heal_update(service->healer);
        return r;
}

int service_look_again(Service *service)
{
        /* Only here, since what is watched in addition makes the host be read once more. */
        if (service->watch_limited && service->watch)
                watch_renew(service->watch);
        else if (service->watch_limited)
                service_watch(service);
        return service_refresh(service);
}

static void on_dirty(void *userdata)
{
        (void) service_refresh(userdata);
}

void service_scan_images(Service *service)
{
        int r;

        r = image_scan_new(service->event, service->registry, on_dirty, service, &service->images);
        if (r < 0)
                log_warning("The initramfs images can't be read: %s.", strerror(-r));
        else
                update_images(service);
}

static int on_watch_due(sd_event_source *source, uint64_t usec, void *userdata)
{
        service_remember_metadata(userdata);
        update_watch(userdata);
        return 0;
}

/* A watch for each directory takes as long as reading them, and so does writing what was read, so both wait
 * until the service has answered; what changes before then is seen, since new watches make the host be read
 * anew. */
static int watch_soon(Service *service)
{
        int r;

        r = sd_event_add_time_relative(service->event, &service->watch_start, CLOCK_MONOTONIC,
                        WATCH_PATIENCE_USEC, 0, on_watch_due, service);
        return r < 0 ? r : sd_event_source_set_priority(service->watch_start, SD_EVENT_PRIORITY_IDLE);
}

void service_watch(Service *service)
{
        int r;

        r = watch_new(service->event, service->root, &service->config, on_dirty, service, &service->watch);
        if (r >= 0)
                r = watch_soon(service);
        if (r >= 0)
                return;
        log_warning("The host can't be watched: %s.", strerror(-r));
        service_tell_watching(service,
                        "The host can't be watched for changes. Raise fs.inotify.max_user_instances, or call "
                        "Rescan() after changes.");
}
