/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Puts depmod's rules into words, each with the line that it goes by. */

#include "model/depmod-reason.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "util/text-format.h"

/* What the search order calls the place of a file. */
static const char *place_of(const DepmodSearch *search)
{
        switch (search->kind) {
        case DEPMOD_SEARCH_BUILT_IN:
                return "directories that no line names (built-in)";
        case DEPMOD_SEARCH_EXTERNAL:
                return "external directories";
        case DEPMOD_SEARCH_DIRECTORY:
        default:
                return search->directory;
        }
}

char *depmod_reason_line(const DepmodRank *rank)
{
        if (rank->override)
                return text_new("line %u of %s", rank->override->line, rank->override->file);
        if (!rank->search || !*rank->search->file)
                return text_new("depmod's default");
        return text_new("line %u of %s", rank->search->line, rank->search->file);
}

/* The first other file that depmod could take as well. */
static size_t find_equal(const DepmodConfig *config, const CandidateList *list, const DepmodRank *ranks,
                size_t position)
{
        for (size_t i = 0; i < list->count; i++)
                if (i != position && depmod_rank_is_possible(config, list, ranks, i))
                        return i;
        return DEPMOD_WINNER_UNKNOWN;
}

char *depmod_reason(const DepmodConfig *config, const CandidateList *list, const DepmodRank *ranks,
                size_t position)
{
        const DepmodRank *rank = &ranks[position];
        size_t equal = find_equal(config, list, ranks, position);

        if (equal != DEPMOD_WINNER_UNKNOWN)
                return text_new("nothing ranks it above %s, and depmod keeps the one that it reads first",
                                list->items[equal].path);
        if (rank->override)
                return text_new("line %u of %s, an override line, names it", rank->override->line,
                                rank->override->file);
        if (!rank->search)
                return text_new("depmod finds no other file of the module that it would rank higher");
        if (!*rank->search->file)
                return text_new("depmod looks in %s first, unless its configuration says otherwise",
                                place_of(rank->search));
        return text_new("line %u of %s, a search line, says how %s rank", rank->search->line,
                        rank->search->file, place_of(rank->search));
}

char *depmod_reason_passed_over(const Candidate *candidate, const DepmodRank *rank)
{
        if (candidate->kind == CANDIDATE_DANGLING)
                return text_new("it is a link that leads nowhere, which depmod passes over");
        if (candidate->kind == CANDIDATE_OTHER)
                return text_new("it is no regular file, so that depmod passes it over");
        if (candidate->kind == CANDIDATE_COMPRESSED)
                return text_new("it is compressed in a way that this host's kmod can't read (`kmod --version` "
                                "tells what it can), so that depmod takes it for no module file");
        if (rank->exclude)
                return text_new("line %u of %s, an exclude line, has depmod pass over everything named %s",
                                rank->exclude->line, rank->exclude->file, rank->exclude->name);
        return text_new("depmod passes over everything named %s", rank->excluded_by);
}

static bool is_file(const Candidate *candidate, const char *path)
{
        return strcmp(candidate->path, path) == 0 || strcmp(candidate->target, path) == 0;
}

/* Another file than the one at PATH that depmod could take. */
static size_t find_rival(const DepmodConfig *config, const CandidateList *list, const DepmodRank *ranks,
                const char *path)
{
        for (size_t i = 0; i < list->count; i++)
                if (!is_file(&list->items[i], path) && depmod_rank_is_possible(config, list, ranks, i))
                        return i;
        return DEPMOD_WINNER_UNKNOWN;
}

static size_t find_at(const CandidateList *list, const char *path)
{
        for (size_t i = 0; i < list->count; i++)
                if (strcmp(list->items[i].path, path) == 0)
                        return i;
        return DEPMOD_WINNER_UNKNOWN;
}

static bool has_link(const CandidateList *list, const char *path)
{
        for (size_t i = 0; i < list->count; i++)
                if (strcmp(list->items[i].target, path) == 0)
                        return true;
        return false;
}

static char *tell(const DepmodConfig *config, const CandidateList *list, const DepmodRank *ranks,
                size_t rival, const char *path)
{
        size_t own = find_at(list, path);
        char *lost CLEANUP_FREE = NULL, *reason CLEANUP_FREE = NULL;

        if (own != DEPMOD_WINNER_UNKNOWN && ranks[own].passed_over)
                lost = depmod_reason_passed_over(&list->items[own], &ranks[own]);
        else
                lost = strdup("");
        if (!lost)
                return NULL;
        if (rival == DEPMOD_WINNER_UNKNOWN)
                return text_new("depmod would not take %s%s%s.", path, *lost ? ": " : "", lost);
        /* A link to it may be left, which that has no part in. */
        reason = *lost && !has_link(list, path) ? strdup("") : depmod_reason(config, list, ranks, rival);
        if (!reason)
                return NULL;
        return text_new("depmod could take %s instead of %s: %s%s%s.", list->items[rival].path, path, lost,
                        *lost && *reason ? "; and " : "", reason);
}

int depmod_foresee(
                const DepmodConfig *config, const CandidateList *list, const char *path, char **ret_sentence)
{
        DepmodRank *ranks CLEANUP_FREE = calloc(list->count + 1, sizeof(*ranks));
        size_t rival;
        bool found = false;

        if (!ranks)
                return -ENOMEM;
        for (size_t i = 0; i < list->count; i++)
                depmod_rank(config, &list->items[i], &ranks[i]);
        for (size_t i = 0; i < list->count; i++)
                found = found ||
                        (is_file(&list->items[i], path) && depmod_rank_is_possible(config, list, ranks, i));
        rival = find_rival(config, list, ranks, path);
        if (list->loop)
                *ret_sentence = text_new(
                                "%s is a link that leads back to a directory that it lies in: depmod "
                                "follows it until it has no more descriptors, and may find no module in "
                                "the end. Remove that link.",
                                list->loop);
        else if (found && rival == DEPMOD_WINNER_UNKNOWN)
                return 1;
        else
                *ret_sentence = tell(config, list, ranks, rival, path);
        return *ret_sentence ? 0 : -ENOMEM;
}
