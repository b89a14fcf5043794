/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The way from a call to the changer. All that can be refused is refused before polkit bothers anybody. */

#include "bus/change-request.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bus/error.h"
#include "change/changer-changed.h"
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

/* The names with commas between. NULL: no memory. */
static char *join(const StringSet *names)
{
        char *text = NULL;
        size_t size = 0;
        FILE *stream = open_memstream(&text, &size);

        if (!stream)
                return NULL;
        for (size_t i = 0; i < names->count; i++)
                (void) fprintf(stream, "%s%s", i > 0 ? "," : "", names->items[i]);
        if (fclose(stream) == 0)
                return text;
        free(text);
        return NULL;
}

int change_request_authorize(Authorization *authorization, PolkitDetails *details, size_t count,
                const Options *options, sd_bus_error *error)
{
        char *ignore CLEANUP_FREE = options->ignore.count > 0 ? join(&options->ignore) : NULL;
        char *kernels CLEANUP_FREE = options->kernels.count > 0 ? join(&options->kernels) : NULL;

        if ((options->ignore.count > 0 && !ignore) || (options->kernels.count > 0 && !kernels))
                return -ENOMEM;
        for (size_t i = 0; i < count; i++) {
                details[i].ignore = ignore;
                details[i].kernels = kernels;
        }
        return authorization_check_all(authorization, details, count, error);
}

/* Polkit decides about all that changes, and not only about what was named. */
static int authorize(Service *service, Authorization *authorization, const Plan *plan,
                const Options *options, sd_bus_error *error)
{
        ChangedList changed CLEANUP_CHANGED_LIST = { 0 };
        PolkitDetails *details CLEANUP_FREE = NULL;
        int r = changer_changed(service->changer, plan, &changed);

        if (r < 0)
                return r;
        details = calloc(changed.count + 1, sizeof(*details));
        if (!details)
                return -ENOMEM;
        for (size_t i = 0; i < changed.count; i++)
                details[i] = (PolkitDetails){
                        .driver = changed.items[i].driver,
                        .package = changed.items[i].package,
                        .version = changed.items[i].version,
                        .from = changed.items[i].from,
                };
        return change_request_authorize(authorization, details, changed.count, options, error);
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
        Plan *plan CLEANUP(plan_freep) = NULL;
        Job *job;
        int r;

        r = authorization_identify(authorization, error);
        if (r <= 0)
                return r < 0 ? r : 1;
        r = changer_plan(service->changer, targets, count, &change, &plan, &refusal);
        if (r < 0)
                return error_from_result(error, r, &refusal, "The check before the change");
        r = authorize(service, authorization, plan, options, error);
        if (r <= 0)
                return r < 0 ? r : 1;
        r = changer_execute(service->changer, plan, change.dry_run, authorization_uid(authorization), &job,
                        &refusal);
        if (r < 0)
                return error_from_result(error, r, &refusal, "The change");
        return change_request_reply(message, job);
}
