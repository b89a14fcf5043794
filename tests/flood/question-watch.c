/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sees on the bus what polkit is asked and answers: as a monitor, which gets no calls of its own. */

#include "question-watch.h"

#include "call.h"

#define AUTHORITY "org.freedesktop.PolicyKit1"

static int on_message(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
        QuestionWatch *watch = userdata;
        uint64_t serial;

        if (sd_bus_message_is_method_call(message, AUTHORITY ".Authority", "CheckAuthorization") > 0 &&
                        g_strcmp0(sd_bus_message_get_sender(message), watch->asker) == 0) {
                g_assert_cmpint(sd_bus_message_get_cookie(message, &serial), >=, 0);
                (void) g_hash_table_add(watch->open, GSIZE_TO_POINTER(serial));
                watch->asked++;
                watch->most = MAX(watch->most, g_hash_table_size(watch->open));
        } else if (g_strcmp0(sd_bus_message_get_destination(message), watch->asker) == 0 &&
                        sd_bus_message_get_reply_cookie(message, &serial) >= 0) {
                (void) g_hash_table_remove(watch->open, GSIZE_TO_POINTER(serial));
        }
        return 1;
}

/* sd-bus has no call for this with an address of one's own. */
QuestionWatch *question_watch_new(const Harness *harness, const char *asker)
{
        QuestionWatch *watch = g_new0(QuestionWatch, 1);
        g_autofree char *answers = g_strconcat("destination='", asker, "',type='method_return'", NULL);
        g_autofree char *errors = g_strconcat("destination='", asker, "',type='error'", NULL);
        sd_bus_message *call = NULL;

        watch->bus = harness_connect(harness, 0);
        watch->asker = g_strdup(asker);
        watch->open = g_hash_table_new(NULL, NULL);
        g_assert_cmpint(sd_bus_message_new_method_call(watch->bus, &call, "org.freedesktop.DBus",
                                        "/org/freedesktop/DBus", "org.freedesktop.DBus.Monitoring",
                                        "BecomeMonitor"),
                        >=, 0);
        g_assert_cmpint(sd_bus_message_append(call, "asu", 3,
                                        "type='method_call',interface='" AUTHORITY
                                        ".Authority',member='CheckAuthorization'",
                                        answers, errors, 0),
                        >=, 0);
        g_assert_cmpint(sd_bus_call(watch->bus, call, 0, NULL, NULL), >=, 0);
        g_assert_cmpint(sd_bus_add_filter(watch->bus, &watch->slot, on_message, watch), >=, 0);
        (void) sd_bus_message_unref(call);
        return watch;
}

unsigned question_watch_open(const QuestionWatch *watch)
{
        return g_hash_table_size(watch->open);
}

QuestionWatch *question_watch_free(QuestionWatch *watch)
{
        if (!watch)
                return NULL;
        g_test_message("%u questions, %u at once", watch->asked, watch->most);
        (void) sd_bus_slot_unref(watch->slot);
        (void) sd_bus_flush_close_unref(watch->bus);
        g_hash_table_unref(watch->open);
        g_free(watch->asker);
        g_free(watch);
        return NULL;
}
