/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A child process of a test. */

#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <grp.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "wait.h"

/* What to show if the test fails; the only state outside the processes, since an abort takes no argument. */
static const char *live_logs[16];

static void show_log(const char *path)
{
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        char buffer[4096];
        ssize_t size;

        (void) !write(STDERR_FILENO, path, strlen(path));
        (void) !write(STDERR_FILENO, ":\n", 2);
        while ((size = read(fd, buffer, sizeof(buffer))) > 0)
                (void) !write(STDERR_FILENO, buffer, (size_t) size);
        (void) close(fd);
}

static void on_abort(int signal_number)
{
        for (size_t i = 0; i < G_N_ELEMENTS(live_logs); i++)
                if (live_logs[i])
                        show_log(live_logs[i]);
        (void) signal(signal_number, SIG_DFL);
        (void) raise(signal_number);
}

static void watch_log(const char *path, const char *instead)
{
        for (size_t i = 0; i < G_N_ELEMENTS(live_logs); i++)
                if (live_logs[i] == path) {
                        live_logs[i] = instead;
                        return;
                }
}

static int on_end(sd_event_source *source, const siginfo_t *info, void *userdata)
{
        Process *process = userdata;

        process->ended = true;
        process->end = *info;
        process->pid = 0;
        return 0;
}

static void exec_child(const char *log, const char *const argv[], uid_t uid)
{
        int output = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
        int input = open("/dev/null", O_RDONLY | O_CLOEXEC);
        sigset_t none;

        (void) sigemptyset(&none);
        (void) sigprocmask(SIG_SETMASK, &none, NULL);
        if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || output < 0 || input < 0 || dup2(input, 0) < 0 ||
                        dup2(output, 1) < 0 || dup2(output, 2) < 0)
                _exit(126);
        if (uid != 0 && (setgroups(0, NULL) < 0 || setgid(65534) < 0 || setuid(uid) < 0))
                _exit(126);
        (void) execv(argv[0], (char *const *) argv);
        _exit(127);
}

Process *process_start(sd_event *event, const char *log, const char *const argv[],
                const char *const environment[], uid_t uid)
{
        Process *process = g_new0(Process, 1);

        process->name = g_path_get_basename(argv[0]);
        process->log = g_strdup(log);
        /* g_assert() aborts, g_error() traps. */
        (void) signal(SIGABRT, on_abort);
        (void) signal(SIGTRAP, on_abort);
        watch_log(NULL, process->log);
        process->pid = fork();
        g_assert_cmpint(process->pid, >=, 0);
        if (process->pid == 0) {
                for (size_t i = 0; environment && environment[i]; i++)
                        (void) putenv((char *) environment[i]);
                exec_child(log, argv, uid);
        }
        g_assert_cmpint(sd_event_add_child(event, &process->source, process->pid, WEXITED, on_end, process),
                        >=, 0);
        return process;
}

void process_signal(const Process *process, int signal)
{
        if (!process->ended)
                g_assert_cmpint(kill(process->pid, signal), ==, 0);
}

static bool has_ended(void *userdata)
{
        return ((Process *) userdata)->ended;
}

void process_wait(Process *process)
{
        wait_until(sd_event_source_get_event(process->source), has_ended, process, process->name);
}

int process_status(const Process *process)
{
        g_assert_true(process->ended);
        return process->end.si_code == CLD_EXITED ? process->end.si_status : 128 + process->end.si_status;
}

char *process_output(const Process *process)
{
        char *text = NULL;

        return g_file_get_contents(process->log, &text, NULL, NULL) ? text : g_strdup("");
}

void process_check_output(const Process *process)
{
        static const char *const reports[] = { "AddressSanitizer", "LeakSanitizer",
                "runtime error:", "== Invalid ", "== Conditional jump", "definitely lost" };
        char *output = process_output(process);

        for (size_t i = 0; i < G_N_ELEMENTS(reports); i++)
                if (strstr(output, reports[i]))
                        g_error("%s printed a report:\n%s", process->name, output);
        g_free(output);
}

Process *process_free(Process *process)
{
        if (!process)
                return NULL;
        if (!process->ended) {
                (void) kill(process->pid, SIGKILL);
                (void) waitpid(process->pid, NULL, 0);
        }
        watch_log(process->log, NULL);
        (void) sd_event_source_unref(process->source);
        g_free(process->name);
        g_free(process->log);
        g_free(process);
        return NULL;
}
