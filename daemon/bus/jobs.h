/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The jobs that are on the bus, from JobNew to JobRemoved. It starts and ends none. */
#pragma once

#include <systemd/sd-bus.h>

#include "bus/object.h"
#include "change/job/job.h"

typedef struct JobEntry {
        Service *service;
        Job *job; /* a reference */
        char *path;
        StringSet modules; /* that its plan changes */
} JobEntry;

typedef struct Jobs {
        Service *service;
        JobEntry **entries; /* oldest first */
        size_t count;
        JobObserver observer; /* for changer_new() */
} Jobs;

int jobs_new(Service *service, Jobs **ret) WARN_UNUSED NONNULL(1, 2);
Jobs *jobs_free(Jobs *jobs);
DEFINE_CLEANUP(Jobs, jobs_free)

JobEntry *jobs_find(const Jobs *jobs, uint32_t id) NONNULL(1);

/* The path of the job that changes MODULE, "/" if none. Borrowed. */
const char *jobs_path_of(const Jobs *jobs, const char *module) NONNULL(1, 2);
