/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One call that changes something, and its job. Whether the caller may, polkit says through the service. */

#include "change.h"

#include <errno.h>
#include <string.h>

#include "bus.h"
#include "connection.h"
#include "json.h"
#include "packages.h"

/* polkit and depmod may hold the call up. µs. */
#define CALL_TIMEOUT_US (UINT64_C(300) * 1000000)

#define FROM_SERVICE "type='signal',sender='" SERVICE_NAME "',"

typedef struct Wait {
        char *job;
        char *error; /* the job's own sentence */
        char *result;
        bool lost; /* the service has ended */
} Wait;

static void wait_done(Wait *wait)
{
        free(wait->job);
        free(wait->error);
        free(wait->result);
}

static int on_removed(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        const char *path, *driver, *result;
        Wait *wait = userdata;
        uint32_t id;

        if (sd_bus_message_read(message, "uoss", &id, &path, &driver, &result) >= 0 && wait->job &&
                        strcmp(path, wait->job) == 0) {
                free(wait->result);
                wait->result = strdup(result);
        }
        return 0;
}

static int on_changed(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        json_t *properties CLEANUP_JSON = NULL;
        Wait *wait = userdata;

        if (!wait->job || strcmp(sd_bus_message_get_path(message), wait->job) != 0 ||
                        sd_bus_message_skip(message, "s") < 0 ||
                        json_read_properties(message, &properties) < 0)
                return 0;
        if (*json_text(properties, "error")) {
                free(wait->error);
                wait->error = strdup(json_text(properties, "error"));
        }
        return 0;
}

static int on_owner(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        const char *name, *before, *after;
        Wait *wait = userdata;

        /* On demand it begins to be owned; ending is what counts. */
        if (sd_bus_message_read(message, "sss", &name, &before, &after) >= 0 && *before && !*after)
                wait->lost = true;
        return 0;
}

static int subscribe(sd_bus *bus, Wait *wait)
{
        static const struct {
                const char *match;
                sd_bus_message_handler_t handler;
        } matches[] = {
                { FROM_SERVICE "interface='" MANAGER_INTERFACE "',member='JobRemoved'", on_removed },
                { FROM_SERVICE "interface='" PROPERTIES_INTERFACE
                               "',member='PropertiesChanged',path_namespace='" JOB_PREFIX "'",
                                on_changed },
                { "type='signal',sender='org.freedesktop.DBus',interface='org.freedesktop.DBus',"
                  "member='NameOwnerChanged',arg0='" SERVICE_NAME "'",
                                on_owner },
        };

        for (size_t i = 0; i < ELEMENTSOF(matches); i++) {
                int r = sd_bus_add_match(bus, NULL, matches[i].match, matches[i].handler, wait);

                if (r < 0)
                        return r;
        }
        return 0;
}

static int wait_for_job(sd_bus *bus, const Wait *wait, Outcome *outcome)
{
        int r = 0;

        while (r >= 0 && !wait->result && !wait->lost) {
                r = sd_bus_process(bus, NULL);
                if (r == 0)
                        r = sd_bus_wait(bus, UINT64_MAX);
        }
        if (r < 0 && sd_bus_is_bus_client(bus) == 0)
                return outcome_fail(outcome, -r, "%s", CONNECTION_DAEMON_LOST);
        if (r < 0)
                return outcome_fail(outcome, -r,
                                "The connection to the bus was lost: %s. The change goes on.", strerror(-r));
        if (!wait->result)
                return outcome_fail(outcome, ECONNRESET,
                                "The service hostdriverd ended before the job had. When it starts again it "
                                "finishes the change or takes it back: see \"journalctl -u hostdriverd\".");
        if (strcmp(wait->result, "done") == 0)
                return 0;
        return outcome_fail(outcome, strcmp(wait->result, "canceled") == 0 ? ECANCELED : EIO, "%s",
                        wait->error ? wait->error
                                    : "The change was taken back: see \"journalctl -u hostdriverd\".");
}

static int call(sd_bus *bus, const PackageModule *module, bool select, char **ret_job, Outcome *outcome)
{
        sd_bus_error error CLEANUP(sd_bus_error_free) = SD_BUS_ERROR_NULL;
        sd_bus_message *message CLEANUP(sd_bus_message_unrefp) = NULL;
        sd_bus_message *reply CLEANUP(sd_bus_message_unrefp) = NULL;
        const char *job;
        int r = sd_bus_message_new_method_call(bus, &message, SERVICE_NAME,
                        json_text(module->driver, "path"), DRIVER_INTERFACE, select ? "Select" : "Deselect");

        if (r >= 0 && select)
                r = sd_bus_message_append(message, "s", module->id);
        if (r >= 0)
                r = sd_bus_message_append(message, "a{sv}", 0);
        if (r >= 0)
                r = sd_bus_call(bus, message, CALL_TIMEOUT_US, &error, &reply);
        if (r >= 0)
                r = sd_bus_message_read(reply, "o", &job);
        if (r >= 0 && !(*ret_job = strdup(job)))
                r = -ENOMEM;
        return r < 0 ? outcome_fail_bus(outcome, &error, r) : 0;
}

int change_package(sd_bus *bus, const char *package, const char *variant, Outcome *outcome)
{
        sd_bus_error no_error CLEANUP(sd_bus_error_free) = SD_BUS_ERROR_NULL;
        PackageList list CLEANUP_PACKAGE_LIST = { 0 };
        Wait wait CLEANUP(wait_done) = { 0 };
        const PackageModule *module;
        int r = package_list_read(bus, &list, outcome);

        if (r > 0)
                return r;
        module = package_list_find(&list, package, variant);
        if (!module && (!variant || !package_list_find(&list, package, NULL)))
                return outcome_fail(outcome, ENOENT,
                                "No driver \"%s\" is installed in variants. \"driver-tool -l\" lists them.",
                                package);
        if (!module)
                return outcome_fail(outcome, ENOENT,
                                "The driver \"%s\" has no variant \"%s\". \"driver-tool -l\" lists them.",
                                package, variant);
        r = subscribe(bus, &wait);
        if (r < 0)
                return outcome_fail_bus(outcome, &no_error, r);
        r = call(bus, module, variant, &wait.job, outcome);
        return r > 0 ? r : wait_for_job(bus, &wait, outcome);
}
