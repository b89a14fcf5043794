/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Records every signal of the service, in order. */

#include "recorder.h"

#include "call.h"
#include "message-text.h"
#include "wait.h"

static int on_signal(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
        Recorder *recorder = userdata;
        char *text = message_text(message);

        g_ptr_array_add(recorder->events, g_strdup_printf("%s %s %s", sd_bus_message_get_path(message),
                                                          sd_bus_message_get_member(message), text));
        g_free(text);
        return 0;
}

Recorder *recorder_new(sd_bus *bus)
{
        Recorder *recorder = g_new0(Recorder, 1);

        recorder->bus = sd_bus_ref(bus);
        recorder->events = g_ptr_array_new_with_free_func(g_free);
        g_assert_cmpint(sd_bus_add_match(bus, &recorder->slot,
                                        "type='signal',sender='" SERVICE_NAME
                                        "',path_namespace='" MANAGER_PATH "'",
                                        on_signal, recorder),
                        >=, 0);
        return recorder;
}

Recorder *recorder_free(Recorder *recorder)
{
        if (!recorder)
                return NULL;
        (void) sd_bus_slot_unref(recorder->slot);
        (void) sd_bus_unref(recorder->bus);
        g_ptr_array_unref(recorder->events);
        g_free(recorder);
        return NULL;
}

void recorder_clear(Recorder *recorder)
{
        g_ptr_array_set_size(recorder->events, 0);
}

int recorder_position(const Recorder *recorder, const char *pattern)
{
        for (guint i = 0; i < recorder->events->len; i++)
                if (g_pattern_match_simple(pattern, recorder->events->pdata[i]))
                        return (int) i;
        return -1;
}

unsigned recorder_count(const Recorder *recorder, const char *pattern)
{
        unsigned count = 0;

        for (guint i = 0; i < recorder->events->len; i++)
                count += g_pattern_match_simple(pattern, recorder->events->pdata[i]);
        return count;
}

typedef struct Search {
        Recorder *recorder;
        const char *pattern;
} Search;

static bool is_recorded(void *userdata)
{
        Search *search = userdata;

        return recorder_position(search->recorder, search->pattern) >= 0;
}

const char *recorder_wait(Recorder *recorder, const char *pattern)
{
        Search search = { recorder, pattern };

        wait_until(sd_bus_get_event(recorder->bus), is_recorded, &search, pattern);
        return recorder->events->pdata[recorder_position(recorder, pattern)];
}
