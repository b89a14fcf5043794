/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Brings candidates, versions and the module index together. What is effective comes from the facts. */

#include "model/why.h"

#include <errno.h>
#include <string.h>

#include "model/depmod-rank.h"
#include "model/driver-selected.h"
#include "model/why-reason.h"
#include "util/text-format.h"

void why_list_done(WhyList *list)
{
        for (size_t i = 0; i < list->count; i++) {
                free(list->items[i].path);
                free(list->items[i].version);
                free(list->items[i].reason);
        }
        free(list->items);
        *list = (WhyList){ 0 };
}

/* The version whose file lies at PATH; NULL if none. */
static const char *version_at(
                const Facts *facts, const Driver *driver, const char *release, const char *path)
{
        for (size_t i = 0; i < driver->version_count; i++) {
                const CatalogueFile *file =
                                driver_version_file(facts, driver, &driver->versions[i], release);

                if (file && strcmp(file->path, path) == 0)
                        return driver->versions[i].id;
        }
        return NULL;
}

static int add_entry(WhyList *list, const Driver *driver, const char *release, const char *path,
                const char *version, char *reason)
{
        const DriverRelease *truth = driver_release(driver, release);
        WhyEntry *entry = &list->items[list->count++];

        *entry = (WhyEntry){ .reason = reason };
        entry->version = strdup(version ? version : "");
        entry->path = path[0] == '/' ? strdup(path) : text_new("/lib/modules/%s/%s", release, path);
        if (!entry->path || !entry->version || !entry->reason)
                return -ENOMEM;
        /* What the index names need not be what is loaded: the driver's value says it, here as anywhere. */
        entry->effective = truth && strcmp(entry->path, truth->effective) == 0;
        return 0;
}

static int add_candidate(
                const Facts *facts, const Driver *driver, const WhyCase *why, size_t position, WhyList *list)
{
        const Candidate *candidate = &why->candidates->items[position];
        const char *version = version_at(facts, driver, why->release, candidate->path);

        /* A link to a version's file names that version, even if depmod passes over it. */
        if (!version)
                version = version_at(facts, driver, why->release, candidate->target);
        return add_entry(list, driver, why->release, candidate->path, version, why_reason(why, position));
}

/* What the index names and the walk hasn't found: gone since. */
static int add_unfound(const Facts *facts, const Driver *driver, const WhyCase *why, const char *path,
                WhyList *list)
{
        char *reason = text_new("The module index names it, but it is gone; run depmod %s.", why->release);

        return add_entry(list, driver, why->release, path, version_at(facts, driver, why->release, path),
                        reason);
}

static int add_all(const Facts *facts, const Driver *driver, const WhyCase *why,
                const EffectiveFile *effective, WhyList *list)
{
        int r = 0;

        if (why->effective != DEPMOD_WINNER_UNKNOWN)
                r = add_candidate(facts, driver, why, why->effective, list);
        else if (effective->path)
                r = add_unfound(facts, driver, why, effective->path, list);
        for (size_t i = 0; i < why->candidates->count && r >= 0; i++)
                if (i != why->effective)
                        r = add_candidate(facts, driver, why, i, list);
        return r;
}

int why_derive(const Facts *facts, const Driver *driver, const char *release, const DepmodConfig *config,
                const CandidateList *candidates, WhyList *ret)
{
        const CatalogueRelease *known = catalogue_release(facts->catalogue, release);
        size_t module = string_set_find(&facts->catalogue->modules, driver->name);
        WhyList list CLEANUP_WHY_LIST = { 0 };
        DepmodRank *ranks CLEANUP_FREE = calloc(candidates->count + 1, sizeof(*ranks));
        WhyCase why = { .release = release, .candidates = candidates, .effective = DEPMOD_WINNER_UNKNOWN };
        const EffectiveFile *effective;
        int r;

        if (!known || module == facts->catalogue->modules.count)
                return -ENOENT;
        list.items = calloc(candidates->count + 1, sizeof(*list.items));
        if (!ranks || !list.items)
                return -ENOMEM;
        effective = facts_effective(facts, (size_t) (known - facts->catalogue->releases), module);
        for (size_t i = 0; i < candidates->count; i++) {
                depmod_rank(config, &candidates->items[i], &ranks[i]);
                if (effective->path && strcmp(effective->path, candidates->items[i].path) == 0)
                        why.effective = i;
        }
        why.ranks = ranks;
        why.winner = depmod_rank_winner(config, candidates, ranks);
        why.has_index = known->has_index;
        why.builtin = effective->builtin ||
                      facts_is_builtin(facts, (size_t) (known - facts->catalogue->releases), module);
        why.deselected = string_set_contains(&facts->selection->blocked, driver->name);
        why.module = driver->name;
        if (selected_file(facts, (size_t) (known - facts->catalogue->releases), module).unsupported)
                why.unsupported = facts->supported_only;
        why.load = &effective->load;
        r = add_all(facts, driver, &why, effective, &list);
        if (r < 0)
                return r;
        *ret = list;
        list = (WhyList){ 0 };
        return 0;
}
