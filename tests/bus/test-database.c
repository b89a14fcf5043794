/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A database with texts that aren't UTF-8: the bus disconnects whoever sends one, so none may get out. */

#include <string.h>

#include "sample-store.h"
#include "service-fixture.h"

#define DATABASE "var/lib/hostdriver/hostdriver.db"
#define ICE "/org/hostdriver1/driver/ice"

typedef struct TextColumn {
        const char *table, *column;
} TextColumn;

static const TextColumn columns[] = {
        { "identity", "name" },
        { "identity", "uuid" },
        { "identity", "package" },
        { "wanted", "name" },
        { "wanted", "release" },
        { "wanted", "version" },
        { "history", "boot_id" },
        { "history", "kind" },
        { "history", "driver" },
        { "history", "release" },
        { "history", "from_version" },
        { "history", "to_version" },
        { "history", "result" },
        { "history", "detail" },
        { "policy", "name" },
        { "policy", "policy" },
        { "kernel", "release" },
        { "duration", "step" },
        { "cache", "path" },
};

/* A row in each table that a selection alone leaves empty. */
static const char more_rows[] = "INSERT INTO policy (name, policy) VALUES ('ice', 'newest')";

static void call(ServiceFixture *fixture, const char *path, const char *interface, const char *method,
                GVariant *parameters)
{
        GVariant *reply = service_fixture_call(fixture, path, interface, method, parameters);

        g_assert_true(g_variant_is_normal_form(reply));
        g_variant_unref(reply);
}

static void read_all(ServiceFixture *fixture)
{
        call(fixture, MANAGER_PATH, "org.freedesktop.DBus.ObjectManager", "GetManagedObjects", NULL);
        call(fixture, MANAGER_PATH, "org.freedesktop.DBus.Properties", "GetAll",
                        g_variant_new("(s)", MANAGER_INTERFACE));
        call(fixture, MANAGER_PATH, MANAGER_INTERFACE, "ListDrivers", NULL);
        call(fixture, MANAGER_PATH, MANAGER_INTERFACE, "GetHistory", g_variant_new("(a{sv})", NULL));
        call(fixture, ICE, DRIVER_INTERFACE, "Why", NULL);
}

static void select_ice(ServiceFixture *fixture, const char *version)
{
        call(fixture, ICE, DRIVER_INTERFACE, "Select", g_variant_new("(sa{sv})", version, NULL));
        service_fixture_finish_jobs(fixture);
}

static void damage(ServiceFixture *fixture, const TextColumn *where)
{
        char *sql = g_strdup_printf("%s; UPDATE %s SET %s = CAST(x'ff1b' AS TEXT) || %s", more_rows,
                        where->table, where->column, where->column);

        select_ice(fixture, "1.6.4");
        service_fixture_stop(fixture);
        sample_store_run_sql(&fixture->sample.dir, DATABASE, sql);
        service_fixture_start(fixture);
        g_free(sql);
}

static void test_column(ServiceFixture *fixture, gconstpointer data)
{
        damage(fixture, data);
        service_fixture_finish_jobs(fixture);
        read_all(fixture);
        service_fixture_check_property(fixture, ICE, DRIVER_INTERFACE, "Selected", "'1.6.4'");
        select_ice(fixture, "1.11.17.1");
        read_all(fixture);
}

/* The bytes are said, so that the rest of the entry can be read. */
static void test_history(ServiceFixture *fixture, gconstpointer data)
{
        GVariant *reply;
        char *text;

        damage(fixture, &(TextColumn){ "history", "to_version" });
        reply = service_fixture_call(fixture, MANAGER_PATH, MANAGER_INTERFACE, "GetHistory",
                        g_variant_new("(a{sv})", NULL));
        text = g_variant_print(reply, FALSE);
        g_assert_nonnull(strstr(text, "'to': <'\\\\xff\\\\x1b1.6.4'>"));
        g_free(text);
        g_variant_unref(reply);
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        for (size_t i = 0; i < G_N_ELEMENTS(columns); i++) {
                char *path = g_strdup_printf("/database/%s/%s", columns[i].table, columns[i].column);

                g_test_add(path, ServiceFixture, &columns[i], service_fixture_set_up, test_column,
                                service_fixture_tear_down);
                g_free(path);
        }
        g_test_add("/database/history", ServiceFixture, NULL, service_fixture_set_up, test_history,
                        service_fixture_tear_down);
        return g_test_run();
}
