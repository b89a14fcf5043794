/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Puts ranks into words. Whoever reads them wants to know what to do. */

#include "model/why-reason.h"

#include <ctype.h>
#include <string.h>

#include "host/selection.h"
#include "model/depmod-reason.h"
#include "model/modprobe-line-text.h"
#include "util/text-format.h"

/* What the search order calls the place of a file. */
static const char *place_text(const DepmodRank *rank)
{
        if (!rank->search)
                return "directories that it has no line for";
        switch (rank->search->kind) {
        case DEPMOD_SEARCH_DIRECTORY:
                return rank->search->directory;
        case DEPMOD_SEARCH_BUILT_IN:
                return "built-in";
        case DEPMOD_SEARCH_EXTERNAL:
                return "external";
        }
        return "elsewhere";
}

/* CLAUSE, which it frees, as a sentence. */
static char *sentence(char *clause)
{
        char *text CLEANUP_FREE = clause;

        if (!text)
                return NULL;
        if (strncmp(text, "depmod", strlen("depmod")) != 0)
                text[0] = (char) toupper(text[0]);
        return text_new("%s.", text);
}

static size_t count_eligible(const WhyCase *why)
{
        size_t count = 0;

        for (size_t i = 0; i < why->candidates->count; i++)
                count += !why->ranks[i].passed_over;
        return count;
}

static char *reason_wins(const WhyCase *why, size_t position)
{
        const DepmodRank *rank = &why->ranks[position];
        char *line CLEANUP_FREE = depmod_reason_line(rank);

        if (!line)
                return NULL;
        if (rank->override && strcmp(rank->override->file, OVERRIDE_FILE_PATH) == 0)
                return text_new("The selection's override, line %u of %s, names it.", rank->override->line,
                                rank->override->file);
        if (rank->override)
                return text_new("An override that isn't hostdriver's, line %u of %s, names it.",
                                rank->override->line, rank->override->file);
        if (count_eligible(why) == 1)
                return text_new("It is the only file of this module that depmod takes into account.");
        return text_new("depmod's search order ranks %s above the places of all other files of this module "
                        "(%s).",
                        place_text(rank), line);
}

static char *reason_effective(const WhyCase *why, size_t position)
{
        if (why->ranks[position].passed_over)
                return text_new("The module index names it, though depmod would pass it over now; "
                                "run depmod %s.",
                                why->release);
        if (why->winner == position)
                return reason_wins(why, position);
        if (why->winner != DEPMOD_WINNER_UNKNOWN)
                return text_new("The module index names it, though depmod would take %s now; run depmod %s.",
                                why->candidates->items[why->winner].path, why->release);
        if (why->ranks[position].override)
                return text_new("Other files rank as high, and the order in which directories were read made it "
                                "win; take all but one of them away.");
        return text_new("Other files rank as high, and the order in which directories were read made it win; "
                        "select a version to settle it.");
}

static char *reason_loses(const WhyCase *why, size_t position)
{
        const DepmodRank *rank = &why->ranks[position], *winner = &why->ranks[why->effective];
        const char *path = why->candidates->items[why->effective].path;
        char *line CLEANUP_FREE = depmod_reason_line(winner);

        if (!line)
                return NULL;
        if (winner->override && winner->override != rank->override)
                return text_new("The override in %s names %s instead.", line, path);
        if (!winner->override && !rank->override && rank->place < winner->place)
                return text_new("depmod's search order ranks %s below %s (%s).", place_text(rank),
                                place_text(winner), line);
        if (why->winner == DEPMOD_WINNER_UNKNOWN)
                return text_new("It ranks as high as %s, which the order in which directories were read "
                                "made win.",
                                path);
        return text_new("The module index, which is older than depmod's configuration or files, names %s; "
                        "run depmod %s.",
                        path, why->release);
}

static char *reason_unblocked(const WhyCase *why, size_t position)
{
        if (why->effective == position)
                return reason_effective(why, position);
        if (why->ranks[position].passed_over)
                return sentence(depmod_reason_passed_over(
                                &why->candidates->items[position], &why->ranks[position]));
        if (why->builtin)
                return text_new("The module is built into this kernel, so that no file of it is loaded.");
        if (!why->has_index)
                return text_new("There is no module index, so that nothing is loaded by this name; "
                                "run depmod %s.",
                                why->release);
        if (why->winner == position)
                return text_new("depmod would take it now, but the module index is older; run depmod %s.",
                                why->release);
        if (why->effective == DEPMOD_WINNER_UNKNOWN)
                return text_new("The module index doesn't name it; run depmod %s.", why->release);
        return reason_loses(why, position);
}

/* What keeps it from being loaded by its name. */
static char *obstructed(const WhyCase *why, const ModprobeObstacle *obstacle, const char *reason)
{
        const ModprobeLine *line = obstacle->line;

        if (line == why->load->alias && why->load->alias_blacklisted)
                return text_new("%s But line %u of %s makes the driver's name an alias, so that modprobe doesn't "
                                "load by it what is blacklisted.",
                                reason, line->number, line->file);
        if (line->command == MODPROBE_ALIAS)
                return text_new("%s But line %u of %s has modprobe load %s by the driver's name instead.",
                                reason, line->number, line->file, line->text);
        if (line->command == MODPROBE_REFUSED && !obstacle->dependency)
                return text_new("%s But the kernel refuses to load it: it was booted with %s.", reason,
                                line->text);
        if (line->command == MODPROBE_REFUSED)
                return text_new("%s But it needs %s, which the kernel refuses to load: it was booted with %s.",
                                reason, obstacle->dependency, line->text);
        if (obstacle->dependency)
                return text_new("%s But it needs %s, and line %u of %s has modprobe run `%s` instead of loading "
                                "that.",
                                reason, obstacle->dependency, line->number, line->file, line->text);
        return text_new("%s But line %u of %s has modprobe run `%s` instead of loading it.", reason,
                        line->number, line->file, line->text);
}

/* What else is to be known of one that modprobe loads by its name. */
static char *qualified(const WhyCase *why, const char *reason)
{
        const ModprobeLine *install = modprobe_install_line(why->load), *blacklist = why->load->blacklist;
        const ModprobeLine *defeated =
                        why->deselected ? modprobe_block_defeated(why->load, why->module) : NULL;

        if (defeated)
                return text_new("%s The driver is deselected, but line %u of %s has modprobe pass over the block "
                                "of " BLOCK_DIRECTORY "/hostdriver-%s.conf.",
                                reason, defeated->number, defeated->file, why->module);
        if (install && install_meaning(install->text, why->module) == INSTALL_UNKNOWN)
                return text_new("%s But line %u of %s has modprobe run `%s`: what is loaded then, if anything, "
                                "can't be told.",
                                reason, install->number, install->file, install->text);
        if (!blacklist)
                return strdup(reason);
        if (strcmp(blacklist->file, KERNEL_COMMAND_LINE) == 0)
                return text_new("%s But udev doesn't load it for its devices: the kernel was booted with %s.",
                                reason, blacklist->text);
        return text_new("%s But udev doesn't load it for its devices: line %u of %s blacklists it.", reason,
                        blacklist->number, blacklist->file);
}

/* Nothing but our file in modprobe.d keeps it from being loaded. */
static bool is_blocked(const WhyCase *why, const ModprobeObstacle *obstacle)
{
        return why->deselected && !modprobe_block_defeated(why->load, why->module) &&
               (!obstacle->line || (!obstacle->dependency &&
                                                   modprobe_line_is_block(obstacle->line, why->module)));
}

char *why_reason(const WhyCase *why, size_t position)
{
        char *reason CLEANUP_FREE = reason_unblocked(why, position);
        ModprobeObstacle obstacle = modprobe_obstacle(why->load, why->module);

        if (reason && why->builtin && why->effective == position)
                return text_new("%s But the module is built into this kernel, so that no file of it is loaded.",
                                reason);
        if (!reason || why->effective != position)
                return STEAL(reason);
        if (is_blocked(why, &obstacle))
                return text_new("%s But the driver is deselected: a file in " BLOCK_DIRECTORY
                                " keeps modprobe from loading it.",
                                reason);
        if (why->unsupported && !obstacle.line)
                return text_new("%s But line %u of %s has modprobe load supported modules only, and it isn't marked "
                                "as supported.",
                                reason, why->unsupported->number, why->unsupported->file);
        return obstacle.line ? obstructed(why, &obstacle, reason) : qualified(why, reason);
}
