/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Programs of the project, with the bus and the daemon that the test wants them to find. */

#include "program-run.h"

#include <glib.h>
#include <string.h>
#include <unistd.h>

#define NO_BUS "DBUS_SYSTEM_BUS_ADDRESS=unix:path=/nonexistent/bus"

Process *program_start(Harness *harness, const ProgramRun *run, const char *line)
{
        g_autofree char *address = g_strconcat("DBUS_SYSTEM_BUS_ADDRESS=", run->bus, NULL),
                        *daemon = g_strconcat("HOSTDRIVER_DAEMON=",
                                        run->daemon ? run->daemon : harness_setting("HOSTDRIVERD"), NULL),
                        *log = g_strdup_printf(
                                        "%s/client-%u.log", harness->work.path, ++harness->daemon_runs),
                        *whole = g_strdup_printf("%s%s%s %s", run->prefix ? run->prefix : "",
                                        run->prefix ? " " : "", run->program, line);
        g_auto(GStrv) argv = g_strsplit(whole, " ", -1);
        bool system = run->bus && !*run->bus;

        return process_start(harness->event, log, (const char *const *) argv,
                        (const char *const[]){ "NO_COLOR=1", "PAGER=cat", daemon,
                                        system     ? NULL
                                        : run->bus ? address
                                                   : NO_BUS,
                                        NULL },
                        run->uid);
}

char *program_finish(Process *process_taken, int expected)
{
        Process *process = process_taken;
        char *output;

        process_wait(process);
        output = process_output(process);
        if (process_status(process) != expected)
                g_error("%s: exit status %d, not %d:\n%s", process->log, process_status(process), expected,
                                output);
        (void) process_free(process);
        return output;
}

char *program_run(Harness *harness, const ProgramRun *run, int expected, const char *line)
{
        Process *process = program_start(harness, run, line);

        process_wait(process);
        /* Without /proc, a sanitizer that looks for leaks complains of that. */
        if (!run->has_no_proc)
                process_check_output(process);
        return program_finish(process, expected);
}

void assert_has(const char *text, const char *part)
{
        if (!strstr(text, part))
                g_error("There is no \"%s\" in:\n%s", part, text);
}
