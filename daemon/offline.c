/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The rooms, wired to one connection. All that is done lies in them: what is done offline is what the
 * service would do. */

#include "offline.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>

#include "bus/error.h"
#include "bus/peer.h"
#include "bus/wiring.h"
#include "host/hardware/hardware.h"
#include "registry/root-kernel.h"
#include "signals.h"
#include "store/store.h"
#include "util/log.h"

/* Of syslog(3): warnings and errors. All else, the client tells. */
#define LOG_PRIORITY 4
#define LOG_PRIORITY_NONE (-1)

typedef struct Offline {
        sd_event *event;
        sd_bus *bus;
        Service *service; /* NULL: each call is refused */
        bool left;        /* the other end is closed */
} Offline;

static void offline_done(Offline *offline)
{
        (void) service_free(offline->service);
        sd_bus_flush_close_unref(offline->bus);
        sd_event_unref(offline->event);
}

static int complain(int r, const char *what)
{
        log_error("%s: %s.", what, strerror(-r));
        return r;
}

/* --- how it ends --------------------------------------------------------------------------------------- */

static int end_if_done(Offline *offline)
{
        if (!offline->left || (offline->service && !service_is_done(offline->service)))
                return 0;
        return sd_event_exit(offline->event, 0);
}

/* Whoever reads stderr to its end would wait for our job, too, and a terminal is somebody else's by now. The
 * history tells how jobs end. */
static void let_go_of_stderr(void)
{
        int fd CLEANUP_FD = open("/dev/null", O_WRONLY | O_CLOEXEC);

        if (fd >= 0)
                (void) dup2(fd, STDERR_FILENO);
}

static int on_left(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        Offline *offline = userdata;

        offline->left = true;
        if (offline->service)
                service_leave_peer(offline->service);
        if (offline->service && !service_is_done(offline->service))
                let_go_of_stderr();
        return end_if_done(offline);
}

/* After whatever else was done. */
static int on_turn(sd_event_source *source, void *userdata)
{
        return end_if_done(userdata);
}

static int on_stop(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
        const Offline *offline = userdata;

        if (!offline->service)
                return sd_event_exit(offline->event, 0);
        service_stop(offline->service);
        return 0;
}

/* --- how it begins ------------------------------------------------------------------------------------- */

static int take_connection(Offline *offline)
{
        int r = sd_listen_fds(true);

        if (r != 1 || sd_is_socket_unix(SD_LISTEN_FDS_START, SOCK_STREAM, 0, NULL, 0) <= 0) {
                log_error("--offline is for hostdriverctl --root=DIR, which hands a connection over.");
                return r < 0 ? r : -EINVAL;
        }
        r = peer_connect(SD_LISTEN_FDS_START, &offline->bus);
        if (r == -EPERM) {
                log_error("Only root may work without the service.");
                return r;
        }
        return r < 0 ? complain(r, "The connection that was handed over can't be used") : 0;
}

/* A directory that was mistaken for a root, or where one is yet to be mounted, is to stay empty. */
static int check_modules(const HostRoot *root, sd_bus_error *error)
{
        int fd CLEANUP_FD = host_root_open(root, "/lib/modules", O_PATH | O_DIRECTORY);

        if (fd >= 0)
                return 0;
        return error_refuse(error, REFUSAL_FAILED,
                        "%s is no root directory of a host with drivers: its lib/modules can't be opened (%s). Is "
                        "it mounted?",
                        host_root_path(root), strerror(-fd));
}

static int make_root(const Arguments *arguments, HostRoot **ret, sd_bus_error *error)
{
        HostRoot *root CLEANUP(host_root_freep) = NULL;
        char *kernel CLEANUP_FREE = NULL;
        int r = host_root_new(arguments->root, arguments->kernel, &root);

        if (r < 0)
                return error_refuse(error, REFUSAL_FAILED, "The root directory %s can't be used: %s.",
                                arguments->root, strerror(-r));
        r = check_modules(root, error);
        if (r < 0)
                return r;
        r = arguments->kernel ? 0 : root_kernel_choose(root, &kernel);
        if (r < 0)
                return error_refuse(error, REFUSAL_FAILED,
                                "The kernels in /lib/modules can't be listed: %s.", strerror(-r));
        if (kernel) {
                root = host_root_free(root);
                r = host_root_new(arguments->root, kernel, &root);
                if (r < 0)
                        return error_from_errno(error, r, "Opening the root directory");
        }
        *ret = STEAL(root);
        return 0;
}

static int check_process(sd_bus_error *error)
{
        if (geteuid() != 0)
                return error_deny(error, "Only root may work without the service.");
        /* Where paths lead, the kernel tells there: see host/root.h. */
        if (access("/proc/self/fd", X_OK) < 0)
                return error_refuse(error, REFUSAL_NOT_SUPPORTED,
                                "/proc isn't mounted, without which module files can't be told apart. Mount "
                                "it first: mount -t proc proc /proc, or in a chroot from outside, to its "
                                "proc.");
        return 0;
}

#define IN_USE                                                                                           \
        "Another hostdriverd works on this root at the moment, and can't be asked from here. Try again " \
        "when it has ended."

static void warn_of_host(const Service *service)
{
        const ProblemList *problems = &service->registry->state.problems;

        for (size_t i = 0; i < problems->count; i++)
                if (problems->items[i].severity != SEVERITY_INFO)
                        log_warning("%s", problems->items[i].sentence);
        if (hardware_count(service->registry->facts->hardware) == 0)
                log_warning("%s%ssys shows no device. Which hardware this root is for isn't known, and no "
                            "version is refused because of it.",
                                host_root_path(service->root), host_root_is_host(service->root) ? "" : "/");
}

/* Sets ERROR if it fails, as what each call is to be answered with. */
static int make_service(Offline *offline, const Arguments *arguments, sd_bus_error *error)
{
        Service *service CLEANUP(service_freep) = NULL;
        HostRoot *root = NULL;
        int r = check_process(error);

        if (r >= 0)
                r = make_root(arguments, &root, error);
        if (r < 0)
                return r;
        /* What the host lacks is told when it is clear that it can be worked on. */
        log_limit(LOG_PRIORITY_NONE);
        r = service_new(offline->event, root, &service);
        log_limit(LOG_PRIORITY);
        if (r == -EBUSY || (r >= 0 && store_known_refusal(service->store) == -EBUSY))
                return error_refuse(error, REFUSAL_BUSY, IN_USE);
        if (r >= 0)
                r = service_start_peer(service, offline->bus, 0);
        if (r < 0)
                return error_from_errno(error, r, "Reading the root directory");
        warn_of_host(service);
        offline->service = STEAL(service);
        return 0;
}

/* Calls wait in the socket until there is nothing left of an earlier run, and all is known. */
static int settle(const Offline *offline)
{
        int r = sd_bus_detach_event(offline->bus);

        while (r >= 0 && service_is_unsettled(offline->service))
                r = sd_event_run(offline->event, UINT64_MAX);
        /* Whoever wants an end of it has one. */
        if (r == -ESTALE)
                return 0;
        return r < 0 ? r : sd_bus_attach_event(offline->bus, offline->event, SD_EVENT_PRIORITY_NORMAL);
}

static int begin(Offline *offline, const Arguments *arguments)
{
        sd_bus_error error CLEANUP(sd_bus_error_free) = SD_BUS_ERROR_NULL;
        int r = sd_bus_attach_event(offline->bus, offline->event, SD_EVENT_PRIORITY_NORMAL);

        if (r >= 0)
                r = peer_watch(offline->bus, on_left, offline);
        if (r >= 0)
                r = sd_event_add_post(offline->event, NULL, on_turn, offline);
        if (r >= 0)
                r = signals_handle(offline->event, on_stop, NULL, offline);
        if (r < 0)
                return r;
        r = make_service(offline, arguments, &error);
        return r < 0 ? peer_refuse(offline->bus, &error) : settle(offline);
}

int offline(const Arguments *arguments)
{
        Offline state CLEANUP(offline_done) = { 0 };
        int r;

        /* They are those of who has started us. */
        (void) unsetenv("NOTIFY_SOCKET");
        log_limit(LOG_PRIORITY);
        r = signals_take();
        if (r >= 0)
                r = sd_event_new(&state.event);
        if (r < 0)
                return complain(r, "The event loop can't be set up");
        r = take_connection(&state);
        if (r < 0)
                return r;
        r = begin(&state, arguments);
        if (r >= 0 && sd_event_get_state(state.event) != SD_EVENT_FINISHED)
                r = sd_event_loop(state.event);
        return r < 0 ? complain(r, "What was asked for can't be done") : r;
}
