/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The closed table of the methods that change something, with the steps of each. call.c has what they have
 * in common. */

#include "bus/methods.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "bus/driver-lookup.h"
#include "bus/error.h"
#include "change/changed.h"
#include "host/name.h"
#include "util/array.h"

/* A call with more targets than this is a mistake. */
#define TARGETS_MAX 4096

/* --- arguments --------------------------------------------------------------------------------------- */

/* WHY follows the name. */
static int refuse_name(sd_bus_error *error, RefusalKind kind, const char *name, const char *why)
{
        char *printable CLEANUP_FREE = name_escape(name);

        return printable ? error_refuse(error, kind, "'%s' %s", printable, why) : -ENOMEM;
}

int method_check_version(const char *driver, const char *version, sd_bus_error *error)
{
        char *printable CLEANUP_FREE = NULL;

        if (!*version)
                return error_refuse(error, REFUSAL_NO_SUCH_VERSION,
                                "The version to select of %s has no name. Deselect has a method of its own.",
                                driver);
        /* "PACKAGE/VERSION" is an id, too; whether it exists is for the changer to say. */
        if (strlen(version) <= 2 * NAME_BYTES_MAX + 1)
                return 0;
        printable = name_escape(version);
        if (!printable)
                return -ENOMEM;
        return error_refuse(error, REFUSAL_NO_SUCH_VERSION,
                        "%s has no version '%s': the name is longer than any version's.", driver, printable);
}

static int add_target(Call *call, const char *driver, const char *version)
{
        CallRequest *request = &call->request;
        ChangeTarget *targets = array_grow(request->targets, request->target_count, sizeof(*targets));

        if (!targets)
                return -ENOMEM;
        request->targets = targets;
        targets[request->target_count++] = (ChangeTarget){ driver, version };
        return 0;
}

static int read_version(Call *call, sd_bus_error *error)
{
        const DriverEntry *entry = call->object;
        const char *version;
        int r = sd_bus_message_read_basic(call->message, 's', &version);

        if (r >= 0)
                r = method_check_version(entry->name, version, error);
        return r < 0 ? r : add_target(call, entry->name, version);
}

static int read_nothing(Call *call, sd_bus_error *error)
{
        return add_target(call, ((const DriverEntry *) call->object)->name, "");
}

static int read_target(Call *call, sd_bus_error *error)
{
        const char *name, *version;
        const DriverEntry *entry;
        int r = sd_bus_message_read(call->message, "(ss)", &name, &version);

        if (r <= 0)
                return r;
        entry = driver_look_up(call->service->registry, name, error);
        if (!entry)
                return -sd_bus_error_get_errno(error);
        r = method_check_version(entry->name, version, error);
        if (r < 0)
                return r;
        if (call->request.target_count == TARGETS_MAX)
                return error_refuse(error, REFUSAL_INVALID_ARGS,
                                "More than %d versions can't be selected at once.", TARGETS_MAX);
        r = add_target(call, entry->name, version);
        return r < 0 ? r : 1;
}

static int read_targets(Call *call, sd_bus_error *error)
{
        int r = sd_bus_message_enter_container(call->message, 'a', "(ss)");

        while (r > 0)
                r = read_target(call, error);
        if (r >= 0)
                r = sd_bus_message_exit_container(call->message);
        if (r < 0 || call->request.target_count > 0)
                return r;
        return error_refuse(error, REFUSAL_INVALID_ARGS, "No version to select was named.");
}

static int read_module(Call *call, sd_bus_error *error)
{
        const char *name;
        int r = sd_bus_message_read_basic(call->message, 's', &name);

        if (r >= 0)
                r = module_name_canonical(name, &call->request.module);
        if (r == -EINVAL)
                return refuse_name(error, REFUSAL_NO_SUCH_DRIVER, name, "is no module's name.");
        return r < 0 ? r : add_target(call, call->request.module, NULL);
}

static int read_file(Call *call, sd_bus_error *error)
{
        CallRequest *request = &call->request;
        ImportFile file, *files;
        int r = sd_bus_message_read(call->message, "(sh)", &file.name, &file.fd);

        /* The index of one that isn't there: the bus lets that pass. */
        if (r == -EBADMSG)
                return error_refuse(error, REFUSAL_INVALID_ARGS,
                                "A file's descriptor did not come with the message.");
        if (r <= 0)
                return r;
        if (request->file_count == IMPORT_FILES_MAX)
                return error_refuse(error, REFUSAL_INVALID_ARGS,
                                "More than %d module files can't be one version.", IMPORT_FILES_MAX);
        files = array_grow(request->files, request->file_count, sizeof(*files));
        if (!files)
                return -ENOMEM;
        request->files = files;
        files[request->file_count++] = file;
        return 1;
}

static int read_files(Call *call, sd_bus_error *error)
{
        int r = sd_bus_message_enter_container(call->message, 'a', "(sh)");

        if (r >= 0)
                while ((r = read_file(call, error)) > 0)
                        ;
        return r < 0 ? r : sd_bus_message_exit_container(call->message);
}

static int read_release(Call *call, sd_bus_error *error)
{
        int r = sd_bus_message_read_basic(call->message, 's', &call->request.release);

        if (r >= 0)
                r = options_check_release(call->request.release, error);
        return r < 0 ? r : string_set_add(&call->request.releases, call->request.release);
}

static int read_releases(Call *call, sd_bus_error *error)
{
        StringSet *releases = &call->request.releases;
        int r = options_read_names(call->message, releases, error);

        for (size_t i = 0; r >= 0 && i < releases->count; i++)
                r = options_check_release(releases->items[i], error);
        return r;
}

static int read_policy(Call *call, sd_bus_error *error)
{
        const char *text;
        int r = sd_bus_message_read_basic(call->message, 's', &text);

        if (r < 0 || kernel_policy_from_text(text, &call->request.policy) >= 0)
                return r;
        return refuse_name(error, REFUSAL_INVALID_ARGS, text,
                        "is no policy: it is \"pin\", \"newest\", \"priority\" or \"kernel\".");
}

/* --- what has to be permitted ------------------------------------------------------------------------ */

static int ask_about_plan(Call *call, const Plan *plan)
{
        ChangedList changed CLEANUP_CHANGED_LIST = { 0 };
        int r = plan_changed(changer_context(call->service->changer), plan, &changed);

        for (size_t i = 0; r >= 0 && i < changed.count; i++)
                r = call_ask_about(call, &(PolkitDetails){
                                                         .driver = changed.items[i].driver,
                                                         .package = changed.items[i].package,
                                                         .version = changed.items[i].version,
                                                         .from = changed.items[i].from,
                                         });
        return r;
}

static int ask_about_drivers(Call *call)
{
        return ask_about_plan(call, call->proposal.plan);
}

/* Before the files are read or rpm is asked: nobody without rights shall keep those busy. */
static int ask_about_version(Call *call)
{
        const Proposal *proposal = &call->proposal;
        int r = plan_modules(proposal->plan, &call->modules);

        for (size_t i = 0; r >= 0 && i < call->modules.count; i++)
                r = call_ask_about(call, &(PolkitDetails){
                                                         .driver = call->modules.items[i],
                                                         .package = proposal->package,
                                                         .version = proposal->version,
                                         });
        return r;
}

static int ask_in_general(Call *call)
{
        return call_ask_about(call, &(PolkitDetails){ 0 });
}

/* --- kernels that come and go ------------------------------------------------------------------------ */

/* What a release gets is chosen once it may be. */
static int propose_kernel_added(Call *call, Refusal *refusal)
{
        return ask_in_general(call);
}

static int commit_kernel_added(Call *call, Refusal *refusal)
{
        return carry_over_release(call->service->upkeep->carrier, call->request.release, call->uid,
                        &call->job, refusal);
}

/* Hooks call this while files go, so that it is proposed of what the host has once it may be done. */
static int propose_kernel_removed(Call *call, Refusal *refusal)
{
        return call->answered ? ask_in_general(call) : call_propose(call, refusal);
}

static int commit_kernel_removed(Call *call, Refusal *refusal)
{
        int r = service_refresh(call->service);

        return r < 0 ? r
                     : proposal_carry_out(call->service->changer, call_request(call), call->uid, &call->job,
                                       refusal);
}

/* --- what is no change of the host ------------------------------------------------------------------- */

static int propose_rescan(Call *call, Refusal *refusal)
{
        return ask_in_general(call);
}

static int commit_rescan(Call *call, Refusal *refusal)
{
        return service_look_again(call->service);
}

static int propose_policy(Call *call, Refusal *refusal)
{
        const DriverEntry *entry = call->object;

        return call_ask_about(
                        call, &(PolkitDetails){ .driver = entry->name, .package = entry->value->package });
}

static int commit_policy(Call *call, Refusal *refusal)
{
        int r = registry_set_policy(call->service->registry, call->object, call->request.policy);

        if (r < 0)
                return r;
        /* What is said of kernels that aren't covered depends on it. */
        (void) service_refresh(call->service);
        return 0;
}

/* What comes back has to be permitted as it was when it was changed: each driver of the plan, with the
 * version that is selected again. */
static int propose_cancel(Call *call, Refusal *refusal)
{
        const Job *job = ((const JobEntry *) call->object)->job;
        int r;

        if (!job->cancelable)
                return refuse(refusal, REFUSAL_IN_USE,
                                "Job %" PRIu32 " can't be canceled any more; wait for its end.", job->id);
        call->action = job->plan->operation->cancel_action;
        r = plan_invert(job->plan, &call->proposal.plan);
        if (r >= 0)
                r = ask_about_plan(call, call->proposal.plan);
        /* A job about images alone is about no driver; the question is asked all the same. */
        return r < 0 || call->subject_count > 0 ? r : ask_in_general(call);
}

static int commit_cancel(Call *call, Refusal *refusal)
{
        return changer_cancel(call->service->changer, ((const JobEntry *) call->object)->job, refusal);
}

/* --- the table --------------------------------------------------------------------------------------- */

#define SELECT_OPTIONS (OPTION_KERNELS | OPTION_IGNORE | OPTION_DRY_RUN)
#define DESELECT_OPTIONS (OPTION_KERNELS | OPTION_DRY_RUN)
#define VERSION_OPTIONS (SELECT_OPTIONS | OPTION_PACKAGE | OPTION_VERSION)
#define OPERATION(id) (&operation_table[OPERATION_##id])
#define ACTION(name) "org.hostdriver1." name

/* clang-format off */
static const CallMethod methods[] = {
        { MANAGER_INTERFACE, "Select", OPERATION(SELECT), SELECT_OPTIONS, true, .read = read_targets, .ask = ask_about_drivers },
        { DRIVER_INTERFACE, "Select", OPERATION(SELECT), SELECT_OPTIONS, true, .read = read_version, .ask = ask_about_drivers },
        { DRIVER_INTERFACE, "Deselect", OPERATION(DESELECT), DESELECT_OPTIONS, true, .read = read_nothing, .ask = ask_about_drivers },
        { MANAGER_INTERFACE, "Adopt", OPERATION(ADOPT), VERSION_OPTIONS, true, .read = read_module, .ask = ask_about_version },
        { MANAGER_INTERFACE, "Unadopt", OPERATION(UNADOPT), SELECT_OPTIONS, true, .read = read_module, .ask = ask_about_version },
        { MANAGER_INTERFACE, "Import", OPERATION(IMPORT), VERSION_OPTIONS, true, .read = read_files, .ask = ask_about_version },
        { DRIVER_INTERFACE, "Remove", OPERATION(REMOVE), SELECT_OPTIONS, true, .read = read_version, .ask = ask_about_version },
        { MANAGER_INTERFACE, "RebuildInitramfs", OPERATION(REBUILD), 0, true, .read = read_releases, .ask = ask_in_general },
        { MANAGER_INTERFACE, "KernelRemoved", OPERATION(FORGET), OPTION_LEAVING, false, .read = read_release, .ask = ask_in_general,
          .propose = propose_kernel_removed, .commit = commit_kernel_removed },
        { MANAGER_INTERFACE, "KernelAdded", OPERATION(CARRY_OVER), 0, true, .read = read_release,
          .propose = propose_kernel_added, .commit = commit_kernel_added },

        { MANAGER_INTERFACE, "Rescan", NULL, .action = ACTION("rescan"), .doing = "Reading the host",
          .propose = propose_rescan, .commit = commit_rescan },
        { DRIVER_INTERFACE, "SetPolicy", NULL, .action = ACTION("kernel-policy"),
          .doing = "Writing the database in /var/lib/hostdriver",
          .read = read_policy, .propose = propose_policy, .commit = commit_policy },
        { JOB_INTERFACE, "Cancel", NULL, .doing = "Canceling the job",
          .propose = propose_cancel, .commit = commit_cancel },
};
/* clang-format on */

const CallMethod *method_find(const char *interface, const char *member)
{
        for (size_t i = 0; interface && member && i < ELEMENTSOF(methods); i++)
                if (strcmp(interface, methods[i].interface) == 0 && strcmp(member, methods[i].member) == 0)
                        return &methods[i];
        return NULL;
}

int method_handle(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        const CallMethod *method = method_find(
                        sd_bus_message_get_interface(message), sd_bus_message_get_member(message));

        return method ? call_handle(method, message, userdata, error)
                      : error_deny(error, "Nobody may call this method.");
}
