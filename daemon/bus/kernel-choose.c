/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Asks the policies, and the preflight about each answer. It changes nothing. */

#include "bus/kernel-choose.h"

#include <errno.h>
#include <string.h>

#include "bus/messages.h"
#include "util/log.h"

#define KERNEL_VERSION_ID "kernel"

typedef struct Chooser {
        Service *service;
        const char *release;
        const ChangeOptions *options;
        StringSet packages; /* those that an item switches */
        CarryList list;
} Chooser;

static void chooser_done(Chooser *chooser)
{
        string_set_done(&chooser->packages);
        carry_list_done(&chooser->list);
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

/* NULL if nothing is remembered, or that it was deselected. */
static int remembered(const Chooser *chooser, const char *driver, const char *release, char **ret)
{
        int r = store_wanted_get(chooser->service->store, driver, release, ret);

        if (r == -ENOENT)
                return 0;
        if (r >= 0 && !**ret) {
                free(*ret);
                *ret = NULL;
        }
        return r;
}

/* What stands on disk counts, but for the kernel's own module: that may stand in for a version that the
 * running release doesn't have, and which one that was is remembered. */
static int find_wanted(const Chooser *chooser, const DriverEntry *entry, char **ret)
{
        const char *running = chooser->service->registry->facts->kernel;
        const char *found = kernel_policy_wanted(entry->value, running, chooser->release);
        int r = 0;

        if ((!found || strcmp(found, KERNEL_VERSION_ID) == 0) && strcmp(running, chooser->release) != 0)
                r = remembered(chooser, entry->name, running, ret);
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
        r = remembered(chooser, entry->name, chooser->release, &wanted);
        if (r < 0)
                return r;
        return wanted ? strcmp(wanted, KERNEL_VERSION_ID) != 0 : entry->policy == KERNEL_POLICY_NEWEST;
}

static int add_item(Chooser *chooser, const DriverEntry *entry, const char *version, const char *wanted)
{
        CarryItem *items = reallocarray(
                        chooser->list.items, chooser->list.count + 1, sizeof(*chooser->list.items));
        CarryItem *item;

        if (!items)
                return -ENOMEM;
        chooser->list.items = items;
        item = &items[chooser->list.count++];
        *item = (CarryItem){ .driver = strdup(entry->name), .version = strdup(version) };
        item->wanted = wanted ? strdup(wanted) : NULL;
        if (!item->driver || !item->version || (wanted && !item->wanted))
                return -ENOMEM;
        return *entry->value->package ? string_set_add(&chooser->packages, entry->value->package) : 0;
}

/* Whether the refusal is about this very version: 1, or 0 if it would be the same for any. */
static bool is_about_version(const Refusal *refusal)
{
        return refusal->kind != REFUSAL_BUSY && refusal->kind != REFUSAL_FAILED &&
               refusal->kind != REFUSAL_NOT_SUPPORTED;
}

/* Asks until the preflight takes the answer. */
static int ask(const Chooser *chooser, const DriverEntry *entry, KernelQuestion *question, KernelChoice *ret,
                Refusal *refusal)
{
        StringSet refused CLEANUP_STRING_SET = { 0 };
        int r = 0;

        question->refused = &refused;
        for (*ret = kernel_policy_choose(entry->value, question); ret->version;
                        *ret = kernel_policy_choose(entry->value, question)) {
                ChangeTarget target = { entry->name, ret->version->id };
                Refusal about CLEANUP_REFUSAL = { 0 };

                r = changer_validate(chooser->service->changer, &target, 1, chooser->options, &about);
                if (r >= 0)
                        break;
                if (r != -ECANCELED || !is_about_version(&about))
                        return r == -ECANCELED ? refuse(refusal, about.kind, "%s", about.sentence) : r;
                log_message(4, entry->name, NULL,
                                "Version %s of %s can't be carried over to kernel release %s: %s",
                                target.version, entry->name, chooser->release, about.sentence);
                r = string_set_add(&refused, target.version);
                if (r < 0)
                        return r;
        }
        question->refused = NULL;
        return 0;
}

static void say(const Chooser *chooser, const DriverEntry *entry, const KernelChoice *choice,
                const char *wanted)
{
        switch (choice->coverage) {
        case KERNEL_COVERED:
                log_message(6, entry->name, NULL, "Version %s of %s is carried over to kernel release %s.",
                                choice->version->id, entry->name, chooser->release);
                return;
        case KERNEL_SUBSTITUTED:
                log_message(4, entry->name, MESSAGE_KERNEL_NOT_COVERED,
                                "Kernel release %s has no version %s of %s that fits; until it has, the "
                                "kernel's own module is selected there.",
                                chooser->release, wanted ? wanted : "at all", entry->name);
                return;
        case KERNEL_UNCOVERED:
                log_message(4, entry->name, MESSAGE_KERNEL_NOT_COVERED,
                                "Kernel release %s has no version %s of %s that fits, and no module of its "
                                "own: nothing is selected there.",
                                chooser->release, wanted ? wanted : "at all", entry->name);
                return;
        case KERNEL_CHOSEN:
        case KERNEL_UNWANTED:
        default:
                return;
        }
}

static int choose(Chooser *chooser, const DriverEntry *entry, Refusal *refusal)
{
        KernelQuestion question = { .release = chooser->release, .policy = entry->policy };
        char *wanted CLEANUP_FREE = NULL;
        KernelChoice choice;
        int r;

        if (string_set_contains(&chooser->packages, entry->value->package))
                return 0;
        r = is_stand_in(chooser, entry);
        if (r < 0)
                return r;
        question.stand_in = r > 0;
        r = find_wanted(chooser, entry, &wanted);
        if (r < 0)
                return r;
        question.wanted = wanted;
        r = ask(chooser, entry, &question, &choice, refusal);
        if (r < 0)
                return r;
        /* What stands in already needs no second saying. */
        if (question.stand_in && choice.coverage != KERNEL_COVERED)
                return 0;
        say(chooser, entry, &choice, question.policy == KERNEL_POLICY_PIN ? wanted : NULL);
        if (!choice.version)
                return 0;
        if (choice.coverage == KERNEL_COVERED)
                return add_item(chooser, entry, choice.version->id, choice.version->id);
        return add_item(chooser, entry, choice.version->id,
                        question.policy == KERNEL_POLICY_PIN ? wanted : NULL);
}

int kernel_choose(Service *service, const char *release, const ChangeOptions *options, CarryList *ret,
                Refusal *refusal)
{
        Chooser chooser CLEANUP(chooser_done) = { service, release, options, { 0 }, { 0 } };
        const Registry *registry = service->registry;

        for (size_t i = 0; i < registry->count; i++) {
                int r = choose(&chooser, registry->entries[i], refusal);

                if (r < 0)
                        return r;
        }
        *ret = chooser.list;
        chooser.list = (CarryList){ 0 };
        return 0;
}
