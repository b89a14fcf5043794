/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Messages of every shape are measured, and not for longer than is wanted. */

#include "bus/message-size.h"

#include "private-bus.h"

typedef struct Row {
        const char *text; /* GVariant's */
        size_t bytes;     /* 8 for each value, and the texts' lengths */
        size_t longest;
} Row;

static const Row rows[] = {
        { "()", 0, 0 },
        { "('four',)", 12, 4 },
        { "(objectpath '/a', 'bc')", 20, 2 },
        { "(uint32 7,)", 8, 0 },
        { "(['', 'a', 'abc'],)", 36, 3 },
        { "([uint64 1, 2, 3],)", 8 + 24, 0 },
        { "([('ab', 'c')],)", 8 + 8 + 16 + 3, 2 },
        { "({'k': <'value'>},)", 8 + 8 + 8 + 1 + 8 + 8 + 5, 5 },
        { "(<<<[true]>>>,)", 8 + 8 + 8 + 8 + 8, 0 },
};

static int on_measured(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        MessageSize *size = userdata;

        if (sd_bus_message_is_method_call(message, "test.Interface", "Test") <= 0)
                return 0;
        message_measure(message, size->bytes, size);
        /* It stands at its beginning again. */
        g_assert_cmpint(sd_bus_message_at_end(message, true), ==,
                        sd_bus_message_is_empty(message) > 0 ? 1 : 0);
        return sd_bus_reply_method_return(message, NULL);
}

static MessageSize measure(PrivateBus *bus, GVariant *parameters, size_t bytes_max)
{
        MessageSize size = { .bytes = bytes_max };
        sd_bus_slot *slot = NULL;
        const char *name = NULL;
        g_autoptr(GError) error = NULL;
        GVariant *reply;

        g_assert_cmpint(sd_bus_get_unique_name(bus->bus, &name), >=, 0);
        g_assert_cmpint(sd_bus_add_filter(bus->bus, &slot, on_measured, &size), >=, 0);
        reply = private_bus_call(bus->client, name, "/", "test.Interface", "Test", parameters, 0, &error);
        g_assert_no_error(error);
        g_variant_unref(reply);
        sd_bus_slot_unref(slot);
        return size;
}

static void test_shapes(void)
{
        PrivateBus bus;

        private_bus_init(&bus);
        for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
                MessageSize size = measure(&bus, g_variant_new_parsed(rows[i].text), 1000);

                g_test_message("%s", rows[i].text);
                g_assert_cmpuint(size.bytes, ==, rows[i].bytes);
                g_assert_cmpuint(size.longest, ==, rows[i].longest);
        }
        private_bus_done(&bus);
}

static void test_end(void)
{
        GVariantBuilder builder;
        MessageSize size;
        PrivateBus bus;

        private_bus_init(&bus);
        g_variant_builder_init(&builder, G_VARIANT_TYPE("as"));
        for (unsigned i = 0; i < 1000; i++)
                g_variant_builder_add(&builder, "s", "ab");
        size = measure(&bus, g_variant_new("(@as)", g_variant_builder_end(&builder)), 100);
        g_assert_cmpuint(size.bytes, >, 100);
        g_assert_cmpuint(size.bytes, <=, 110);
        private_bus_done(&bus);
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/message-size/shapes", test_shapes);
        g_test_add_func("/message-size/end", test_end);
        return g_test_run();
}
