/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The Manager's methods that only read. */

#include <errno.h>
#include <string.h>

#include "bus/driver-lookup.h"
#include "bus/error.h"
#include "bus/manager-object.h"
#include "bus/options.h"
#include "bus/service.h"
#include "bus/text.h"
#include "host/name.h"
#include "model/version-order.h"
#include "store/store-history.h"

/* Appends the item at INDEX of LIST. */
typedef int (*ItemAppender)(sd_bus_message *reply, const void *list, size_t index);

/* Answers with an array of COUNT items of TYPE. A negative errno without an error of its own is the
 * message's fault or ours; sd-bus knows. */
static int reply_array(sd_bus_message *message, const char *type, const void *list, size_t count,
                ItemAppender append)
{
        sd_bus_message *reply CLEANUP(sd_bus_message_unrefp) = NULL;
        int r = sd_bus_message_new_method_return(message, &reply);

        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'a', type);
        for (size_t i = 0; r >= 0 && i < count; i++)
                r = append(reply, list, i);
        if (r >= 0)
                r = sd_bus_message_close_container(reply);
        return r < 0 ? r : sd_bus_message_send(reply);
}

static int append_driver(sd_bus_message *reply, const void *list, size_t index)
{
        const DriverEntry *entry = ((const Registry *) list)->entries[index];
        const Driver *driver = entry->value;
        char *path CLEANUP_FREE = NULL;
        int r = driver_path(entry->name, &path);

        if (r < 0)
                return r;
        return sd_bus_message_append(reply, "(sssssbo)", entry->name, entry->uuid, driver->package,
                        driver->selected, driver->active, (int) driver->reboot_required, path);
}

int manager_list_drivers(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        const Registry *registry = ((Service *) userdata)->registry;

        return reply_array(message, "(sssssbo)", registry, registry->count, append_driver);
}

static int append_versions(sd_bus_message *reply, const Driver *driver)
{
        int r = sd_bus_message_open_container(reply, 'a', "s");

        for (size_t i = 0; r >= 0 && i < driver->version_count; i++)
                r = sd_bus_message_append_basic(reply, 's', driver->versions[i].id);
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

static int append_problem_codes(sd_bus_message *reply, const ProblemList *problems)
{
        int r = sd_bus_message_open_container(reply, 'a', "(ss)");

        for (size_t i = 0; r >= 0 && i < problems->count; i++)
                r = sd_bus_message_append(reply, "(ss)", severity_text(problems->items[i].severity),
                                problems->items[i].code);
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

static int append_overview(sd_bus_message *reply, const void *list, size_t index)
{
        const DriverEntry *entry = ((const Registry *) list)->entries[index];
        const Driver *driver = entry->value;
        int r = sd_bus_message_open_container(reply, 'r', "sasssbba(ss)");

        if (r >= 0)
                r = sd_bus_message_append_basic(reply, 's', entry->name);
        if (r >= 0)
                r = append_versions(reply, driver);
        if (r >= 0)
                r = sd_bus_message_append(reply, "ssbb", driver->selected, driver->active,
                                (int) driver->loaded, (int) driver->reboot_required);
        if (r >= 0)
                r = append_problem_codes(reply, &driver->problems);
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

int manager_list_versions(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        const Registry *registry = ((Service *) userdata)->registry;

        return reply_array(message, "(sasssbba(ss))", registry, registry->count, append_overview);
}

static int reply_path(sd_bus_message *message, const DriverEntry *entry)
{
        char *path CLEANUP_FREE = NULL;
        int r = driver_path(entry->name, &path);

        return r < 0 ? r : sd_bus_reply_method_return(message, "o", path);
}

int manager_get_driver(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        const Service *service = userdata;
        const DriverEntry *entry;
        const char *name;
        int r;

        r = sd_bus_message_read_basic(message, 's', &name);
        if (r < 0)
                return r;
        entry = driver_look_up(service->registry, name, error);
        if (!entry)
                return -sd_bus_error_get_errno(error);
        return reply_path(message, entry);
}

int manager_get_driver_by_uuid(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        const Service *service = userdata;
        char *printable CLEANUP_FREE = NULL;
        const DriverEntry *entry;
        const char *uuid;
        int r;

        r = sd_bus_message_read_basic(message, 's', &uuid);
        if (r < 0)
                return r;
        entry = registry_find_uuid(service->registry, uuid);
        if (entry)
                return reply_path(message, entry);
        printable = name_escape(uuid);
        if (!printable)
                return -ENOMEM;
        return error_refuse(error, REFUSAL_NO_SUCH_DRIVER, "No driver with the UUID '%s' is installed.",
                        printable);
}

static int append_job(sd_bus_message *reply, const void *list, size_t index)
{
        const JobEntry *entry = ((const Jobs *) list)->entries[index];
        const Job *job = entry->job;

        return sd_bus_message_append(reply, "(uosss)", job->id, entry->path, job->driver,
                        job_state_text(job->state), job->step);
}

int manager_list_jobs(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        const Jobs *jobs = ((Service *) userdata)->jobs;

        return reply_array(message, "(uosss)", jobs, jobs->count, append_job);
}

/* The database may be damaged, so none of its texts is trusted. */
static int append_history_texts(sd_bus_message *reply, const HistoryEntry *entry)
{
        const struct {
                const char *key, *value;
        } texts[] = {
                { "boot-id", entry->boot_id },
                { "kind", entry->kind },
                { "driver", entry->driver },
                { "kernel", entry->release },
                { "from", entry->from },
                { "to", entry->to },
                { "result", entry->result },
                { "detail", entry->detail },
        };
        int r = 0;

        for (size_t i = 0; r >= 0 && i < ELEMENTSOF(texts); i++)
                r = text_append_pair(reply, texts[i].key, texts[i].value);
        return r;
}

static int append_history_entry(sd_bus_message *reply, const void *list, size_t index)
{
        const HistoryEntry *entry = &((const HistoryList *) list)->items[index];
        int r = sd_bus_message_open_container(reply, 'a', "{sv}");

        if (r >= 0)
                r = sd_bus_message_append(reply, "{sv}{sv}{sv}", "id", "x", entry->id, "time", "t",
                                (uint64_t) entry->time_us, "uid", "u", entry->uid);
        if (r >= 0)
                r = append_history_texts(reply, entry);
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

static int reply_history(sd_bus_message *message, const HistoryList *list)
{
        return reply_array(message, "a{sv}", list, list->count, append_history_entry);
}

int manager_get_history(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        const Service *service = userdata;
        HistoryList list CLEANUP(history_list_done) = { 0 };
        Options options CLEANUP_OPTIONS = { 0 };
        char *canonical CLEANUP_FREE = NULL;
        HistoryFilter filter = { 0 };
        int r;

        r = options_read(message, OPTION_DRIVER | OPTION_SINCE | OPTION_LIMIT, &options, error);
        if (r < 0)
                return r;
        if (options.driver) {
                /* A driver that was removed has a history; one that can't be has none. */
                if (module_name_canonical(options.driver, &canonical) < 0)
                        return reply_history(message, &list);
                filter.driver = canonical;
        }
        filter.since_us = options.since > INT64_MAX ? INT64_MAX : (int64_t) options.since;
        filter.limit = options.limit;
        r = store_history(service->store, &filter, &list);
        if (r < 0)
                return error_from_errno(error, r, "Reading the history");
        return reply_history(message, &list);
}

int manager_compare_versions(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        const char *a, *b;
        int order, r;

        r = sd_bus_message_read(message, "ss", &a, &b);
        if (r < 0)
                return r;
        order = version_compare(a, b);
        return sd_bus_reply_method_return(message, "i", (order > 0) - (order < 0));
}
