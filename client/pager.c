/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Runs the pager as a child that reads our stdout. */

#include "pager.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <systemd/sd-login.h>

#define WORDS_MAX 16

/* What systemctl hands to less: quit if it fits, colours, chop, no clearing, prompt, quit on Ctrl-C. */
#define LESS_OPTIONS "FRSXMK"

static bool must_be_secure(void)
{
        const char *wish = getenv("SYSTEMD_PAGERSECURE");
        uid_t owner;

        if (wish && *wish)
                return strcmp(wish, "0") != 0 && strcmp(wish, "no") != 0 && strcmp(wish, "false") != 0;
        /* A pager with a shell escape would hand the privileges of sudo on. */
        if (getenv("SUDO_UID"))
                return true;
        return sd_pid_get_owner_uid(0, &owner) >= 0 && owner != geteuid();
}

/* NULL: none is wanted. */
static const char *chosen_command(bool secure)
{
        const char *command = getenv("SYSTEMD_PAGER");

        if (!command)
                command = getenv("PAGER");
        if (command && (!*command || strcmp(command, "cat") == 0))
                return NULL;
        return command && !secure ? command : "less";
}

static _Noreturn void run_child(const char *command, bool secure, int input)
{
        char *copy = strdup(command), *words[WORDS_MAX + 1] = { NULL }, *place = NULL;
        const char *less = getenv("SYSTEMD_LESS");
        size_t count = 0;

        (void) prctl(PR_SET_PDEATHSIG, SIGTERM);
        if (!copy || dup2(input, STDIN_FILENO) < 0)
                _exit(EXIT_FAILURE);
        (void) setenv("LESS", less && *less ? less : LESS_OPTIONS, 1);
        (void) setenv("LESSCHARSET", "utf-8", 0);
        if (secure)
                (void) setenv("LESSSECURE", "1", 1);
        for (char *word = strtok_r(copy, " \t", &place); word && count < WORDS_MAX;
                        word = strtok_r(NULL, " \t", &place))
                words[count++] = word;
        if (count > 0)
                (void) execvp(words[0], words);
        /* No such pager: show it all, rather than nothing. */
        (void) execlp("cat", "cat", (char *) NULL);
        _exit(EXIT_FAILURE);
}

void pager_open(Pager *pager)
{
        bool secure = must_be_secure();
        const char *command = chosen_command(secure);
        int ends[2];
        pid_t process;

        if (!command || pager->process > 0)
                return;
        if (pipe2(ends, O_CLOEXEC) < 0)
                return;
        process = fork();
        if (process == 0)
                run_child(command, secure, ends[0]);
        (void) close(ends[0]);
        if (process > 0 && dup2(ends[1], STDOUT_FILENO) >= 0) {
                pager->process = process;
                /* Who quits the pager early isn't in error. */
                (void) signal(SIGPIPE, SIG_IGN);
        }
        (void) close(ends[1]);
}

void pager_close(Pager *pager)
{
        if (pager->process <= 0)
                return;
        (void) fflush(stdout);
        /* The pager sees the end only when no writer is left. */
        (void) close(STDOUT_FILENO);
        while (waitpid(pager->process, NULL, 0) < 0 && errno == EINTR)
                continue;
        pager->process = 0;
}
