/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What was changed, by whom and what to run, as sentences. It decides nothing. */

#include "model/drift-text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "host/selection.h"
#include "util/text-format.h"

/* "somebody has", "DKMS seems to have". */
static void put_culprit(FILE *text, const Drift *drift)
{
        static const char *const names[] = {
                [DRIFT_DKMS] = "DKMS",
                [DRIFT_DRIVER_TOOL] = "XenServer's driver-tool",
                [DRIFT_WEAK_MODULES] = "weak-modules",
                [DRIFT_PACKAGE] = "the package ",
                [DRIFT_DEPMOD_CONFIG] = "",
        };

        if (drift->culprit == DRIFT_SOMEBODY)
                (void) fputs("somebody has ", text);
        else if (drift->culprit == DRIFT_DEPMOD_CONFIG)
                (void) fprintf(text, "%s has ", drift->clue);
        else
                (void) fprintf(text, "%s%s seems to have ", names[drift->culprit],
                                drift->culprit == DRIFT_PACKAGE ? drift->clue : "");
}

static void put_link(FILE *text, const Drift *drift, const char *driver)
{
        if (drift->changes & DRIFT_LINK_GONE)
                (void) fprintf(text, "removed the link updates/%s", drift->file);
        else if (drift->changes & (DRIFT_LINK_REPLACED | DRIFT_FILE_ADDED))
                (void) fprintf(text, "put something that is no link to updates/%s", drift->file);
        else if (drift->version)
                (void) fprintf(text, "selected version %s by the link updates/%s", drift->version,
                                drift->file);
        else
                (void) fprintf(text, "made the link updates/%s lead to %s", drift->file, drift->target);
}

static void put_override(FILE *text, const Drift *drift, const char *driver)
{
        if (drift->changes & DRIFT_OVERRIDE_GONE)
                (void) fprintf(text, "removed the line of %s from %s", driver, OVERRIDE_FILE_PATH);
        else if (drift->directory)
                (void) fprintf(text, "made %s name the directory %s for %s", OVERRIDE_FILE_PATH,
                                drift->directory, driver);
        else
                (void) fprintf(text, "edited the lines of %s in %s", driver, OVERRIDE_FILE_PATH);
}

static void put_block(FILE *text, const Drift *drift, const char *driver)
{
        const char *verb = "made";

        if (drift->changes & DRIFT_BLOCK_GONE)
                verb = "removed";
        else if (drift->changes & DRIFT_BLOCK_CHANGED)
                verb = "edited";
        (void) fprintf(text, "%s " BLOCK_DIRECTORY "/hostdriver-%s.conf", verb, driver);
}

static void put_index(FILE *text, const Drift *drift, const char *driver)
{
        (void) fputs("made the module index name another file", text);
}

/* Everything that was done, with "and" between. */
static void put_changes(FILE *text, const Drift *drift, const char *driver)
{
        static const struct {
                unsigned changes;
                void (*put)(FILE *text, const Drift *drift, const char *driver);
        } parts[] = {
                { DRIFT_LINK_GONE | DRIFT_LINK_CHANGED | DRIFT_LINK_REPLACED | DRIFT_LINK_ADDED |
                                                DRIFT_FILE_ADDED,
                                put_link },
                { DRIFT_OVERRIDE_GONE | DRIFT_OVERRIDE_CHANGED | DRIFT_OVERRIDE_ADDED, put_override },
                { DRIFT_BLOCK_GONE | DRIFT_BLOCK_CHANGED | DRIFT_BLOCK_ADDED, put_block },
                { DRIFT_INDEX, put_index },
        };
        bool first = true;

        for (size_t i = 0; i < ELEMENTSOF(parts); i++) {
                if ((drift->changes & parts[i].changes) == 0)
                        continue;
                (void) fputs(first ? "" : " and ", text);
                parts[i].put(text, drift, driver);
                first = false;
        }
}

static void put_consequence(FILE *text, const Drift *drift, const char *driver)
{
        if (!drift->path && (drift->changes & (DRIFT_BLOCK_GONE | DRIFT_BLOCK_CHANGED)) == 0)
                return;
        if (!drift->path && drift->blocked) {
                (void) fprintf(text, "; all the same no %s would be loaded", driver);
                return;
        }
        /* It may say anything. */
        if (drift->changes & DRIFT_BLOCK_ADDED && !drift->blocked)
                return;
        if ((!drift->effective && !drift->same) || drift->changes & DRIFT_BLOCK_ADDED)
                (void) fprintf(text, "; now no %s would be loaded", driver);
        else if (drift->same)
                (void) fputs("; what would be loaded is still the same", text);
        else
                (void) fprintf(text, "; now %s would be loaded", drift->effective);
}

/* The command that brings back what was wanted. */
static void put_command(FILE *text, const Drift *drift, const char *driver, const char *options)
{
        if (*drift->wanted)
                (void) fprintf(text, "`hostdriverctl select %s %s%s`", driver, drift->wanted,
                                drift->elsewhere ? options : "");
        else
                (void) fprintf(text, "`hostdriverctl deselect %s --force`", driver);
}

static void put_advice(FILE *text, const Drift *drift, const char *driver, const char *options)
{
        if (drift->culprit == DRIFT_DEPMOD_CONFIG) {
                (void) fprintf(text, " Remove that line, then run `hostdriverctl select %s %s`.", driver,
                                drift->wanted);
                return;
        }
        if (drift->changes & (DRIFT_LINK_REPLACED | DRIFT_FILE_ADDED)) {
                (void) fputs(" Move it away, then run ", text);
                put_command(text, drift, driver, options);
                (void) fputs(" to take it back", text);
                /* What our line doesn't name is loaded from there, so that it can become a version. */
                if (!drift->directory && *drift->wanted)
                        (void) fprintf(text,
                                        ", or run `hostdriverctl adopt %s` to make a module file there a "
                                        "version",
                                        driver);
                (void) fputs(".", text);
                return;
        }
        (void) fputs(" Run ", text);
        put_command(text, drift, driver, options);
        (void) fputs(" to take it back", text);
        if (drift->version)
                (void) fprintf(text, ", or `hostdriverctl select %s %s%s` to have it so", driver,
                                drift->version, options);
        else if (drift->changes == DRIFT_BLOCK_ADDED && drift->blocked)
                (void) fprintf(text, ", or `hostdriverctl deselect %s --force` to have it so", driver);
        (void) fputs(".", text);
}

/* The sentence without its beginning, which names the releases; OPTIONS is for the command. NULL: no memory.
 */
static char *tell(const Drift *drift, const char *driver, const char *options)
{
        char *sentence = NULL;
        size_t size;
        FILE *text = open_memstream(&sentence, &size);

        if (!text)
                return NULL;
        if (*drift->wanted)
                (void) fprintf(text, "version %s of %s was selected, but ", drift->wanted, driver);
        else
                (void) fprintf(text, "%s was deselected, but ", driver);
        put_culprit(text, drift);
        put_changes(text, drift, driver);
        (void) fputs(" since", text);
        if (drift->culprit == DRIFT_DKMS && drift->clue)
                (void) fprintf(text, " (see %s)", drift->clue);
        put_consequence(text, drift, driver);
        (void) fputs(".", text);
        put_advice(text, drift, driver, options);
        if (fclose(text) == 0)
                return sentence;
        free(sentence);
        return NULL;
}

static Severity severity_of(const Drift *drift)
{
        if (*drift->wanted && !drift->same && !drift->effective)
                return SEVERITY_ERROR;
        return SEVERITY_WARNING;
}

/* Adds the problem of one release, for all that have the same one, unless an earlier one did. */
static int add_problem(const DriftList *drifts, size_t position, const char *driver, const char *note,
                ProblemList *problems)
{
        const Drift *drift = &drifts->items[position];
        char *own CLEANUP_FREE = tell(drift, driver, "");
        char *sentence CLEANUP_FREE = NULL, *releases CLEANUP_FREE = NULL, *options CLEANUP_FREE = NULL;
        bool several = false;

        for (size_t i = 0; own && i < drifts->count; i++) {
                char *other CLEANUP_FREE = tell(&drifts->items[i], driver, "");

                if (!other)
                        return -ENOMEM;
                if (strcmp(own, other) != 0)
                        continue;
                if (i < position)
                        return 0;
                several = releases != NULL;
                if (text_join(&releases, ", ", "%s", drifts->items[i].release) < 0 ||
                                text_join(&options, "", " --kernel=%s", drifts->items[i].release) < 0)
                        return -ENOMEM;
        }
        sentence = options ? tell(drift, driver, options) : NULL;
        if (!sentence)
                return -ENOMEM;
        return problem_list_add(problems, severity_of(drift), "drift", "In kernel%s %s, %s%s%s",
                        several ? "s" : "", releases, sentence, note ? " " : "", note ? note : "");
}

int drift_add_problems(const DriftList *drifts, const char *driver, const char *note, ProblemList *problems)
{
        int r = 0;

        for (size_t i = 0; r >= 0 && i < drifts->count; i++)
                r = add_problem(drifts, i, driver, note, problems);
        return r;
}
