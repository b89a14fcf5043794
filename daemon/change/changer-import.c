/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Adds a version from open files: reads and checks them, and has a copy staged outside of every tree and
 * renamed into its place. It follows no path that a caller names. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "change/changer-copy.h"
#include "change/changer-internal.h"
#include "change/changer-versions.h"
#include "change/disk/space.h"
#include "change/disk/version-aside.h"
#include "change/plan/plan-version.h"
#include "host/kernel/kernel-reference.h"
#include "host/name.h"
#include "model/preflight.h"
#include "util/fs.h"

/* A package of more modules is a mistake. */
#define FILES_MAX 64

/* One import, on its way. */
typedef struct Import {
        Changer *changer;
        const ImportFile *files;
        size_t count;
        const VersionRequest *request;
        StringSet modules;
        StringSet releases;
        ModuleFile **read; /* COUNT of them */
        VersionPlan plan;
} Import;

static void import_done(Import *import)
{
        string_set_done(&import->modules);
        string_set_done(&import->releases);
        for (size_t i = 0; import->read && i < import->count; i++)
                (void) module_file_unref(import->read[i]);
        free(import->read);
        version_plan_done(&import->plan);
}

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

int changer_check_import(Changer *changer, const ImportFile *files, size_t count,
                const VersionRequest *request, StringSet *ret, Refusal *refusal)
{
        const Facts *facts = changer->host.facts(changer->host.userdata);
        const VersionName name = { changer->config->xenserver_directory,
                request->package ? request->package : "package",
                request->version ? request->version : "version" };
        int r = version_name_check(&name, refusal);

        if (r >= 0 && (count == 0 || count > FILES_MAX))
                return refuse(refusal, REFUSAL_INVALID_ARGS,
                                "%zu module files were given: a version has between one and %d.", count,
                                FILES_MAX);
        for (size_t i = 0; r >= 0 && i < count; i++)
                r = check_file(&files[i], ret, refusal);
        for (size_t i = 0; r >= 0 && request->kernels && i < request->kernels->count; i++)
                if (!catalogue_release(facts->catalogue, request->kernels->items[i]))
                        return refuse(refusal, REFUSAL_INVALID_ARGS,
                                        "The kernel release %s is not installed: there is no "
                                        "/lib/modules/%s.",
                                        request->kernels->items[i], request->kernels->items[i]);
        return r < 0 ? r : 0;
}

/* --- reading --------------------------------------------------------------------------------------------
 */

static int read_files(Import *import)
{
        int r = 0;

        import->read = calloc(import->count, sizeof(ModuleFile *));
        if (!import->read)
                return -ENOMEM;
        for (size_t i = 0; r >= 0 && i < import->count; i++)
                r = module_file_read(import->files[i].fd, NULL, &import->read[i]);
        return r;
}

/* Those that the caller names, else the one that all files are built for. */
static int choose_releases(Import *import, Refusal *refusal)
{
        const Facts *facts = import->changer->host.facts(import->changer->host.userdata);
        char *release CLEANUP_FREE = NULL;

        if (import->request->kernels)
                return string_set_add_all(&import->releases, import->request->kernels);
        for (size_t i = 0; i < import->count; i++) {
                const char *magic = import->read[i]->vermagic;
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
                                import->files[0].name, release ? release : "");
        return string_set_add(&import->releases, release);
}

static int find_problems(const Import *import, size_t position, const char *module, const char *release,
                ProblemList *ret)
{
        ModuleFile *reference CLEANUP(module_file_unrefp) = NULL;
        int reference_fd CLEANUP_FD = -1;
        const CatalogueFile file = { .tree = &tree_xenserver,
                .module = (char *) module,
                .path = (char *) import->files[position].name,
                .file = import->read[position] };
        PreflightFacts facts = { .release = release, .file = &file };
        SignaturePolicy signatures CLEANUP(signature_policy_done) = { 0 };
        int r = kernel_reference_open(import->changer->root, release, module, &reference, &reference_fd);

        if (r < 0 && r != -ENOENT)
                return r;
        facts.reference = reference;
        r = signature_policy_read(import->changer->root, &signatures);
        if (r < 0)
                return r;
        facts.signatures = &signatures;
        return preflight_find(&facts, ret);
}

static int check_space(const Import *import, ProblemList *ret)
{
        uint64_t bytes = 0;

        for (size_t i = 0; i < import->count; i++) {
                struct stat st;

                if (fstat(import->files[i].fd, &st) < 0)
                        return -errno;
                bytes += (uint64_t) st.st_size;
        }
        return space_check(import->changer->root, &import->releases, bytes, ret);
}

static int check_contents(const Import *import, bool defects_only, Refusal *refusal)
{
        ProblemList problems CLEANUP_PROBLEM_LIST = { 0 };
        int r = 0;

        for (size_t i = 0; r >= 0 && i < import->count; i++) {
                char *module CLEANUP_FREE = NULL;

                r = module_name_from_file(import->files[i].name, &module);
                if (r >= 0 && defects_only && import->read[i]->defect != MODULE_SOUND)
                        r = find_problems(import, i, module, "", &problems);
                for (size_t j = 0; r >= 0 && !defects_only && j < import->releases.count; j++)
                        r = find_problems(import, i, module, import->releases.items[j], &problems);
        }
        if (r >= 0 && !defects_only)
                r = check_space(import, &problems);
        return r < 0 ? r : changer_refuse_errors(&problems, import->request->ignore, refusal);
}

static int make_plan(Import *import, Refusal *refusal)
{
        const Facts *facts = import->changer->host.facts(import->changer->host.userdata);
        const VersionRequest *request = import->request;
        VersionPlan *plan = &import->plan;
        VersionName name = { .tree = import->changer->config->xenserver_directory };
        char aside[FS_TEMPORARY_NAME_SIZE];
        char *module CLEANUP_FREE = NULL;
        int r = fs_temporary_name(aside);

        if (r >= 0)
                r = module_name_from_file(import->files[0].name, &module);
        if (r >= 0 && !request->package)
                r = version_default_package(facts, module, false, &plan->package);
        if (r >= 0 && !request->version)
                r = version_default_name(import->read[0], &plan->version);
        if (r < 0)
                return r;
        name.package = request->package ? request->package : plan->package;
        name.version = request->version ? request->version : plan->version;
        if (!name.version)
                return refuse(refusal, REFUSAL_INVALID_ARGS,
                                "The module file %s says no version and has no build-id. Name the "
                                "version with --as-version.",
                                import->files[0].name);
        r = plan_import(facts, &import->modules, &name, &import->releases, aside, &plan->plan, refusal);
        if (r >= 0)
                r = changer_check_plan(import->changer, plan->plan, refusal);
        return r < 0 ? r : version_aside_choose(import->changer->root, plan->plan, refusal);
}

/* --- writing --------------------------------------------------------------------------------------------
 */

static int start_copy(Import *import, uid_t uid, Job **ret_job, Refusal *refusal)
{
        StageFile files[FILES_MAX];
        int r = changer_prepare(import->changer, refusal);

        for (size_t i = 0; i < import->count; i++)
                files[i] = (StageFile){ import->files[i].name, import->files[i].fd, import->read[i] };
        if (r >= 0)
                r = changer_copy_start(import->changer, STEAL(import->plan.plan), files, import->count, uid,
                                ret_job);
        if (r < 0)
                changer_unlock(import->changer);
        if (r < 0 && r != -ECANCELED && r != -ENOMEM)
                return refuse(refusal, REFUSAL_FAILED, "The files can't be copied to /lib/modules: %s.",
                                strerror(-r));
        return r;
}

int changer_import(Changer *changer, const ImportFile *files, size_t count, const VersionRequest *request,
                uid_t uid, Job **ret_job, Refusal *refusal)
{
        Import import CLEANUP(import_done) = {
                .changer = changer, .files = files, .count = count, .request = request
        };
        int r = changer_check_import(changer, files, count, request, &import.modules, refusal);

        if (r >= 0)
                r = read_files(&import);
        if (r >= 0)
                r = check_contents(&import, true, refusal);
        if (r >= 0)
                r = choose_releases(&import, refusal);
        if (r >= 0)
                r = check_contents(&import, false, refusal);
        if (r >= 0)
                r = make_plan(&import, refusal);
        if (r < 0)
                return r;
        return request->dry_run ? changer_execute(changer, import.plan.plan, true, uid, ret_job, refusal)
                                : start_copy(&import, uid, ret_job, refusal);
}
