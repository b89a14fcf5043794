/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Adds up requests by kernel release. */

#include "change/initramfs/rebuild-requests.h"
#include "util/array.h"

#include <errno.h>
#include <string.h>

void rebuild_request_done(RebuildRequest *request)
{
        free(request->release);
        string_set_done(&request->modules);
        *request = (RebuildRequest){ 0 };
}

void rebuild_requests_done(RebuildRequests *requests)
{
        for (size_t i = 0; i < requests->count; i++)
                rebuild_request_done(&requests->items[i]);
        free(requests->items);
        *requests = (RebuildRequests){ 0 };
}

/* The request of RELEASE, made if there is none yet; NULL: no memory. */
static RebuildRequest *request_of(RebuildRequests *requests, const char *release)
{
        RebuildRequest *items;
        char *copy;

        for (size_t i = 0; i < requests->count; i++)
                if (strcmp(requests->items[i].release, release) == 0)
                        return &requests->items[i];
        items = array_grow(requests->items, requests->count, sizeof(*items));
        if (!items)
                return NULL;
        requests->items = items;
        copy = strdup(release);
        if (!copy)
                return NULL;
        items[requests->count] = (RebuildRequest){ .release = copy };
        return &items[requests->count++];
}

int rebuild_requests_add_all(
                RebuildRequests *requests, const StringSet *releases, const StringSet *modules, bool forced)
{
        for (size_t i = 0; i < releases->count; i++) {
                RebuildRequest *request = request_of(requests, releases->items[i]);

                if (!request || string_set_add_all(&request->modules, modules) < 0)
                        return -ENOMEM;
                request->forced = request->forced || forced;
        }
        return 0;
}

int rebuild_requests_add_plan(RebuildRequests *requests, const Plan *plan)
{
        StringSet releases CLEANUP_STRING_SET = { 0 }, modules CLEANUP_STRING_SET = { 0 };
        int r = plan_releases(plan, &releases);

        if (r >= 0)
                r = plan_modules(plan, &modules);
        return r < 0 ? r : rebuild_requests_add_all(requests, &releases, &modules, false);
}
