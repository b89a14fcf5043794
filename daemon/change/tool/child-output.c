/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Keeps the end of a tool's output and makes it fit for a sentence. */

#include "change/tool/child-output.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "host/name.h"

#define LINES_KEPT 4

void child_output_add(ChildOutput *output, const char *data, size_t size)
{
        for (size_t i = 0; i < size; i++)
                output->data[output->total++ % CHILD_OUTPUT_SIZE] = data[i];
}

int child_output_drain(ChildOutput *output, int fd)
{
        char buffer[CHILD_OUTPUT_SIZE];

        /* Bounded, so that a tool that prints without end can't keep the service from its other work. */
        for (unsigned i = 0; i < 64; i++) {
                ssize_t n = read(fd, buffer, sizeof(buffer));

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return errno == EAGAIN ? 1 : -errno;
                if (n == 0)
                        return 0;
                child_output_add(output, buffer, (size_t) n);
        }
        return 1;
}

/* Where the last LINES_KEPT lines of TEXT begin, its last newline not counted. */
static const char *last_lines(const char *text, size_t size)
{
        unsigned lines = 0;

        for (size_t i = size; i > 0; i--)
                if (text[i - 1] == '\n' && i < size && ++lines == LINES_KEPT)
                        return text + i;
        return text;
}

static void print_line(FILE *stream, char *line, bool *separate)
{
        char *printable CLEANUP_FREE = name_escape(line);

        if (!printable || printable[0] == '\0')
                return;
        (void) fprintf(stream, "%s%s", *separate ? "; " : "", printable);
        *separate = true;
}

char *child_output_text(const ChildOutput *output)
{
        size_t size = output->total < CHILD_OUTPUT_SIZE ? output->total : CHILD_OUTPUT_SIZE;
        char copy[CHILD_OUTPUT_SIZE + 1], *text = NULL, *rest;
        size_t text_size;
        bool separate = false;
        FILE *stream = open_memstream(&text, &text_size);

        if (!stream)
                return NULL;
        for (size_t i = 0; i < size; i++) {
                char c = output->data[(output->total - size + i) % CHILD_OUTPUT_SIZE];

                copy[i] = c == '\0' || c == '\r' ? '\n' : c;
        }
        copy[size] = '\0';
        rest = copy + (last_lines(copy, size) - copy);
        for (char *line; (line = strsep(&rest, "\n"));)
                print_line(stream, line, &separate);
        if (fclose(stream) != 0) {
                free(text);
                return NULL;
        }
        return text;
}
