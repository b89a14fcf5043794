/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Adds a version from open files: has them read and checked, then copied and renamed into their place. It
 * follows no path that a caller names, and reads nothing of them itself. */

#include "change/changer-import.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "change/tool/child.h"

/* One more than one, so that a disk that hangs doesn't hold up everybody. Each may take the memory of two
 * large module files. */
#define READERS_MAX 2
/* Each that waits keeps its descriptors open. */
#define IMPORTS_MAX 16

static ChangerImport *import_free(ChangerImport *import)
{
        if (!import)
                return NULL;
        (void) child_free(import->child);
        (void) fd_close(import->verdict_fd);
        string_set_done(&import->modules);
        string_set_done(&import->releases);
        import_verdict_done(&import->verdict);
        free(import);
        return NULL;
}
DEFINE_CLEANUP(ChangerImport, import_free)

static ChangerImport *take_out(ChangerImport *import)
{
        LIST_REMOVE(import->changer->imports, import);
        return import;
}

/* --- in the process of its own --------------------------------------------------------------------------
 */

static int run_reading(void *data)
{
        ChangerImport *import = data;
        const HostRoot *root = import->changer->root;
        HostRoot *own CLEANUP(host_root_freep) = NULL;

        /* The service's descriptor of the root isn't here. */
        import->verdict.result = host_root_new(host_root_path(root), host_root_kernel(root), &own);
        if (import->verdict.result >= 0)
                changer_import_read(import, own);
        return import_verdict_write(import->verdict_fd, &import->verdict) < 0 ? 1 : 0;
}

/* --- the end --------------------------------------------------------------------------------------------
 */

static int start_copy(ChangerImport *import, Plan *plan_taken, Job **ret_job, Refusal *refusal)
{
        Plan *plan CLEANUP(plan_freep) = plan_taken;
        int r = changer_prepare(import->changer, refusal);

        for (size_t i = 0; i < import->files.count; i++)
                import->items[i].read = import->verdict.files[i];
        if (r >= 0)
                r = changer_queue_import(import->changer, STEAL(plan), &import->files, import->uid, ret_job);
        if (r < 0)
                changer_unlock(import->changer);
        if (r < 0 && r != -ECANCELED && r != -ENOMEM)
                return refuse(refusal, REFUSAL_FAILED, "The files can't be copied to /lib/modules: %s.",
                                strerror(-r));
        return r;
}

static int go_on(ChangerImport *import, Job **ret_job, Refusal *refusal)
{
        VersionPlan plan CLEANUP_VERSION_PLAN = { 0 };
        int r = import_verdict_read(import->verdict_fd, import->files.count, &import->verdict);

        if (r >= 0 && import->verdict.result < 0) {
                *refusal = import->verdict.refusal;
                import->verdict.refusal = (Refusal){ 0 };
                r = import->verdict.result;
        }
        if (r >= 0)
                r = changer_import_plan(import, &plan, refusal);
        if (r < 0)
                return r;
        return import->request->version.dry_run ? changer_execute(import->changer, plan.plan, true,
                                                                  import->uid, ret_job, refusal)
                                                : start_copy(import, STEAL(plan.plan), ret_job, refusal);
}

static void end(ChangerImport *import, int result, Job *job, const Refusal *refusal)
{
        if (import->done)
                import->done(result, job, refusal, import->userdata);
}

static int start_reading(ChangerImport *import);

static bool may_read(const Changer *changer)
{
        unsigned readers = 0;

        for (const ChangerImport *each = changer->imports; each; each = each->next)
                readers += each->child != NULL;
        return readers < READERS_MAX;
}

/* Whoever waits, in the order in which they came. */
static void read_next(Changer *changer)
{
        ChangerImport *next;

        for (ChangerImport *each = changer->imports; each && may_read(changer); each = next) {
                int r = each->child ? 0 : start_reading(each);

                next = each->next;
                if (r < 0) {
                        ChangerImport *import CLEANUP(import_freep) = take_out(each);
                        const Refusal none = { 0 };

                        end(import, r, NULL, &none);
                }
        }
}

static void on_read(Child *child, ChildOutcome outcome, int code, const char *last_lines, void *userdata)
{
        ChangerImport *import CLEANUP(import_freep) = take_out(userdata);
        Changer *changer = import->changer;
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        Job *job = NULL;
        int r = changer_refuse_stopping(changer, &refusal);

        if (r >= 0 && (outcome != CHILD_EXITED || code != 0))
                r = child_refuse_files(outcome, "", "read", &refusal);
        if (r >= 0 && import->done)
                r = go_on(import, &job, &refusal);
        end(import, r, job, &refusal);
        if (changer->stopping)
                (void) !changer_stop_if_idle(changer);
        else
                read_next(changer);
}

/* --- the beginning --------------------------------------------------------------------------------------
 */

static int start_reading(ChangerImport *import)
{
        int fds[IMPORT_FILES_MAX + 1];
        ChildFunction function = { .run = run_reading, .data = import, .fds = fds };

        import->verdict_fd = memfd_create("hostdriver-import", MFD_CLOEXEC);
        if (import->verdict_fd < 0)
                return -errno;
        fds[function.fd_count++] = import->verdict_fd;
        for (size_t i = 0; i < import->files.count; i++)
                fds[function.fd_count++] = import->items[i].fd;
        return child_start_function(import->changer->event, &function,
                        version_stage_patience(import->files.size), on_read, import, &import->child);
}

static int refuse_too_many(const Changer *changer, Refusal *refusal)
{
        size_t count = 0;

        for (const ChangerImport *each = changer->imports; each; each = each->next)
                count++;
        return count < IMPORTS_MAX
                               ? 0
                               : refuse(refusal, REFUSAL_BUSY,
                                                 "%zu imports are being read or wait for that. Try again "
                                                 "when one of them has ended.",
                                                 count);
}

int changer_import(Changer *changer, const ImportRequest *request, uid_t uid, ChangeDone done,
                void *userdata, ChangerImport **ret, Refusal *refusal)
{
        ChangerImport *import CLEANUP(import_freep) = calloc(1, sizeof(*import));
        ChangerImport **place = &changer->imports;
        int r;

        if (!import)
                return -ENOMEM;
        *import = (ChangerImport){ .changer = changer,
                .request = request,
                .uid = uid,
                .done = done,
                .userdata = userdata,
                .verdict_fd = -1 };
        r = changer_check_import(changer, request, &import->modules, refusal);
        if (r >= 0)
                r = changer_refuse_stopping(changer, refusal);
        if (r >= 0)
                r = refuse_too_many(changer, refusal);
        if (r < 0)
                return r;
        for (size_t i = 0; i < request->count; i++)
                import->items[i] = (StageFile){ .name = request->files[i].name, .fd = request->files[i].fd };
        import->files = (StageFiles){ .items = import->items, .count = request->count };
        r = version_stage_measure(&import->files);
        if (r >= 0 && may_read(changer))
                r = start_reading(import);
        if (r < 0)
                return r;
        while (*place)
                place = &(*place)->next;
        *ret = *place = STEAL(import);
        return 0;
}

/* --- before the end -------------------------------------------------------------------------------------
 */

void changer_import_cancel(ChangerImport *import)
{
        import->done = NULL;
        if (import->child)
                child_cancel(import->child);
        else
                (void) import_free(take_out(import));
}

void changer_import_stop(Changer *changer)
{
        ChangerImport *next;

        for (ChangerImport *each = changer->imports; each; each = next) {
                Refusal refusal CLEANUP_REFUSAL = { 0 };
                ChangerImport *import CLEANUP(import_freep) = NULL;

                next = each->next;
                if (each->child) {
                        child_cancel(each->child);
                        continue;
                }
                import = take_out(each);
                end(import, changer_refuse_stopping(changer, &refusal), NULL, &refusal);
        }
}

void changer_import_free(Changer *changer)
{
        while (changer->imports)
                (void) import_free(take_out(changer->imports));
}
