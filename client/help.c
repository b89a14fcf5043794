/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Prints the help. */

#include "help.h"

#include <stdio.h>
#include <string.h>

#include "colour.h"
#include "text.h"

#define OPTION_COLUMN 30
#define VERB_COLUMN 38

static void print_heading(const Terminal *terminal, const char *heading)
{
        (void) printf("\n%s%s%s\n", colour_begin(terminal->output_colour, COLOUR_HEADER), heading,
                        colour_end(terminal->output_colour, COLOUR_HEADER));
}

/* LEFT, and RIGHT at COLUMN, or on its own line if LEFT reaches that far. */
static void print_entry(const char *left, size_t column, const char *right)
{
        size_t width = text_width(left) + 2;

        if (width + 1 > column) {
                (void) printf("  %s\n", left);
                width = 0;
                left = NULL;
        }
        (void) printf("%s%s%*s%s\n", left ? "  " : "", left ? left : "", (int) (column - width), "", right);
}

static void print_options(unsigned set)
{
        size_t count;
        const OptionRow *rows = option_rows(&count);

        for (size_t i = 0; i < count; i++) {
                char left[OPTION_COLUMN * 2];

                if (!(set & rows[i].id))
                        continue;
                (void) snprintf(left, sizeof(left), "%c%c%c --%s%s%s", rows[i].letter ? '-' : ' ',
                                rows[i].letter ? rows[i].letter : ' ', rows[i].letter ? ',' : ' ',
                                rows[i].name, rows[i].value ? "=" : "", rows[i].value ? rows[i].value : "");
                print_entry(left, OPTION_COLUMN, rows[i].help);
        }
}

static void print_options_of_verbs(const Terminal *terminal)
{
        size_t count;
        const VerbRow *verbs = verb_rows(&count);

        for (size_t i = 0; i < count; i++) {
                char heading[64];

                if (!verbs[i].options)
                        continue;
                (void) snprintf(heading, sizeof(heading), "Options of %s:", verbs[i].name);
                print_heading(terminal, heading);
                print_options(verbs[i].options);
        }
}

void help_print(const Terminal *terminal)
{
        size_t count;
        const VerbRow *verbs = verb_rows(&count);

        (void) printf("hostdriverctl [OPTIONS…] VERB [ARGUMENTS…]\n\n"
                      "%sManage several installed versions of kernel drivers.%s\n",
                        colour_begin(terminal->output_colour, COLOUR_STRONG),
                        colour_end(terminal->output_colour, COLOUR_STRONG));
        print_heading(terminal, "Verbs:");
        for (size_t i = 0; i < count; i++) {
                char left[VERB_COLUMN * 2];

                (void) snprintf(left, sizeof(left), "%s%s%s", verbs[i].name, *verbs[i].usage ? " " : "",
                                verbs[i].usage);
                print_entry(left, VERB_COLUMN, verbs[i].help);
        }
        print_entry("help [VERB]", VERB_COLUMN, "Show this help, or that of a verb");
        print_heading(terminal, "Options:");
        print_options(OPTIONS_OF_ALL);
        print_options_of_verbs(terminal);
        (void) printf("\nSee hostdriverctl(1) for the rest.\n");
}

void help_print_verb(const Terminal *terminal, const VerbRow *verb)
{
        (void) printf("hostdriverctl [OPTIONS…] %s%s%s\n\n%s%s.%s\n", verb->name, *verb->usage ? " " : "",
                        verb->usage, colour_begin(terminal->output_colour, COLOUR_STRONG), verb->help,
                        colour_end(terminal->output_colour, COLOUR_STRONG));
        print_heading(terminal, "Options:");
        print_options(verb->options);
        print_options(OPTIONS_OF_ALL);
        (void) printf("\nSee hostdriverctl(1) for the rest.\n");
}
