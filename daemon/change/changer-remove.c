/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Removes a version. Which package owns it is found out by a process of its own, since rpm may take its
 * time; then everything is looked at again. */

#include "change/changer-remove.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "change/adopt/version-owner.h"
#include "change/changer-versions.h"
#include "change/parts/version-aside.h"
#include "change/plan/plan-version.h"
#include "change/tool/child.h"
#include "util/fs.h"

/* One more than one, so that a database that hangs doesn't hold up everybody at once. */
#define ASKING_MAX 2
#define REMOVALS_MAX 16
/* A caller on the bus waits 25 s. */
#define ASKING_TIMEOUT_SEC 20

struct ChangerRemoval {
        ChangerRemoval *next;
        Changer *changer;
        char *driver;
        char *id;
        const VersionRequest *request; /* borrowed while there is somebody to tell */
        uid_t uid;
        ChangeDone done; /* NULL: nobody waits for it any more */
        void *userdata;
        VersionPlan plan; /* as it was asked for */
        Child *child;     /* NULL: its turn hasn't come */
};

static ChangerRemoval *removal_free(ChangerRemoval *removal)
{
        if (!removal)
                return NULL;
        (void) child_free(removal->child);
        version_plan_done(&removal->plan);
        free(removal->driver);
        free(removal->id);
        free(removal);
        return NULL;
}
DEFINE_CLEANUP(ChangerRemoval, removal_free)

static ChangerRemoval *take_out(ChangerRemoval *removal)
{
        LIST_REMOVE(removal->changer->removals, removal);
        return removal;
}

/* --- the plan -------------------------------------------------------------------------------------------
 */

static int make_plan(Changer *changer, const DriverVersion *version, const VersionRequest *request,
                VersionPlan *plan, Refusal *refusal)
{
        const Facts *facts = changer->host.facts(changer->host.userdata);
        VersionName name = { config_tree_directory(changer->config, version->tree), version->package,
                version->directory };
        char aside[FS_TEMPORARY_NAME_SIZE];
        int r = fs_temporary_name(aside);

        plan->package = strdup(version->package);
        plan->version = strdup(version->directory);
        if (!plan->package || !plan->version)
                return -ENOMEM;
        if (r >= 0)
                r = plan_remove(facts, version->tree, &name, request->kernels, aside, &plan->plan, refusal);
        if (r < 0)
                return r;
        plan->plan->operation = &operation_table[OPERATION_REMOVE];
        r = version_aside_choose(changer->root, plan->plan, refusal);
        return r < 0 ? r
                     : changer_refuse_in_use(changer, plan->plan, version->tree, version->package,
                                       version->directory, refusal);
}

/* OWNED_BECAUSE: why the version is a package's, or NULL. */
static int plan_removal(Changer *changer, const char *driver_name, const char *id,
                const VersionRequest *request, const char *owned_because, VersionPlan *ret, Refusal *refusal)
{
        const Driver *driver = changer->host.driver(changer->host.userdata, driver_name);
        const DriverVersion *version = driver ? driver_version(driver, id) : NULL;
        VersionPlan plan CLEANUP_VERSION_PLAN = { 0 };
        ProblemList problems CLEANUP_PROBLEM_LIST = { 0 };
        int r;

        if (!driver)
                return refuse(refusal, REFUSAL_NO_SUCH_DRIVER, "No driver %s is installed in versions.",
                                driver_name);
        if (!version)
                return refuse(refusal, REFUSAL_NO_SUCH_VERSION,
                                "%s has no version %s. `hostdriverctl show %s` lists those that it has.",
                                driver_name, id, driver_name);
        if (version->tree->is_fallback)
                return refuse(refusal, REFUSAL_NOT_SUPPORTED,
                                "The version \"%s\" of %s came with the kernel and goes with it.", id,
                                driver_name);
        r = make_plan(changer, version, request, &plan, refusal);
        if (r >= 0 && owned_because)
                r = problem_list_add(&problems, SEVERITY_ERROR, "owned-by-package", "%s", owned_because);
        if (r >= 0)
                r = changer_check_versions(changer, plan.plan, request, &problems, refusal);
        if (r < 0)
                return r;
        *ret = plan;
        plan = (VersionPlan){ 0 };
        return 0;
}

int changer_plan_remove(Changer *changer, const char *driver, const char *id, const VersionRequest *request,
                VersionPlan *ret, Refusal *refusal)
{
        return plan_removal(changer, driver, id, request, NULL, ret, refusal);
}

/* --- in the process of its own --------------------------------------------------------------------------
 */

static int run_asking(void *data)
{
        const ChangerRemoval *removal = data;
        const Changer *changer = removal->changer;
        HostRoot *root CLEANUP(host_root_freep) = NULL;
        char *sentence CLEANUP_FREE = NULL;
        /* The service's descriptor of the root isn't here. */
        int r = host_root_new(host_root_path(changer->root), host_root_kernel(changer->root), &root);

        if (r >= 0)
                r = version_owner_find(root, changer->host.facts(changer->host.userdata), removal->plan.plan,
                                &sentence);
        if (r >= 0 && sentence)
                r = fs_write_all(STDOUT_FILENO, sentence, strlen(sentence));
        return r < 0 ? 1 : 0;
}

/* --- the end --------------------------------------------------------------------------------------------
 */

/* Whether both are about the same modules of the same version: polkit was asked about the first. */
static bool is_same(const VersionPlan *a, const VersionPlan *b)
{
        StringSet of_a CLEANUP_STRING_SET = { 0 }, of_b CLEANUP_STRING_SET = { 0 };

        return strcmp(a->package, b->package) == 0 && strcmp(a->version, b->version) == 0 &&
               plan_modules(a->plan, &of_a) >= 0 && plan_modules(b->plan, &of_b) >= 0 &&
               string_set_equal(&of_a, &of_b);
}

static int go_on(ChangerRemoval *removal, const char *owned_because, Job **ret_job, Refusal *refusal)
{
        VersionPlan plan CLEANUP_VERSION_PLAN = { 0 };
        int r = plan_removal(removal->changer, removal->driver, removal->id, removal->request, owned_because,
                        &plan, refusal);

        if (r < 0)
                return r;
        if (!is_same(&removal->plan, &plan))
                return refuse(refusal, REFUSAL_CONFLICT,
                                "What %s %s is has changed while it was found out whose files those are. Try "
                                "again.",
                                removal->driver, removal->id);
        return changer_execute(removal->changer, plan.plan, removal->request->dry_run, removal->uid, ret_job,
                        refusal);
}

static void end(ChangerRemoval *removal, int result, Job *job, const Refusal *refusal)
{
        if (removal->done)
                removal->done(result, job, refusal, removal->userdata);
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

static void ask_next(Changer *changer);

static void on_asked(Child *child, ChildOutcome outcome, int code, const char *last_lines, void *userdata)
{
        ChangerRemoval *removal CLEANUP(removal_freep) = take_out(userdata);
        Changer *changer = removal->changer;
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        Job *job = NULL;
        int r = changer_refuse_stopping(changer, &refusal);

        if (r >= 0 && removal->done)
                r = go_on(removal, read_answer(outcome, code, last_lines), &job, &refusal);
        end(removal, r, job, &refusal);
        if (changer->stopping)
                (void) !changer_stop_if_idle(changer);
        else
                ask_next(changer);
}

/* --- the beginning --------------------------------------------------------------------------------------
 */

static int start_asking(ChangerRemoval *removal)
{
        const ChildFunction function = { .run = run_asking, .data = removal };

        return child_start_function(removal->changer->event, &function, ASKING_TIMEOUT_SEC, on_asked,
                        removal, &removal->child);
}

static bool may_ask(const Changer *changer)
{
        unsigned asking = 0;

        for (const ChangerRemoval *each = changer->removals; each; each = each->next)
                asking += each->child != NULL;
        return asking < ASKING_MAX;
}

/* Whoever waits, in the order in which they came. */
static void ask_next(Changer *changer)
{
        ChangerRemoval *next;

        for (ChangerRemoval *each = changer->removals; each && may_ask(changer); each = next) {
                int r = each->child ? 0 : start_asking(each);

                next = each->next;
                if (r < 0) {
                        ChangerRemoval *removal CLEANUP(removal_freep) = take_out(each);
                        const Refusal none = { 0 };

                        end(removal, r, NULL, &none);
                }
        }
}

static int refuse_too_many(const Changer *changer, Refusal *refusal)
{
        size_t count = 0;

        for (const ChangerRemoval *each = changer->removals; each; each = each->next)
                count++;
        return count < REMOVALS_MAX
                               ? 0
                               : refuse(refusal, REFUSAL_BUSY,
                                                 "%zu removals wait until it is known whose files those "
                                                 "are. Try again when one of them has ended.",
                                                 count);
}

bool changer_asks_owner(const VersionRequest *request)
{
        return !request->ignore || !string_set_contains(request->ignore, "owned-by-package");
}

int changer_remove(Changer *changer, const char *driver, const char *id, const VersionRequest *request,
                uid_t uid, ChangeDone done, void *userdata, ChangerRemoval **ret, Refusal *refusal)
{
        ChangerRemoval *removal CLEANUP(removal_freep) = calloc(1, sizeof(*removal));
        ChangerRemoval **place = &changer->removals;
        int r;

        if (!removal)
                return -ENOMEM;
        *removal = (ChangerRemoval){ .changer = changer,
                .driver = strdup(driver),
                .id = strdup(id),
                .request = request,
                .uid = uid,
                .done = done,
                .userdata = userdata };
        if (!removal->driver || !removal->id)
                return -ENOMEM;
        r = changer_plan_remove(changer, driver, id, request, &removal->plan, refusal);
        if (r >= 0)
                r = refuse_too_many(changer, refusal);
        if (r >= 0 && may_ask(changer))
                r = start_asking(removal);
        if (r < 0)
                return r;
        while (*place)
                place = &(*place)->next;
        *ret = *place = STEAL(removal);
        return 0;
}

/* --- before the end -------------------------------------------------------------------------------------
 */

void changer_remove_cancel(ChangerRemoval *removal)
{
        removal->done = NULL;
        if (removal->child)
                child_cancel(removal->child);
        else
                (void) removal_free(take_out(removal));
}

void changer_remove_stop(Changer *changer)
{
        ChangerRemoval *next;

        for (ChangerRemoval *each = changer->removals; each; each = next) {
                Refusal refusal CLEANUP_REFUSAL = { 0 };
                ChangerRemoval *removal CLEANUP(removal_freep) = NULL;

                next = each->next;
                if (each->child) {
                        child_cancel(each->child);
                        continue;
                }
                removal = take_out(each);
                end(removal, changer_refuse_stopping(changer, &refusal), NULL, &refusal);
        }
}

void changer_remove_free(Changer *changer)
{
        while (changer->removals)
                (void) removal_free(take_out(changer->removals));
}
