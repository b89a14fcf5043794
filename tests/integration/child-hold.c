/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A tracer that stops and lets go. */

#include "child-hold.h"

#include <errno.h>
#include <glib.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

static bool is_event(int status, int event)
{
        return WIFSTOPPED(status) && status >> 8 == (SIGTRAP | event << 8);
}

/* The signal to hand on; none for stops that only the tracer knows. */
static int signal_of(int status)
{
        return status >> 16 != 0 || WSTOPSIG(status) == (SIGTRAP | 0x80) ? 0 : WSTOPSIG(status);
}

static int wait_for_stop(pid_t pid)
{
        int status;

        g_assert_cmpint(waitpid(pid, &status, __WALL), ==, pid);
        g_assert_true(WIFSTOPPED(status));
        return status;
}

const char *child_hold_watch(pid_t parent)
{
        if (ptrace(PTRACE_SEIZE, parent, 0, PTRACE_O_TRACEFORK | PTRACE_O_TRACESYSGOOD) >= 0)
                return NULL;
        return errno == EPERM ? "not permitted to trace the service" : "the service can't be traced";
}

pid_t child_hold_meet(pid_t parent)
{
        unsigned long child;
        int status;

        for (;;) {
                status = wait_for_stop(parent);
                if (is_event(status, PTRACE_EVENT_FORK))
                        break;
                g_assert_cmpint(ptrace(PTRACE_CONT, parent, 0, signal_of(status)), ==, 0);
        }
        g_assert_cmpint(ptrace(PTRACE_GETEVENTMSG, parent, 0, &child), ==, 0);
        (void) wait_for_stop((pid_t) child);
        g_assert_cmpint(ptrace(PTRACE_DETACH, parent, 0, 0), ==, 0);
        return (pid_t) child;
}

void child_hold_until(pid_t child, unsigned long number, unsigned count)
{
        int status = 0;

        while (count > 0) {
                struct __ptrace_syscall_info info = { 0 };

                g_assert_cmpint(ptrace(PTRACE_SYSCALL, child, 0, status ? signal_of(status) : 0), ==, 0);
                status = wait_for_stop(child);
                g_assert_cmpint(ptrace(PTRACE_GET_SYSCALL_INFO, child, (void *) sizeof(info), &info), >, 0);
                if (info.op == PTRACE_SYSCALL_INFO_ENTRY && info.entry.nr == number)
                        count--;
        }
}

int child_hold_end(pid_t child)
{
        int status = 0;

        do {
                /* It may have been killed by now. */
                (void) ptrace(PTRACE_CONT, child, 0, status ? signal_of(status) : 0);
                g_assert_cmpint(waitpid(child, &status, __WALL), ==, child);
        } while (WIFSTOPPED(status));
        return status;
}

bool child_hold_release(pid_t child)
{
        if (ptrace(PTRACE_DETACH, child, 0, 0) >= 0)
                return true;
        /* Its own parent learns of the end only after its tracer has. */
        g_assert_cmpint(waitpid(child, NULL, __WALL), ==, child);
        return false;
}
