/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An event loop around one job: signals of the service, the clock, Ctrl-C and the answer to its question. */

#include "wait-job.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-event.h>

#include "bus.h"
#include "error.h"
#include "json.h"
#include "progress.h"

#define REFRESH_US UINT64_C(1000000)

#define FROM_SERVICE "type='signal',sender='" SERVICE_NAME "',"

#define MATCH_COUNT 5

struct JobWaiter {
        Client *client;
        sd_bus_slot *slots[MATCH_COUNT];
        sd_event *event;
        const char *path; /* borrowed while job_wait() runs */
        const char *driver;
        Progress progress;
        char *step;
        double fraction;
        bool asking; /* the question of Ctrl-C is on the screen */
        int exit;    /* an ExitStatus that ends the wait, after it was said */
        JobOutcome outcome;
};

void job_outcome_done(JobOutcome *outcome)
{
        free(outcome->result);
        free(outcome->error);
        json_decref(outcome->versions);
        json_decref(outcome->plan);
        *outcome = (JobOutcome){ 0 };
}

const char *job_path_id(const char *path)
{
        const char *slash = strrchr(path, '/');

        return slash ? slash + 1 : path;
}

static int end_wait(JobWaiter *waiter, const char *result)
{
        free(waiter->outcome.result);
        waiter->outcome.result = strdup(result);
        progress_clear(&waiter->progress);
        return sd_event_exit(waiter->event, 0);
}

static void draw(JobWaiter *waiter)
{
        if (!waiter->asking)
                progress_draw(&waiter->progress, waiter->driver, waiter->step ? waiter->step : "",
                                waiter->fraction);
}

/* Takes over what PROPERTIES say of the job; what they don't mention stays. */
static void take_properties(JobWaiter *waiter, const json_t *properties)
{
        const json_t *step = json_object_get(properties, "step"),
                     *error = json_object_get(properties, "error");
        json_t *versions = json_object_get(properties, "versions"),
               *plan = json_object_get(properties, "plan");
        const json_t *progress = json_object_get(properties, "progress");

        if (step) {
                free(waiter->step);
                waiter->step = strdup(json_text(properties, "step"));
        }
        if (error) {
                free(waiter->outcome.error);
                waiter->outcome.error = strdup(json_text(properties, "error"));
        }
        if (json_is_number(progress))
                waiter->fraction = json_number_value(progress);
        if (versions) {
                json_decref(waiter->outcome.versions);
                waiter->outcome.versions = json_incref(versions);
        }
        if (plan) {
                json_decref(waiter->outcome.plan);
                waiter->outcome.plan = json_incref(plan);
        }
        draw(waiter);
}

static int on_properties_changed(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        json_t *properties CLEANUP_JSON = NULL;
        JobWaiter *waiter = userdata;

        if (strcmp(sd_bus_message_get_path(message), waiter->path) != 0)
                return 0;
        if (sd_bus_message_skip(message, "s") < 0 || json_read_properties(message, &properties) < 0)
                return 0;
        take_properties(waiter, properties);
        return 0;
}

/* A job that had nothing to do may be gone before it can be asked: its properties come with its birth. */
static int on_interfaces_added(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        json_t *properties CLEANUP_JSON = NULL;
        JobWaiter *waiter = userdata;
        const char *path;

        if (sd_bus_message_read_basic(message, 'o', &path) < 0 || strcmp(path, waiter->path) != 0)
                return 0;
        if (json_read_interface(message, JOB_INTERFACE, &properties) > 0)
                take_properties(waiter, properties);
        return 0;
}

static int on_job_removed(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        const char *path, *driver, *result;
        JobWaiter *waiter = userdata;
        uint32_t id;

        if (sd_bus_message_read(message, "uoss", &id, &path, &driver, &result) < 0 ||
                        strcmp(path, waiter->path) != 0)
                return 0;
        return end_wait(waiter, result);
}

static int on_owner_changed(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        const char *name, *old_owner, *new_owner;
        JobWaiter *waiter = userdata;

        if (sd_bus_message_read(message, "sss", &name, &old_owner, &new_owner) < 0 || !*old_owner)
                return 0;
        progress_clear(&waiter->progress);
        waiter->exit = fail(STATUS_FAILED,
                        "The service hostdriverd ended before job %s had. When it starts again it "
                        "finishes the "
                        "selection or takes it back: see \"hostdriverctl history %s\" and \"journalctl -u "
                        "hostdriver\".",
                        job_path_id(waiter->path), waiter->driver);
        return sd_event_exit(waiter->event, 0);
}

static int on_disconnected(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        JobWaiter *waiter = userdata;

        progress_clear(&waiter->progress);
        if (waiter->client->connection.daemon > 0)
                waiter->exit = fail(STATUS_FAILED, "%s", CONNECTION_DAEMON_LOST);
        else
                waiter->exit = fail(STATUS_FAILED,
                                "The connection to the bus was lost before job %s had ended. It goes on: see "
                                "\"hostdriverctl history %s\".",
                                job_path_id(waiter->path), waiter->driver);
        return sd_event_exit(waiter->event, 0);
}

static int on_tick(sd_event_source *source, uint64_t now_us, void *userdata)
{
        int r = sd_event_source_set_time_relative(source, REFRESH_US);

        draw(userdata);
        return r < 0 ? r : sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static int detach(JobWaiter *waiter)
{
        waiter->client->connection.is_leaving = true;
        (void) fprintf(stderr,
                        waiter->client->connection.daemon > 0
                                        ? "Job %s goes on. Until it has ended, this root is in use.\n"
                                        : "Job %s goes on; \"hostdriverctl jobs\" lists it.\n",
                        job_path_id(waiter->path));
        return end_wait(waiter, "");
}

static void cancel(JobWaiter *waiter)
{
        sd_bus_message *message CLEANUP(sd_bus_message_unrefp) = NULL;

        if (bus_message_new(waiter->client, waiter->path, JOB_INTERFACE, "Cancel", &message) != 0)
                return;
        if (bus_call_authorized(waiter->client, message, NULL) != 0)
                /* The sentence that was printed says why; the job is what counts. */
                (void) fprintf(stderr, "Waiting on for job %s.\n", job_path_id(waiter->path));
        polkit_agent_close(&waiter->client->agent);
}

static int on_interrupt(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
        JobWaiter *waiter = userdata;

        if (waiter->asking) {
                (void) fputc('\n', stderr);
                return detach(waiter);
        }
        progress_clear(&waiter->progress);
        waiter->asking = true;
        (void) fprintf(stderr,
                        "\nJob %s is still running. [c]ancel it, [d]etach from it, or wait on (Enter)? ",
                        job_path_id(waiter->path));
        (void) fflush(stderr);
        return 0;
}

static int on_input(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
        JobWaiter *waiter = userdata;
        char line[64];
        ssize_t n = read(fd, line, sizeof(line));

        if (n <= 0) {
                /* Nobody is there any more. */
                return waiter->asking ? detach(waiter) : sd_event_source_set_enabled(source, SD_EVENT_OFF);
        }
        if (!waiter->asking)
                return 0;
        waiter->asking = false;
        if (line[0] == 'd' || line[0] == 'D')
                return detach(waiter);
        if (line[0] == 'c' || line[0] == 'C')
                cancel(waiter);
        draw(waiter);
        return 0;
}

/* Where nobody can be asked, Ctrl-C ends the program as usual, and the job goes on. */
static int listen_to_user(JobWaiter *waiter)
{
        sigset_t signals;
        int r;

        if (!waiter->client->terminal.input || !waiter->client->terminal.error)
                return 0;
        (void) sigemptyset(&signals);
        (void) sigaddset(&signals, SIGINT);
        if (sigprocmask(SIG_BLOCK, &signals, NULL) < 0)
                return -errno;
        r = sd_event_add_signal(waiter->event, NULL, SIGINT, on_interrupt, waiter);
        if (r < 0)
                return r;
        return sd_event_add_io(waiter->event, NULL, STDIN_FILENO, EPOLLIN, on_input, waiter);
}

static int subscribe(JobWaiter *waiter)
{
        static const struct {
                const char *match;
                sd_bus_message_handler_t handler;
        } matches[MATCH_COUNT] = {
                { FROM_SERVICE "interface='" MANAGER_INTERFACE "',member='JobRemoved'", on_job_removed },
                { FROM_SERVICE "interface='" PROPERTIES_INTERFACE
                               "',member='PropertiesChanged',path_namespace='" JOB_PREFIX "'",
                                on_properties_changed },
                { FROM_SERVICE "interface='" OBJECT_MANAGER_INTERFACE "',member='InterfacesAdded'",
                                on_interfaces_added },
                { "type='signal',sender='org.freedesktop.DBus',interface='org.freedesktop.DBus',"
                  "member='NameOwnerChanged',arg0='" SERVICE_NAME "'",
                                on_owner_changed },
                { "type='signal',sender='org.freedesktop.DBus.Local',path='/org/freedesktop/DBus/Local',"
                  "interface='org.freedesktop.DBus.Local',member='Disconnected'",
                                on_disconnected },
        };

        /* Not waited for: the bus handles one connection's messages in order, and the call comes later. */
        for (size_t i = 0; i < ELEMENTSOF(matches); i++) {
                int r = sd_bus_add_match_async(waiter->client->connection.bus, &waiter->slots[i],
                                matches[i].match, matches[i].handler, NULL, waiter);

                if (r < 0)
                        return r;
        }
        return 0;
}

int job_waiter_new(Client *client, JobWaiter **ret)
{
        JobWaiter *waiter CLEANUP(job_waiter_freep) = calloc(1, sizeof(*waiter));
        int r = bus_connect(client);

        if (r != 0)
                return r;
        if (!waiter)
                return bus_fail_message(-ENOMEM);
        waiter->client = client;
        waiter->progress = progress_new(&client->terminal);
        r = sd_event_new(&waiter->event);
        if (r >= 0)
                r = subscribe(waiter);
        if (r < 0)
                return fail_errno(r, "Can't wait for jobs");
        *ret = STEAL(waiter);
        return 0;
}

JobWaiter *job_waiter_free(JobWaiter *waiter)
{
        if (!waiter)
                return NULL;
        for (size_t i = 0; i < MATCH_COUNT; i++)
                sd_bus_slot_unref(waiter->slots[i]);
        if (waiter->client)
                (void) sd_bus_detach_event(waiter->client->connection.bus);
        sd_event_unref(waiter->event);
        job_outcome_done(&waiter->outcome);
        free(waiter->step);
        free(waiter);
        return NULL;
}

static int run_loop(JobWaiter *waiter)
{
        /* The end of this loop is not the end of the connection: the outcome is asked for afterwards. */
        int r = sd_bus_set_close_on_exit(waiter->client->connection.bus, false);

        if (r >= 0)
                r = sd_bus_attach_event(
                                waiter->client->connection.bus, waiter->event, SD_EVENT_PRIORITY_NORMAL);
        if (r >= 0)
                r = listen_to_user(waiter);
        if (r >= 0)
                r = sd_event_add_time_relative(
                                waiter->event, NULL, CLOCK_MONOTONIC, REFRESH_US, 0, on_tick, waiter);
        return r < 0 ? r : sd_event_loop(waiter->event);
}

int job_wait(JobWaiter *waiter, const char *path, const char *driver, JobOutcome *ret)
{
        int r;

        waiter->path = path;
        waiter->driver = driver;
        draw(waiter);
        r = run_loop(waiter);
        progress_clear(&waiter->progress);
        if (r < 0)
                return fail_errno(r, "Can't wait for the job");
        if (waiter->exit)
                return waiter->exit;
        if (!waiter->outcome.result || (!waiter->outcome.error && !(waiter->outcome.error = strdup(""))))
                return bus_fail_message(-ENOMEM);
        *ret = waiter->outcome;
        waiter->outcome = (JobOutcome){ 0 };
        return 0;
}
