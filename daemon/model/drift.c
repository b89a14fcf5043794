/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A change by others as a value, and who made it by the look of it: a guess that names its reason, and never
 * more than that. */

#include "model/drift.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "host/selection.h"
#include "model/depmod-rank.h"
#include "util/text-format.h"

static void drift_done(Drift *drift)
{
        free(drift->release);
        free(drift->wanted);
        free(drift->path);
        free(drift->file);
        free(drift->target);
        free(drift->version);
        free(drift->directory);
        free(drift->effective);
        free(drift->clue);
}

void drift_list_done(DriftList *list)
{
        for (size_t i = 0; i < list->count; i++)
                drift_done(&list->items[i]);
        free(list->items);
        *list = (DriftList){ 0 };
}

static int blame(Drift *drift, DriftCulprit culprit, const char *clue)
{
        drift->culprit = culprit;
        drift->clue = clue ? strdup(clue) : NULL;
        return !clue || drift->clue ? 0 : -ENOMEM;
}

/* Whether a link in updates/ leads into the module directory of another release, as weak-modules makes them:
 * by "/lib/modules/OTHER/…" or "../../OTHER/…". */
static bool leads_into_other_release(const Drift *drift)
{
        static const char *const prefixes[] = { "/lib/modules/", "/usr/lib/modules/", "../../" };
        size_t size = strlen(drift->release);

        for (size_t i = 0; i < ELEMENTSOF(prefixes); i++) {
                const char *rest = drift->target + strlen(prefixes[i]);

                if (strncmp(drift->target, prefixes[i], strlen(prefixes[i])) != 0)
                        continue;
                return *rest != '.' && strchr(rest, '/') &&
                       !(strncmp(rest, drift->release, size) == 0 && rest[size] == '/');
        }
        return false;
}

/* driver-tool links by absolute paths, and to variants (xcp/dmv.py). */
static bool is_by_driver_tool(const Drift *drift)
{
        return drift->version && (drift->target[0] == '/' || drift->has_driver_tool);
}

static int blame_for_link(Drift *drift, const DriftEvidence *evidence)
{
        if (drift->target && !drift->version && leads_into_other_release(drift))
                return blame(drift, DRIFT_WEAK_MODULES, NULL);
        if (evidence->package)
                return blame(drift, DRIFT_PACKAGE, evidence->package);
        if (drift->target && is_by_driver_tool(drift))
                return blame(drift, DRIFT_DRIVER_TOOL, NULL);
        if (!drift->target && evidence->dkms)
                return blame(drift, DRIFT_DKMS, evidence->dkms);
        return 0;
}

static void rank(const DriftEvidence *evidence, const char *path, DepmodRank *ret)
{
        Candidate candidate = { .kind = CANDIDATE_FILE, .path = (char *) path, .target = (char *) "" };

        depmod_rank(&evidence->depmod, &candidate, ret);
}

static bool is_foreign(const char *file)
{
        return *file && strcmp(file, OVERRIDE_FILE_PATH) != 0;
}

/* By a line of a file. */
static int blame_line(Drift *drift, const char *file, unsigned line)
{
        drift->culprit = DRIFT_DEPMOD_CONFIG;
        drift->clue = text_new("line %u of %s", line, file);
        return drift->clue ? 0 : -ENOMEM;
}

/* Our line stands, but another one keeps depmod from following it. */
static int blame_for_index(Drift *drift, const DriftEvidence *evidence)
{
        DepmodRank wanted, effective = { 0 };

        rank(evidence, drift->path, &wanted);
        if (wanted.exclude)
                return blame_line(drift, wanted.exclude->file, wanted.exclude->line);
        if (drift->effective)
                rank(evidence, drift->effective, &effective);
        if (effective.override && is_foreign(effective.override->file))
                return blame_line(drift, effective.override->file, effective.override->line);
        if (!wanted.override && effective.search && is_foreign(effective.search->file))
                return blame_line(drift, effective.search->file, effective.search->line);
        if (drift->effective && strncmp(drift->effective, "updates/dkms/", strlen("updates/dkms/")) == 0)
                return blame(drift, DRIFT_DKMS, evidence->dkms);
        return 0;
}

int drift_blame(Drift *drift, const DriftEvidence *evidence)
{
        if (drift->changes & (DRIFT_LINK_GONE | DRIFT_LINK_CHANGED | DRIFT_LINK_REPLACED | DRIFT_LINK_ADDED |
                                             DRIFT_FILE_ADDED))
                return blame_for_link(drift, evidence);
        if (drift->changes == DRIFT_INDEX)
                return blame_for_index(drift, evidence);
        return 0;
}

bool drift_can_be_healed(const Drift *drift)
{
        return (drift->changes & (DRIFT_LINK_REPLACED | DRIFT_FILE_ADDED)) == 0 &&
               drift->culprit != DRIFT_DEPMOD_CONFIG;
}
