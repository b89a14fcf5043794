/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Makes what kernel_choose() says one change, now or when the jobs that are in its way have ended. */

#include "upkeep/carry-over.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "store/store-policy.h"
#include "store/store-wanted.h"
#include "store/store.h"
#include "upkeep/kernel-choose.h"
#include "util/log.h"

static int remember_wanted(Service *service, const CarryList *list, const char *release)
{
        int r = store_begin(service->store);

        if (r < 0)
                return r;
        for (size_t i = 0; r >= 0 && i < list->count; i++)
                if (list->items[i].wanted)
                        r = store_wanted_set(service->store, list->items[i].driver, release,
                                        list->items[i].wanted);
        if (r >= 0)
                r = store_kernel_add(service->store, release);
        if (r >= 0)
                return store_commit(service->store);
        store_rollback(service->store);
        return r;
}

static int change(Service *service, const CarryList *list, Request *request, uid_t uid, Job **ret_job,
                Refusal *refusal)
{
        ChangeTarget *targets CLEANUP_FREE = calloc(list->count, sizeof(*targets));

        if (!targets)
                return -ENOMEM;
        for (size_t i = 0; i < list->count; i++)
                targets[i] = (ChangeTarget){ list->items[i].driver, list->items[i].version };
        request->targets = targets;
        request->target_count = list->count;
        return proposal_carry_out(service->changer, request, uid, ret_job, refusal);
}

int kernel_carry_over(Service *service, const char *release, uid_t uid, Job **ret_job, Refusal *refusal)
{
        CarryList list CLEANUP_CARRY_LIST = { 0 };
        StringSet kernels CLEANUP_STRING_SET = { 0 };
        StringSet ignore CLEANUP_STRING_SET = { 0 };
        Request request = {
                .kernels = &kernels, .ignore = &ignore, .operation = &operation_table[OPERATION_CARRY_OVER]
        };
        Job *job = NULL;
        int r = string_set_add(&kernels, release);

        /* Whether the host has the hardware was asked when the version was selected. */
        if (r >= 0)
                r = string_set_add(&ignore, "no-hardware");
        if (r >= 0)
                r = kernel_choose(service, release, &request, &list, refusal);
        if (r >= 0 && list.count > 0)
                r = change(service, &list, &request, uid, &job, refusal);
        if (r < 0)
                return r;
        r = remember_wanted(service, &list, release);
        if (r < 0)
                log_warning("That kernel release %s was dealt with could not be remembered: %s.", release,
                                strerror(-r));
        *ret_job = job;
        return 0;
}

/* --- releases that came while nobody said so ---------------------------------------------------------- */

static void carry_over_next(Service *service)
{
        char *release CLEANUP_FREE = strdup(service->coming.items[0]);
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        Job *job = NULL;
        int r = release ? kernel_carry_over(service, release, geteuid(), &job, &refusal) : -ENOMEM;

        if (r < 0)
                log_warning("Selections could not be carried over to kernel release %s: %s",
                                service->coming.items[0], refusal.sentence ?: strerror(-r));
        (void) string_set_remove(&service->coming, service->coming.items[0]);
        /* What is left to say of it. */
        (void) service_refresh(service);
}

/* Two changes of one module can't be under way at once, so each waits for the one before. */
static void carry_over_coming(Service *service)
{
        while (service->coming.count > 0 && changer_job_count(service->changer) == 0)
                carry_over_next(service);
}

static int on_event(sd_event_source *source, void *userdata)
{
        Service *service = userdata;

        carry_over_coming(service);
        return service->coming.count > 0 ? 0 : sd_event_source_set_enabled(source, SD_EVENT_OFF);
}

static int remember_all(Service *service)
{
        const StringSet *installed = &service->registry->state.kernels;
        int r = store_begin(service->store);

        if (r < 0)
                return r;
        for (size_t i = 0; r >= 0 && i < installed->count; i++)
                r = store_kernel_add(service->store, installed->items[i]);
        if (r >= 0)
                return store_commit(service->store);
        store_rollback(service->store);
        return r;
}

int kernel_carry_over_missed(Service *service)
{
        StringSet known CLEANUP_STRING_SET = { 0 };
        int r = store_kernels(service->store, &known);

        if (r == -ENOMEM)
                return r;
        /* A database that can't be written refuses every change; that is one of the Manager's problems. */
        if (r < 0 || store_check_writable(service->store) < 0)
                return 0;
        if (known.count == 0) {
                r = remember_all(service);
                if (r < 0)
                        log_warning("The installed kernel releases could not be remembered: %s.",
                                        strerror(-r));
                return 0;
        }
        r = string_set_difference(&service->registry->state.kernels, &known, &service->coming);
        if (r < 0 || service->coming.count == 0)
                return r;
        carry_over_coming(service);
        return sd_event_add_post(service->event, &service->carrier, on_event, service);
}
