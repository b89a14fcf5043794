/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A host with the package intel-ice (ice and irdma; 1.6.4 selected, 1.11) and a changer, for tests of
 * versions that come and go: real loop, depmod and store. Every failure ends the test. */
#pragma once

#include <glib.h>
#include <sys/stat.h>

#include "sample-changer.h"
#include "sample-root.h"

#define MODULES "lib/modules/" SAMPLE_KERNEL
#define TREE MODULES "/xenserver"

typedef struct VersionsFixture {
        SampleRoot sample;
        SampleChanger host;
        Request request;
        StringSet kernels;
        StringSet ignore; /* the request's */
} VersionsFixture;

/* For g_test_add(). */
void versions_set_up(VersionsFixture *fixture, gconstpointer data);
void versions_tear_down(VersionsFixture *fixture, gconstpointer data);

/* Starts the changer, once all files are there. */
void versions_start(VersionsFixture *fixture);

/* proposal_make() for adopting MODULE. */
int versions_plan_adopt(Changer *changer, const char *module, const Request *request, Proposal *ret,
                Refusal *refusal);
/* Likewise, and its like. */
int versions_plan_unadopt(Changer *changer, const char *module, const Request *request, Proposal *ret,
                Refusal *refusal);
typedef int (*VersionsPlanner)(
                Changer *changer, const char *what, const Request *request, Proposal *ret, Refusal *refusal);

/* Adopts MODULE, or takes that back, with all that is found out before, run to its end. */
void versions_adopt(VersionsFixture *fixture, const char *module);
void versions_unadopt(VersionsFixture *fixture, const char *module);
/* That must be refused with WORDS, and change nothing. */
void versions_refuse_adopt(VersionsFixture *fixture, const char *module, const char *words);
void versions_refuse_unadopt(VersionsFixture *fixture, const char *module, const char *words);

/* The removal of "DRIVER VERSION", whose owner is not asked for. */
int versions_plan_removal(
                Changer *changer, const char *text, const Request *request, Proposal *ret, Refusal *refusal);

/* Makes a module file "lib/incoming/FILE" of version 5.7. */
void versions_add_incoming(const VersionsFixture *fixture, const char *file, const char *vermagic);
/* A version magic that fits. */
#define VERSIONS_MAGIC SAMPLE_KERNEL " SMP mod_unload modversions "

/* The import of PATHS below the root (NULL at the end), run to its end. */
int versions_import(VersionsFixture *fixture, const char *const paths[], Refusal *refusal);

/* Runs what is proposed to its end, which must be RESULT. */
void versions_execute(VersionsFixture *fixture, Proposal *proposal, JobResult result);
/* Plans and runs. */
void versions_change(VersionsFixture *fixture, VersionsPlanner planner, const char *what);
/* The plan must be refused with WORDS. */
void versions_refuse_change(VersionsFixture *fixture, VersionsPlanner planner, const char *what,
                RefusalKind kind, const char *words);

/* The removal of ice 1.11, whose owner is asked for, must be refused with WORDS. */
void versions_refuse_owned(VersionsFixture *fixture, const char *words) NONNULL(1, 2);

/* A removal of ice 1.11 whose depmod fails; every file is as before then. */
void versions_fail_removal(VersionsFixture *fixture);

struct stat versions_stat_of(const VersionsFixture *fixture, const char *path);
bool versions_is_there(const VersionsFixture *fixture, const char *path);

/* Links, lines and files, to compare. g_free() it. */
char *versions_state_of(const VersionsFixture *fixture);

/* The newest entry: "KIND DRIVER RELEASE 'FROM' 'TO' RESULT". */
void versions_assert_history(VersionsFixture *fixture, const char *line);
void versions_assert_selected(const VersionsFixture *fixture, const char *driver, const char *version);
