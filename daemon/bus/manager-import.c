/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The method Import. Its reply comes when the changer has had the files read, which may take long; the
 * message is kept until then, since the files' descriptors are its own. */

#include <errno.h>

#include "bus/change-request.h"
#include "bus/error.h"
#include "bus/import-call.h"
#include "bus/manager-object.h"
#include "bus/version-request.h"

#define IMPORT_OPTIONS (OPTION_PACKAGE | OPTION_VERSION | OPTION_KERNELS | OPTION_IGNORE | OPTION_DRY_RUN)

struct ImportCall {
        ImportCall *next; /* in the service's list, once the files are read */
        Service *service;
        sd_bus_message *message;
        WaitingCall *waiting; /* NULL until the call is authorized */
        Options options;
        ImportFile files[IMPORT_FILES_MAX]; /* borrowed from the message */
        ImportRequest request;
        ChangerImport *import; /* NULL: the changer doesn't know of it */
};

static ImportCall *import_call_free(ImportCall *call)
{
        if (!call)
                return NULL;
        options_done(&call->options);
        (void) waiting_call_free(call->waiting);
        sd_bus_message_unref(call->message);
        free(call);
        return NULL;
}
DEFINE_CLEANUP(ImportCall, import_call_free)

static ImportCall *take_out(ImportCall *call)
{
        LIST_REMOVE(call->service->imports, call);
        return call;
}

void import_calls_free(Service *service)
{
        while (service->imports)
                (void) import_call_free(take_out(service->imports));
}

/* --- later ----------------------------------------------------------------------------------------------
 */

static void on_verdict(int result, Job *job, const Refusal *refusal, void *userdata)
{
        ImportCall *call CLEANUP(import_call_freep) = take_out(userdata);
        sd_bus_error error CLEANUP(sd_bus_error_free) = SD_BUS_ERROR_NULL;
        int r = result < 0 ? error_from_result(&error, result, refusal, "The import")
                           : change_request_reply(call->message, job);

        if (r < 0)
                (void) sd_bus_reply_method_errno(call->message, r, &error);
}

/* As before polkit's answer: who doesn't wait for the reply doesn't know of the job. */
static void on_dropped(void *userdata)
{
        ImportCall *call = userdata;

        changer_import_cancel(call->import);
        (void) import_call_free(take_out(call));
}

/* Who calls is known before the files are read. */
static const WaitingCallEvents events = { NULL, on_dropped };

/* --- the call ------------------------------------------------------------------------------------------
 */

static int read_files(sd_bus_message *message, ImportCall *call, sd_bus_error *error)
{
        int r = sd_bus_message_enter_container(message, 'a', "(sh)");

        call->request.files = call->files;
        while (r >= 0) {
                ImportFile file;

                r = sd_bus_message_read(message, "(sh)", &file.name, &file.fd);
                /* The index of one that isn't there: the bus lets that pass. */
                if (r == -EBADMSG)
                        return error_refuse(error, REFUSAL_INVALID_ARGS,
                                        "A file's descriptor did not come with the message.");
                if (r <= 0)
                        break;
                if (call->request.count == IMPORT_FILES_MAX)
                        return error_refuse(error, REFUSAL_INVALID_ARGS,
                                        "More than %d module files can't be one version.", IMPORT_FILES_MAX);
                call->files[call->request.count++] = file;
        }
        return r < 0 ? r : sd_bus_message_exit_container(message);
}

static int new_call(Service *service, sd_bus_message *message, ImportCall **ret, sd_bus_error *error)
{
        ImportCall *call CLEANUP(import_call_freep) = calloc(1, sizeof(*call));
        int r;

        if (!call)
                return -ENOMEM;
        call->service = service;
        call->message = sd_bus_message_ref(message);
        r = read_files(message, call, error);
        if (r >= 0)
                r = options_read(message, IMPORT_OPTIONS, &call->options, error);
        if (r < 0)
                return r;
        call->request.version = version_request_from(&call->options);
        *ret = STEAL(call);
        return 0;
}

int manager_import(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        Service *service = userdata;
        Authorization *authorization CLEANUP_AUTHORIZATION = authorization_enter(service->polkit, message);
        ImportCall *call CLEANUP(import_call_freep) = NULL;
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        StringSet modules CLEANUP_STRING_SET = { 0 };
        int r = new_call(service, message, &call, error);

        if (r < 0)
                return r;
        r = changer_check_import(service->changer, &call->request, &modules, &refusal);
        if (r < 0)
                return error_from_result(error, r, &refusal, "The check before the import");
        /* Before the files are read: to read a file of whoever calls may take as long as he likes. */
        r = version_request_authorize(authorization, &modules, call->options.package ?: "",
                        call->options.version ?: "", error);
        if (r <= 0)
                return r < 0 ? r : 1;
        r = changer_import(service->changer, &call->request, authorization_uid(authorization), on_verdict,
                        call, &call->import, &refusal);
        if (r < 0)
                return error_from_result(error, r, &refusal, "The import");
        call->waiting = authorization_take_call(authorization);
        waiting_call_hand_over(call->waiting, &events, call);
        call->next = service->imports;
        service->imports = STEAL(call);
        return 1;
}
