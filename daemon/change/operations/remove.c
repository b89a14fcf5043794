/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Plans the removal of a version, and finds out whether it may go. */

#include "change/operations/remove.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "change/adopt/version-owner.h"
#include "change/checks/plan-checks.h"
#include "change/parts/version-aside.h"
#include "change/plan/plan-version.h"
#include "model/version-id.h"
#include "store/store-wanted.h"
#include "util/fs.h"

/* A caller on the bus waits 25 s. */
#define ASKING_TIMEOUT_SEC 20

typedef struct RemoveFound {
        const Proposal *asked; /* what is found out about */
        char *owned_because;   /* why it is a package's; NULL: it isn't, as far as is known */
} RemoveFound;

/* --- who needs it -------------------------------------------------------------------------------------- */

static int refuse_wanted(const ChangeContext *context, const Driver *driver, const DriverVersion *version,
                const char *release, Refusal *refusal)
{
        char *wanted CLEANUP_FREE = NULL;
        int r = store_wanted_get(context->store, driver->name, release, &wanted);

        if (r < 0)
                return r == -ENOENT ? 0 : r;
        if (driver_version_meant(driver, wanted) != version)
                return 0;
        return refuse(refusal, REFUSAL_IN_USE,
                        "%s %s is wanted in kernel release %s, though another version stands in for it. "
                        "Select another version there, then remove it.",
                        driver->name, version->id, release);
}

static int refuse_selected(const Driver *driver, const DriverVersion *version, const DriverRelease *now,
                const CatalogueFile *file, Refusal *refusal)
{
        const char *base = strrchr(now->effective, '/');

        if (strcmp(now->selected, version->id) == 0)
                return refuse(refusal, REFUSAL_IN_USE,
                                "%s %s is selected in kernel release %s. Select another version there, then "
                                "remove it.",
                                driver->name, version->id, now->release);
        /* depmod may have picked it though nobody selected it. */
        if (base && file && strlen(now->effective) > strlen(file->path) &&
                        strcmp(now->effective + strlen(now->effective) - strlen(file->path), file->path) ==
                                        0)
                return refuse(refusal, REFUSAL_IN_USE,
                                "%s %s is what kernel release %s would load now, though nobody selected it. "
                                "Select another version there, then remove it.",
                                driver->name, version->id, now->release);
        return 0;
}

static int refuse_in_image(const ChangeContext *context, const Driver *driver, const DriverVersion *version,
                const DriverRelease *now, Refusal *refusal)
{
        const Facts *facts = context_facts(context);
        char *path CLEANUP_FREE = NULL;
        size_t release = 0;
        int r;

        if (now->in_initramfs && strcmp(now->in_initramfs, version->id) == 0)
                return refuse(refusal, REFUSAL_IN_USE,
                                "%s %s is in the initramfs %s of kernel release %s. Rebuild that with another "
                                "version selected, then remove it.",
                                driver->name, version->id, now->initramfs ? now->initramfs : "",
                                now->release);
        while ((r = facts_unread_image(context->root, facts, release, &release, &path)) > 0) {
                if (strcmp(facts->catalogue->releases[release].release, now->release) == 0)
                        return refuse(refusal, REFUSAL_BUSY,
                                        "What the initramfs %s holds isn't known yet. Try again in a "
                                        "moment.",
                                        path);
                free(STEAL(path));
                release++;
        }
        return r;
}

static int refuse_in_release(const ChangeContext *context, const Driver *driver,
                const DriverVersion *version, const char *release, Refusal *refusal)
{
        const Facts *facts = context_facts(context);
        const DriverRelease *now = driver_release(driver, release);
        int r;

        if (strcmp(facts->kernel, release) == 0 && driver->loaded &&
                        strcmp(driver->active, version->id) == 0)
                return refuse(refusal, REFUSAL_IN_USE,
                                "%s %s is active: the kernel has loaded it. Select another version and "
                                "reboot, then remove it.",
                                driver->name, version->id);
        if (!now)
                return 0;
        r = refuse_selected(
                        driver, version, now, driver_version_file(facts, driver, version, release), refusal);
        if (r >= 0)
                r = refuse_in_image(context, driver, version, now, refusal);
        return r < 0 ? r : refuse_wanted(context, driver, version, release, refusal);
}

static int refuse_in_use(
                const ChangeContext *context, const Plan *plan, const CatalogueFile *file, Refusal *refusal)
{
        for (size_t i = 0; i < plan->subject_count; i++) {
                const PlanSubject *subject = &plan->subjects[i];
                const Driver *driver = context_driver(context, subject->driver);
                const DriverVersion *found = driver ? driver_version_of_file(driver, file) : NULL;
                int r = found ? refuse_in_release(context, driver, found, subject->release, refusal) : 0;

                if (r < 0)
                        return r;
        }
        return 0;
}

/* --- the plan ------------------------------------------------------------------------------------------ */

/* Whether both are about the same modules of the same version: polkit was asked about the first. */
static bool is_same(const Proposal *a, const Proposal *b)
{
        StringSet of_a CLEANUP_STRING_SET = { 0 }, of_b CLEANUP_STRING_SET = { 0 };

        return strcmp(a->package, b->package) == 0 && strcmp(a->version, b->version) == 0 &&
               plan_modules(a->plan, &of_a) >= 0 && plan_modules(b->plan, &of_b) >= 0 &&
               string_set_equal(&of_a, &of_b);
}

static int make_plan(const ChangeContext *context, const Request *request, const DriverVersion *version,
                Proposal *proposal, Refusal *refusal)
{
        const CatalogueFile file = {
                .tree = version->tree, .package = version->package, .version = version->directory
        };
        const VersionName name = { config_tree_directory(context->config, version->tree), version->package,
                version->directory };
        char aside[FS_TEMPORARY_NAME_SIZE];
        int r = fs_temporary_name(aside);

        proposal->package = strdup(version->package);
        proposal->version = strdup(version->directory);
        if (!proposal->package || !proposal->version)
                return -ENOMEM;
        if (r >= 0)
                r = plan_remove(context_facts(context), version->tree, &name, request->kernels, aside,
                                &proposal->plan, refusal);
        if (r >= 0)
                r = version_aside_choose(context->root, proposal->plan, refusal);
        return r < 0 ? r : refuse_in_use(context, proposal->plan, &file, refusal);
}

int remove_plan(const ChangeContext *context, const Request *request, Proposal *proposal, Refusal *refusal)
{
        const ChangeTarget *target = &request->targets[0];
        const Driver *driver = context_driver(context, target->driver);
        const DriverVersion *version = driver ? driver_version(driver, target->version) : NULL;
        const RemoveFound *found = proposal->found;
        int r;

        if (!driver)
                return refuse(refusal, REFUSAL_NO_SUCH_DRIVER, "No driver %s is installed in versions.",
                                target->driver);
        if (!version)
                return refuse(refusal, REFUSAL_NO_SUCH_VERSION,
                                "%s has no version %s. `hostdriverctl show %s` lists those that it has.",
                                target->driver, target->version, target->driver);
        if (version->tree->is_fallback)
                return refuse(refusal, REFUSAL_NOT_SUPPORTED,
                                "The version \"%s\" of %s came with the kernel and goes with it.",
                                target->version, target->driver);
        r = make_plan(context, request, version, proposal, refusal);
        if (r < 0)
                return r;
        if (found && !is_same(found->asked, proposal))
                return refuse(refusal, REFUSAL_CONFLICT,
                                "What %s %s is has changed while it was found out whose files those are. Try "
                                "again.",
                                target->driver, target->version);
        proposal->waits = !found &&
                          !(request->ignore && string_set_contains(request->ignore, "owned-by-package"));
        return 0;
}

int remove_check(const ChangeContext *context, Proposal *proposal)
{
        const RemoveFound *found = proposal->found;
        int r = 0;

        if (found && found->owned_because)
                r = problem_list_add(&proposal->findings, SEVERITY_ERROR, "owned-by-package", "%s",
                                found->owned_because);
        return r < 0 ? r : space_check_plan(context, proposal);
}

/* --- whose files those are ----------------------------------------------------------------------------- */

static int begin(const Request *request, const Proposal *asked, void *found)
{
        ((RemoveFound *) found)->asked = asked;
        return 0;
}

static int open_nothing(void *found, EnquiryChild *ret, Refusal *refusal)
{
        ret->timeout_sec = ASKING_TIMEOUT_SEC;
        return 0;
}

static int ask(const ChangeContext *context, const Request *request, void *found)
{
        char *sentence CLEANUP_FREE = NULL;
        int r = version_owner_find(context->root, context_facts(context),
                        ((RemoveFound *) found)->asked->plan, &sentence);

        return r < 0 || !sentence ? r : fs_write_all(STDOUT_FILENO, sentence, strlen(sentence));
}

static const char *read_answer(ChildOutcome outcome, int code, const char *last_lines)
{
        if (outcome == CHILD_TIMED_OUT)
                return "Whether its files belong to a package can't be told: rpm, or the disk with the lists of "
                       "dpkg, doesn't answer. Try again when it does.";
        if (outcome != CHILD_EXITED || code != 0)
                return "Whether its files belong to a package can't be told: the process that asks was killed. "
                       "Try again.";
        return *last_lines ? last_lines : NULL;
}

static int take(void *found, ChildOutcome outcome, int code, const char *last_lines, Refusal *refusal)
{
        RemoveFound *of = found;
        const char *answer = read_answer(outcome, code, last_lines);

        of->owned_because = answer ? strdup(answer) : NULL;
        return answer && !of->owned_because ? -ENOMEM : 0;
}

static void done(void *found)
{
        free(((RemoveFound *) found)->owned_because);
}

const EnquiryKind remove_enquiry = {
        .waiting = "removals wait until it is known whose files those are",
        .size = sizeof(RemoveFound),
        .begin = begin,
        .open = open_nothing,
        .run = ask,
        .take = take,
        .done = done,
};
