/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Finds the service of a root, or starts one for us alone. */

#include "connection.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <systemd/sd-daemon.h>

#include "util/chroot.h"
#include "util/root-id.h"

#define SERVICE "org.hostdriver1"

static int fail(ConnectionFailure *failure, int error, const char *format, ...) PRINTF_LIKE(3, 4);
static int fail(ConnectionFailure *failure, int error, const char *format, ...)
{
        va_list arguments;

        va_start(arguments, format);
        if (vasprintf(&failure->sentence, format, arguments) < 0)
                failure->sentence = NULL;
        va_end(arguments);
        failure->error = error;
        return -1;
}

/* --- whether the service on the bus is that of a root ---------------------------------------------------
 */

/* Links stay beneath the root, as for the service. */
static int open_modules(const char *root)
{
        struct open_how how = { .flags = O_PATH | O_DIRECTORY | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT };
        int root_fd CLEANUP_FD = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
        long fd;

        if (root_fd < 0)
                return -errno;
        fd = syscall(SYS_openat2, root_fd, "lib/modules", &how, sizeof(how));
        if (fd < 0 && errno == ENOSYS) /* before Linux 5.6 */
                fd = openat(root_fd, "lib/modules", O_PATH | O_DIRECTORY | O_CLOEXEC);
        return fd < 0 ? -errno : (int) fd;
}

/* MAY_START: the service, if it doesn't run. That of another root is to stay as it is. */
static int read_service_id(sd_bus *bus, bool may_start, char **ret)
{
        sd_bus_message *call CLEANUP(sd_bus_message_unrefp) = NULL,
                             *reply CLEANUP(sd_bus_message_unrefp) = NULL;
        const char *id;
        int r = sd_bus_message_new_method_call(
                        bus, &call, SERVICE, "/org/hostdriver1", "org.freedesktop.DBus.Properties", "Get");

        if (r >= 0)
                r = sd_bus_message_set_auto_start(call, may_start);
        if (r >= 0)
                r = sd_bus_message_append(call, "ss", SERVICE ".Manager", "RootID");
        if (r >= 0)
                r = sd_bus_call(bus, call, 0, NULL, &reply);
        if (r >= 0)
                r = sd_bus_message_read(reply, "v", "s", &id);
        if (r < 0)
                return r;
        *ret = strdup(id);
        return *ret ? 0 : -ENOMEM;
}

static bool read_root_id(const char *root, char ret[static ROOT_ID_SIZE])
{
        int fd CLEANUP_FD = open_modules(root);

        return fd >= 0 && root_id_read(fd, ret) >= 0;
}

/* Whether the root with the id ID is the one that this machine runs on, by whatever path. */
static bool is_running(const char *id)
{
        char running[ROOT_ID_SIZE];

        return !chroot_is_entered() && read_root_id("/", running) && strcmp(id, running) == 0;
}

static bool serves(sd_bus *bus, const char *root)
{
        char *theirs CLEANUP_FREE = NULL;
        char ours[ROOT_ID_SIZE];

        return read_root_id(root, ours) && read_service_id(bus, is_running(ours), &theirs) >= 0 &&
               strcmp(ours, theirs) == 0;
}

/* --- a hostdriverd of our own ---------------------------------------------------------------------------
 */

/* As sd_listen_fds(3) wants it. In a session of its own, so that Ctrl-C is the client's alone. */
static _Noreturn void become_daemon(const char *program, const char *root_option, int socket)
{
        char pid[3 * sizeof(pid_t) + 1];
        int null = open("/dev/null", O_RDWR | O_CLOEXEC);
        sigset_t none;

        (void) sigemptyset(&none);
        (void) sigprocmask(SIG_SETMASK, &none, NULL);
        (void) snprintf(pid, sizeof(pid), "%d", (int) getpid());
        if (socket == SD_LISTEN_FDS_START ? fcntl(socket, F_SETFD, 0) < 0
                                          : dup2(socket, SD_LISTEN_FDS_START) < 0)
                _exit(EXIT_FAILURE);
        if ((null >= 0 && (dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0)) ||
                        chdir("/") < 0 || setsid() < 0 || setenv("LISTEN_PID", pid, 1) < 0 ||
                        setenv("LISTEN_FDS", "1", 1) < 0)
                _exit(EXIT_FAILURE);
        (void) execl(program, program, "--offline", root_option, (char *) NULL);
        _exit(EXIT_FAILURE);
}

static int start_daemon(const char *program, const char *root, int socket, pid_t *ret)
{
        char *option CLEANUP_FREE = NULL;

        if (asprintf(&option, "--root=%s", root) < 0) {
                option = NULL;
                return -ENOMEM;
        }
        *ret = fork();
        if (*ret == 0)
                become_daemon(program, option, socket);
        return *ret < 0 ? -errno : 0;
}

static int speak_to_daemon(int *socket, sd_bus **ret)
{
        int r = sd_bus_new(ret);

        if (r >= 0)
                r = sd_bus_set_fd(*ret, *socket, *socket);
        if (r < 0)
                return r;
        (void) fd_steal(socket);
        /* It reads the whole root before it answers, and recovers what was left, which takes what it takes.
         */
        r = sd_bus_set_method_call_timeout(*ret, UINT64_MAX);
        return r < 0 ? r : sd_bus_start(*ret);
}

static int open_own(const char *root, Connection *ret, ConnectionFailure *failure)
{
        const char *program = secure_getenv("HOSTDRIVER_DAEMON");
        int theirs CLEANUP_FD = -1, ours CLEANUP_FD = -1;
        int ends[2], r;

        if (!program || !*program)
                program = LIBEXEC_DIRECTORY "/hostdriverd";
        if (geteuid() != 0)
                return fail(failure, EPERM,
                                "No hostdriverd runs for this root, and only root can work without one.");
        if (access(program, X_OK) < 0)
                return fail(failure, errno, "%s, which does the work, can't be run: %s.", program,
                                strerror(errno));
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
                return fail(failure, errno, "Can't make a socket: %s.", strerror(errno));
        ours = ends[0];
        theirs = ends[1];
        r = start_daemon(program, root, theirs, &ret->daemon);
        theirs = fd_close(theirs);
        if (r >= 0)
                r = speak_to_daemon(&ours, &ret->bus);
        if (r >= 0)
                return 0;
        ours = fd_close(ours);
        connection_close(ret);
        return fail(failure, -r, "Can't start %s: %s.", program, strerror(-r));
}

/* --- which one ------------------------------------------------------------------------------------------
 */

static int open_for_root(const char *root, Connection *ret, ConnectionFailure *failure)
{
        if (sd_bus_open_system(&ret->bus) >= 0 && serves(ret->bus, root))
                return 0;
        ret->bus = sd_bus_flush_close_unref(ret->bus);
        return open_own(root, ret, failure);
}

static int open_named(const char *name, Connection *ret, ConnectionFailure *failure)
{
        char *root CLEANUP_FREE = realpath(name, NULL);

        if (!root)
                return fail(failure, errno, "The root directory \"%s\" can't be used: %s.", name,
                                strerror(errno));
        return open_for_root(root, ret, failure);
}

static int say_own(Connection *connection, const char *why, int r)
{
        if (r >= 0 && connection->daemon > 0)
                (void) fprintf(stderr, "%s: %s. This command works without it.\n",
                                program_invocation_short_name, why);
        return r;
}

int connection_open(const ConnectionWish *wish, Connection *ret, ConnectionFailure *failure)
{
        int r;

        if (wish->root)
                return open_named(wish->root, ret, failure);
        if (!secure_getenv("DBUS_SYSTEM_BUS_ADDRESS") && chroot_is_entered())
                return say_own(ret, "No hostdriverd runs for the root of this chroot",
                                open_for_root("/", ret, failure));
        r = sd_bus_open_system(&ret->bus);
        if (r >= 0)
                return 0;
        if (wish->needs_no_bus && geteuid() == 0)
                return say_own(ret, "There is no system bus", open_own("/", ret, failure));
        return fail(failure, -r,
                        "Can't connect to the system bus: %s. Look at it with \"systemctl status dbus\"; where "
                        "none runs, root can work without it: hostdriverctl --root=/.",
                        strerror(-r));
}

void connection_close(Connection *connection)
{
        connection->bus = sd_bus_flush_close_unref(connection->bus);
        if (connection->daemon > 0 && !connection->is_leaving)
                while (waitpid(connection->daemon, NULL, 0) < 0 && errno == EINTR)
                        continue;
        connection->daemon = 0;
}
