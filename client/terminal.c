/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Looks at the standard descriptors. */

#include "terminal.h"

#include <errno.h>
#include <sys/ioctl.h>

#include "colour.h"

#define COLUMNS_MAX 4096

unsigned terminal_columns(int fd)
{
        const char *text = getenv("COLUMNS");
        struct winsize size = { 0 };
        unsigned long columns;
        char *end;

        if (ioctl(fd, TIOCGWINSZ, &size) >= 0 && size.ws_col > 0)
                return size.ws_col;
        if (!text || *text < '1' || *text > '9')
                return 0;
        errno = 0;
        columns = strtoul(text, &end, 10);
        return errno == 0 && *end == '\0' && columns <= COLUMNS_MAX ? (unsigned) columns : 0;
}

Terminal terminal_read(void)
{
        Terminal terminal = {
                .input = isatty(STDIN_FILENO) == 1,
                .output = isatty(STDOUT_FILENO) == 1,
                .error = isatty(STDERR_FILENO) == 1,
        };

        terminal.output_colour = terminal.output && colour_wanted();
        terminal.error_colour = terminal.error && colour_wanted();
        terminal.columns = terminal.output ? terminal_columns(STDOUT_FILENO) : 0;
        return terminal;
}
