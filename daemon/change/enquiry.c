/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Runs the processes, as many as may run at once, and has a change proposed and committed when one has
 * ended. */

#include "change/enquiry.h"

#include <errno.h>

/* One more than one, so that one which hangs doesn't hold up everybody. Each may take the memory of two
 * large module files. */
#define RUNNING_MAX 2
/* Each that waits keeps its descriptors open. */
#define ENQUIRIES_MAX 16

struct Enquiry {
        ChangerWork work;
        const EnquiryKind *kind;
        const Request *request; /* borrowed while there is somebody to tell */
        Proposal asked;         /* as polkit was asked about it */
        void *found;
        uid_t uid;
        ChangeDone done; /* NULL: nobody waits for it any more */
        void *userdata;
        Child *child; /* NULL: its turn hasn't come */
};

static Enquiry *enquiry_free(Enquiry *enquiry)
{
        if (!enquiry)
                return NULL;
        (void) child_free(enquiry->child);
        if (enquiry->found)
                enquiry->kind->done(enquiry->found);
        free(enquiry->found);
        proposal_done(&enquiry->asked);
        free(enquiry);
        return NULL;
}
DEFINE_CLEANUP(Enquiry, enquiry_free)

static Enquiry *take_out(Enquiry *enquiry)
{
        changer_drop_work(&enquiry->work);
        return enquiry;
}

/* --- in the process of its own ------------------------------------------------------------------------- */

static int run(void *data)
{
        Enquiry *enquiry = data;
        ChangeContext context = *changer_context(enquiry->work.changer);
        HostRoot *root CLEANUP(host_root_freep) = NULL;
        /* The service's descriptor of the root isn't here. */
        int r = host_root_new(host_root_path(context.root), host_root_kernel(context.root), &root);

        context.root = root;
        if (r >= 0)
                r = enquiry->kind->run(&context, enquiry->request, enquiry->found);
        return r < 0 ? 1 : 0;
}

/* --- the end ------------------------------------------------------------------------------------------- */

static void end(Enquiry *enquiry, int result, Job *job, const Refusal *refusal)
{
        if (enquiry->done)
                enquiry->done(result, job, refusal, enquiry->userdata);
}

/* All is looked at again: the world may have changed. */
static int go_on(Enquiry *enquiry, Job **ret_job, Refusal *refusal)
{
        Changer *changer = enquiry->work.changer;
        Proposal proposal CLEANUP_PROPOSAL = { 0 };
        int r = proposal_make_found(changer, enquiry->request, enquiry->found, &proposal, refusal);

        return r < 0 ? r : proposal_commit(changer, &proposal, enquiry->uid, ret_job, refusal);
}

static int start(Enquiry *enquiry, Refusal *refusal);

static void free_work(ChangerWork *work)
{
        (void) enquiry_free((Enquiry *) work);
}

static void stop_work(ChangerWork *work);

static const ChangerWorkKind work_kind = { stop_work, free_work };

/* The next one of that kind; the first if ENQUIRY is NULL. */
static Enquiry *next_of(const Changer *changer, const EnquiryKind *kind, Enquiry *enquiry)
{
        ChangerWork *work = enquiry ? enquiry->work.next : changer_works(changer);

        while (work && (work->kind != &work_kind || ((Enquiry *) work)->kind != kind))
                work = work->next;
        return (Enquiry *) work;
}

static bool may_run(const Changer *changer, const EnquiryKind *kind)
{
        unsigned running = 0;

        for (Enquiry *each = next_of(changer, kind, NULL); each; each = next_of(changer, kind, each))
                running += each->child != NULL;
        return running < RUNNING_MAX;
}

/* Whoever waits, in the order in which they came. */
static void start_next(Changer *changer, const EnquiryKind *kind)
{
        Enquiry *next;

        for (Enquiry *each = next_of(changer, kind, NULL); each && may_run(changer, kind); each = next) {
                Refusal refusal CLEANUP_REFUSAL = { 0 };
                int r = each->child ? 0 : start(each, &refusal);

                next = next_of(changer, kind, each);
                if (r < 0) {
                        Enquiry *enquiry CLEANUP(enquiry_freep) = take_out(each);

                        end(enquiry, r, NULL, &refusal);
                }
        }
}

static void on_end(Child *child, ChildOutcome outcome, int code, const char *last_lines, void *userdata)
{
        Enquiry *enquiry CLEANUP(enquiry_freep) = take_out(userdata);
        Changer *changer = enquiry->work.changer;
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        Job *job = NULL;
        int stopping = changer_refuse_stopping(changer, &refusal), r = stopping;

        if (r >= 0 && enquiry->done)
                r = enquiry->kind->take(enquiry->found, outcome, code, last_lines, &refusal);
        if (r >= 0 && enquiry->done)
                r = go_on(enquiry, &job, &refusal);
        end(enquiry, r, job, &refusal);
        if (stopping < 0)
                (void) !changer_stop_if_idle(changer);
        else
                start_next(changer, enquiry->kind);
}

/* --- the beginning ------------------------------------------------------------------------------------- */

static int start(Enquiry *enquiry, Refusal *refusal)
{
        EnquiryChild needs = { 0 };
        ChildFunction function = { .run = run, .data = enquiry, .fds = needs.fds };
        int r = enquiry->kind->open(enquiry->found, &needs, refusal);

        function.fd_count = needs.fd_count;
        return r < 0 ? r
                     : child_start_function(changer_context(enquiry->work.changer)->event, &function,
                                       needs.timeout_sec, on_end, enquiry, &enquiry->child);
}

static int refuse_too_many(const Changer *changer, const EnquiryKind *kind, Refusal *refusal)
{
        size_t count = 0;

        for (Enquiry *each = next_of(changer, kind, NULL); each; each = next_of(changer, kind, each))
                count++;
        return count < ENQUIRIES_MAX ? 0
                                     : refuse(refusal, REFUSAL_BUSY,
                                                       "%zu %s. Try again when one of them has ended.",
                                                       count, kind->waiting);
}

int enquiry_begin(Changer *changer, const Request *request, Proposal *proposal, uid_t uid, ChangeDone done,
                void *userdata, Enquiry **ret, Refusal *refusal)
{
        const EnquiryKind *kind = request->operation->enquiry;
        Enquiry *enquiry CLEANUP(enquiry_freep) = calloc(1, sizeof(*enquiry));
        int r;

        if (!enquiry)
                return -ENOMEM;
        *enquiry = (Enquiry){ .work = { .kind = &work_kind, .changer = changer },
                .kind = kind,
                .request = request,
                .asked = *proposal,
                .uid = uid,
                .done = done,
                .userdata = userdata,
                .found = calloc(1, kind->size) };
        *proposal = (Proposal){ 0 };
        if (!enquiry->found)
                return -ENOMEM;
        r = kind->begin(request, &enquiry->asked, enquiry->found);
        if (r >= 0)
                r = changer_refuse_stopping(changer, refusal);
        if (r >= 0)
                r = refuse_too_many(changer, kind, refusal);
        if (r >= 0 && may_run(changer, kind))
                r = start(enquiry, refusal);
        if (r < 0)
                return r;
        changer_add_work(&enquiry->work);
        *ret = STEAL(enquiry);
        return 0;
}

/* --- before the end ------------------------------------------------------------------------------------ */

void enquiry_cancel(Enquiry *enquiry)
{
        enquiry->done = NULL;
        if (enquiry->child)
                child_cancel(enquiry->child);
        else
                (void) enquiry_free(take_out(enquiry));
}

/* What runs ends from the event loop. */
static void stop_work(ChangerWork *work)
{
        Enquiry *stopped = (Enquiry *) work;
        Enquiry *enquiry CLEANUP(enquiry_freep) = NULL;
        Refusal refusal CLEANUP_REFUSAL = { 0 };

        if (stopped->child) {
                child_cancel(stopped->child);
                return;
        }
        enquiry = take_out(stopped);
        end(enquiry, changer_refuse_stopping(work->changer, &refusal), NULL, &refusal);
}
