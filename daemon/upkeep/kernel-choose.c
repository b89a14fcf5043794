/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Asks the policies, and the preflight about all answers together. It changes nothing. */

#include "upkeep/kernel-choose.h"

#include <errno.h>
#include <string.h>

#include "change/misfits.h"
#include "model/version-id.h"
#include "store/store-wanted.h"
#include "util/log.h"
#include "util/messages.h"

/* A driver that the policy is asked about. */
typedef struct Candidate {
        const DriverEntry *entry;
        char *wanted;      /* NULL: nothing */
        bool stand_in;     /* the kernel's own module was selected there for want of a better one */
        StringSet refused; /* ids of versions that have given way */
        bool asked_anew;   /* some of them were forgotten once */
        KernelChoice choice;
} Candidate;

typedef struct Chooser {
        const Registry *registry;
        Changer *changer;
        const char *release;
        const Request *request; /* without targets */
        Candidate *candidates;
        size_t count;
        /* What all of their choices come to; for each of these targets its candidate. */
        ChangeTarget *targets;
        Candidate **sources;
        size_t target_count;
} Chooser;

static void chooser_done(Chooser *chooser)
{
        for (size_t i = 0; i < chooser->count; i++) {
                free(chooser->candidates[i].wanted);
                string_set_done(&chooser->candidates[i].refused);
        }
        free(chooser->candidates);
        free(chooser->targets);
        free(chooser->sources);
}

void carry_list_done(CarryList *list)
{
        for (size_t i = 0; i < list->count; i++) {
                free(list->items[i].driver);
                free(list->items[i].version);
                free(list->items[i].wanted);
        }
        free(list->items);
        *list = (CarryList){ 0 };
}

/* The id of what is remembered as wanted. NULL if that is nothing, or to be deselected. */
static int remembered(const Chooser *chooser, const DriverEntry *entry, const char *release, char **ret)
{
        char *text CLEANUP_FREE = NULL;
        const DriverVersion *version;
        int r = store_wanted_get(chooser->registry->store, entry->name, release, &text);

        if (r < 0 || !*text)
                return r == -ENOENT ? 0 : r;
        version = driver_version_meant(entry->value, text);
        *ret = version ? strdup(version->id) : STEAL(text);
        return *ret ? 0 : -ENOMEM;
}

/* What stands on disk counts, but for the kernel's own module: that may stand in for a version that the
 * running release doesn't have, and which one that was is remembered. */
static int find_wanted(const Chooser *chooser, const DriverEntry *entry, char **ret)
{
        const char *running = chooser->registry->facts->kernel;
        const char *found = kernel_policy_wanted(entry->value, running, chooser->release);
        int r = 0;

        if ((!found || strcmp(found, KERNEL_VERSION_ID) == 0) && strcmp(running, chooser->release) != 0)
                r = remembered(chooser, entry, running, ret);
        if (r < 0 || *ret || !found)
                return r;
        *ret = strdup(found);
        return *ret ? 0 : -ENOMEM;
}

static int is_stand_in(const Chooser *chooser, const DriverEntry *entry)
{
        const DriverRelease *now = driver_release(entry->value, chooser->release);
        char *wanted CLEANUP_FREE = NULL;
        int r;

        if (!now || !now->chosen || strcmp(now->selected, KERNEL_VERSION_ID) != 0)
                return 0;
        r = remembered(chooser, entry, chooser->release, &wanted);
        if (r < 0)
                return r;
        return wanted ? strcmp(wanted, KERNEL_VERSION_ID) != 0
                      : entry->policy == KERNEL_POLICY_NEWEST || entry->policy == KERNEL_POLICY_PRIORITY;
}

/* --- the choices, and what speaks against them --------------------------------------------------------- */

/* What stands in already needs no second saying. */
static bool has_target(const Candidate *candidate)
{
        return candidate->choice.version &&
               !(candidate->stand_in && candidate->choice.coverage != KERNEL_COVERED);
}

/* By priority, a module whose hardware is here speaks for those of its package that are for none, like the
 * core that several drivers share. */
static bool leaves_it_to_others(const Chooser *chooser, const Candidate *candidate)
{
        const Driver *driver = candidate->entry->value;

        if (candidate->entry->policy != KERNEL_POLICY_PRIORITY || driver->hardware_present ||
                        !*driver->package)
                return false;
        for (size_t i = 0; i < chooser->count; i++) {
                const Driver *other = chooser->candidates[i].entry->value;

                if (other->hardware_present && strcmp(other->package, driver->package) == 0)
                        return true;
        }
        return false;
}

/* Asks each policy, but once for a package, which switches as a whole. */
static int choose_all(Chooser *chooser)
{
        StringSet packages CLEANUP_STRING_SET = { 0 };
        int r = 0;

        chooser->target_count = 0;
        for (size_t i = 0; i < chooser->count && r >= 0; i++) {
                Candidate *candidate = &chooser->candidates[i];
                const Driver *driver = candidate->entry->value;
                const KernelQuestion question = { chooser->release, candidate->wanted,
                        candidate->entry->policy, candidate->stand_in, &candidate->refused,
                        chooser->registry->facts };

                candidate->choice = (KernelChoice){ .coverage = KERNEL_UNWANTED };
                if (string_set_contains(&packages, driver->package) ||
                                leaves_it_to_others(chooser, candidate))
                        continue;
                candidate->choice = kernel_policy_choose(driver, &question);
                if (!has_target(candidate))
                        continue;
                chooser->targets[chooser->target_count] =
                                (ChangeTarget){ candidate->entry->name, candidate->choice.version->id };
                chooser->sources[chooser->target_count++] = candidate;
                if (*driver->package)
                        r = string_set_add(&packages, driver->package);
        }
        return r < 0 ? r : 0;
}

/* What gave way may fit again, now that something has given way for the sake of others. Once only, so that
 * this ends. */
static void ask_anew(Chooser *chooser)
{
        for (size_t i = 0; i < chooser->count; i++) {
                Candidate *candidate = &chooser->candidates[i];

                if (candidate->asked_anew || candidate->refused.count == 0)
                        continue;
                candidate->asked_anew = true;
                string_set_done(&candidate->refused);
        }
}

static int give_way(Chooser *chooser, const MisfitList *misfits)
{
        int r = 0;

        for (size_t i = 0; i < misfits->count; i++)
                if (misfits->items[i].breaks) {
                        ask_anew(chooser);
                        break;
                }
        for (size_t i = 0; i < misfits->count && r >= 0; i++) {
                const Misfit *misfit = &misfits->items[i];
                const ChangeTarget *target = &chooser->targets[misfit->target];

                log_message(4, target->driver, NULL,
                                "Version %s of %s can't be carried over to kernel release %s: %s",
                                target->version, target->driver, chooser->release, misfit->sentence);
                r = string_set_add(&chooser->sources[misfit->target]->refused, target->version);
        }
        return r < 0 ? r : 0;
}

/* Until all that is chosen fits together. Each round refuses a version, so that there is an end. */
static int choose_fitting(Chooser *chooser, Refusal *refusal)
{
        Request request = *chooser->request;

        for (;;) {
                MisfitList misfits CLEANUP_MISFIT_LIST = { 0 };
                int r = choose_all(chooser);

                if (r < 0 || chooser->target_count == 0)
                        return r;
                request.targets = chooser->targets;
                request.target_count = chooser->target_count;
                r = misfits_find(chooser->changer, &request, &misfits, refusal);
                if (r < 0 || misfits.count == 0)
                        return r;
                r = give_way(chooser, &misfits);
                if (r < 0)
                        return r;
        }
}

/* --- the result ---------------------------------------------------------------------------------------- */

static void say(const Chooser *chooser, const Candidate *candidate)
{
        const char *name = candidate->entry->name, *wanted = "at all";

        if (candidate->entry->policy == KERNEL_POLICY_PIN && candidate->wanted)
                wanted = candidate->wanted;
        switch (candidate->choice.coverage) {
        case KERNEL_COVERED:
                log_message(6, name, NULL, "Version %s of %s is carried over to kernel release %s.",
                                candidate->choice.version->id, name, chooser->release);
                return;
        case KERNEL_SUBSTITUTED:
                log_message(4, name, MESSAGE_KERNEL_NOT_COVERED,
                                "Kernel release %s has no version %s of %s that fits; until it has, the "
                                "kernel's own module is selected there.",
                                chooser->release, wanted, name);
                return;
        case KERNEL_UNCOVERED:
                log_message(4, name, MESSAGE_KERNEL_NOT_COVERED,
                                "Kernel release %s has no version %s of %s that fits, and no module of its "
                                "own that does: nothing is selected there.",
                                chooser->release, wanted, name);
                return;
        case KERNEL_BUILTIN:
                if (candidate->entry->policy == KERNEL_POLICY_KERNEL)
                        return; /* it is what was asked for */
                log_message(4, name, MESSAGE_KERNEL_NOT_COVERED,
                                "%s is a part of the kernel of release %s, which loads no version of it: "
                                "nothing is selected there.",
                                name, chooser->release);
                return;
        case KERNEL_CHOSEN:
        case KERNEL_UNWANTED:
        default:
                return;
        }
}

static int add_item(CarryList *list, const Candidate *candidate)
{
        bool covered = candidate->choice.coverage == KERNEL_COVERED;
        const char *version = candidate->choice.version->id;
        const char *pinned = candidate->entry->policy == KERNEL_POLICY_PIN ? candidate->wanted : NULL;
        const char *wanted = covered ? version : pinned;
        CarryItem *item = &list->items[list->count++];

        *item = (CarryItem){ .driver = strdup(candidate->entry->name), .version = strdup(version) };
        item->wanted = wanted ? strdup(wanted) : NULL;
        return item->driver && item->version && (!wanted || item->wanted) ? 0 : -ENOMEM;
}

static int list_items(const Chooser *chooser, CarryList *ret)
{
        CarryList list CLEANUP_CARRY_LIST = { 0 };
        int r = 0;

        list.items = calloc(chooser->target_count + 1, sizeof(*list.items));
        if (!list.items)
                return -ENOMEM;
        for (size_t i = 0; i < chooser->count && r >= 0; i++) {
                const Candidate *candidate = &chooser->candidates[i];

                if (candidate->stand_in && !has_target(candidate))
                        continue;
                say(chooser, candidate);
                if (candidate->choice.version)
                        r = add_item(&list, candidate);
        }
        if (r < 0)
                return r;
        *ret = list;
        list = (CarryList){ 0 };
        return 0;
}

/* --- the whole ----------------------------------------------------------------------------------------- */

static int add_candidate(Chooser *chooser, const DriverEntry *entry)
{
        Candidate *candidate = &chooser->candidates[chooser->count++];
        int r;

        candidate->entry = entry;
        r = is_stand_in(chooser, entry);
        if (r < 0)
                return r;
        candidate->stand_in = r > 0;
        return find_wanted(chooser, entry, &candidate->wanted);
}

int kernel_choose(const Registry *registry, Changer *changer, const char *release, const Request *request,
                CarryList *ret, Refusal *refusal)
{
        Chooser chooser CLEANUP(chooser_done) = { registry, changer, release, request };
        int r = 0;

        chooser.candidates = calloc(registry->count + 1, sizeof(*chooser.candidates));
        chooser.targets = calloc(registry->count + 1, sizeof(*chooser.targets));
        chooser.sources = calloc(registry->count + 1, sizeof(*chooser.sources));
        if (!chooser.candidates || !chooser.targets || !chooser.sources)
                return -ENOMEM;
        for (size_t i = 0; i < registry->count && r >= 0; i++)
                r = add_candidate(&chooser, registry->entries[i]);
        if (r >= 0)
                r = choose_fitting(&chooser, refusal);
        return r < 0 ? r : list_items(&chooser, ret);
}
