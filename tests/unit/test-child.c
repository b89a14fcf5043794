/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Children of a real event loop: how they end, what they print, what they inherit, and that they end in
 * time. */

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "change/tool/child.h"

typedef struct Outcome {
        sd_event *event;
        Child *child;
        ChildOutcome outcome;
        int code;
        char *lines;
        unsigned calls;
} Outcome;

static void on_done(Child *child, ChildOutcome outcome, int code, const char *last_lines, void *userdata)
{
        Outcome *result = userdata;

        g_assert_true(child == result->child);
        result->calls++;
        result->outcome = outcome;
        result->code = code;
        result->lines = g_strdup(last_lines);
        result->child = child_free(child);
        g_assert_cmpint(sd_event_exit(result->event, 0), >=, 0);
}

static void start(Outcome *result, const char *const argv[], unsigned timeout_sec)
{
        g_assert_cmpint(sd_event_new(&result->event), >=, 0);
        g_assert_cmpint(child_start(result->event, argv, timeout_sec, on_done, result, &result->child), ==,
                        0);
        g_assert_cmpuint(result->calls, ==, 0);
}

static void finish(Outcome *result)
{
        g_assert_cmpint(sd_event_loop(result->event), ==, 0);
        g_assert_cmpuint(result->calls, ==, 1);
        (void) sd_event_unref(result->event);
}

static void run_script(Outcome *result, const char *script, unsigned timeout_sec)
{
        const char *const argv[] = { "/bin/sh", "-c", script, NULL };

        start(result, argv, timeout_sec);
        finish(result);
}

static void test_ends(void)
{
        static const struct {
                const char *script;
                ChildOutcome outcome;
                int code;
                const char *lines;
        } rows[] = {
                { "exit 0", CHILD_EXITED, 0, "" },
                { "exit 7", CHILD_EXITED, 7, "" },
                { "kill -SEGV $$", CHILD_SIGNALED, SIGSEGV, "" },
                { "kill -KILL $$", CHILD_SIGNALED, SIGKILL, "" },
                { "echo one; echo two >&2; exit 1", CHILD_EXITED, 1, "one; two" },
                { "printf 'no newline'; exit 1", CHILD_EXITED, 1, "no newline" },
                { "printf 'a\\033[31mb\\n'", CHILD_EXITED, 0, "a\\x1b[31mb" },
                { "printf '10%%\\r20%%\\r'", CHILD_EXITED, 0, "10%; 20%" },
                { "printf '\\377\\n'", CHILD_EXITED, 0, "\\xff" },
                { "for i in 1 2 3 4 5 6; do echo line $i; done", CHILD_EXITED, 0,
                                "line 3; line 4; line 5; line 6" },
                { "cat; exit 3", CHILD_EXITED, 3, "" }, /* standard input is at its end */
                { "echo $PATH $LC_ALL ${HOME-none}", CHILD_EXITED, 0,
                                "/usr/sbin:/usr/bin:/sbin:/bin C none" },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                Outcome result = { 0 };

                run_script(&result, rows[i].script, 60);
                g_test_message("%s", rows[i].script);
                g_assert_cmpint(result.outcome, ==, rows[i].outcome);
                g_assert_cmpint(result.code, ==, rows[i].code);
                g_assert_cmpstr(result.lines, ==, rows[i].lines);
                g_free(result.lines);
        }
}

/* More than a pipe and the ring hold: it neither blocks nor grows, and the end is what is kept. */
static void test_much_output(void)
{
        Outcome result = { 0 };

        run_script(&result,
                        "i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done; echo last; exit 1",
                        60);
        g_assert_cmpint(result.outcome, ==, CHILD_EXITED);
        g_assert_cmpint(result.code, ==, 1);
        g_assert_cmpstr(result.lines, ==, "line 19997; line 19998; line 19999; last");
        g_free(result.lines);
}

static void test_not_startable(void)
{
        const char *const missing[] = { "/nonexistent/depmod", NULL };
        const char *const no_program[] = { "/etc/passwd", NULL };
        sd_event *event;
        Child *child = NULL;

        g_assert_cmpint(sd_event_new(&event), >=, 0);
        g_assert_cmpint(child_start(event, missing, 60, on_done, NULL, &child), ==, -ENOENT);
        g_assert_cmpint(child_start(event, no_program, 60, on_done, NULL, &child), ==, -EACCES);
        g_assert_null(child);
        (void) sd_event_unref(event);
}

/* One that libc keeps for its threads, and that make leaves ignored. */
static void set_kept_signal(bool ignored)
{
        void *action[sizeof(struct sigaction) / sizeof(void *)] = { ignored ? (void *) SIG_IGN : NULL };

        g_assert_cmpint(syscall(SYS_rt_sigaction, 32, action, NULL, (size_t) (NSIG - 1) / 8), ==, 0);
}

/* A descriptor that nobody marked, a blocked signal and ignored ones: none of them goes along. */
static void test_inherits_nothing(void)
{
        Outcome result = { 0 };
        sigset_t blocked, before;
        int fd CLEANUP_FD = open("/dev/null", O_RDONLY);

        (void) sigemptyset(&blocked);
        (void) sigaddset(&blocked, SIGTERM);
        (void) sigprocmask(SIG_BLOCK, &blocked, &before);
        (void) signal(SIGPIPE, SIG_IGN);
        (void) signal(SIGRTMAX, SIG_IGN);
        set_kept_signal(true);
        run_script(&result,
                        "ls /proc/self/fd | tr '\\n' ' '; "
                        "grep -E '^Sig(Blk|Ign)' /proc/self/status | tr '\\n' ' '",
                        60);
        (void) sigprocmask(SIG_SETMASK, &before, NULL);
        (void) signal(SIGPIPE, SIG_DFL);
        (void) signal(SIGRTMAX, SIG_DFL);
        set_kept_signal(false);
        g_assert_cmpint(fd, >, 2);
        /* 3 is the directory that ls reads */
        g_assert_cmpstr(result.lines, ==,
                        "0 1 2 3 SigBlk:\\x090000000000000000 SigIgn:\\x090000000000000000 ");
        g_free(result.lines);
}

/* --- functions ------------------------------------------------------------------------------------------
 */

/* Says which descriptors it has, and what it was given. */
static int list_descriptors(void *data)
{
        int r = dprintf(STDOUT_FILENO, "%s:", (const char *) data);

        for (int fd = 0; fd < 256 && r >= 0; fd++)
                if (fcntl(fd, F_GETFD) >= 0)
                        r = dprintf(STDOUT_FILENO, " %d", fd);
        return r < 0 ? 99 : 7;
}

static int wait_for_ever(void *data)
{
        while (pause() < 0)
                ;
        return 0;
}

static int start_function(Outcome *result, const ChildFunction *function)
{
        g_assert_cmpint(sd_event_new(&result->event), >=, 0);
        return child_start_function(result->event, function, 60, on_done, result, &result->child);
}

static void test_function(void)
{
        Outcome result = { 0 };
        int fds[40];
        g_autofree char *expected = NULL;
        ChildFunction function = { list_descriptors, (void *) "data", NULL, 2 };

        for (size_t i = 0; i < ELEMENTSOF(fds); i++)
                fds[i] = open("/dev/null", O_RDONLY);
        /* In any order, with some between them. */
        expected = g_strdup_printf("data: 0 1 2 %d %d", fds[4], fds[30]);
        function.fds = (const int[]){ fds[30], fds[4] };
        g_assert_cmpint(start_function(&result, &function), ==, 0);
        finish(&result);
        g_assert_cmpint(result.outcome, ==, CHILD_EXITED);
        g_assert_cmpint(result.code, ==, 7);
        g_assert_cmpstr(result.lines, ==, expected);
        g_free(result.lines);
        for (size_t i = 0; i < ELEMENTSOF(fds); i++)
                (void) close(fds[i]);
}

/* As on Linux 5.8, for the rest of the process. */
static bool forbid_close_range(void)
{
        struct sock_filter filter[] = {
                BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_close_range, 0, 1),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        };
        const struct sock_fprog program = { .len = ELEMENTSOF(filter), .filter = filter };

        return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
               prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0;
}

static void test_old_kernel(void)
{
        pid_t pid = fork();
        int status;

        g_assert_cmpint(pid, >=, 0);
        if (pid == 0) {
                if (!forbid_close_range())
                        _exit(77);
                g_assert_cmpint(close_range(1000, 1001, 0), ==, -1);
                test_inherits_nothing();
                test_function();
                _exit(0);
        }
        g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
        if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
                g_test_skip("system calls can't be filtered here");
        else
                g_assert_cmpint(status, ==, 0);
}

static void test_function_refused(void)
{
        Outcome result = { 0 };
        const int fd = STDERR_FILENO;

        g_assert_cmpint(start_function(&result, &(ChildFunction){ wait_for_ever, NULL, &fd, 1 }), ==,
                        -EINVAL);
        (void) sd_event_unref(result.event);
}

/* Its deadline, and TERM is enough. */
static void test_deadline(void)
{
        Outcome result = { 0 };

        run_script(&result, "echo working; exec sleep 600", 1);
        g_assert_cmpint(result.outcome, ==, CHILD_TIMED_OUT);
        g_assert_cmpstr(result.lines, ==, "working");
        g_free(result.lines);
}

static int cancel_now(sd_event_source *source, void *userdata)
{
        child_cancel(((Outcome *) userdata)->child);
        return 0;
}

static void cancel_script(Outcome *result, const char *script)
{
        const char *const argv[] = { "/bin/sh", "-c", script, NULL };

        start(result, argv, 60);
        g_assert_cmpint(sd_event_add_defer(result->event, NULL, cancel_now, result), >=, 0);
        finish(result);
}

static void test_cancel_function(void)
{
        Outcome result = { 0 };

        g_assert_cmpint(start_function(&result, &(ChildFunction){ wait_for_ever, NULL, NULL, 0 }), ==, 0);
        g_assert_cmpint(sd_event_add_defer(result.event, NULL, cancel_now, &result), >=, 0);
        finish(&result);
        g_assert_cmpint(result.outcome, ==, CHILD_CANCELED);
        g_assert_cmpstr(result.lines, ==, "");
        g_free(result.lines);
}

static void test_cancel(void)
{
        Outcome result = { 0 };

        cancel_script(&result, "sleep 600");
        g_assert_cmpint(result.outcome, ==, CHILD_CANCELED);
        g_free(result.lines);
}

/* Signal 0 to the pid: whether a process of that id exists that isn't only waiting to be waited for. */
static bool is_alive(pid_t pid)
{
        g_autofree char *path = g_strdup_printf("/proc/%d/stat", (int) pid);
        g_autofree char *text = NULL;
        const char *state;

        if (!g_file_get_contents(path, &text, NULL, NULL))
                return false;
        state = strrchr(text, ')');
        return state && state[2] != 'Z' && state[2] != 'X';
}

/* What a tool leaves in the background, holding its output open, doesn't keep the job from its end. */
static void test_left_behind(void)
{
        Outcome result = { 0 };

        run_script(&result, "sleep 600 & echo $!", 60);
        g_assert_cmpint(result.outcome, ==, CHILD_EXITED);
        g_assert_cmpint(result.code, ==, 0);
        for (unsigned i = 0; i < 1000 && is_alive(atoi(result.lines)); i++)
                g_usleep(1000);
        g_assert_false(is_alive(atoi(result.lines)));
        g_free(result.lines);
}

static void test_free_kills(void)
{
        const char *const argv[] = { "/bin/sleep", "600", NULL };
        Outcome result = { 0 };

        start(&result, argv, 60);
        g_assert_null(child_free(result.child));
        g_assert_null(child_free(NULL));
        /* No child of ours is left: it was waited for. */
        (void) sd_event_unref(result.event);
        g_assert_cmpuint(result.calls, ==, 0);
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/child/ends", test_ends);
        g_test_add_func("/child/much-output", test_much_output);
        g_test_add_func("/child/not-startable", test_not_startable);
        g_test_add_func("/child/inherits-nothing", test_inherits_nothing);
        g_test_add_func("/child/function", test_function);
        g_test_add_func("/child/function-refused", test_function_refused);
        g_test_add_func("/child/old-kernel", test_old_kernel);
        g_test_add_func("/child/deadline", test_deadline);
        g_test_add_func("/child/cancel", test_cancel);
        g_test_add_func("/child/cancel-function", test_cancel_function);
        g_test_add_func("/child/left-behind", test_left_behind);
        g_test_add_func("/child/free-kills", test_free_kills);
        return g_test_run();
}
