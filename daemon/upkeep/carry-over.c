/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Makes what kernel_choose() says one change, now or when the jobs that are in its way have ended. */

#include "upkeep/carry-over.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "host/name.h"
#include "store/store-policy.h"
#include "store/store-wanted.h"
#include "store/store.h"
#include "upkeep/kernel-choose.h"
#include "util/log.h"

struct CarryOver {
        sd_event *event;
        Registry *registry;
        Changer *changer;
        int (*refresh)(void *userdata);
        void *userdata;
        StringSet coming;
        sd_event_source *source; /* NULL: nothing has waited yet */
};

static int remember_wanted(Store *store, const CarryList *list, const char *release)
{
        int r = store_begin(store);

        if (r < 0)
                return r;
        for (size_t i = 0; r >= 0 && i < list->count; i++)
                if (list->items[i].wanted)
                        r = store_wanted_set(store, list->items[i].driver, release, list->items[i].wanted);
        if (r >= 0)
                r = store_kernel_add(store, release);
        if (r >= 0)
                return store_commit(store);
        store_rollback(store);
        return r;
}

static int change(CarryOver *carrier, const CarryList *list, Request *request, uid_t uid, Job **ret_job,
                Refusal *refusal)
{
        ChangeTarget *targets CLEANUP_FREE = calloc(list->count, sizeof(*targets));

        if (!targets)
                return -ENOMEM;
        for (size_t i = 0; i < list->count; i++)
                targets[i] = (ChangeTarget){ list->items[i].driver, list->items[i].version };
        request->targets = targets;
        request->target_count = list->count;
        return proposal_carry_out(carrier->changer, request, uid, ret_job, refusal);
}

static int carry(CarryOver *carrier, const char *release, uid_t uid, Job **ret_job, Refusal *refusal)
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
                r = kernel_choose(carrier->registry, carrier->changer, release, &request, &list, refusal);
        if (r >= 0 && list.count > 0)
                r = change(carrier, &list, &request, uid, &job, refusal);
        if (r < 0)
                return r;
        r = remember_wanted(carrier->registry->store, &list, release);
        if (r < 0)
                log_warning("That kernel release %s was dealt with could not be remembered: %s.", release,
                                strerror(-r));
        *ret_job = job;
        return 0;
}

/* --- a release that somebody names --------------------------------------------------------------------- */

static int check_installed(const CarryOver *carrier, const char *release, Refusal *refusal)
{
        if (!name_is_kernel_release(release))
                return refuse(refusal, REFUSAL_INVALID_ARGS,
                                "%s is no kernel release: such a name begins with two numbers and a point "
                                "between, or depmod refuses it.",
                                release);
        if (!string_set_contains(&carrier->registry->state.kernels, release))
                return refuse(refusal, REFUSAL_INVALID_ARGS,
                                "The kernel release %s is not installed: there is no /lib/modules/%s.",
                                release, release);
        return 0;
}

int carry_over_release(CarryOver *carrier, const char *release, uid_t uid, Job **ret_job, Refusal *refusal)
{
        int added = string_set_add(&carrier->coming, release), r;

        if (added < 0)
                return added;
        r = carrier->refresh(carrier->userdata);
        if (r >= 0)
                r = check_installed(carrier, release, refusal);
        if (r >= 0)
                r = carry(carrier, release, uid, ret_job, refusal);
        if (added > 0)
                (void) string_set_remove(&carrier->coming, release);
        (void) carrier->refresh(carrier->userdata);
        return r;
}

/* --- releases that came while nobody said so ---------------------------------------------------------- */

static void carry_over_next(CarryOver *carrier)
{
        char *release CLEANUP_FREE = strdup(carrier->coming.items[0]);
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        Job *job = NULL;
        int r = release ? carry(carrier, release, geteuid(), &job, &refusal) : -ENOMEM;

        if (r < 0)
                log_warning("Selections could not be carried over to kernel release %s: %s",
                                carrier->coming.items[0], refusal.sentence ?: strerror(-r));
        (void) string_set_remove(&carrier->coming, carrier->coming.items[0]);
        /* What is left to say of it. */
        (void) carrier->refresh(carrier->userdata);
}

/* Two changes of one module can't be under way at once, so each waits for the one before. */
static void carry_on(CarryOver *carrier)
{
        while (carrier->coming.count > 0 && changer_job_count(carrier->changer) == 0)
                carry_over_next(carrier);
}

static int on_event(sd_event_source *source, void *userdata)
{
        CarryOver *carrier = userdata;

        carry_on(carrier);
        return carrier->coming.count > 0 ? 0 : sd_event_source_set_enabled(source, SD_EVENT_OFF);
}

static int remember_all(CarryOver *carrier)
{
        const StringSet *installed = &carrier->registry->state.kernels;
        int r = store_begin(carrier->registry->store);

        if (r < 0)
                return r;
        for (size_t i = 0; r >= 0 && i < installed->count; i++)
                r = store_kernel_add(carrier->registry->store, installed->items[i]);
        if (r >= 0)
                return store_commit(carrier->registry->store);
        store_rollback(carrier->registry->store);
        return r;
}

/* The releases that are remembered, in KNOWN. 1; 0 if there were none, or can be none. Or -ENOMEM. */
static int get_known(CarryOver *carrier, StringSet *known)
{
        int r = store_kernels(carrier->registry->store, known);

        if (r == -ENOMEM)
                return r;
        /* A database that can't be written refuses every change; that is one of the Manager's problems. */
        if (r < 0 || store_check_writable(carrier->registry->store) < 0)
                return 0;
        if (known->count > 0)
                return 1;
        r = remember_all(carrier);
        if (r < 0)
                log_warning("The installed kernel releases could not be remembered: %s.", strerror(-r));
        return 0;
}

int carry_over_begin(CarryOver *carrier)
{
        StringSet known CLEANUP_STRING_SET = { 0 };
        int r = get_known(carrier, &known);

        return r < 0 ? r : 0;
}

int carry_over_missed(CarryOver *carrier)
{
        StringSet known CLEANUP_STRING_SET = { 0 };
        int r = get_known(carrier, &known);

        if (r <= 0)
                return r;
        r = string_set_difference(&carrier->registry->state.kernels, &known, &carrier->coming);
        if (r < 0 || carrier->coming.count == 0)
                return r;
        carry_on(carrier);
        return sd_event_add_post(carrier->event, &carrier->source, on_event, carrier);
}

/* --- the whole ----------------------------------------------------------------------------------------- */

int carry_over_new(sd_event *event, Registry *registry, Changer *changer, int (*refresh)(void *userdata),
                void *userdata, CarryOver **ret)
{
        CarryOver *carrier = calloc(1, sizeof(*carrier));

        if (!carrier)
                return -ENOMEM;
        *carrier = (CarryOver){ event, registry, changer, refresh, userdata, { 0 }, NULL };
        *ret = carrier;
        return 0;
}

CarryOver *carry_over_free(CarryOver *carrier)
{
        if (!carrier)
                return NULL;
        (void) sd_event_source_disable_unref(carrier->source);
        string_set_done(&carrier->coming);
        free(carrier);
        return NULL;
}

const StringSet *carry_over_coming(const CarryOver *carrier)
{
        return &carrier->coming;
}
