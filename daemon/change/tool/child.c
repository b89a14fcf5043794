/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Watches one child: its output, its end, its deadline. What runs between fork and exec is in child-exec.c.
 */

#include "change/tool/child.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "change/tool/child-exec.h"
#include "change/tool/child-output.h"
#include "util/text-format.h"

/* How long a tool has to end after TERM before it is killed. */
#define GRACE_USEC (5 * UINT64_C(1000000))
/* Above what a timer has, so that an end that is there already wins over its deadline. */
#define TIMER_ACCURACY_USEC (50 * UINT64_C(1000))
/* How often it is looked at where the kernel has no pidfd_open(2), which came with Linux 5.3. */
#define POLL_USEC (50 * UINT64_C(1000))

struct Child {
        sd_event *event;
        pid_t pid; /* 0 once it was waited for */
        int pidfd;
        int output_fd;
        sd_event_source *exit_source;
        sd_event_source *output_source;
        sd_event_source *timer;
        ChildOutput output;
        bool timed_out;
        bool canceled;
        ChildDone done;
        void *userdata;
};

/* The whole process group: initramfs tools start helpers of their own. Its leader isn't waited for yet, so
 * the number is still ours. */
static void signal_group(const Child *child, int signal)
{
        if (child->pid > 0 && kill(-child->pid, signal) < 0)
                (void) kill(child->pid, signal);
}

Child *child_free(Child *child)
{
        if (!child)
                return NULL;
        if (child->pid > 0) {
                signal_group(child, SIGKILL);
                while (waitpid(child->pid, NULL, 0) < 0 && errno == EINTR)
                        ;
        }
        (void) sd_event_source_disable_unref(child->exit_source);
        (void) sd_event_source_disable_unref(child->output_source);
        (void) sd_event_source_disable_unref(child->timer);
        (void) fd_close(child->pidfd);
        (void) fd_close(child->output_fd);
        (void) sd_event_unref(child->event);
        free(child);
        return NULL;
}

static ChildOutcome outcome_of(const Child *child, const siginfo_t *info)
{
        /* A tool that did its work before the signal reached it has done it. */
        if (info->si_code == CLD_EXITED && info->si_status == 0)
                return CHILD_EXITED;
        if (child->canceled)
                return CHILD_CANCELED;
        if (child->timed_out)
                return CHILD_TIMED_OUT;
        return info->si_code == CLD_EXITED ? CHILD_EXITED : CHILD_SIGNALED;
}

/* Calls back if it has ended; returns whether it has. The child may be gone then. */
static bool look_for_end(Child *child)
{
        char *last_lines CLEANUP_FREE = NULL;
        siginfo_t info = { 0 };

        if (waitid(P_PID, (id_t) child->pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0)
                info = (siginfo_t){
                        .si_code = CLD_KILLED
                }; /* somebody else waited for it: nothing is known */
        else if (info.si_pid == 0)
                return false;
        /* What it left running must not outlive it. Before it is waited for: then its number is no longer
         * ours. */
        (void) kill(-child->pid, SIGKILL);
        (void) waitpid(child->pid, NULL, WNOHANG);
        child->pid = 0;
        (void) !child_output_drain(&child->output, child->output_fd);
        last_lines = child_output_text(&child->output);
        (void) sd_event_source_set_enabled(child->exit_source, SD_EVENT_OFF);
        (void) sd_event_source_set_enabled(child->output_source, SD_EVENT_OFF);
        (void) sd_event_source_set_enabled(child->timer, SD_EVENT_OFF);
        child->done(child, outcome_of(child, &info), info.si_status, last_lines ? last_lines : "",
                        child->userdata);
        return true;
}

static int on_exit_of_child(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
        (void) look_for_end(userdata);
        return 0;
}

static int on_poll_time(sd_event_source *source, uint64_t usec, void *userdata)
{
        int r;

        if (look_for_end(userdata))
                return 0;
        r = sd_event_source_set_time_relative(source, POLL_USEC);
        return r < 0 ? r : sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static int on_output(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
        Child *child = userdata;

        if (child_output_drain(&child->output, fd) == 0)
                (void) sd_event_source_set_enabled(source, SD_EVENT_OFF);
        return 0;
}

static int on_kill_time(sd_event_source *source, uint64_t usec, void *userdata)
{
        signal_group(userdata, SIGKILL);
        return 0;
}

static void terminate(Child *child)
{
        (void) sd_event_source_disable_unref(STEAL(child->timer));
        /* Without a timer for the second signal the first one has to be the last. */
        if (sd_event_add_time_relative(child->event, &child->timer, CLOCK_MONOTONIC, GRACE_USEC,
                            TIMER_ACCURACY_USEC, on_kill_time, child) < 0)
                signal_group(child, SIGKILL);
        else
                signal_group(child, SIGTERM);
}

static int on_deadline(sd_event_source *source, uint64_t usec, void *userdata)
{
        Child *child = userdata;

        child->timed_out = true;
        terminate(child);
        return 0;
}

void child_cancel(Child *child)
{
        if (child->pid <= 0 || child->canceled)
                return;
        child->canceled = true;
        terminate(child);
}

static int watch_end(Child *child)
{
        child->pidfd = (int) syscall(SYS_pidfd_open, child->pid, 0);
        if (child->pidfd >= 0)
                return sd_event_add_io(child->event, &child->exit_source, child->pidfd, EPOLLIN,
                                on_exit_of_child, child);
        if (errno != ENOSYS)
                return -errno;
        return sd_event_add_time_relative(child->event, &child->exit_source, CLOCK_MONOTONIC, POLL_USEC, 0,
                        on_poll_time, child);
}

static int watch(Child *child, unsigned timeout_sec)
{
        int r = watch_end(child);

        if (r >= 0)
                r = sd_event_add_io(child->event, &child->output_source, child->output_fd, EPOLLIN,
                                on_output, child);
        if (r >= 0)
                r = sd_event_add_time_relative(child->event, &child->timer, CLOCK_MONOTONIC,
                                timeout_sec * UINT64_C(1000000), TIMER_ACCURACY_USEC, on_deadline, child);
        return r < 0 ? r : 0;
}

static int start(sd_event *event, const ChildTask *task, unsigned timeout_sec, ChildDone done,
                void *userdata, Child **ret)
{
        Child *child CLEANUP(child_freep) = calloc(1, sizeof(*child));
        int r;

        if (!child)
                return -ENOMEM;
        *child = (Child){ .event = sd_event_ref(event),
                .pidfd = -1,
                .output_fd = -1,
                .done = done,
                .userdata = userdata };
        r = child_exec(task, &child->pid, &child->output_fd);
        if (r >= 0)
                r = watch(child, timeout_sec);
        if (r < 0)
                return r;
        *ret = STEAL(child);
        return 0;
}

int child_start(sd_event *event, const char *const argv[], unsigned timeout_sec, ChildDone done,
                void *userdata, Child **ret)
{
        return child_start_inside(event, NULL, argv, timeout_sec, done, userdata, ret);
}

int child_start_inside(sd_event *event, const char *directory, const char *const argv[],
                unsigned timeout_sec, ChildDone done, void *userdata, Child **ret)
{
        const ChildTask task = { .argv = argv, .directory = directory };

        return start(event, &task, timeout_sec, done, userdata, ret);
}

static int compare_fds(const void *a, const void *b)
{
        return *(const int *) a - *(const int *) b;
}

int child_start_function(sd_event *event, const ChildFunction *function, unsigned timeout_sec,
                ChildDone done, void *userdata, Child **ret)
{
        int *fds CLEANUP_FREE = calloc(function->fd_count + 1, sizeof(int));
        const ChildTask task = {
                .run = function->run, .data = function->data, .fds = fds, .fd_count = function->fd_count
        };

        if (!fds)
                return -ENOMEM;
        for (size_t i = 0; i < function->fd_count; i++)
                fds[i] = function->fds[i];
        qsort(fds, function->fd_count, sizeof(int), compare_fds);
        if (function->fd_count > 0 && fds[0] <= STDERR_FILENO)
                return -EINVAL;
        return start(event, &task, timeout_sec, done, userdata, ret);
}

/* --- how its end is told ---------------------------------------------------------------------------- */

char *child_report(const char *tool, const char *release, unsigned timeout_sec, ChildOutcome outcome,
                int code, const char *last_lines)
{
        const char *colon = last_lines[0] == '\0' ? "." : ": ";

        switch (outcome) {
        case CHILD_CANCELED:
                return text_new("It was canceled.");
        case CHILD_TIMED_OUT:
                return text_new("%s for kernel release %s did not end within %u s and was killed%s%s", tool,
                                release, timeout_sec, colon, last_lines);
        case CHILD_EXITED:
                return text_new("%s for kernel release %s failed with exit status %d%s%s", tool, release,
                                code, colon, last_lines);
        case CHILD_SIGNALED:
        default:
                return text_new("%s for kernel release %s was ended by signal %d (%s)%s%s", tool, release,
                                code, strsignal(code), colon, last_lines);
        }
}

int child_refuse_files(ChildOutcome outcome, const char *last_lines, const char *verb, Refusal *refusal)
{
        if (outcome == CHILD_TIMED_OUT)
                return refuse(refusal, REFUSAL_FAILED,
                                "The files could not be %s in a reasonable time. Look for a disk or network "
                                "that hangs.",
                                verb);
        if (outcome == CHILD_EXITED && last_lines[0] != '\0')
                return refuse(refusal, REFUSAL_FAILED, "%s", last_lines);
        return refuse(refusal, REFUSAL_FAILED,
                        "The process that %s the files was killed. Import them again.", verb);
}
