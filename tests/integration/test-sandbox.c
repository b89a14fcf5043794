/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The real polkitd, the project's own action file and its example rules: who may do what. */

#include <glib.h>

#include "host.h"
#include "message-text.h"

/* What polkitd itself says of the client behind BUS; without asking a user. */
static char *authorization(Harness *harness, sd_bus *bus, const char *action)
{
        sd_bus_message *reply = NULL;
        const char *name;
        char *text;

        g_assert_cmpint(sd_bus_get_unique_name(bus, &name), >=, 0);
        g_assert_cmpint(sd_bus_call_method(harness->superuser, "org.freedesktop.PolicyKit1",
                                        "/org/freedesktop/PolicyKit1/Authority",
                                        "org.freedesktop.PolicyKit1.Authority", "CheckAuthorization", NULL,
                                        &reply, "(sa{sv})sa{ss}us", "system-bus-name", 1, "name", "s", name,
                                        action, 2, "driver", "ice", "version", "1.11.17.1", 0, ""),
                        >=, 0);
        text = message_text(reply);
        (void) sd_bus_message_unref(reply);
        return text;
}

static void check(Harness *harness, sd_bus *bus, const char *action, const char *expected)
{
        char *text = authorization(harness, bus, action);

        if (!g_str_has_prefix(text, expected))
                g_error("polkit says \"%s\" to %s", text, action);
        g_free(text);
}

static void test_defaults(void)
{
        Harness *harness CLEANUP_HARNESS = harness_new(host_with_nics);

        harness_start_polkitd(harness, NULL);
        check(harness, harness->superuser, "org.hostdriver1.select", "(true false");
        check(harness, harness->member, "org.hostdriver1.select", "(false ");
        check(harness, harness->stranger, "org.hostdriver1.select", "(false ");
        check(harness, harness->stranger, "org.hostdriver1.deselect", "(false ");
        check(harness, harness->stranger, "org.hostdriver1.rescan", "(false ");
}

static void test_example(void)
{
        Harness *harness CLEANUP_HARNESS = harness_new(host_with_nics);

        harness_start_polkitd_with_example(harness);
        check(harness, harness->member, "org.hostdriver1.select", "(true false");
        check(harness, harness->stranger, "org.hostdriver1.select", "(false ");
        check(harness, harness->member, "org.hostdriver1.deselect", "(false ");
}

static void add_tests(void)
{
        g_test_add_func("/sandbox/defaults", test_defaults);
        g_test_add_func("/sandbox/example-rules", test_example);
}

int main(int argc, char *argv[])
{
        return harness_main(argc, argv, add_tests);
}
