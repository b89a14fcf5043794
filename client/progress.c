/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Draws the progress line on stderr. */

#include "progress.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "colour.h"
#include "text.h"

#define BAR_CELLS 20
#define COLUMNS_DEFAULT 80
#define LINE_SIZE 1024

static uint64_t now_us(void)
{
        struct timespec now = { 0 };

        (void) clock_gettime(CLOCK_MONOTONIC, &now);
        return (uint64_t) now.tv_sec * 1000000 + (uint64_t) now.tv_nsec / 1000;
}

Progress progress_new(const Terminal *terminal)
{
        const char *term = getenv("TERM");

        return (Progress){
                .enabled = terminal->error && term && *term && strcmp(term, "dumb") != 0,
                .colour = terminal->error_colour,
                .start_us = now_us(),
        };
}

static const char *step_phrase(const char *step)
{
        static const struct {
                const char *step, *phrase;
        } phrases[] = {
                { "", "waiting" },
                { "copy", "copying the files" },
                { "depmod", "updating the module index" },
                { "verify", "verifying what will be loaded" },
                { "initramfs", "rebuilding the initramfs" },
                { "devices", "announcing devices" },
                { "undo", "taking everything back" },
        };

        for (size_t i = 0; i < ELEMENTSOF(phrases); i++)
                if (strcmp(phrases[i].step, step) == 0)
                        return phrases[i].phrase;
        return step;
}

void progress_draw(Progress *progress, const char *driver, const char *step, double fraction)
{
        char *name CLEANUP_FREE = text_escape(driver), *phrase CLEANUP_FREE = text_escape(step_phrase(step));
        uint64_t elapsed = (now_us() - progress->start_us) / 1000000;
        unsigned columns = terminal_columns(STDERR_FILENO);
        char line[LINE_SIZE], bar[BAR_CELLS + 1];
        size_t done;

        if (!progress->enabled || !name || !phrase)
                return;
        if (!(fraction >= 0)) /* NaN as well */
                fraction = 0;
        if (fraction > 1)
                fraction = 1;
        done = (size_t) (fraction * BAR_CELLS);
        memset(bar, '#', done);
        memset(bar + done, '.', BAR_CELLS - done);
        bar[BAR_CELLS] = '\0';
        (void) snprintf(line, sizeof(line), "[%s] %3d%%  %u:%02u  %s: %s", bar, (int) (fraction * 100),
                        (unsigned) (elapsed / 60), (unsigned) (elapsed % 60), name, phrase);
        /* A line that wraps could not be taken back. */
        line[text_fitting(line, (columns ? columns : COLUMNS_DEFAULT) - 1)] = '\0';
        (void) fprintf(stderr, "\r%s%s%s\033[K", colour_begin(progress->colour, COLOUR_STRONG), line,
                        colour_end(progress->colour, COLOUR_STRONG));
        (void) fflush(stderr);
        progress->shown = true;
}

void progress_clear(Progress *progress)
{
        if (!progress->shown)
                return;
        (void) fputs("\r\033[K", stderr);
        (void) fflush(stderr);
        progress->shown = false;
}
