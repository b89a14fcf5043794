/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Runs pkttyagent(1) beside us. */

#include "polkit-agent.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>

static _Noreturn void run_child(int notify)
{
        char number[sizeof(int) * 3 + 1];

        (void) prctl(PR_SET_PDEATHSIG, SIGTERM);
        (void) snprintf(number, sizeof(number), "%d", notify);
        if (fcntl(notify, F_SETFD, 0) >= 0)
                (void) execlp("pkttyagent", "pkttyagent", "--notify-fd", number, "--fallback",
                                (char *) NULL);
        _exit(EXIT_FAILURE);
}

void polkit_agent_open(PolkitAgent *agent)
{
        struct pollfd ready = { .events = POLLHUP };
        int ends[2];
        pid_t process;

        /* Root is asked nothing. */
        if (agent->process > 0 || geteuid() == 0)
                return;
        if (pipe2(ends, O_CLOEXEC) < 0)
                return;
        process = fork();
        if (process == 0)
                run_child(ends[1]);
        (void) close(ends[1]);
        if (process > 0) {
                agent->process = process;
                ready.fd = ends[0];
                /* It closes the descriptor once it is registered, or when it ends. */
                while (poll(&ready, 1, -1) < 0 && errno == EINTR)
                        continue;
        }
        (void) close(ends[0]);
}

void polkit_agent_close(PolkitAgent *agent)
{
        if (agent->process <= 0)
                return;
        /* A stopped process would never see TERM. */
        (void) kill(agent->process, SIGTERM);
        (void) kill(agent->process, SIGCONT);
        while (waitpid(agent->process, NULL, 0) < 0 && errno == EINTR)
                continue;
        agent->process = 0;
}
