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
#include <systemd/sd-login.h>

/* Whether this user could have an agent that is there anyway, such as a desktop's. polkitd takes the session
 * of a process, or else the one that its user looks at (polkitbackendsessionmonitor-systemd.c). */
static bool has_session(void)
{
        char *session CLEANUP_FREE = NULL;

        return sd_pid_get_session(0, &session) >= 0 || sd_uid_get_display(getuid(), &session) >= 0;
}

/* The agent of a signal's handler, which takes no argument. */
static volatile pid_t interruptible;

static void end_process(pid_t process)
{
        /* A stopped process would never see TERM. */
        (void) kill(process, SIGTERM);
        (void) kill(process, SIGCONT);
        while (waitpid(process, NULL, 0) < 0 && errno == EINTR)
                continue;
}

/* The terminal is as it was before the shell writes to it again: the agent sees to that, and is waited for.
 */
static void on_interrupt(int number)
{
        end_process(interruptible);
        (void) raise(number); /* for SA_RESETHAND: it ends us once this returns */
}

static void catch_interrupt(pid_t process)
{
        struct sigaction action = { .sa_handler = process > 0 ? on_interrupt : SIG_DFL,
                .sa_flags = SA_RESETHAND };

        interruptible = process;
        (void) sigaction(SIGINT, &action, NULL);
}

static _Noreturn void run_child(int notify, bool fallback)
{
        char number[sizeof(int) * 3 + 1];

        (void) prctl(PR_SET_PDEATHSIG, SIGTERM);
        (void) snprintf(number, sizeof(number), "%d", notify);
        if (fcntl(notify, F_SETFD, 0) >= 0)
                (void) execlp("pkttyagent", "pkttyagent", "--notify-fd", number,
                                fallback ? "--fallback" : (char *) NULL, (char *) NULL);
        _exit(EXIT_FAILURE);
}

void polkit_agent_open(PolkitAgent *agent)
{
        struct pollfd ready = { .events = POLLHUP };
        /* polkitd asks no agent of that kind where there is no session: in a container, or without logind.
         */
        bool fallback = has_session();
        int ends[2];
        pid_t process;

        /* Root is asked nothing. */
        if (agent->process > 0 || geteuid() == 0)
                return;
        if (pipe2(ends, O_CLOEXEC) < 0)
                return;
        process = fork();
        if (process == 0)
                run_child(ends[1], fallback);
        (void) close(ends[1]);
        if (process > 0) {
                agent->process = process;
                catch_interrupt(process);
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
        catch_interrupt(0);
        end_process(agent->process);
        agent->process = 0;
}
