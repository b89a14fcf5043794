/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The methods that make versions of what is on the host, and undo that: adopt, unadopt. */

#include <errno.h>

#include "bus/change-request.h"
#include "bus/error.h"
#include "bus/manager-object.h"
#include "bus/version-request.h"
#include "host/name.h"

VersionRequest version_request_from(const Options *options)
{
        return (VersionRequest){
                .package = options->package,
                .version = options->version,
                .kernels = options->given & OPTION_KERNELS ? &options->kernels : NULL,
                .ignore = &options->ignore,
                .dry_run = options->dry_run,
        };
}

int version_request_authorize(Authorization *authorization, const StringSet *modules, const char *package,
                const char *version, const Options *options, sd_bus_error *error)
{
        PolkitDetails *details CLEANUP_FREE = calloc(modules->count + 1, sizeof(*details));

        if (!details)
                return -ENOMEM;
        for (size_t i = 0; i < modules->count; i++)
                details[i] = (PolkitDetails){
                        .driver = modules->items[i], .package = package, .version = version
                };
        return change_request_authorize(authorization, details, modules->count, options, error);
}

/* The rest of a method, once its plan is made: may the caller have it so? */
static int run_plan(Service *service, sd_bus_message *message, Authorization *authorization,
                const VersionPlan *plan, const Options *options, sd_bus_error *error)
{
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        StringSet modules CLEANUP_STRING_SET = { 0 };
        Job *job;
        int r = plan_modules(plan->plan, &modules);

        if (r < 0)
                return r;
        r = version_request_authorize(authorization, &modules, plan->package, plan->version, options, error);
        if (r <= 0)
                return r < 0 ? r : 1;
        r = changer_execute(service->changer, plan->plan, options->dry_run, authorization_uid(authorization),
                        &job, &refusal);
        return r < 0 ? error_from_result(error, r, &refusal, "The change")
                     : change_request_reply(message, job);
}

static int read_module(sd_bus_message *message, char **ret, sd_bus_error *error)
{
        char *printable CLEANUP_FREE = NULL;
        const char *name;
        int r = sd_bus_message_read_basic(message, 's', &name);

        if (r < 0)
                return r;
        r = module_name_canonical(name, ret);
        if (r != -EINVAL)
                return r;
        printable = name_escape(name);
        return printable ? error_refuse(error, REFUSAL_NO_SUCH_DRIVER, "'%s' is no module's name.",
                                           printable)
                         : -ENOMEM;
}

/* Adopting, and taking that back. */
typedef struct Adoption {
        unsigned options; /* a set of OptionKey */
        int (*plan)(Changer *changer, const char *module, const VersionRequest *request, VersionPlan *ret,
                        Refusal *refusal);
        const char *doing; /* for the error */
} Adoption;

static int run_adoption(
                Service *service, sd_bus_message *message, const Adoption *adoption, sd_bus_error *error)
{
        Authorization *authorization CLEANUP_AUTHORIZATION = authorization_enter(service->polkit, message);
        VersionPlan plan CLEANUP_VERSION_PLAN = { 0 };
        Options options CLEANUP_OPTIONS = { 0 };
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        char *module CLEANUP_FREE = NULL;
        VersionRequest request;
        int r = read_module(message, &module, error);

        if (r >= 0)
                r = options_read(message, adoption->options, &options, error);
        if (r < 0)
                return r;
        request = version_request_from(&options);
        r = adoption->plan(service->changer, module, &request, &plan, &refusal);
        if (r < 0)
                return error_from_result(error, r, &refusal, adoption->doing);
        return run_plan(service, message, authorization, &plan, &options, error);
}

int manager_adopt(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        static const Adoption adoption = {
                OPTION_PACKAGE | OPTION_VERSION | OPTION_KERNELS | OPTION_IGNORE | OPTION_DRY_RUN,
                changer_plan_adopt,
                "Adopting the module file",
        };

        return run_adoption(userdata, message, &adoption, error);
}

int manager_unadopt(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        static const Adoption adoption = {
                OPTION_KERNELS | OPTION_IGNORE | OPTION_DRY_RUN,
                changer_plan_unadopt,
                "Taking back the adoption",
        };

        return run_adoption(userdata, message, &adoption, error);
}
