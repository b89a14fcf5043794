/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* monitor: the service's signals as lines, until Ctrl-C or until the service goes. */

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-event.h>
#include <time.h>

#include "bus.h"
#include "error.h"
#include "json.h"
#include "text.h"
#include "time-text.h"
#include "verbs.h"
#include "wait-job.h"

typedef struct Monitor {
        Client *client;
        sd_event *event;
        json_t *dry_runs; /* object: the paths of jobs that change nothing */
        int status;
} Monitor;

/* Prints one event: "TIME SUBJECT WORD key=value…". MEMBERS is taken. */
static int print_event(Monitor *monitor, const char *event, const char *subject, json_t *details_taken)
{
        json_t *details CLEANUP_JSON = details_taken;
        char text[TIME_TEXT_SIZE];
        const char *key;
        json_t *value;
        int r = 0;

        time_format((uint64_t) time(NULL) * 1000000, text);
        if (monitor->client->options.json != JSON_OFF) {
                r = json_print(&monitor->client->options,
                                json_pack("{ss, ss, ss, sO*}", "time", text, "event", event, "subject",
                                                subject, "details", details));
        } else {
                char *escaped CLEANUP_FREE = text_escape(subject);

                (void) printf("%s %s %s", text, escaped ? escaped : "?", event);
                json_object_foreach(details, key, value)
                {
                        char *plain CLEANUP_FREE = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
                        char *label CLEANUP_FREE = text_escape(key);
                        const char *string = json_string_value(value);
                        char *shown CLEANUP_FREE = text_escape(string && *string ? string
                                                               : plain           ? plain
                                                                                 : "?");

                        (void) printf(" %s=%s", label ? label : "?", shown ? shown : "?");
                }
                (void) putchar('\n');
        }
        /* Whoever reads through a pipe wants it now; who has gone wants nothing more. */
        if (fflush(stdout) != 0 || r != 0) {
                monitor->status = STATUS_FAILED;
                return sd_event_exit(monitor->event, 0);
        }
        return 0;
}

/* "ice" of a driver's path, "job 3" of a job's, "host" of the manager's; the caller frees it. */
static char *subject_of(const char *path)
{
        char *subject = NULL;

        if (sd_bus_path_decode(path, DRIVER_PREFIX, &subject) > 0)
                return subject;
        if (strncmp(path, JOB_PREFIX "/", strlen(JOB_PREFIX "/")) == 0)
                return asprintf(&subject, "job %s", job_path_id(path)) < 0 ? NULL : subject;
        return strdup("host");
}

static int on_properties_changed(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        char *subject CLEANUP_FREE = subject_of(sd_bus_message_get_path(message));
        json_t *properties CLEANUP_JSON = NULL;
        Monitor *monitor = userdata;

        if (!subject || sd_bus_message_skip(message, "s") < 0 ||
                        json_read_properties(message, &properties) < 0)
                return 0;
        return json_object_size(properties) > 0 ? print_event(monitor, "changed", subject, STEAL(properties))
                                                : 0;
}

/* Jobs have signals of their own, but those don't tell this. */
static void note_dry_run(Monitor *monitor, sd_bus_message *message, const char *path)
{
        json_t *properties CLEANUP_JSON = NULL;

        if (json_read_interface(message, JOB_INTERFACE, &properties) > 0 && json_flag(properties, "dry_run"))
                (void) json_object_set_new(monitor->dry_runs, path, json_true());
}

static int on_objects_changed(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        bool added = sd_bus_message_is_signal(message, NULL, "InterfacesAdded") > 0;
        char *subject CLEANUP_FREE = NULL;
        const char *path;

        if (sd_bus_message_read_basic(message, 'o', &path) < 0)
                return 0;
        if (added && strncmp(path, JOB_PREFIX "/", strlen(JOB_PREFIX "/")) == 0)
                note_dry_run(userdata, message, path);
        if (strncmp(path, DRIVER_PREFIX "/", strlen(DRIVER_PREFIX "/")) != 0)
                return 0;
        subject = subject_of(path);
        return subject ? print_event(userdata, added ? "added" : "removed", subject, NULL) : 0;
}

static int on_job(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        bool removed = sd_bus_message_is_signal(message, NULL, "JobRemoved") > 0;
        const char *path, *driver, *result = "";
        char *subject CLEANUP_FREE = NULL;
        Monitor *monitor = userdata;
        json_t *dry_run;
        uint32_t id;
        int r;

        if (sd_bus_message_read(message, "uos", &id, &path, &driver) < 0 ||
                        (removed && sd_bus_message_read(message, "s", &result) < 0))
                return 0;
        subject = subject_of(path);
        if (!subject)
                return 0;
        dry_run = json_object_get(monitor->dry_runs, path);
        r = print_event(monitor, removed ? "ended" : "new", subject,
                        json_pack("{ss, ss*, sO*}", "driver", driver, "result", removed ? result : NULL,
                                        "dry_run", dry_run));
        if (removed)
                (void) json_object_del(monitor->dry_runs, path);
        return r;
}

static int on_owner_changed(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        const char *name, *old_owner, *new_owner;
        Monitor *monitor = userdata;

        if (sd_bus_message_read(message, "sss", &name, &old_owner, &new_owner) < 0 || !*old_owner)
                return 0;
        monitor->status = fail(STATUS_FAILED, "The service hostdriverd has ended. Look at it with "
                                              "\"systemctl status hostdriverd\".");
        return sd_event_exit(monitor->event, 0);
}

static int on_disconnected(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        Monitor *monitor = userdata;

        monitor->status = fail(STATUS_FAILED, "The connection to the bus was lost.");
        return sd_event_exit(monitor->event, 0);
}

static int subscribe(Monitor *monitor)
{
#define SIGNALS "type='signal',sender='" SERVICE_NAME "',path_namespace='" MANAGER_PATH "',interface='"
        static const struct {
                const char *match;
                sd_bus_message_handler_t handler;
        } matches[] = {
                { SIGNALS PROPERTIES_INTERFACE "'", on_properties_changed },
                { SIGNALS OBJECT_MANAGER_INTERFACE "'", on_objects_changed },
                { SIGNALS MANAGER_INTERFACE "',member='JobNew'", on_job },
                { SIGNALS MANAGER_INTERFACE "',member='JobRemoved'", on_job },
                { "type='signal',sender='org.freedesktop.DBus',interface='org.freedesktop.DBus',"
                  "member='NameOwnerChanged',arg0='" SERVICE_NAME "'",
                                on_owner_changed },
                { "type='signal',sender='org.freedesktop.DBus.Local',path='/org/freedesktop/DBus/Local',"
                  "interface='org.freedesktop.DBus.Local',member='Disconnected'",
                                on_disconnected },
        };
#undef SIGNALS

        for (size_t i = 0; i < ELEMENTSOF(matches); i++) {
                int r = sd_bus_add_match_async(monitor->client->connection.bus, NULL, matches[i].match,
                                matches[i].handler, NULL, monitor);

                if (r < 0)
                        return r;
        }
        return 0;
}

static int run_loop(Monitor *monitor)
{
        static const int signals[] = { SIGINT, SIGTERM };
        sigset_t set;
        int r = sd_event_new(&monitor->event);

        (void) sigemptyset(&set);
        for (size_t i = 0; r >= 0 && i < ELEMENTSOF(signals); i++) {
                (void) sigaddset(&set, signals[i]);
                if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
                        return -errno;
                r = sd_event_add_signal(monitor->event, NULL, signals[i], NULL, NULL);
        }
        if (r >= 0)
                r = sd_bus_attach_event(
                                monitor->client->connection.bus, monitor->event, SD_EVENT_PRIORITY_NORMAL);
        return r < 0 ? r : sd_event_loop(monitor->event);
}

int verb_monitor(Client *client, char **arguments, size_t count)
{
        json_t *host CLEANUP_JSON = NULL, *dry_runs CLEANUP_JSON = json_object();
        Monitor monitor = { .client = client, .dry_runs = dry_runs };
        int r = bus_connect(client);

        if (r != 0)
                return r;
        r = subscribe(&monitor);
        if (r < 0)
                return fail_errno(r, "Can't listen to the bus");
        /* Whoever wants to watch the service wants it to run: this call starts it. */
        r = bus_get_properties(client, MANAGER_PATH, MANAGER_INTERFACE, &host);
        if (r == 0) {
                r = run_loop(&monitor);
                if (r < 0)
                        r = fail_errno(r, "Can't listen to the bus");
        }
        (void) sd_bus_detach_event(client->connection.bus);
        sd_event_unref(monitor.event);
        return r ? r : monitor.status;
}
