/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Requests that make versions and take them away. Each is planned first, which refuses all that can be
 * refused and touches nothing; what was planned is done by changer_execute(). */
#pragma once

#include "change/changer.h"

typedef struct VersionRequest {
        const char *package; /* directories' names; NULL: see below */
        const char *version;
        const StringSet *kernels; /* NULL: all that it concerns */
        const StringSet *ignore;  /* codes of problems to pass over; NULL: none */
        bool dry_run;
} VersionRequest;

typedef struct VersionPlan {
        Plan *plan;
        char *package;
        char *version;
} VersionPlan;

void version_plan_done(VersionPlan *plan) NONNULL(1);
#define CLEANUP_VERSION_PLAN CLEANUP(version_plan_done)

/* A plain file of MODULE (canonical) in updates/ becomes a version. Package: DKMS's name for it, else that
 * of the only package that ships this module and no other, else the module's name. Version: as modinfo says,
 * else the first 12 digits of the build-id. 0, -ECANCELED with a refusal, or a negative errno; so also the
 * others. */
int changer_plan_adopt(Changer *changer, const char *module, const VersionRequest *request, VersionPlan *ret,
                Refusal *refusal) WARN_UNUSED NONNULL(1, 2, 3, 4, 5);

/* The selected version of MODULE, which was adopted, becomes a plain file again. */
int changer_plan_unadopt(Changer *changer, const char *module, const VersionRequest *request,
                VersionPlan *ret, Refusal *refusal) WARN_UNUSED NONNULL(1, 2, 3, 4, 5);

/* Busy modules, room, the service's own end; and what is wrong otherwise, in PROBLEMS: all errors are named.
 * For the planners. */
int changer_check_versions(Changer *changer, const Plan *plan, const VersionRequest *request,
                ProblemList *problems, Refusal *refusal) WARN_UNUSED NONNULL(1, 2, 3, 4, 5);

/* --- changer-remove.c --- */

/* The version ID of DRIVER goes, with all modules of its package. Whether a package of the distribution owns
 * it isn't asked. */
int changer_plan_remove(Changer *changer, const char *driver, const char *id, const VersionRequest *request,
                VersionPlan *ret, Refusal *refusal) WARN_UNUSED NONNULL(1, 2, 3, 4, 5, 6);

/* RESULT: 0 and a job as of changer_change(), -ECANCELED with a refusal, or a negative errno. */
typedef void (*ChangeDone)(int result, Job *job, const Refusal *refusal, void *userdata);

/* Whether it is to be asked who owns the version: not if that problem is ignored. */
bool changer_asks_owner(const VersionRequest *request) NONNULL(1);

typedef struct ChangerRemoval ChangerRemoval;

/* Has a process of its own find out whether a package owns the version. DONE is called from the event loop,
 * once, when that is known, all was looked at again, and the change is done or refused; never from inside
 * this call. Until then REQUEST must stay as it is. 0, -ECANCELED with a refusal, or a negative errno; then
 * DONE isn't called. */
int changer_remove(Changer *changer, const char *driver, const char *id, const VersionRequest *request,
                uid_t uid, ChangeDone done, void *userdata, ChangerRemoval **ret,
                Refusal *refusal) WARN_UNUSED NONNULL(1, 2, 3, 4, 6, 8, 9);

/* Nobody waits for it any more: it is given up, DONE isn't called, and the request may go. */
void changer_remove_cancel(ChangerRemoval *removal) NONNULL(1);

/* --- changer-import.c --- */

/* A package of more modules is a mistake. */
#define IMPORT_FILES_MAX 64

typedef struct ImportFile {
        const char *name; /* the module file's, without a directory */
        int fd;           /* open for reading, above 2 */
} ImportFile;

typedef struct ImportRequest {
        const ImportFile *files;
        size_t count;
        VersionRequest version;
} ImportRequest;

/* What can be refused without reading the files, which may take for ever: names, sizes, kernel releases. The
 * canonical names of the modules are added to RET. */
int changer_check_import(Changer *changer, const ImportRequest *request, StringSet *ret,
                Refusal *refusal) WARN_UNUSED NONNULL(1, 2, 3, 4);

typedef struct ChangerImport ChangerImport;

/* The files become a version, which isn't selected. Package: that of the only package which ships the first
 * module, else its name. Kernel release: the one that the files are built for. All is read and checked, by a
 * process of its own, before anything is written. DONE is called from the event loop, once, with the verdict
 * and never from inside this call; until then *ret and all that REQUEST points to must stay as it is. The
 * job begins with copying the files, so that nothing is durable yet. 0, -ECANCELED with a refusal, or a
 * negative errno; then DONE isn't called. */
int changer_import(Changer *changer, const ImportRequest *request, uid_t uid, ChangeDone done,
                void *userdata, ChangerImport **ret, Refusal *refusal) WARN_UNUSED NONNULL(1, 2, 4, 6, 7);

/* Nobody waits for it any more: it is given up, DONE isn't called, and the request may go. */
void changer_import_cancel(ChangerImport *import) NONNULL(1);

/* --- version-default.c --- */

/* The only package of the first tree that ships MODULE; ALONE: and no other module. Else the module's name.
 * The caller frees *ret. 0 or -ENOMEM. */
int version_default_package(const Facts *facts, const char *module, bool alone, char **ret) WARN_UNUSED
                NONNULL(1, 2, 4);

/* What modinfo says, else the first 12 digits of the build-id. The caller frees *ret; NULL if neither is
 * there. 0 or -ENOMEM. */
int version_default_name(const ModuleFile *file, char **ret) WARN_UNUSED NONNULL(1, 2);
