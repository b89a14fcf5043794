/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The daemon: command line, event loop, signals, service manager. What it does is in the rooms. */

#include <errno.h>
#include <inttypes.h>
#include <malloc.h>
#include <string.h>
#include <systemd/sd-daemon.h>

#include "arguments.h"
#include "bus/wiring.h"
#include "offline.h"
#include "recover.h"
#include "signals.h"
#include "util/clock.h"
#include "util/descriptors.h"
#include "util/log.h"

/* A program that is asked by polkit has nobody to wait for; a person looks for a password. */
static const PolkitPatience patience = {
        .unattended_usec = 25 * 1000000ULL,
        .interactive_usec = 300 * 1000000ULL,
};

/* Each call that waits may have 16 with it: caller.h. The unit's hard limit is the same. */
#define DESCRIPTORS_WANTED 65536

static int on_stop_signal(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
        (void) sd_notify(false, "STOPPING=1\nSTATUS=Finishing or undoing what is under way.");
        service_stop(userdata);
        return 0;
}

static int on_reload_signal(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
        /* The time is what Type=notify-reload wants to see: sd_notify(3). */
        (void) sd_notifyf(false,
                        "RELOADING=1\nMONOTONIC_USEC=%" PRIu64
                        "\nSTATUS=Reading configuration and host anew.",
                        clock_usec(CLOCK_MONOTONIC));
        service_reload(userdata);
        (void) sd_notify(false, "READY=1\nSTATUS=Ready.");
        return 0;
}

static int open_bus(sd_event *event, sd_bus **ret)
{
        sd_bus *bus CLEANUP(sd_bus_unrefp) = NULL;
        int r;

        r = sd_bus_open_system_with_description(&bus, "hostdriverd");
        if (r < 0)
                return r;
        r = sd_bus_attach_event(bus, event, SD_EVENT_PRIORITY_NORMAL);
        if (r < 0)
                return r;
        r = sd_bus_set_exit_on_disconnect(bus, true);
        if (r < 0)
                return r;
        *ret = STEAL(bus);
        return 0;
}

static int complain(int r, const char *what)
{
        log_error("%s: %s.", what, strerror(-r));
        return r;
}

static int give_up_second(int r)
{
        log_error("Another hostdriverd is running already, so this one ends. Only one can serve a host, or a "
                  "root directory: end the other one first.");
        return r;
}

/* Reads the host, unless somebody else serves it. */
static int make_service(const Arguments *arguments, sd_event *event, sd_bus *bus, Service **ret)
{
        HostRoot *root CLEANUP(host_root_freep) = NULL;
        int r;

        r = service_check_alone(bus);
        if (r == -EEXIST)
                return give_up_second(r);
        if (r < 0)
                return complain(r, "The system bus can't be asked");
        r = host_root_new(arguments->root, arguments->kernel, &root);
        if (r < 0)
                return complain(r, "The root directory can't be used");
        r = service_new(event, STEAL(root), ret);
        if (r == -EBUSY)
                return give_up_second(r);
        return r < 0 ? complain(r, "The host can't be read") : 0;
}

/* Whatever ends the loop but a request: who looks into the log must find it. sd-bus only ends the loop. */
static int explain_end(int r, sd_bus *bus)
{
        if (r != 0 && sd_bus_is_open(bus) <= 0)
                log_error("The connection to the system bus is lost, so the service ends. It is started again "
                          "by systemd, or by the next call, once there is a bus; what was under way is "
                          "finished or undone then.");
        else if (r != 0)
                log_error("The service ends because of an error: %s.", r < 0 ? strerror(-r) : "unknown");
        return r;
}

static int run(const Arguments *arguments)
{
        sd_event *event CLEANUP(sd_event_unrefp) = NULL;
        sd_bus *bus CLEANUP(sd_bus_unrefp) = NULL;
        Service *service CLEANUP(service_freep) = NULL;
        int r;

        r = signals_take();
        if (r >= 0)
                r = sd_event_new(&event);
        if (r >= 0)
                r = sd_event_set_watchdog(event, true);
        if (r < 0)
                return complain(r, "The event loop can't be set up");
        r = open_bus(event, &bus);
        if (r < 0)
                return complain(r, "The system bus can't be reached");
        r = make_service(arguments, event, bus, &service);
        if (r < 0)
                return r;
        r = signals_handle(event, on_stop_signal, on_reload_signal, service);
        if (r < 0)
                return complain(r, "Signals can't be handled");
        r = service_start(service, bus, patience);
        if (r == -EEXIST)
                return give_up_second(r);
        if (r < 0)
                return complain(r, "The service can't be published");
        if (arguments->exit_on_idle)
                r = service_exit_when_idle(service);
        if (r < 0)
                return complain(r, "Idle time can't be watched");
        (void) sd_notify(false, "READY=1\nSTATUS=Ready.");
        r = sd_event_loop(event);
        (void) sd_notify(false, "STOPPING=1");
        return explain_end(r, bus);
}

/* A decompressed module file is a block of some MB: to map one anew for each file costs more than to
 * decompress it. The registry gives the memory back once all files are read. A message of those that send as
 * much as the bus takes, 32 MiB, is mapped, and gone at once. Bytes; mallopt(3). */
static void keep_large_blocks(void)
{
        (void) mallopt(M_MMAP_THRESHOLD, 16 * 1024 * 1024);
        (void) mallopt(M_TRIM_THRESHOLD, 64 * 1024 * 1024);
}

int main(int argc, char *argv[])
{
        Arguments arguments;
        int r;

        log_init();
        descriptors_raise_limit(DESCRIPTORS_WANTED);
        keep_large_blocks();
        r = arguments_parse(argc, argv, &arguments);
        if (r <= 0)
                return r < 0 ? 2 : EXIT_SUCCESS;
        if (arguments.recover)
                return recover(&arguments) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
        if (arguments.offline)
                return offline(&arguments) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
        return run(&arguments) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
