/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Those who use the service while it is flooded. */

#include "onlookers.h"

#include "call.h"
#include "wait.h"

#define ANSWER_USEC (10 * G_USEC_PER_SEC)
#define SELECTION_USEC (60 * G_USEC_PER_SEC)

/* The bus's own refusal, which the service never sees. */
static bool is_refused_by_bus(sd_bus_message *reply)
{
        return sd_bus_message_is_method_error(reply, SD_BUS_ERROR_LIMITS_EXCEEDED) > 0 &&
               g_strcmp0(sd_bus_message_get_sender(reply), "org.freedesktop.DBus") == 0;
}

static void list(Lister *lister);

static unsigned count_drivers(sd_bus_message *reply)
{
        unsigned count = 0;

        g_assert_cmpint(sd_bus_message_enter_container(reply, 'a', "(sssssbo)"), >=, 0);
        while (sd_bus_message_at_end(reply, false) == 0) {
                g_assert_cmpint(sd_bus_message_skip(reply, "(sssssbo)"), >=, 0);
                count++;
        }
        return count;
}

static int on_list(sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
        Lister *lister = userdata;
        gint64 taken = g_get_monotonic_time() - lister->begin;
        const sd_bus_error *error = sd_bus_message_get_error(reply);
        double latency;

        lister->slot = sd_bus_slot_unref(lister->slot);
        lister->longest = MAX(lister->longest, taken);
        if (taken > ANSWER_USEC)
                g_error("ListDrivers took %.1f s", (double) taken / G_USEC_PER_SEC);
        if (is_refused_by_bus(reply)) {
                lister->refused++;
                list(lister);
                return 0;
        }
        if (error)
                g_error("ListDrivers after %u answers: %s: %s", lister->answers, error->name,
                                error->message);
        g_assert_cmpuint(count_drivers(reply), ==, lister->drivers);
        lister->answers++;
        latency = (double) taken / 1000;
        (void) g_array_append_val(lister->taken, latency);
        lister->begin = g_get_monotonic_time();
        if (!lister->is_stopping)
                list(lister);
        return 0;
}

static void list(Lister *lister)
{
        sd_bus_message *message = NULL;

        g_assert_cmpint(sd_bus_message_new_method_call(lister->bus, &message, SERVICE_NAME, MANAGER_PATH,
                                        MANAGER, "ListDrivers"),
                        >=, 0);
        g_assert_cmpint(sd_bus_call_async(lister->bus, &lister->slot, message, on_list, lister, ANSWER_USEC),
                        >=, 0);
        (void) sd_bus_message_unref(message);
}

Lister *lister_new(sd_bus *bus, unsigned drivers)
{
        Lister *lister = g_new0(Lister, 1);

        *lister = (Lister){
                .bus = sd_bus_ref(bus),
                .drivers = drivers,
                .taken = g_array_new(FALSE, FALSE, sizeof(double)),
                .begin = g_get_monotonic_time(),
        };
        list(lister);
        return lister;
}

static bool has_listed(void *userdata)
{
        return !((Lister *) userdata)->slot;
}

Lister *lister_free(Lister *lister)
{
        if (!lister)
                return NULL;
        lister->is_stopping = true;
        wait_until(sd_bus_get_event(lister->bus), has_listed, lister, "the last list");
        g_test_message("%u lists, the longest took %.3f s; refused by the bus: %u", lister->answers,
                        (double) lister->longest / G_USEC_PER_SEC, lister->refused);
        (void) sd_bus_unref(lister->bus);
        g_array_unref(lister->taken);
        g_free(lister);
        return NULL;
}

static void select_next(Selecter *selecter);

static int on_select(sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
        Selecter *selecter = userdata;
        const sd_bus_error *error = sd_bus_message_get_error(reply);
        gint64 taken = g_get_monotonic_time() - selecter->begin;
        const char *job;

        selecter->slot = sd_bus_slot_unref(selecter->slot);
        if (is_refused_by_bus(reply) && taken < SELECTION_USEC) {
                selecter->refused++;
                select_next(selecter);
                return 0;
        }
        if (error)
                g_error("root's Select after %u: %s: %s", selecter->selections, error->name, error->message);
        g_assert_cmpint(sd_bus_message_read(reply, "o", &job), >=, 0);
        selecter->job = g_strdup(job);
        return 0;
}

static int on_job_removed(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
        Selecter *selecter = userdata;
        const char *job, *driver, *result;
        uint32_t id;

        g_assert_cmpint(sd_bus_message_read(message, "uoss", &id, &job, &driver, &result), >=, 0);
        if (g_strcmp0(job, selecter->job) != 0)
                return 0;
        if (!g_str_equal(result, "done"))
                g_error("root's job after %u selections: %s", selecter->selections, result);
        selecter->longest = MAX(selecter->longest, g_get_monotonic_time() - selecter->begin);
        selecter->selections++;
        g_clear_pointer(&selecter->job, g_free);
        selecter->begin = g_get_monotonic_time();
        if (!selecter->is_stopping)
                select_next(selecter);
        return 0;
}

static void select_next(Selecter *selecter)
{
        sd_bus_message *message = NULL;

        g_assert_cmpint(sd_bus_message_new_method_call(selecter->bus, &message, SERVICE_NAME, selecter->path,
                                        DRIVER, "Select"),
                        >=, 0);
        g_assert_cmpint(sd_bus_message_append(
                                        message, "sa{sv}", selecter->selections % 2 == 0 ? "1.0" : "2.0", 0),
                        >=, 0);
        g_assert_cmpint(sd_bus_call_async(selecter->bus, &selecter->slot, message, on_select, selecter,
                                        SELECTION_USEC),
                        >=, 0);
        (void) sd_bus_message_unref(message);
}

Selecter *selecter_new(sd_bus *bus, const char *path)
{
        Selecter *selecter = g_new0(Selecter, 1);

        *selecter = (Selecter){ .bus = sd_bus_ref(bus), .path = path, .begin = g_get_monotonic_time() };
        g_assert_cmpint(sd_bus_add_match(bus, &selecter->match,
                                        "type='signal',sender='" SERVICE_NAME "',path='" MANAGER_PATH
                                        "',interface='" MANAGER "',member='JobRemoved'",
                                        on_job_removed, selecter),
                        >=, 0);
        select_next(selecter);
        return selecter;
}

static bool has_selected(void *userdata)
{
        Selecter *selecter = userdata;

        return !selecter->slot && !selecter->job;
}

Selecter *selecter_free(Selecter *selecter)
{
        if (!selecter)
                return NULL;
        selecter->is_stopping = true;
        wait_until(sd_bus_get_event(selecter->bus), has_selected, selecter, "the last selection");
        g_test_message("%u selections, the longest took %.3f s; refused by the bus: %u",
                        selecter->selections, (double) selecter->longest / G_USEC_PER_SEC,
                        selecter->refused);
        (void) sd_bus_slot_unref(selecter->match);
        (void) sd_bus_unref(selecter->bus);
        g_free(selecter);
        return NULL;
}
