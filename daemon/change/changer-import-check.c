/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What can be wrong with an import, in the order in which it is said: what its files are, what they hold,
 * and where they are to go. It writes nothing. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "change/changer-import.h"
#include "change/findings.h"
#include "change/parts/version-aside.h"
#include "change/plan/plan-version.h"
#include "change/preflight/space.h"
#include "change/proposal.h"
#include "host/kernel/kernel-reference.h"
#include "host/module/module-read.h"
#include "host/name.h"
#include "model/preflight.h"
#include "util/fs.h"

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

int changer_check_import(Changer *changer, const ImportRequest *request, StringSet *ret, Refusal *refusal)
{
        const Facts *facts = changer->host.facts(changer->host.userdata);
        const char *package = request->version.package, *version = request->version.version;
        const StringSet *kernels = request->version.kernels;
        const VersionName name = { config_tree_directory(changer->config, tree_writable()),
                package ? package : "package", version ? version : "version" };
        int r = version_name_check(&name, refusal);

        if (r >= 0 && (request->count == 0 || request->count > IMPORT_FILES_MAX))
                return refuse(refusal, REFUSAL_INVALID_ARGS,
                                "%zu module files were given: a version has between one and %d.",
                                request->count, IMPORT_FILES_MAX);
        for (size_t i = 0; r >= 0 && i < request->count; i++)
                r = check_file(&request->files[i], ret, refusal);
        for (size_t i = 0; r >= 0 && kernels && i < kernels->count; i++)
                if (!catalogue_release(facts->catalogue, kernels->items[i]))
                        return refuse(refusal, REFUSAL_INVALID_ARGS,
                                        "The kernel release %s is not installed: there is no "
                                        "/lib/modules/%s.",
                                        kernels->items[i], kernels->items[i]);
        return r < 0 ? r : 0;
}

/* --- reading --------------------------------------------------------------------------------------------
 */

static int read_files(ChangerImport *import)
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
static int choose_releases(ChangerImport *import, Refusal *refusal)
{
        const Facts *facts = import->changer->host.facts(import->changer->host.userdata);
        const StringSet *kernels = import->request->version.kernels;
        char *release CLEANUP_FREE = NULL;

        if (kernels)
                return string_set_add_all(&import->releases, kernels);
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
        return string_set_add(&import->releases, release);
}

static int find_problems(const ChangerImport *import, const HostRoot *root, size_t position,
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

static int check_contents(
                const ChangerImport *import, const HostRoot *root, bool defects_only, Refusal *refusal)
{
        ProblemList problems CLEANUP_PROBLEM_LIST = { 0 };
        int r = 0;

        for (size_t i = 0; r >= 0 && i < import->files.count; i++) {
                if (defects_only && import->verdict.files[i]->defect != MODULE_SOUND)
                        r = find_problems(import, root, i, "", &problems);
                for (size_t j = 0; r >= 0 && !defects_only && j < import->releases.count; j++)
                        r = find_problems(import, root, i, import->releases.items[j], &problems);
        }
        if (r >= 0 && !defects_only)
                r = space_check(root, &import->releases, import->files.size, &problems);
        return r < 0 ? r : findings_refuse(&problems, import->request->version.ignore, refusal);
}

void changer_import_read(ChangerImport *import, const HostRoot *root)
{
        ImportVerdict *verdict = &import->verdict;
        int r = read_files(import);

        if (r >= 0)
                r = check_contents(import, root, true, &verdict->refusal);
        if (r >= 0)
                r = choose_releases(import, &verdict->refusal);
        if (r >= 0)
                r = check_contents(import, root, false, &verdict->refusal);
        verdict->result = r < 0 ? r : 0;
}

/* --- what becomes of them -------------------------------------------------------------------------------
 */

static int make_plan(ChangerImport *import, VersionPlan *plan, Refusal *refusal)
{
        const Facts *facts = import->changer->host.facts(import->changer->host.userdata);
        const VersionRequest *request = &import->request->version;
        VersionName name = { .tree = config_tree_directory(import->changer->config, tree_writable()) };
        char aside[FS_TEMPORARY_NAME_SIZE];
        char *module CLEANUP_FREE = NULL;
        int r = fs_temporary_name(aside);

        if (r >= 0)
                r = module_name_from_file(import->items[0].name, &module);
        if (r >= 0 && !request->package)
                r = version_default_package(facts, module, false, &plan->package);
        if (r >= 0 && !request->version)
                r = version_default_name(import->verdict.files[0], &plan->version);
        if (r < 0)
                return r;
        name.package = request->package ? request->package : plan->package;
        name.version = request->version ? request->version : plan->version;
        if (!name.version)
                return refuse(refusal, REFUSAL_INVALID_ARGS,
                                "The module file %s says no version and has no build-id. Name the "
                                "version with --as-version.",
                                import->items[0].name);
        r = plan_import(facts, &import->modules, &name, &import->releases, aside, &plan->plan, refusal);
        if (r < 0)
                return r;
        plan->plan->operation = &operation_table[OPERATION_IMPORT];
        r = proposal_refuse_busy(import->changer, plan->plan, refusal);
        return r < 0 ? r : version_aside_choose(import->changer->root, plan->plan, refusal);
}

int changer_import_plan(ChangerImport *import, VersionPlan *ret, Refusal *refusal)
{
        /* Once more: a kernel release may have gone while the files were read. */
        int r = choose_releases(import, refusal);

        return r < 0 ? r : make_plan(import, ret, refusal);
}
