/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A connection without a bus: who is let in, who is refused, and how its end is noticed. */

#include "bus/peer.h"

#include <errno.h>
#include <glib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <systemd/sd-event.h>

#include "bus/error.h"
#include "bus/object.h"

#define SOMEBODY 65534

static void make_pair(int ends[static 2])
{
        g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), ==, 0);
}

/* The other end: calls, and exits with what came of it. */
static _Noreturn void be_client(int fd)
{
        sd_bus_error error = SD_BUS_ERROR_NULL;
        sd_bus *bus = NULL;
        int r = sd_bus_new(&bus);

        if (r >= 0)
                r = sd_bus_set_fd(bus, fd, fd);
        if (r >= 0)
                r = sd_bus_start(bus);
        if (r >= 0)
                r = sd_bus_call_method(bus, BUS_NAME, MANAGER_PATH, MANAGER_INTERFACE, "ListJobs", &error,
                                NULL, NULL);
        _exit(r < 0 && sd_bus_error_has_name(&error, "org.hostdriver1.Error.Busy") &&
                                                        g_strcmp0(error.message, "Not now.") == 0
                                        ? 0
                                        : 1);
}

static int on_left(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        return sd_event_exit(userdata, 7);
}

static void test_refuse(void)
{
        sd_bus_error error CLEANUP(sd_bus_error_free) = SD_BUS_ERROR_NULL;
        sd_event *event CLEANUP(sd_event_unrefp) = NULL;
        sd_bus *bus CLEANUP(sd_bus_unrefp) = NULL;
        int ends[2], status;
        pid_t pid;

        if (geteuid() != 0) {
                g_test_skip("nobody but root is let in");
                return;
        }
        make_pair(ends);
        pid = fork();
        if (pid == 0) {
                (void) close(ends[0]);
                be_client(ends[1]);
        }
        (void) close(ends[1]);
        g_assert_cmpint(peer_connect(ends[0], &bus), ==, 0);
        g_assert_cmpint(sd_event_new(&event), >=, 0);
        g_assert_cmpint(sd_bus_attach_event(bus, event, SD_EVENT_PRIORITY_NORMAL), >=, 0);
        (void) error_refuse(&error, REFUSAL_BUSY, "Not now.");
        g_assert_cmpint(peer_refuse(bus, &error), >=, 0);
        g_assert_cmpint(peer_watch(bus, on_left, event), >=, 0);
        g_assert_cmpint(sd_event_loop(event), ==, 7);
        g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
        g_assert_cmpint(status, ==, 0);
}

static void test_stranger(void)
{
        sd_bus *bus CLEANUP(sd_bus_unrefp) = NULL;
        int ends[2];

        if (geteuid() == 0)
                g_assert_cmpint(seteuid(SOMEBODY), ==, 0);
        make_pair(ends);
        if (getuid() == 0)
                g_assert_cmpint(seteuid(0), ==, 0);
        g_assert_cmpint(peer_connect(ends[0], &bus), ==, -EPERM);
        g_assert_null(bus);
        (void) close(ends[1]);
        g_assert_cmpint(peer_connect(-1, &bus), ==, -EBADF);
}

/* Gone before it has said anything. */
static void test_left_early(void)
{
        sd_bus *bus CLEANUP(sd_bus_unrefp) = NULL;
        int ends[2];

        if (geteuid() != 0) {
                g_test_skip("nobody but root is let in");
                return;
        }
        make_pair(ends);
        (void) close(ends[1]);
        g_assert_cmpint(peer_connect(ends[0], &bus), <, 0);
        g_assert_null(bus);
}

int main(int argc, char *argv[])
{
        (void) signal(SIGPIPE, SIG_IGN);
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/peer/refuse", test_refuse);
        g_test_add_func("/peer/stranger", test_stranger);
        g_test_add_func("/peer/left-early", test_left_early);
        return g_test_run();
}
