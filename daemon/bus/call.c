/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Walks a call along its row. All that can be refused is refused before polkit bothers anybody. */

#include "bus/call.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "bus/error.h"
#include "util/array.h"

/* There is no reply yet. */
#define CALL_HELD 1

static Call *call_free(Call *call)
{
        if (!call)
                return NULL;
        (void) waiting_call_free(call->waiting);
        options_done(&call->options);
        free(call->request.targets);
        free(call->request.module);
        free(call->request.files);
        string_set_done(&call->request.releases);
        proposal_done(&call->proposal);
        string_set_done(&call->modules);
        free(call->subjects);
        sd_bus_message_unref(call->message);
        free(call);
        return NULL;
}
DEFINE_CLEANUP(Call, call_free)

/* For errors of ours: "Canceling the job". */
static const char *doing(const Call *call)
{
        const CallMethod *method = call->method;

        return method->operation ? method->operation->doing : method->doing;
}

static int call_new(const CallMethod *method, Service *service, sd_bus_message *message, void *object,
                Call **ret)
{
        Call *call = calloc(1, sizeof(*call));

        if (!call)
                return -ENOMEM;
        *call = (Call){
                .method = method,
                .service = service,
                .object = object,
                .message = sd_bus_message_ref(message),
                .action = method->operation ? method->operation->action : method->action,
        };
        *ret = call;
        return 0;
}

/* sd-bus has compared the signature with the vtable's, so that what is left is the options or nothing. */
static int read_arguments(Call *call, sd_bus_error *error)
{
        int r = call->method->read ? call->method->read(call, error) : 0;

        if (r >= 0)
                r = sd_bus_message_at_end(call->message, true);
        if (r != 0)
                return r < 0 ? r : 0;
        return options_read(call->message, call->method->options, &call->options, error);
}

int call_ask_about(Call *call, const PolkitDetails *subject)
{
        PolkitDetails *subjects = array_grow(call->subjects, call->subject_count, sizeof(*subjects));

        if (!subjects)
                return -ENOMEM;
        call->subjects = subjects;
        subjects[call->subject_count++] = *subject;
        return 0;
}

static const StringSet *named_kernels(const Call *call)
{
        if (call->request.releases.count > 0)
                return &call->request.releases;
        return call->options.given & OPTION_KERNELS ? &call->options.kernels : NULL;
}

const Request *call_request(Call *call)
{
        CallRequest *request = &call->request;

        request->change = (Request){
                .operation = call->method->operation,
                .targets = request->targets,
                .target_count = request->target_count,
                .files = request->files,
                .file_count = request->file_count,
                .package = call->options.package,
                .version = call->options.version,
                .kernels = named_kernels(call),
                .ignore = &call->options.ignore,
                .dry_run = call->options.dry_run,
                .leaving = call->options.leaving,
        };
        return &request->change;
}

int call_propose(Call *call, Refusal *refusal)
{
        int r = proposal_make(call->service->changer, call_request(call), &call->proposal, refusal);

        return r < 0 ? r : call->method->ask(call);
}

/* The names with commas between; NULL if there are none. 0 or -ENOMEM. */
static int join(const StringSet *names, char **ret)
{
        char *text = NULL;
        size_t size = 0;
        FILE *stream = names->count > 0 ? open_memstream(&text, &size) : NULL;

        if (!stream)
                return names->count > 0 ? -ENOMEM : 0;
        for (size_t i = 0; i < names->count; i++)
                (void) fprintf(stream, "%s%s", i > 0 ? "," : "", names->items[i]);
        if (fclose(stream) != 0) {
                free(text);
                return -ENOMEM;
        }
        *ret = text;
        return 0;
}

/* Polkit decides about all that changes, and not only about what was named. */
static int authorize(const Call *call, Authorization *authorization, sd_bus_error *error)
{
        char *ignore CLEANUP_FREE = NULL, *kernels CLEANUP_FREE = NULL;

        if (join(&call->options.ignore, &ignore) < 0 || join(&call->options.kernels, &kernels) < 0)
                return -ENOMEM;
        for (size_t i = 0; i < call->subject_count; i++) {
                call->subjects[i].ignore = ignore;
                call->subjects[i].kernels = kernels;
        }
        return authorization_check(authorization, call->action, call->subjects, call->subject_count, error);
}

static int reply(const Call *call)
{
        char path[sizeof(JOB_PREFIX) + 16] = "/";

        if (!call->method->replies_job)
                return sd_bus_reply_method_return(call->message, NULL);
        if (call->job)
                (void) snprintf(path, sizeof(path), JOB_PREFIX "/%" PRIu32, call->job->id);
        return sd_bus_reply_method_return(call->message, "o", path);
}

/* --- calls that are held ----------------------------------------------------------------------------- */

static Call *take_out(Call *call)
{
        LIST_REMOVE(call->service->held, call);
        return call;
}

/* As before polkit's answer: who doesn't wait for the reply doesn't know of the job. */
static void on_dropped(void *userdata)
{
        Call *call = take_out(userdata);

        enquiry_cancel(call->enquiry);
        (void) call_free(call);
}

/* Who calls is known before the call is held. */
static const WaitingCallEvents events = { NULL, on_dropped };

static int hold(Call *call_taken, Authorization *authorization)
{
        call_taken->waiting = authorization_take_call(authorization);
        waiting_call_hand_over(call_taken->waiting, &events, call_taken);
        call_taken->next = call_taken->service->held;
        call_taken->service->held = call_taken;
        return 1;
}

/* Of who waits for a process of the changer's (the files of an import are read, rpm is asked). */
static void on_done(int result, Job *job, const Refusal *refusal, void *userdata)
{
        Call *call CLEANUP(call_freep) = take_out(userdata);
        sd_bus_error error CLEANUP(sd_bus_error_free) = SD_BUS_ERROR_NULL;
        int r;

        call->job = job;
        r = result < 0 ? error_from_result(&error, result, refusal, doing(call)) : reply(call);
        if (r < 0)
                (void) sd_bus_reply_method_errno(call->message, r, &error);
}

/* As a method's commit(), or CALL_HELD: on_done() will reply. */
static int commit(Call *call, Refusal *refusal)
{
        Changer *changer = call->service->changer;
        int r;

        if (call->method->commit)
                return call->method->commit(call, refusal);
        if (!call->proposal.waits)
                return proposal_commit(changer, &call->proposal, call->uid, &call->job, refusal);
        r = enquiry_begin(changer, &call->request.change, &call->proposal, call->uid, on_done, call,
                        &call->enquiry, refusal);
        return r < 0 ? r : CALL_HELD;
}

void calls_free(Service *service)
{
        while (service->held)
                (void) call_free(take_out(service->held));
}

/* ----------------------------------------------------------------------------------------------------- */

int call_handle(const CallMethod *method, sd_bus_message *message, void *object, sd_bus_error *error)
{
        Service *service = object_service(sd_bus_message_get_bus(message));
        Authorization *authorization CLEANUP_AUTHORIZATION = authorization_enter(service->polkit, message);
        Call *call CLEANUP(call_freep) = NULL;
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        int r = call_new(method, service, message, object, &call);

        if (r >= 0)
                r = read_arguments(call, error);
        if (r < 0)
                return r;
        /* Root isn't asked about, so that nothing has to be proposed twice for it. */
        r = authorization_identify(authorization, error);
        if (r <= 0)
                return r < 0 ? r : 1;
        call->answered = authorization_is_answered(authorization);
        r = (method->propose ? method->propose : call_propose)(call, &refusal);
        if (r < 0)
                return error_from_result(error, r, &refusal, doing(call));
        r = authorize(call, authorization, error);
        if (r <= 0)
                return r < 0 ? r : 1;
        call->uid = authorization_uid(authorization);
        r = commit(call, &refusal);
        if (r < 0)
                return error_from_result(error, r, &refusal, doing(call));
        return r == CALL_HELD ? hold(STEAL(call), authorization) : reply(call);
}
