/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The jobs that are on the bus, from JobNew to JobRemoved. It starts and ends none. */
#pragma once

#include <systemd/sd-bus.h>

#include "bus/object.h"
#include "change/job/job.h"
#include "upkeep/upkeep.h"

typedef struct JobEntry {
        Job *job; /* a reference */
        char *path;
        StringSet modules; /* that its plan changes */
} JobEntry;

typedef struct Jobs {
        sd_bus *bus;        /* NULL until they are attached; then there are jobs */
        Upkeep *upkeep;     /* likewise */
        JobEntry **entries; /* oldest first */
        size_t count;
        JobObserver observer; /* for changer_new() */
        bool told;            /* there is one caller, who tells how they end; so the log doesn't */
} Jobs;

int jobs_new(Jobs **ret) WARN_UNUSED NONNULL(1);
Jobs *jobs_free(Jobs *jobs);
DEFINE_CLEANUP(Jobs, jobs_free)

JobEntry *jobs_find(const Jobs *jobs, uint32_t id) NONNULL(1);

/* From now on jobs are shown on BUS, and UPKEEP is told of their ends. Both are borrowed. */
void jobs_attach(Jobs *jobs, sd_bus *bus, Upkeep *upkeep) NONNULL(1, 2, 3);

/* The path of the job that changes MODULE, "/" if none. Borrowed. */
const char *jobs_path_of(const Jobs *jobs, const char *module) NONNULL(1, 2);
