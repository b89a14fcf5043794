/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Starts a program, or a function of ours, with nothing inherited but what it needs. Between fork and exec
 * only async-signal-safe functions run (signal-safety(7)); a function may do more, since we have one thread.
 */

#include "change/tool/child-exec.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/descriptors.h"

/* As a shell says it of a program that it can't start. */
#define CHILD_NOT_BEGUN 127

static const char *const child_environment[] = {
        "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
        "LC_ALL=C",
        NULL,
};

/* Also those that libc keeps for its threads and signal(2) refuses: an ignored one is inherited by whoever
 * is started, and make leaves one behind. An action of nothing but zeros is the default one on every
 * machine, and the kernel's set has a bit a signal. */
static void reset_signals(void)
{
        static const unsigned char by_default[sizeof(struct sigaction)];
        sigset_t none;

        for (int i = 1; i < NSIG; i++)
                (void) syscall(SYS_rt_sigaction, i, by_default, NULL, (size_t) (NSIG - 1) / 8);
        (void) sigemptyset(&none);
        (void) sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Standard input from /dev/null, output to the pipe. */
static int arrange_descriptors(int output_fd)
{
        int null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

        if (null_fd < 0 || dup2(null_fd, STDIN_FILENO) < 0)
                return -errno;
        if (dup2(output_fd, STDOUT_FILENO) < 0 || dup2(output_fd, STDERR_FILENO) < 0)
                return -errno;
        return 0;
}

/* close_range(2), which came with Linux 5.9, and its flag with 5.11. */
static int close_between(unsigned first, unsigned last, int flags)
{
        struct rlimit limit;

        if (close_range(first, last, flags) >= 0)
                return 0;
        if ((errno != ENOSYS && errno != EINVAL) || getrlimit(RLIMIT_NOFILE, &limit) < 0)
                return -errno;
        for (unsigned fd = first; fd <= last && fd < limit.rlim_cur; fd++)
                if (flags != 0)
                        (void) fcntl((int) fd, F_SETFD, FD_CLOEXEC);
                else
                        (void) close((int) fd);
        return 0;
}

/* All but those of the task. */
static int close_others(const ChildTask *task)
{
        unsigned first = 3;
        int r = 0;

        for (size_t i = 0; r >= 0 && i < task->fd_count; i++) {
                unsigned kept = (unsigned) task->fds[i];

                if (kept > first)
                        r = close_between(first, kept - 1, 0);
                first = kept + 1;
        }
        return r < 0 ? r : close_between(first, ~0U, 0);
}

/* Returns only if the task can't begin. */
static int become(const ChildTask *task, pid_t parent, int output_fd)
{
        int r;

        reset_signals();
        if (setpgid(0, 0) < 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
                return -errno;
        if (getppid() != parent) /* it died before it was to be noticed */
                return -ESRCH;
        r = arrange_descriptors(output_fd);
        if (r < 0)
                return r;
        if (task->directory && (chroot(task->directory) < 0 || chdir("/") < 0))
                return -errno;
        (void) umask(022);
        if (!task->argv)
                /* With the others goes the report's, which says that it has begun. */
                _exit(close_others(task) < 0 ? CHILD_NOT_BEGUN : task->run(task->data));
        /* At exec, when the report is not needed any more. */
        r = close_between(3, ~0U, CLOSE_RANGE_CLOEXEC);
        if (r < 0)
                return r;
        descriptors_lower_limit();
        (void) execve(task->argv[0], (char *const *) task->argv, (char *const *) child_environment);
        return -errno;
}

/* Reads what went wrong before exec; the pipe is closed by exec itself. */
static int read_report(int fd, pid_t pid)
{
        int error = 0;
        ssize_t n;

        do
                n = read(fd, &error, sizeof(error));
        while (n < 0 && errno == EINTR);
        if (n == 0)
                return 0;
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
                ;
        return n == sizeof(error) ? error : -EIO;
}

/* The descriptors that are dup2()ed over must not be one of 0…2 themselves. */
static int pipe_above_standard(int ends[static 2])
{
        if (pipe2(ends, O_CLOEXEC) < 0)
                return -errno;
        for (int i = 0; i < 2; i++) {
                int fd = fcntl(ends[i], F_DUPFD_CLOEXEC, 3);

                if (fd < 0)
                        return -errno;
                (void) close(ends[i]);
                ends[i] = fd;
        }
        return 0;
}

int child_exec(const ChildTask *task, pid_t *ret_pid, int *ret_output_fd)
{
        int output_ends[2] = { -1, -1 }, report_ends[2] = { -1, -1 };
        int output_read CLEANUP_FD = -1, output_write CLEANUP_FD = -1;
        int report_read CLEANUP_FD = -1, report_write CLEANUP_FD = -1;
        pid_t parent = getpid(), pid;
        int r = pipe_above_standard(output_ends);

        output_read = output_ends[0];
        output_write = output_ends[1];
        if (r >= 0)
                r = pipe_above_standard(report_ends);
        report_read = report_ends[0];
        report_write = report_ends[1];
        if (r < 0)
                return r;
        if (fcntl(output_read, F_SETFL, O_NONBLOCK) < 0)
                return -errno;
        pid = fork();
        if (pid < 0)
                return -errno;
        if (pid == 0) {
                r = become(task, parent, output_write);
                (void) !write(report_write, &r, sizeof(r));
                _exit(CHILD_NOT_BEGUN);
        }
        report_write = fd_close(report_write);
        r = read_report(report_read, pid);
        if (r < 0)
                return r;
        *ret_pid = pid;
        *ret_output_fd = fd_steal(&output_read);
        return 0;
}
