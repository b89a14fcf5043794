/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The way from a call to the changer. All that can be refused is refused before polkit bothers anybody. */

#include "bus/change-request.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bus/error.h"
#include "host/name.h"

int change_request_check_version(const char *driver, const char *version, sd_bus_error *error)
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

static int authorize(Service *service, Authorization *authorization, const ChangeTarget *targets,
                size_t count, sd_bus_error *error)
{
        for (size_t i = 0; i < count; i++) {
                const DriverEntry *entry = registry_find(service->registry, targets[i].driver);
                const DriverVersion *version;
                PolkitDetails details;
                int r;

                if (!entry)
                        return error_refuse(error, REFUSAL_NO_SUCH_DRIVER, "The driver %s is gone.",
                                        targets[i].driver);
                version = driver_version(entry->value, targets[i].version);
                details = (PolkitDetails){
                        .driver = entry->name,
                        .package = version && *version->package ? version->package : entry->value->package,
                        .version = targets[i].version,
                        .from = entry->value->selected,
                };
                r = authorization_check(authorization, &details, error);
                if (r <= 0)
                        return r;
        }
        return 1;
}

int change_request_reply(sd_bus_message *message, const Job *job)
{
        char path[sizeof(JOB_PREFIX) + 16] = "/";

        if (job)
                (void) snprintf(path, sizeof(path), JOB_PREFIX "/%" PRIu32, job->id);
        return sd_bus_reply_method_return(message, "o", path);
}

int change_request(Service *service, sd_bus_message *message, const ChangeTarget *targets, size_t count,
                const Options *options, sd_bus_error *error)
{
        Authorization *authorization CLEANUP_AUTHORIZATION = authorization_enter(service->polkit, message);
        const ChangeOptions change = {
                .kernels = options->given & OPTION_KERNELS ? &options->kernels : NULL,
                .ignore = &options->ignore,
                .dry_run = options->dry_run,
        };
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        Job *job;
        int r;

        r = changer_validate(service->changer, targets, count, &change, &refusal);
        if (r < 0)
                return error_from_result(error, r, &refusal, "The check before the change");
        r = authorize(service, authorization, targets, count, error);
        if (r <= 0)
                return r < 0 ? r : 1;
        r = changer_change(service->changer, targets, count, &change, authorization_uid(authorization), &job,
                        &refusal);
        if (r < 0)
                return error_from_result(error, r, &refusal, "The change");
        return change_request_reply(message, job);
}
