/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Ranks by override lines and the search order. It compares paths as texts and knows no file. */

#include "model/depmod-rank.h"

#include <string.h>

/* Whether PATH lies below DIRECTORY, both without a slash at the end. */
static bool lies_below(const char *path, const char *directory)
{
        size_t size = strlen(directory);

        return strncmp(path, directory, size) == 0 && path[size] == '/';
}

/* The path below the directory that the search for modules begins in. */
static const char *path_below_start(const DepmodConfig *config, const char *path)
{
        for (size_t i = 0; i < config->external_count; i++)
                if (lies_below(path, config->externals[i].name))
                        return path + strlen(config->externals[i].name) + 1;
        return path;
}

static bool is_component(const char *path, const char *name)
{
        size_t size = strlen(name);

        if (strchr(name, '/'))
                return false; /* depmod compares one name at a time: such a line has no effect */
        for (; path; path = strchr(path, '/')) {
                path += *path == '/';
                if (strncmp(path, name, size) == 0 && (path[size] == '/' || path[size] == '\0'))
                        return true;
        }
        return false;
}

static void rank_excludes(const DepmodConfig *config, const char *path, DepmodRank *rank)
{
        static const char *const always[] = { "build", "source" };

        path = path_below_start(config, path);
        for (size_t i = 0; i < ELEMENTSOF(always); i++)
                if (is_component(path, always[i]))
                        rank->excluded_by = always[i];
        for (size_t i = 0; i < config->exclude_count && !rank->excluded_by; i++)
                if (is_component(path, config->excludes[i].name)) {
                        rank->excluded_by = config->excludes[i].name;
                        rank->exclude = &config->excludes[i];
                }
        rank->passed_over = rank->passed_over || rank->excluded_by;
}

/* Entries that are listed first count most; room between them for the external directories. */
static long place_of_entry(const DepmodConfig *config, size_t position)
{
        return (long) ((config->search_count - position) * (config->external_count + 1));
}

/* Of the built-in entry; -1 if there is none. */
static long place_of_built_in(const DepmodConfig *config, const DepmodSearch **ret)
{
        for (size_t i = 0; i < config->search_count; i++)
                if (config->searches[i].kind == DEPMOD_SEARCH_BUILT_IN) {
                        *ret = &config->searches[i];
                        return place_of_entry(config, i);
                }
        *ret = NULL;
        return -1;
}

/* The place that the entry at POSITION gives PATH; -1 if none. */
static long place_in_entry(const DepmodConfig *config, size_t position, const char *path)
{
        const DepmodSearch *search = &config->searches[position];

        /* Such an entry is compared with what lies in the module directory alone. */
        if (search->kind == DEPMOD_SEARCH_DIRECTORY)
                return path[0] != '/' && lies_below(path, search->directory)
                                       ? place_of_entry(config, position)
                                       : -1;
        if (search->kind == DEPMOD_SEARCH_EXTERNAL)
                for (size_t i = 0; i < config->external_count; i++)
                        if (lies_below(path, config->externals[i].name))
                                return place_of_entry(config, position) +
                                       (long) (config->external_count - i);
        return -1;
}

void depmod_rank(const DepmodConfig *config, const Candidate *candidate, DepmodRank *ret)
{
        const char *path = candidate->path;
        DepmodRank rank = {
                .passed_over = candidate->kind != CANDIDATE_FILE && candidate->kind != CANDIDATE_LINK,
                .place = -1,
        };

        rank_excludes(config, path, &rank);
        rank.override = depmod_config_override(config, path);
        for (size_t i = 0; i < config->search_count && rank.place < 0; i++) {
                rank.place = place_in_entry(config, i, path);
                if (rank.place >= 0)
                        rank.search = &config->searches[i];
        }
        if (rank.place < 0)
                rank.place = place_of_built_in(config, &rank.search);
        *ret = rank;
}

/* Whether one entry of the search order names both. */
static bool share_entry(const DepmodConfig *config, const char *a, const char *b)
{
        for (size_t i = 0; i < config->search_count; i++) {
                const DepmodSearch *search = &config->searches[i];

                if (search->kind == DEPMOD_SEARCH_DIRECTORY && lies_below(a, search->directory) &&
                                lies_below(b, search->directory))
                        return true;
        }
        return false;
}

/* 1 if A wins over B in whatever order they are read, -1 if B does, 0 if the order decides. */
static int compare(const DepmodConfig *config, const CandidateList *list, const DepmodRank *ranks, size_t a,
                size_t b)
{
        const DepmodSearch *built_in;
        long place;

        if (ranks[a].override != ranks[b].override) {
                if (!ranks[a].override || !ranks[b].override)
                        return ranks[a].override ? 1 : -1;
                return ranks[a].override > ranks[b].override ? 1 : -1;
        }
        if (ranks[a].override || ranks[a].place == ranks[b].place)
                return 0;
        /* Where one entry names both, depmod takes the one that it has read before for one that no entry
         * names: it gets built-in's place, should that be the higher one. */
        place = ranks[a].place > ranks[b].place ? ranks[a].place : ranks[b].place;
        if (share_entry(config, list->items[a].path, list->items[b].path) &&
                        place_of_built_in(config, &built_in) > place)
                return 0;
        return ranks[a].place > ranks[b].place ? 1 : -1;
}

bool depmod_rank_is_possible(const DepmodConfig *config, const CandidateList *list, const DepmodRank *ranks,
                size_t position)
{
        if (ranks[position].passed_over)
                return false;
        for (size_t i = 0; i < list->count; i++)
                if (!ranks[i].passed_over && compare(config, list, ranks, position, i) < 0)
                        return false;
        return true;
}

size_t depmod_rank_winner(const DepmodConfig *config, const CandidateList *list, const DepmodRank *ranks)
{
        for (size_t i = 0; i < list->count; i++) {
                bool wins = !ranks[i].passed_over;

                for (size_t j = 0; j < list->count && wins; j++)
                        if (j != i && !ranks[j].passed_over)
                                wins = compare(config, list, ranks, i, j) > 0;
                if (wins)
                        return i;
        }
        return DEPMOD_WINNER_UNKNOWN;
}
