/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Runs a program on a pseudo-terminal. */

#include "terminal-run.h"

#include <grp.h>
#include <poll.h>
#include <pty.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define PIECE_SIZE 512
#define PATIENCE_MS 20000
#define NOBODY 65534

TerminalRun terminal_run_begin(char *const argv[], char *const environment[], uid_t uid)
{
        struct winsize size = { .ws_row = 30, .ws_col = 100 };
        TerminalRun run = { .seen = g_string_new(NULL) };
        sigset_t none;

        run.process = forkpty(&run.terminal, NULL, NULL, &size);
        g_assert_cmpint(run.process, >=, 0);
        if (run.process == 0) {
                (void) sigemptyset(&none);
                (void) sigprocmask(SIG_SETMASK, &none, NULL);
                if (uid != getuid() && (fchown(0, uid, NOBODY) < 0 || setgroups(0, NULL) < 0 ||
                                                       setgid(NOBODY) < 0 || setuid(uid) < 0))
                        _exit(126);
                (void) prctl(PR_SET_PDEATHSIG, SIGKILL);
                (void) execve(argv[0], argv, environment);
                _exit(127);
        }
        return run;
}

/* False at the end. */
static bool read_some(TerminalRun *run)
{
        struct pollfd ready = { .fd = run->terminal, .events = POLLIN };
        char some[PIECE_SIZE];
        ssize_t n;

        if (poll(&ready, 1, PATIENCE_MS) != 1)
                g_error("Nothing more comes after:\n%s", run->seen->str);
        n = read(run->terminal, some, sizeof(some));

        /* EIO: nobody has the other end open any more. */
        if (n <= 0)
                return false;
        g_string_append_len(run->seen, some, n);
        return true;
}

void terminal_run_wait(TerminalRun *run, const char *text)
{
        while (!strstr(run->seen->str, text))
                if (!read_some(run))
                        g_error("The terminal shows no \"%s\", but:\n%s", text, run->seen->str);
}

bool terminal_run_echoes(const TerminalRun *run)
{
        struct termios state;

        g_assert_cmpint(tcgetattr(run->terminal, &state), ==, 0);
        return (state.c_lflag & ECHO) != 0;
}

/* Nothing tells of a change of the terminal's state. */
void terminal_run_wait_hidden(TerminalRun *run)
{
        gint64 end = g_get_monotonic_time() + (gint64) PATIENCE_MS * 1000;

        while (terminal_run_echoes(run)) {
                if (g_get_monotonic_time() > end)
                        g_error("What is typed would be shown after:\n%s", run->seen->str);
                (void) sched_yield();
        }
}

void terminal_run_type(TerminalRun *run, const char *text)
{
        g_assert_cmpint(write(run->terminal, text, strlen(text)), ==, (ssize_t) strlen(text));
}

int terminal_run_end(TerminalRun *run)
{
        int status;

        while (read_some(run))
                continue;
        g_assert_cmpint(waitpid(run->process, &status, 0), ==, run->process);
        (void) close(run->terminal);
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
