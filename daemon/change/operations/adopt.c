/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Plans what adopting changes, and taking that back, from what stands on the host. */

#include "change/operations/adopt.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "change/adopt/file-owner.h"
#include "change/adopt/version-default.h"
#include "change/checks/plan-checks.h"
#include "change/checks/same-index.h"
#include "change/enquiry.h"
#include "change/parts/version-file.h"
#include "change/plan/plan-adopt.h"
#include "change/plan/plan-change.h"
#include "change/plan/plan-version.h"
#include "change/proposal.h"
#include "util/fs-tree.h"
#include "util/fs.h"

/* A caller on the bus waits 25 s. */
#define ASKING_TIMEOUT_SEC 20

#define STAGE_PARENT "/tmp"

typedef struct AdoptFound {
        const Proposal *asked; /* what is found out about */
        char *stage;           /* a directory for depmod, NULL until there is one */
        char *because;         /* why it must not be done; NULL: it may */
} AdoptFound;

/* --- adopt -------------------------------------------------------------------------------------------- */

static int choose_package(const Facts *facts, const char *module, const AdoptableList *files,
                const char *asked, char **ret)
{
        if (!asked && files->items[0].package)
                asked = files->items[0].package;
        if (!asked)
                return version_default_package(facts, module, true, ret);
        *ret = strdup(asked);
        return *ret ? 0 : -ENOMEM;
}

static int choose_version(const char *module, const AdoptableList *files, const char *asked, char **ret,
                Refusal *refusal)
{
        char *chosen CLEANUP_FREE = NULL;
        int r;

        if (asked) {
                *ret = strdup(asked);
                return *ret ? 0 : -ENOMEM;
        }
        r = version_default_name(files->items[0].file, &chosen);
        if (r >= 0 && !chosen)
                return refuse(refusal, REFUSAL_INVALID_ARGS,
                                "The module file %s says no version and has no build-id. Name the "
                                "version with --as-version.",
                                files->items[0].outside);
        for (size_t i = 1; r >= 0 && i < files->count; i++) {
                char *other CLEANUP_FREE = NULL;

                r = version_default_name(files->items[i].file, &other);
                if (r >= 0 && (!other || strcmp(other, chosen) != 0))
                        return refuse(refusal, REFUSAL_INVALID_ARGS,
                                        "%s is version %s in kernel release %s, and %s in %s. Adopt one with "
                                        "--kernel, or name one version for all with --as-version.",
                                        module, chosen, files->items[0].release, other ? other : "unknown",
                                        files->items[i].release);
        }
        if (r < 0)
                return r;
        *ret = STEAL(chosen);
        return 0;
}

/* Whether both would do the same: what was found out is about the first. */
static bool is_same(const Plan *a, const Plan *b)
{
        bool same = a->file_count == b->file_count && a->change_count == b->change_count;

        for (size_t i = 0; same && i < a->file_count; i++)
                same = record_equal(&version_file_record, &a->files[i], &b->files[i]);
        for (size_t i = 0; same && i < a->change_count; i++)
                same = record_equal(&plan_change_record, &a->changes[i], &b->changes[i]);
        return same;
}

static int take_found(Proposal *proposal, Refusal *refusal)
{
        const AdoptFound *found = proposal->found;

        proposal->waits = !found;
        if (found && !is_same(found->asked->plan, proposal->plan))
                return refuse(refusal, REFUSAL_CONFLICT,
                                "What would be done has changed while it was found out what that leads to. Try "
                                "again.");
        return !found || !found->because ? 0 : refuse(refusal, REFUSAL_CONFLICT, "%s", found->because);
}

int adopt_plan(const ChangeContext *context, const Request *request, Proposal *proposal, Refusal *refusal)
{
        const Facts *facts = context_facts(context);
        const char *module = request->targets[0].driver;
        AdoptableList files CLEANUP_ADOPTABLE_LIST = { 0 };
        VersionName name = { .tree = config_tree_directory(context->config, tree_writable()) };
        int r = adoptable_find(context->root, facts, module, request->kernels, &files, refusal);

        if (r >= 0 && !request->kernels)
                adoptable_pass_over(facts, module, &files);
        if (r >= 0)
                r = choose_package(facts, module, &files, request->package, &proposal->package);
        if (r >= 0)
                r = choose_version(module, &files, request->version, &proposal->version, refusal);
        if (r < 0)
                return r;
        name.package = proposal->package;
        name.version = proposal->version;
        r = plan_adopt(facts, context_driver(context, module), module, &name, &files, &proposal->plan,
                        refusal);
        return r < 0 ? r : take_found(proposal, refusal);
}

/* --- unadopt ------------------------------------------------------------------------------------------ */

/* "PACKAGE" and "VERSION" of "xenserver/PACKAGE/VERSION/ice.ko". */
static int name_from_path(const char *path, Proposal *proposal)
{
        const char *package = strchr(path, '/') + 1;
        const char *version = package + strcspn(package, "/") + 1;

        proposal->package = strndup(package, (size_t) (version - package) - 1);
        proposal->version = strndup(version, strcspn(version, "/"));
        return proposal->package && proposal->version ? 0 : -ENOMEM;
}

int unadopt_plan(const ChangeContext *context, const Request *request, Proposal *proposal, Refusal *refusal)
{
        const Facts *facts = context_facts(context);
        const char *module = request->targets[0].driver;
        const Driver *driver = context_driver(context, module);
        AdoptableList files CLEANUP_ADOPTABLE_LIST = { 0 };
        int r;

        if (!driver)
                return refuse(refusal, REFUSAL_NO_SUCH_DRIVER,
                                "No driver %s is installed in versions, so none was adopted.", module);
        r = adoptable_find_adopted(context->root, facts, module, request->kernels, &files, refusal);
        if (r >= 0)
                r = name_from_path(files.items[0].inside, proposal);
        if (r >= 0)
                r = plan_unadopt(facts, driver, &files, &proposal->plan, refusal);
        return r < 0 ? r : take_found(proposal, refusal);
}

/* --- what would change ------------------------------------------------------------------------------------
 */

static int begin(const Request *request, const Proposal *asked, void *found)
{
        ((AdoptFound *) found)->asked = asked;
        return 0;
}

static int open_stage(void *found, EnquiryChild *ret, Refusal *refusal)
{
        AdoptFound *adopt = found;
        char *stage CLEANUP_FREE = strdup(STAGE_PARENT "/hostdriver-XXXXXX");

        if (!stage)
                return -ENOMEM;
        if (!mkdtemp(stage))
                return refuse(refusal, REFUSAL_CONFLICT,
                                "Whether it would change what is loaded can't be told: depmod runs on a copy "
                                "in " STAGE_PARENT ", and no directory can be made there: %s. See that it "
                                "is there, can be written and has room, then try again.",
                                strerror(errno));
        adopt->stage = STEAL(stage);
        ret->timeout_sec = ASKING_TIMEOUT_SEC;
        return 0;
}

static int ask(const ChangeContext *context, const Request *request, void *found)
{
        const AdoptFound *adopt = found;
        const Plan *plan = adopt->asked->plan;
        char *sentence CLEANUP_FREE = NULL;
        int r = file_owner_find(context->root, plan, &sentence);

        if (r >= 0 && !sentence)
                r = same_index_check(context->root, &context_facts(context)->formats, plan, adopt->stage,
                                &sentence);
        return r < 0 || !sentence ? r : fs_write_all(STDOUT_FILENO, sentence, strlen(sentence));
}

static const char *read_answer(ChildOutcome outcome, int code, const char *last_lines)
{
        if (outcome == CHILD_TIMED_OUT)
                return "Whether it would change what is loaded can't be told in time: depmod, rpm or the disk is "
                       "slow. Name one kernel release with --kernel, or try again later.";
        if (outcome != CHILD_EXITED || code != 0)
                return "Whether it would change what is loaded can't be told: depmod can't be run on a copy in "
                       "/tmp. See that there is room, then try again.";
        return *last_lines ? last_lines : NULL;
}

static int take(void *found, ChildOutcome outcome, int code, const char *last_lines, Refusal *refusal)
{
        AdoptFound *adopt = found;
        const char *answer = read_answer(outcome, code, last_lines);

        adopt->because = answer ? strdup(answer) : NULL;
        return answer && !adopt->because ? -ENOMEM : 0;
}

static void done(void *found)
{
        AdoptFound *adopt = found;
        int fd CLEANUP_FD = adopt->stage ? open(STAGE_PARENT, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

        if (fd >= 0)
                (void) !fs_remove_tree_at(fd, adopt->stage + strlen(STAGE_PARENT "/"));
        free(adopt->stage);
        free(adopt->because);
}

const EnquiryKind adopt_enquiry = {
        .waiting = "adoptions wait until it is known what they would change",
        .size = sizeof(AdoptFound),
        .begin = begin,
        .open = open_stage,
        .run = ask,
        .take = take,
        .done = done,
};
