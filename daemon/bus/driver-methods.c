/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Check(): what would stand in the way of a selection. */

#include "bus/driver-methods.h"

#include <errno.h>

#include "bus/error.h"
#include "bus/methods.h"
#include "bus/text.h"

int driver_check(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        const DriverEntry *entry = userdata;
        sd_bus_message *reply CLEANUP(sd_bus_message_unrefp) = NULL;
        ProblemList findings CLEANUP_PROBLEM_LIST = { 0 };
        Options options CLEANUP_OPTIONS = { 0 };
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        ChangeTarget target = { .driver = entry->name };
        Request request = {
                .operation = &operation_table[OPERATION_SELECT], .targets = &target, .target_count = 1
        };
        const char *version;
        int r;

        r = sd_bus_message_read_basic(message, 's', &version);
        if (r < 0)
                return r;
        r = options_read(message, OPTION_KERNELS, &options, error);
        if (r < 0)
                return r;
        r = method_check_version(entry->name, version, error);
        if (r < 0)
                return r;
        target.version = version;
        request.kernels = options.given & OPTION_KERNELS ? &options.kernels : NULL;
        r = proposal_check(object_service(sd_bus_message_get_bus(message))->changer, &request, &findings,
                        &refusal);
        if (r < 0)
                return error_from_result(error, r, &refusal, "The check");
        r = sd_bus_message_new_method_return(message, &reply);
        if (r < 0)
                return r;
        r = text_append_problems(reply, &findings);
        return r < 0 ? r : sd_bus_message_send(reply);
}
