/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The Manager's methods that are told of kernel releases that come and go. */

#include <errno.h>

#include "bus/change-request.h"
#include "bus/error.h"
#include "upkeep/carry-over.h"
#include "bus/manager-object.h"
#include "host/name.h"

static int read_release(sd_bus_message *message, unsigned allowed, const char **ret, bool *ret_leaving,
                sd_bus_error *error)
{
        Options options CLEANUP_OPTIONS = { 0 };
        int r = sd_bus_message_read_basic(message, 's', ret);

        if (r >= 0)
                r = options_read(message, allowed, &options, error);
        *ret_leaving = options.leaving;
        return r < 0 ? r : options_check_release(*ret, error);
}

static int carry_over(Service *service, const char *release, uid_t uid, Job **ret_job, sd_bus_error *error)
{
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        int r = service_refresh(service);

        if (r < 0)
                return error_from_errno(error, r, "Reading the host");
        if (!name_is_kernel_release(release))
                return error_refuse(error, REFUSAL_INVALID_ARGS,
                                "%s is no kernel release: such a name begins with two numbers and a point "
                                "between, or depmod refuses it.",
                                release);
        if (!string_set_contains(&service->registry->state.kernels, release))
                return error_refuse(error, REFUSAL_INVALID_ARGS,
                                "The kernel release %s is not installed: there is no /lib/modules/%s.",
                                release, release);
        r = kernel_carry_over(service, release, uid, ret_job, &refusal);
        return r < 0 ? error_from_result(error, r, &refusal, "Carrying over") : 0;
}

/* Until it is known what the release gets, nothing that it lacks is a problem. */
static int carry_over_coming(
                Service *service, const char *release, uid_t uid, Job **ret_job, sd_bus_error *error)
{
        int added = string_set_add(&service->coming, release), r;

        if (added < 0)
                return added;
        r = carry_over(service, release, uid, ret_job, error);
        if (added > 0)
                (void) string_set_remove(&service->coming, release);
        (void) service_refresh(service);
        return r;
}

int manager_kernel_added(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        Service *service = userdata;
        Authorization *authorization CLEANUP_AUTHORIZATION = authorization_enter(service->polkit, message);
        const char *release;
        Job *job = NULL;
        bool leaving;
        int r = read_release(message, 0, &release, &leaving, error);

        if (r < 0)
                return r;
        r = authorization_check(authorization, &(PolkitDetails){ 0 }, error);
        if (r <= 0)
                return r < 0 ? r : 1;
        r = carry_over_coming(service, release, authorization_uid(authorization), &job, error);
        return r < 0 ? r : change_request_reply(message, job);
}

#define FORGETTING "Forgetting the kernel release"

int manager_kernel_removed(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        Service *service = userdata;
        Authorization *authorization CLEANUP_AUTHORIZATION = authorization_enter(service->polkit, message);
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        const char *release;
        bool leaving;
        int r = read_release(message, OPTION_LEAVING, &release, &leaving, error);

        if (r < 0)
                return r;
        r = changer_check_forget(service->changer, release, leaving, &refusal);
        if (r < 0)
                return error_from_result(error, r, &refusal, FORGETTING);
        r = authorization_check(authorization, &(PolkitDetails){ 0 }, error);
        if (r <= 0)
                return r < 0 ? r : 1;
        r = service_refresh(service);
        if (r < 0)
                return error_from_errno(error, r, "Reading the host");
        r = changer_forget(service->changer, release, leaving, authorization_uid(authorization), &refusal);
        if (r < 0)
                return error_from_result(error, r, &refusal, FORGETTING);
        return sd_bus_reply_method_return(message, NULL);
}
