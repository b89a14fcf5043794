/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A changer beneath a root with all that its owner gives it: facts, drivers, store, event loop. What the
 * daemon does in earnest, without bus and watch. Every failure of its own ends the program. */
#pragma once

#include "change/enquiry.h"
#include "store/store-open.h"

typedef struct SampleChanger {
        HostRoot *root;
        Config config;
        Facts *facts;
        Driver **drivers;
        size_t driver_count;
        Store *store;
        StoreCondition condition;
        sd_event *event;
        JobObserver observer;
        Changer *changer;
        unsigned refreshed;
        unsigned added; /* jobs announced, and */
        unsigned removed;
        JobResult last_result; /* of the last job removed */
        char *last_error;
        char *last_kind;
} SampleChanger;

/* PATH: the root; KERNEL: its running release. It does not recover. */
void sample_changer_init(SampleChanger *sample, const char *path, const char *kernel) NONNULL(1, 2, 3);
void sample_changer_done(SampleChanger *sample) NONNULL(1);
#define CLEANUP_SAMPLE_CHANGER CLEANUP(sample_changer_done)

const Driver *sample_changer_driver(const SampleChanger *sample, const char *name) NONNULL(1, 2);

/* Reads the host anew. */
void sample_changer_refresh(SampleChanger *sample) NONNULL(1);

/* Runs the event loop until no job is left. */
void sample_changer_run(SampleChanger *sample) NONNULL(1);

/* Selects TARGETS, or deselects if no version is named, as OPTIONS say; as proposal_carry_out(). */
int sample_changer_change(SampleChanger *sample, const ChangeTarget *targets, size_t count,
                const Request *options, uid_t uid, Job **ret_job, Refusal *refusal) WARN_UNUSED
                NONNULL(1, 2, 4, 6, 7);

/* What a method call does, but for the bus: makes a proposal and commits it, after an enquiry if it takes
 * one, whose end is waited for. OPERATION takes the place of the request's. The refusal's sentence is the
 * caller's. What the request's files are open for may be closed then. *RET_JOB: of a change without an
 * enquiry. */
int sample_changer_run_request(SampleChanger *sample, OperationId operation, const Request *request,
                uid_t uid, Job **ret_job, Refusal *refusal) WARN_UNUSED NONNULL(1, 3, 6);

/* How many operations the journal holds. */
size_t sample_changer_open_entries(const SampleChanger *sample) NONNULL(1);
