/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lays a table out and prints it. */

#include "table.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "error.h"
#include "text.h"

#define GAP 2 /* cells between two columns */
#define ELLIPSIS "…"

typedef struct Cell {
        char *text; /* escaped */
        size_t width;
        Colour colour;
} Cell;

struct Table {
        Cell *headings;
        size_t columns;
        size_t shrinkable;
        Cell *cells;
        size_t count;
        size_t capacity;
        bool incomplete; /* no memory */
};

int table_new(const char *const *headings, size_t shrinkable, Table **ret)
{
        Table *table CLEANUP(table_freep) = calloc(1, sizeof(*table));
        size_t count = 0;

        if (!table)
                return -ENOMEM;
        while (headings[count])
                count++;
        table->shrinkable = shrinkable;
        table->headings = calloc(count + 1, sizeof(*table->headings));
        if (!table->headings)
                return -ENOMEM;
        for (; table->columns < count; table->columns++) {
                char *escaped = text_escape(headings[table->columns]);

                if (!escaped)
                        return -ENOMEM;
                table->headings[table->columns] = (Cell){ escaped, text_width(escaped), COLOUR_HEADER };
        }
        *ret = STEAL(table);
        return 0;
}

Table *table_free(Table *table)
{
        if (!table)
                return NULL;
        for (size_t column = 0; column < table->columns; column++)
                free(table->headings[column].text);
        free(table->headings);
        for (size_t i = 0; i < table->count; i++)
                free(table->cells[i].text);
        free(table->cells);
        free(table);
        return NULL;
}

void table_add(Table *table, const char *text, Colour colour)
{
        char *escaped = text_escape(*text ? text : "-");

        if (escaped && table->count == table->capacity) {
                size_t capacity = table->capacity ? table->capacity * 2 : 64;
                Cell *cells = reallocarray(table->cells, capacity, sizeof(*cells));

                if (!cells) {
                        free(escaped);
                        escaped = NULL;
                } else {
                        table->cells = cells;
                        table->capacity = capacity;
                }
        }
        if (!escaped) {
                table->incomplete = true;
                return;
        }
        table->cells[table->count++] = (Cell){ escaped, text_width(escaped), colour };
}

static void measure(const Table *table, bool legend, size_t *widths)
{
        for (size_t column = 0; column < table->columns; column++)
                widths[column] = legend ? table->headings[column].width : 0;
        for (size_t i = 0; i < table->count; i++)
                if (widths[i % table->columns] < table->cells[i].width)
                        widths[i % table->columns] = table->cells[i].width;
}

/* Takes from one column what the terminal lacks, but leaves it room for its heading. */
static void shrink_column(const Table *table, size_t column, size_t *excess, size_t *widths)
{
        size_t heading = table->headings[column].width, least = heading > 0 ? heading : 1;
        size_t spare = widths[column] > least ? widths[column] - least : 0;
        size_t taken = spare < *excess ? spare : *excess;

        widths[column] -= taken;
        *excess -= taken;
}

static void shrink(const Table *table, size_t available, size_t *widths)
{
        size_t total = 0, excess;

        for (size_t column = 0; column < table->columns; column++)
                total += widths[column] + (column > 0 ? GAP : 0);
        if (available == 0 || total <= available)
                return;
        excess = total - available;
        shrink_column(table, table->shrinkable, &excess, widths);
        /* Then from the right: names come first. */
        for (size_t column = table->columns; column-- > 1;)
                shrink_column(table, column, &excess, widths);
}

static void print_cell(
                const char *text, size_t text_cells, size_t width, bool last, bool coloured, Colour colour)
{
        (void) fputs(colour_begin(coloured, colour), stdout);
        if (text_cells <= width)
                (void) fputs(text, stdout);
        else {
                size_t bytes = text_fitting(text, width - 1);

                (void) fwrite(text, 1, bytes, stdout);
                (void) fputs(ELLIPSIS, stdout);
                text_cells = width; /* a wide character at the edge may leave a cell: harmless */
        }
        (void) fputs(colour_end(coloured, colour), stdout);
        if (!last)
                (void) printf("%*s", (int) (width - text_cells + GAP), "");
}

int table_print(const Table *table, Client *client, const char *empty)
{
        bool legend = !(client->options.given & OPTION_NO_LEGEND);
        bool coloured = client->terminal.output_colour;
        size_t *widths CLEANUP_FREE = calloc(table->columns, sizeof(*widths));

        if (!widths || table->incomplete)
                return fail_errno(ENOMEM, "Can't print the table");
        if (table->count == 0) {
                if (legend)
                        (void) puts(empty);
                return STATUS_DONE;
        }
        if (client->use_pager)
                pager_open(&client->pager);
        measure(table, legend, widths);
        if (!(client->options.given & OPTION_FULL))
                shrink(table, client->terminal.columns, widths);
        for (size_t column = 0; legend && column < table->columns; column++) {
                bool last = column + 1 == table->columns;
                const Cell *heading = &table->headings[column];

                print_cell(heading->text, heading->width, widths[column], last, coloured, heading->colour);
        }
        if (legend)
                (void) putchar('\n');
        for (size_t i = 0; i < table->count; i++) {
                const Cell *cell = &table->cells[i];
                size_t column = i % table->columns;
                bool last = column + 1 == table->columns;

                print_cell(cell->text, cell->width, widths[column], last, coloured, cell->colour);
                if (last)
                        (void) putchar('\n');
        }
        return STATUS_DONE;
}
