/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What can be wrong with an import, in the order in which it is said: what its files are, what they hold,
 * and where they are to go. */

#include "change/operations/import.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "change/adopt/version-default.h"
#include "change/checks/findings.h"
#include "change/checks/space.h"
#include "change/import-verdict.h"
#include "change/job/job-queue.h"
#include "change/parts/transaction.h"
#include "change/parts/version-aside.h"
#include "change/parts/version-stage.h"
#include "change/plan/plan-build.h"
#include "change/plan/plan-version.h"
#include "host/index/module-index.h"
#include "host/kernel/kernel-reference.h"
#include "host/module/module-read.h"
#include "host/name.h"
#include "model/preflight.h"
#include "util/fs.h"

typedef struct ImportFound {
        StageFile items[IMPORT_FILES_MAX];
        StageFiles files; /* these */
        ImportVerdict verdict;
        int verdict_fd; /* where the other process writes it; -1 until it is begun */
} ImportFound;

/* --- without reading ------------------------------------------------------------------------------------
 */

static int check_file(const ImportFile *file, StringSet *modules, Refusal *refusal)
{
        char *module CLEANUP_FREE = NULL, *printable CLEANUP_FREE = name_escape(file->name);
        struct stat st;
        int r = name_check(file->name) == NAME_VALID ? module_name_from_file(file->name, &module) : -EINVAL;

        if (r == -ENOMEM || !printable)
                return -ENOMEM;
        if (r < 0)
                return refuse(refusal, REFUSAL_INVALID_ARGS,
                                "\"%s\" isn't the name of a module file: those end with .ko, .ko.gz, .ko.xz "
                                "or .ko.zst.",
                                printable);
        if (fstat(file->fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode))
                return refuse(refusal, REFUSAL_INVALID_ARGS, "%s is no regular file.", printable);
        if ((fcntl(file->fd, F_GETFL) & O_ACCMODE) == O_WRONLY)
                return refuse(refusal, REFUSAL_INVALID_ARGS, "%s isn't open for reading.", printable);
        if (st.st_size > MODULE_FILE_SIZE_MAX)
                return refuse(refusal, REFUSAL_INVALID_ARGS, "%s is larger than any module file.",
                                printable);
        r = string_set_add(modules, module);
        if (r == 0)
                return refuse(refusal, REFUSAL_INVALID_ARGS,
                                "The module %s is named twice. A version has one file of each module.",
                                module);
        return r;
}

static int check_request(
                const ChangeContext *context, const Request *request, StringSet *ret, Refusal *refusal)
{
        const VersionName name = { config_tree_directory(context->config, tree_writable()),
                request->package ? request->package : "package",
                request->version ? request->version : "version" };
        const StringSet *kernels = request->kernels;
        int r = version_name_check(&name, refusal);

        if (r >= 0 && (request->file_count == 0 || request->file_count > IMPORT_FILES_MAX))
                return refuse(refusal, REFUSAL_INVALID_ARGS,
                                "%zu module files were given: a version has between one and %d.",
                                request->file_count, IMPORT_FILES_MAX);
        for (size_t i = 0; r >= 0 && i < request->file_count; i++)
                r = check_file(&request->files[i], ret, refusal);
        for (size_t i = 0; r >= 0 && kernels && i < kernels->count; i++)
                if (!catalogue_release(context_facts(context)->catalogue, kernels->items[i]))
                        return refuse(refusal, REFUSAL_INVALID_ARGS,
                                        "The kernel release %s is not installed: there is no "
                                        "/lib/modules/%s.",
                                        kernels->items[i], kernels->items[i]);
        return r < 0 ? r : 0;
}

/* --- reading --------------------------------------------------------------------------------------------
 */

static int read_files(ImportFound *import)
{
        ImportVerdict *verdict = &import->verdict;
        int r = 0;

        verdict->files = calloc(import->files.count, sizeof(ModuleFile *));
        if (!verdict->files)
                return -ENOMEM;
        for (size_t i = 0; r >= 0 && i < import->files.count; i++) {
                r = module_file_read(import->items[i].fd, NULL, &verdict->files[i]);
                if (r >= 0)
                        verdict->count++;
        }
        return r;
}

/* Those that the caller names, else the one that all files are built for. */
static int choose_releases(const ChangeContext *context, const Request *request, const ImportFound *import,
                StringSet *ret, Refusal *refusal)
{
        const Facts *facts = context_facts(context);
        char *release CLEANUP_FREE = NULL;

        if (request->kernels)
                return string_set_add_all(ret, request->kernels);
        for (size_t i = 0; i < import->files.count; i++) {
                const char *magic = import->verdict.files[i]->vermagic;
                size_t size = strcspn(magic, " ");

                if (release && (strlen(release) != size || strncmp(release, magic, size) != 0))
                        return refuse(refusal, REFUSAL_INCOMPATIBLE,
                                        "The files are built for different kernel releases: %s and %.*s. "
                                        "Import them one after the other, or name one with --kernel.",
                                        release, (int) size, magic);
                if (!release)
                        release = strndup(magic, size);
                if (!release)
                        return -ENOMEM;
        }
        if (!release || name_check(release) != NAME_VALID || !catalogue_release(facts->catalogue, release))
                return refuse(refusal, REFUSAL_INCOMPATIBLE,
                                "%s is built for the kernel release \"%s\", which is not installed. Name an "
                                "installed one with --kernel, if the file fits it.",
                                import->items[0].name, release ? release : "");
        return string_set_add(ret, release);
}

static int find_problems(const ImportFound *import, const HostRoot *root, size_t position,
                const char *release, ProblemList *ret)
{
        ModuleFile *reference CLEANUP(module_file_unrefp) = NULL;
        char *module CLEANUP_FREE = NULL;
        int reference_fd CLEANUP_FD = -1;
        CatalogueFile file = { .tree = tree_writable(),
                .path = (char *) import->items[position].name,
                .file = import->verdict.files[position] };
        PreflightFacts facts = { .release = release, .file = &file };
        SignaturePolicy signatures CLEANUP(signature_policy_done) = { 0 };
        int r = module_name_from_file(import->items[position].name, &module);

        if (r < 0)
                return r;
        r = kernel_reference_open(root, release, module, &reference, &reference_fd);
        if (r < 0 && r != -ENOENT)
                return r;
        file.module = module;
        facts.reference = reference;
        r = signature_policy_read(root, &signatures);
        if (r < 0)
                return r;
        facts.signatures = &signatures;
        return preflight_find(&facts, ret);
}

/* RELEASES NULL: what is wrong with the files themselves. */
static int check_contents(const ChangeContext *context, const Request *request, const ImportFound *import,
                const StringSet *releases, Refusal *refusal)
{
        ProblemList problems CLEANUP_PROBLEM_LIST = { 0 };
        int r = 0;

        for (size_t i = 0; r >= 0 && i < import->files.count; i++) {
                if (!releases && import->verdict.files[i]->defect != MODULE_SOUND)
                        r = find_problems(import, context->root, i, "", &problems);
                for (size_t j = 0; r >= 0 && releases && j < releases->count; j++)
                        r = find_problems(import, context->root, i, releases->items[j], &problems);
        }
        if (r >= 0 && releases)
                r = space_check(context->root, releases, import->files.size, &problems);
        return r < 0 ? r : findings_refuse(&problems, request->ignore, refusal);
}

static int run(const ChangeContext *context, const Request *request, void *found)
{
        ImportFound *import = found;
        ImportVerdict *verdict = &import->verdict;
        StringSet releases CLEANUP_STRING_SET = { 0 };
        int r = read_files(import);

        if (r >= 0)
                r = check_contents(context, request, import, NULL, &verdict->refusal);
        if (r >= 0)
                r = choose_releases(context, request, import, &releases, &verdict->refusal);
        if (r >= 0)
                r = check_contents(context, request, import, &releases, &verdict->refusal);
        verdict->result = r < 0 ? r : 0;
        return import_verdict_write(import->verdict_fd, verdict);
}

static int begin(const Request *request, const Proposal *asked, void *found)
{
        ImportFound *import = found;

        import->verdict_fd = -1;
        for (size_t i = 0; i < request->file_count; i++)
                import->items[i] = (StageFile){ .name = request->files[i].name, .fd = request->files[i].fd };
        import->files = (StageFiles){ .items = import->items, .count = request->file_count };
        return version_stage_measure(&import->files);
}

static int open_files(void *found, EnquiryChild *ret, Refusal *refusal)
{
        ImportFound *import = found;

        import->verdict_fd = memfd_create("hostdriver-import", MFD_CLOEXEC);
        if (import->verdict_fd < 0)
                return -errno;
        ret->fds[ret->fd_count++] = import->verdict_fd;
        for (size_t i = 0; i < import->files.count; i++)
                ret->fds[ret->fd_count++] = import->items[i].fd;
        ret->timeout_sec = version_stage_patience(import->files.size);
        return 0;
}

static int take(void *found, ChildOutcome outcome, int code, const char *last_lines, Refusal *refusal)
{
        ImportFound *import = found;
        ImportVerdict *verdict = &import->verdict;
        int r;

        if (outcome != CHILD_EXITED || code != 0)
                return child_refuse_files(outcome, "", "read", refusal);
        r = import_verdict_read(import->verdict_fd, import->files.count, verdict);
        if (r < 0 || verdict->result >= 0)
                return r;
        *refusal = verdict->refusal;
        verdict->refusal = (Refusal){ 0 };
        return verdict->result;
}

static void done(void *found)
{
        ImportFound *import = found;

        (void) fd_close(import->verdict_fd);
        import_verdict_done(&import->verdict);
}

const EnquiryKind import_enquiry = {
        .waiting = "imports are being read or wait for that",
        .size = sizeof(ImportFound),
        .begin = begin,
        .open = open_files,
        .run = run,
        .take = take,
        .done = done,
};

/* --- what becomes of them -------------------------------------------------------------------------------
 */

static int choose_name(const ChangeContext *context, const Request *request, const ImportFound *import,
                Proposal *proposal, Refusal *refusal)
{
        char *module CLEANUP_FREE = NULL;
        int r = module_name_from_file(import->items[0].name, &module);

        if (r >= 0 && request->package)
                proposal->package = strdup(request->package);
        else if (r >= 0)
                r = version_default_package(context_facts(context), module, false, &proposal->package);
        if (r >= 0 && request->version)
                proposal->version = strdup(request->version);
        else if (r >= 0)
                r = version_default_name(import->verdict.files[0], &proposal->version);
        if (r < 0)
                return r;
        if (!proposal->package || (request->version && !proposal->version))
                return -ENOMEM;
        return proposal->version ? 0
                                 : refuse(refusal, REFUSAL_INVALID_ARGS,
                                                   "The module file %s says no version and has no build-id. "
                                                   "Name the version with --as-version.",
                                                   import->items[0].name);
}

/* Whether somebody has chosen what is loaded, or nobody can. */
static bool is_decided(const Selection *selection, const char *release, const char *module)
{
        const ReleaseSelection *links = selection_release(selection, release);

        return string_set_contains(&selection->blocked, module) ||
               string_set_contains(&selection->edited_blocks, module) ||
               override_list_find(&selection->overrides, release, module) ||
               (links && update_entry_next(links, module, NULL));
}

/* Where nothing is selected the kernel's own module counts, and depmod takes one of the trees instead once
 * it is there (measured with kmod 30): an import selects nothing, so that the override file has to name the
 * former. */
static int keep_kernels_own(const ChangeContext *context, const StringSet *releases,
                const StringSet *modules, Plan *plan, Refusal *refusal)
{
        const Facts *facts = context_facts(context);
        const Selection *selection = facts->selection;
        int r = 0;

        /* Lines that aren't ours keep it from being written; depmod's choice is a problem that is told then.
         */
        if (selection->override_file_foreign || selection->edited_overrides.count > 0)
                return 0;
        for (size_t i = 0; r >= 0 && i < releases->count; i++) {
                const char *release = releases->items[i];
                ModuleIndex *index CLEANUP(module_index_freep) = NULL;

                if (module_index_open(context->root, release, &index) < 0)
                        continue;
                for (size_t j = 0; r >= 0 && j < modules->count; j++) {
                        CatalogueFile own = { .tree = tree_fallback(), .module = modules->items[j] };
                        char *path CLEANUP_FREE = NULL;

                        r = module_index_resolve(index, own.module, &path);
                        if (r >= 0 && strncmp(path, "kernel/", strlen("kernel/")) == 0 &&
                                        !is_decided(selection, release, own.module)) {
                                own.path = path;
                                r = plan_add_change(plan, facts, release, own.module, &own, refusal);
                        }
                        if (r < 0 && r != -ENOMEM && r != -ECANCELED)
                                r = 0;
                }
        }
        return r;
}

static int make_plan(const ChangeContext *context, const Request *request, const StringSet *modules,
                Proposal *proposal, Refusal *refusal)
{
        StringSet releases CLEANUP_STRING_SET = { 0 };
        VersionName name = { .tree = config_tree_directory(context->config, tree_writable()) };
        char aside[FS_TEMPORARY_NAME_SIZE];
        /* Once more: a kernel release may have gone while the files were read. */
        int r = choose_releases(context, request, proposal->found, &releases, refusal);

        if (r >= 0)
                r = fs_temporary_name(aside);
        if (r >= 0)
                r = choose_name(context, request, proposal->found, proposal, refusal);
        if (r < 0)
                return r;
        name.package = proposal->package;
        name.version = proposal->version;
        r = plan_import(context_facts(context), modules, &name, &releases, aside, &proposal->plan, refusal);
        if (r >= 0)
                r = keep_kernels_own(context, &releases, modules, proposal->plan, refusal);
        return r < 0 ? r : version_aside_choose(context->root, proposal->plan, refusal);
}

/* What is known before the files are read. */
static int make_outline(const Request *request, const StringSet *modules, Proposal *proposal)
{
        int r = 0;

        proposal->waits = true;
        proposal->package = strdup(request->package ? request->package : "");
        proposal->version = strdup(request->version ? request->version : "");
        proposal->plan = calloc(1, sizeof(*proposal->plan));
        if (!proposal->package || !proposal->version || !proposal->plan)
                return -ENOMEM;
        for (size_t i = 0; r >= 0 && i < modules->count; i++)
                r = plan_add_subject(proposal->plan, modules->items[i], "", "", "");
        return r;
}

int import_plan(const ChangeContext *context, const Request *request, Proposal *proposal, Refusal *refusal)
{
        StringSet modules CLEANUP_STRING_SET = { 0 };
        int r = check_request(context, request, &modules, refusal);

        if (r < 0)
                return r;
        return proposal->found ? make_plan(context, request, &modules, proposal, refusal)
                               : make_outline(request, &modules, proposal);
}

static int queue(Changer *changer, Plan *plan_taken, const StageFiles *files, uid_t uid, Job **ret_job)
{
        Job *job;
        int r = changer_new_job(changer, plan_taken, 0, uid, &job);

        if (r >= 0)
                r = changer_announce_job(changer, job, &job);
        if (r < 0)
                return r;
        job->files = files;
        r = job_queue_add(changer_queue(changer), job, NULL);
        job->files = NULL;
        if (r < 0) {
                (void) !transaction_discard(changer_context(changer)->root, job->plan);
                changer_end_job(changer, job, JOB_RESULT_FAILED, strerror(-r));
                return r;
        }
        *ret_job = job;
        return 0;
}

int import_commit(Changer *changer, Proposal *proposal, uid_t uid, Job **ret_job, Refusal *refusal)
{
        ImportFound *import = proposal->found;
        int r;

        for (size_t i = 0; i < import->files.count; i++)
                import->items[i].read = import->verdict.files[i];
        r = queue(changer, STEAL(proposal->plan), &import->files, uid, ret_job);
        if (r < 0 && r != -ECANCELED && r != -ENOMEM)
                return refuse(refusal, REFUSAL_FAILED, "The files can't be copied to /lib/modules: %s.",
                                strerror(-r));
        return r;
}
