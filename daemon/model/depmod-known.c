/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Gathers candidates from the catalogue and from updates/. It decides nothing but what depmod's rules do. */

#include "model/depmod-known.h"

#include <errno.h>
#include <string.h>

#include "util/text-format.h"

#define UPDATES "updates/"

void depmod_known_done(DepmodKnown *known)
{
        /* Of what is in updates/ the paths are made here. */
        for (size_t i = 0; i < known->list.count; i++)
                free(known->list.items[i].path);
        free(known->list.items);
        free(known->ranks);
        *known = (DepmodKnown){ 0 };
}

/* Appends what lies at DIRECTORY/FILE, unless it is there already. There is room. */
static int add(DepmodKnown *known, const Facts *facts, CandidateKind kind, const char *directory,
                const char *file, const char *target)
{
        Candidate *candidate = &known->list.items[known->list.count];

        *candidate = (Candidate){ .kind = kind, .target = (char *) target };
        if (text_format(&candidate->path, "%s%s", directory, file) < 0)
                return -ENOMEM;
        for (size_t i = 0; i < known->list.count; i++)
                if (strcmp(known->list.items[i].path, candidate->path) == 0) {
                        free(STEAL(candidate->path));
                        return 0;
                }
        if (kmod_formats_lack(&facts->formats, file))
                candidate->kind = CANDIDATE_COMPRESSED;
        known->list.count++;
        return 0;
}

static CandidateKind kind_of_entry(const UpdateEntry *entry)
{
        switch (entry->kind) {
        case UPDATE_VERSION:
        case UPDATE_FOREIGN:
        case UPDATE_OUTSIDE:
                return CANDIDATE_LINK;
        case UPDATE_REGULAR:
                return CANDIDATE_FILE;
        case UPDATE_DANGLING:
                return CANDIDATE_DANGLING;
        case UPDATE_OTHER:
        default:
                return CANDIDATE_OTHER;
        }
}

static int add_all(const Facts *facts, size_t release, const char *module, const EffectiveFile *effective,
                DepmodKnown *known)
{
        const ReleaseSelection *links = &facts->selection->releases[release];
        size_t count = 0;
        const CatalogueFile *files = catalogue_find(&facts->catalogue->releases[release], module, &count);
        int r = 0;

        if (effective->path)
                r = add(known, facts, effective->gone ? CANDIDATE_DANGLING : CANDIDATE_FILE, "",
                                effective->path, effective->file ? effective->file->path : "");
        for (size_t i = 0; i < count && r >= 0; i++)
                if (files[i].file->defect != MODULE_NOT_REGULAR)
                        r = add(known, facts, CANDIDATE_FILE, "", files[i].path, files[i].path);
        for (const UpdateEntry *entry = update_entry_next(links, module, NULL); entry && r >= 0;
                        entry = update_entry_next(links, module, entry))
                r = add(known, facts, kind_of_entry(entry), UPDATES, entry->file,
                                entry->path ? entry->path : "");
        return r;
}

static size_t count_entries(const ReleaseSelection *links, const char *module)
{
        size_t count = 0;

        for (const UpdateEntry *entry = update_entry_next(links, module, NULL); entry;
                        entry = update_entry_next(links, module, entry))
                count++;
        return count;
}

int depmod_known_read(const Facts *facts, size_t release, size_t module, DepmodKnown *ret)
{
        const char *name = facts->catalogue->modules.items[module];
        const EffectiveFile *effective = facts_effective(facts, release, module);
        DepmodKnown known CLEANUP_DEPMOD_KNOWN = { .config = &facts->depmod[release],
                .effective = effective->path ? 0 : DEPMOD_WINNER_UNKNOWN };
        size_t count = 0;
        int r;

        (void) catalogue_find(&facts->catalogue->releases[release], name, &count);
        count += count_entries(&facts->selection->releases[release], name) + 2;
        known.list.items = calloc(count, sizeof(*known.list.items));
        known.ranks = calloc(count, sizeof(*known.ranks));
        if (!known.list.items || !known.ranks)
                return -ENOMEM;
        r = add_all(facts, release, name, effective, &known);
        if (r < 0)
                return r;
        for (size_t i = 0; i < known.list.count; i++)
                depmod_rank(known.config, &known.list.items[i], &known.ranks[i]);
        *ret = known;
        known = (DepmodKnown){ 0 };
        return 0;
}

size_t depmod_known_successor(const DepmodKnown *known)
{
        size_t winner = depmod_rank_winner(known->config, &known->list, known->ranks);
        const Candidate *items = known->list.items;

        if (known->effective == DEPMOD_WINNER_UNKNOWN || winner == DEPMOD_WINNER_UNKNOWN ||
                        winner == known->effective)
                return DEPMOD_WINNER_UNKNOWN;
        /* The same file by another name. */
        return items[winner].target[0] != '\0' && strcmp(items[winner].target,
                                                                  items[known->effective].target) == 0
                               ? DEPMOD_WINNER_UNKNOWN
                               : winner;
}

static bool is_ours(const DepmodOverride *override)
{
        return strcmp(override->file, OVERRIDE_FILE_PATH) == 0;
}

bool depmod_known_is_settled(const Facts *facts, size_t release, size_t module)
{
        const DepmodConfig *config = &facts->depmod[release];
        const char *path = facts_effective(facts, release, module)->path;
        const DepmodOverride *override;

        if (!path || config->exclude_count > 0 || config->override_count == 0)
                return false;
        /* The last one counts most. */
        override = depmod_config_override(config, path);
        return override && is_ours(override) && is_ours(&config->overrides[config->override_count - 1]);
}
