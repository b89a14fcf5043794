/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The method Import. Its reply comes when the changer has had the files read, which may take long; the
 * message is kept until then, since the files' descriptors are its own. */

#include <errno.h>

#include "bus/change-request.h"
#include "bus/error.h"
#include "bus/held-call.h"
#include "bus/manager-object.h"
#include "bus/version-request.h"

#define IMPORT_OPTIONS (OPTION_PACKAGE | OPTION_VERSION | OPTION_KERNELS | OPTION_IGNORE | OPTION_DRY_RUN)

typedef struct ImportCall {
        HeldCall held;
        Options options;
        ImportFile files[IMPORT_FILES_MAX]; /* borrowed from the message */
        ImportRequest request;
        ChangerImport *import;
} ImportCall;

static void free_call(HeldCall *held)
{
        ImportCall *call = (ImportCall *) held;

        options_done(&call->options);
        held_call_done(held);
        free(call);
}

static ImportCall *import_call_free(ImportCall *call)
{
        if (call)
                free_call(&call->held);
        return NULL;
}
DEFINE_CLEANUP(ImportCall, import_call_free)

static void cancel_call(HeldCall *held)
{
        changer_import_cancel(((ImportCall *) held)->import);
}

static const HeldCallKind kind = { "The import", cancel_call, free_call };

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
        held_call_init(&call->held, &kind, service, message);
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
                        call->options.version ?: "", &call->options, error);
        if (r <= 0)
                return r < 0 ? r : 1;
        r = changer_import(service->changer, &call->request, authorization_uid(authorization),
                        held_call_reply, call, &call->import, &refusal);
        if (r < 0)
                return error_from_result(error, r, &refusal, kind.what);
        return held_call_hold(&STEAL(call)->held, authorization);
}
