/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A small strace that kills and lies. */

#include "tracer.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <signal.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>

typedef struct Trace {
        const TraceOptions *options;
        TraceResult *result;
        pid_t program;
        bool marked;
} Trace;

bool tracer_can_fail(void)
{
#ifdef __x86_64__
        return true;
#else
        return false;
#endif
}

static void become_traced(const char *const argv[], bool count_all)
{
        int fd = open("/dev/null", O_RDWR);

        if (!g_getenv("TRACER_VERBOSE"))
                for (int i = 0; i < 3; i++)
                        (void) dup2(fd, i);
        if (ptrace(PTRACE_TRACEME, 0, 0, 0) < 0 || raise(SIGSTOP) != 0 || !tracer_install_filter(count_all))
                _exit(126);
        (void) execv(argv[0], (char *const *) argv);
        _exit(127);
}

/* Stopped before a call: with a number that doesn't exist it is left out, and the register's value returned
 * (seccomp(2), SECCOMP_RET_TRACE). */
static void fail_call(pid_t pid, int error)
{
#ifdef __x86_64__
        struct user_regs_struct registers;

        g_assert_cmpint(ptrace(PTRACE_GETREGS, pid, 0, &registers), ==, 0);
        registers.orig_rax = (unsigned long long) -1;
        registers.rax = (unsigned long long) -error;
        g_assert_cmpint(ptrace(PTRACE_SETREGS, pid, 0, &registers), ==, 0);
#endif
}

static bool shall_fail(const TraceOptions *options, unsigned number)
{
        if (options->fail_at == 0)
                return false;
        return options->fail_from_then ? number >= options->fail_at : number == options->fail_at;
}

/* Only the program itself is killed: what becomes of its children is part of what is tested. */
static void on_call(Trace *trace, pid_t pid)
{
        struct __ptrace_syscall_info info;
        unsigned long long arguments[6];
        unsigned long number;

        if (trace->result->killed || ptrace(PTRACE_GET_SYSCALL_INFO, pid, (void *) sizeof(info), &info) < 0)
                return; /* it is dead already */
        number = info.seccomp.nr;
        for (size_t i = 0; i < 6; i++)
                arguments[i] = info.seccomp.args[i];
        if (!trace->marked) {
                trace->marked = number == SYS_prctl && arguments[0] == TRACER_MARK;
                return;
        }
        if (trace->options->count_all)
                trace->result->calls++;
        if (!tracer_call_changes(number, arguments))
                return;
        trace->result->syncs += tracer_call_syncs(number);
        if (++trace->result->changing == trace->options->kill_at) {
                g_assert_cmpint(kill(trace->program, SIGKILL), ==, 0);
                trace->result->killed = true;
        } else if (tracer_call_writes(pid, number, arguments) &&
                        shall_fail(trace->options, ++trace->result->writing))
                fail_call(pid, trace->options->error);
}

/* The signal to hand on; none for stops that only the tracer knows. */
static int signal_of(int status)
{
        int signal = WSTOPSIG(status);

        return signal == SIGSTOP || (signal == SIGTRAP && status >> 16 != 0) ? 0 : signal;
}

static void on_end(Trace *trace, pid_t pid, int status)
{
        if (pid == trace->program)
                trace->result->exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void tracer_run(const char *const argv[], const TraceOptions *options, TraceResult *ret)
{
        Trace trace = { .options = options, .result = ret };
        int status;
        pid_t pid;

        *ret = (TraceResult){ 0 };
        trace.program = fork();
        g_assert_cmpint(trace.program, >=, 0);
        if (trace.program == 0)
                become_traced(argv, options->count_all);
        g_assert_cmpint(waitpid(trace.program, &status, __WALL), ==, trace.program);
        g_assert_cmpint(ptrace(PTRACE_SETOPTIONS, trace.program, 0,
                                        PTRACE_O_TRACESECCOMP | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
                                                        PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC |
                                                        PTRACE_O_EXITKILL),
                        ==, 0);
        g_assert_cmpint(ptrace(PTRACE_CONT, trace.program, 0, 0), ==, 0);
        while ((pid = waitpid(-1, &status, __WALL)) > 0 || errno == EINTR) {
                if (pid < 0)
                        continue;
                if (!WIFSTOPPED(status)) {
                        on_end(&trace, pid, status);
                        continue;
                }
                if (status >> 8 == (SIGTRAP | PTRACE_EVENT_SECCOMP << 8))
                        on_call(&trace, pid);
                (void) ptrace(PTRACE_CONT, pid, 0, signal_of(status));
        }
}
