/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What can be done with one driver. A handler's entry is not to be used after change_request(), which may
 * refresh the registry. */

#include "bus/driver-methods.h"

#include <errno.h>

#include "bus/change-request.h"
#include "bus/error.h"
#include "bus/text.h"
#include "host/name.h"

int driver_select(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        const DriverEntry *entry = userdata;
        Options options CLEANUP_OPTIONS = { 0 };
        const char *version;
        ChangeTarget target;
        int r;

        r = sd_bus_message_read_basic(message, 's', &version);
        if (r < 0)
                return r;
        r = options_read(message, OPTION_KERNELS | OPTION_IGNORE | OPTION_DRY_RUN, &options, error);
        if (r < 0)
                return r;
        r = change_request_check_version(entry->name, version, error);
        if (r < 0)
                return r;
        target = (ChangeTarget){ entry->name, version };
        return change_request(object_service(sd_bus_message_get_bus(message)), message, &target, 1, &options,
                        error);
}

int driver_deselect(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        const DriverEntry *entry = userdata;
        const ChangeTarget target = { entry->name, "" };
        Options options CLEANUP_OPTIONS = { 0 };
        int r;

        r = options_read(message, OPTION_KERNELS | OPTION_DRY_RUN, &options, error);
        if (r < 0)
                return r;
        return change_request(object_service(sd_bus_message_get_bus(message)), message, &target, 1, &options,
                        error);
}

int driver_check(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        const DriverEntry *entry = userdata;
        sd_bus_message *reply CLEANUP(sd_bus_message_unrefp) = NULL;
        ProblemList findings CLEANUP_PROBLEM_LIST = { 0 };
        Options options CLEANUP_OPTIONS = { 0 };
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        const char *version;
        int r;

        r = sd_bus_message_read_basic(message, 's', &version);
        if (r < 0)
                return r;
        r = options_read(message, OPTION_KERNELS, &options, error);
        if (r < 0)
                return r;
        r = change_request_check_version(entry->name, version, error);
        if (r < 0)
                return r;
        r = changer_check(object_service(sd_bus_message_get_bus(message))->changer, entry->name, version,
                        options.given & OPTION_KERNELS ? &options.kernels : NULL, &findings, &refusal);
        if (r < 0)
                return error_from_result(error, r, &refusal, "The check");
        r = sd_bus_message_new_method_return(message, &reply);
        if (r < 0)
                return r;
        r = text_append_problems(reply, &findings);
        return r < 0 ? r : sd_bus_message_send(reply);
}

static int read_policy(sd_bus_message *message, KernelPolicy *ret, sd_bus_error *error)
{
        Options options CLEANUP_OPTIONS = { 0 };
        char *printable CLEANUP_FREE = NULL;
        const char *text;
        int r = sd_bus_message_read_basic(message, 's', &text);

        if (r >= 0)
                r = options_read(message, 0, &options, error);
        if (r < 0)
                return r;
        if (kernel_policy_from_text(text, ret) >= 0)
                return 0;
        printable = name_escape(text);
        return printable ? error_refuse(error, REFUSAL_INVALID_ARGS,
                                           "'%s' is no policy: it is \"pin\", \"newest\" or \"kernel\".",
                                           printable)
                         : -ENOMEM;
}

int driver_set_policy(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        const DriverEntry *entry = userdata;
        Service *service = object_service(sd_bus_message_get_bus(message));
        Authorization *authorization CLEANUP_AUTHORIZATION = authorization_enter(service->polkit, message);
        const PolkitDetails details = { .driver = entry->name, .package = entry->value->package };
        KernelPolicy policy;
        int r = read_policy(message, &policy, error);

        if (r < 0)
                return r;
        r = authorization_check(authorization, &details, error);
        if (r <= 0)
                return r < 0 ? r : 1;
        r = registry_set_policy(service->registry, entry, policy);
        if (r < 0)
                return error_from_errno(error, r, "Writing the database in /var/lib/hostdriver");
        /* What is said of kernels that aren't covered depends on it. */
        (void) service_refresh(service);
        return sd_bus_reply_method_return(message, NULL);
}
