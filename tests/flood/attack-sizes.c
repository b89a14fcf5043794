/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Attacks by the size of one call, of which the bus lets 32 MB through. */

#include <string.h>

#include "attack.h"
#include "call.h"
#include "flood-host.h"

/* sd-bus calls realloc() at each read of a part of a message, which AddressSanitizer makes a copy of all of
 * it: the service would be busy with nothing else. */
#if defined(__SANITIZE_ADDRESS__)
#define SHARE 30
#else
#define SHARE 1
#endif

#define IGNORED (4090 / SHARE)
#define IGNORED_SIZE 7500
#define NAME_SIZE (30 * 1024 * 1024 / SHARE)
#define SHORT_NAMES (1000000 / SHARE)
#define DEPTH 60 /* containers; the bus allows 64 */
#define OPTIONS 20000

static char *long_name(size_t size)
{
        char *name = g_malloc(size + 1);

        memset(name, 'x', size);
        name[size] = '\0';
        return name;
}

/* COUNT times, without a reply and then with one that isn't read. BODY is taken. */
static void send_body(
                Attack *attack, const char *path, const char *interface, const char *member, GVariant *body)
{
        RawMessage call = raw_call(path, interface, member, body, 0);

        attack_send(attack, &call, attack->count);
        raw_message_done(&call);
}

static GVariant *options_of(const char *name, GVariant *value)
{
        GVariantBuilder options;

        g_variant_builder_init(&options, G_VARIANT_TYPE("a{sv}"));
        g_variant_builder_add(&options, "{sv}", name, value);
        return g_variant_builder_end(&options);
}

static GVariant *same_names(const char *name, unsigned count)
{
        GVariantBuilder names;

        g_variant_builder_init(&names, G_VARIANT_TYPE("as"));
        for (unsigned i = 0; i < count; i++)
                g_variant_builder_add(&names, "s", name);
        return g_variant_builder_end(&names);
}

void attack_long_ignore(Attack *attack)
{
        g_autofree char *name = long_name(IGNORED_SIZE);

        send_body(attack, FLOOD_DRIVER_PATH("001"), DRIVER, "Select",
                        g_variant_new("(s@a{sv})", "1.0", options_of("ignore", same_names(name, IGNORED))));
}

void attack_long_names(Attack *attack)
{
        g_autofree char *name = long_name(NAME_SIZE);
        const char *const bodies[][2] = { { "GetDriver", "s" }, { "GetDriverByUUID", "s" },
                { "CompareVersions", "ss" } };
        GVariant *none = g_variant_ref_sink(g_variant_new_parsed("@a{sv} {}"));

        for (size_t i = 0; i < G_N_ELEMENTS(bodies); i++)
                send_body(attack, MANAGER_PATH, MANAGER, bodies[i][0],
                                bodies[i][1][1] ? g_variant_new("(ss)", name, "1")
                                                : g_variant_new("(s)", name));
        send_body(attack, FLOOD_DRIVER_PATH("001"), DRIVER, "Select",
                        g_variant_new("(s@a{sv})", name, none));
        send_body(attack, FLOOD_DRIVER_PATH("001"), DRIVER, "Check", g_variant_new("(s@a{sv})", name, none));
        send_body(attack, FLOOD_DRIVER_PATH("001"), DRIVER, "Select",
                        g_variant_new("(s@a{sv})", "1.0", options_of(name, g_variant_new_string(""))));
        send_body(attack, MANAGER_PATH, MANAGER, "KernelAdded", g_variant_new("(s@a{sv})", name, none));
        send_body(attack, MANAGER_PATH, "org.freedesktop.DBus.Properties", "Get",
                        g_variant_new("(ss)", name, "Version"));
        g_variant_unref(none);
}

void attack_many_names(Attack *attack)
{
        GVariant *names = g_variant_ref_sink(same_names("x", SHORT_NAMES));
        GVariant *none = g_variant_ref_sink(g_variant_new_parsed("@a{sv} {}"));
        GVariantBuilder targets;

        g_variant_builder_init(&targets, G_VARIANT_TYPE("a(ss)"));
        for (unsigned i = 0; i < SHORT_NAMES; i++)
                g_variant_builder_add(&targets, "(ss)", FLOOD_MODULE("001"), "1.0");
        send_body(attack, FLOOD_DRIVER_PATH("001"), DRIVER, "Select",
                        g_variant_new("(s@a{sv})", "1.0", options_of("kernels", names)));
        send_body(attack, FLOOD_DRIVER_PATH("001"), DRIVER, "Check",
                        g_variant_new("(s@a{sv})", "1.0", options_of("ignore", names)));
        send_body(attack, MANAGER_PATH, MANAGER, "RebuildInitramfs",
                        g_variant_new("(@as@a{sv})", names, none));
        send_body(attack, MANAGER_PATH, MANAGER, "Select", g_variant_new("(a(ss)@a{sv})", &targets, none));
        g_variant_unref(names);
        g_variant_unref(none);
}

void attack_deep_options(Attack *attack)
{
        GVariant *deep = g_variant_new_string("x");
        GVariantBuilder many;

        for (unsigned i = 0; i < DEPTH; i++)
                deep = g_variant_new_variant(deep);
        send_body(attack, FLOOD_DRIVER_PATH("001"), DRIVER, "Select",
                        g_variant_new("(s@a{sv})", "1.0", options_of("ignore", deep)));
        g_variant_builder_init(&many, G_VARIANT_TYPE("a{sv}"));
        for (unsigned i = 0; i < OPTIONS; i++)
                g_variant_builder_add(&many, "{sv}", "dry-run", g_variant_new_boolean(TRUE));
        send_body(attack, FLOOD_DRIVER_PATH("001"), DRIVER, "Select",
                        g_variant_new("(sa{sv})", "1.0", &many));
        g_variant_builder_init(&many, G_VARIANT_TYPE("a{sv}"));
        for (unsigned i = 0; i < OPTIONS; i++)
                g_variant_builder_add(&many, "{sv}", "limit", g_variant_new_uint64(i));
        send_body(attack, MANAGER_PATH, MANAGER, "GetHistory", g_variant_new("(a{sv})", &many));
}
