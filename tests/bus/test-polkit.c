/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Authorization of method calls: every answer that polkit can give or fail to give, on a real bus. */

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "bus/methods.h"
#include "private-bus.h"
#include "scripted-polkit.h"

#define PATH "/test"

typedef struct Fixture {
        PrivateBus private_bus;
        GDBusConnection *authority_connection;
        ScriptedPolkit authority;
        Callers *callers;
        Polkit *polkit;
        sd_bus_slot *slot;
        unsigned runs;    /* of the handler */
        unsigned changes; /* that got past all checks */
        char from[8];     /* the state that the details tell of */
        bool object_gone;
} Fixture;

static const char *action_of(sd_bus_message *message)
{
        const CallMethod *method = method_find(
                        sd_bus_message_get_interface(message), sd_bus_message_get_member(message));

        return method ? method->operation->action : NULL;
}

/* Asks for each of the drivers named in the argument, separated by commas. */
static int guarded(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        Fixture *fixture = userdata;
        Authorization *authorization CLEANUP_AUTHORIZATION = authorization_enter(fixture->polkit, message);
        const char *argument;
        char **drivers;
        int r = 1;

        fixture->runs++;
        g_assert_cmpint(sd_bus_message_read_basic(message, 's', &argument), >, 0);
        drivers = g_strsplit(argument, ",", -1);
        for (size_t i = 0; r > 0 && drivers[i]; i++) {
                const PolkitDetails details = { drivers[i], "package", "2", fixture->from };

                r = authorization_check(authorization, action_of(message), &details, 1, error);
        }
        g_strfreev(drivers);
        if (r <= 0)
                return r < 0 ? r : 1;
        fixture->changes++;
        return sd_bus_reply_method_return(message, NULL);
}

/* Asks at once for each of the drivers named in the argument, as "DRIVER/PACKAGE", separated by commas. */
static int guarded_together(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        Fixture *fixture = userdata;
        Authorization *authorization CLEANUP_AUTHORIZATION = authorization_enter(fixture->polkit, message);
        g_autofree PolkitDetails *details = NULL;
        g_auto(GStrv) drivers = NULL;
        const char *argument;
        int r;

        fixture->runs++;
        g_assert_cmpint(sd_bus_message_read_basic(message, 's', &argument), >, 0);
        drivers = g_strsplit(argument, ",", -1);
        details = g_new0(PolkitDetails, g_strv_length(drivers));
        for (size_t i = 0; drivers[i]; i++) {
                char *slash = strchr(drivers[i], '/');

                *slash = '\0';
                details[i] = (PolkitDetails){ .driver = drivers[i],
                        .package = slash + 1,
                        .version = "2",
                        .from = fixture->from,
                        .ignore = "vermagic-mismatch" };
        }
        r = authorization_check(authorization, action_of(message), details, g_strv_length(drivers), error);
        if (r <= 0)
                return r < 0 ? r : 1;
        fixture->changes++;
        return sd_bus_reply_method_return(message, NULL);
}

static int find(sd_bus *bus, const char *path, const char *interface, void *userdata, void **ret_found,
                sd_bus_error *error)
{
        Fixture *fixture = userdata;

        *ret_found = fixture;
        return fixture->object_gone ? 0 : 1;
}

/* Two methods that the table knows, and one that it doesn't. */
static const sd_bus_vtable vtable[] = {
        SD_BUS_VTABLE_START(0), SD_BUS_METHOD("Select", "s", NULL, guarded, SD_BUS_VTABLE_UNPRIVILEGED),
                        SD_BUS_METHOD("Adopt", "s", NULL, guarded_together, SD_BUS_VTABLE_UNPRIVILEGED),
                        SD_BUS_METHOD("Forgotten", "s", NULL, guarded, SD_BUS_VTABLE_UNPRIVILEGED),
                        SD_BUS_VTABLE_END,
};

static void set_up(Fixture *fixture, gconstpointer data)
{
        static const PolkitPatience patience = { .unattended_usec = 100000, .interactive_usec = 30000000 };

        private_bus_init(&fixture->private_bus);
        g_assert_cmpint(callers_new(fixture->private_bus.bus, &fixture->callers), >=, 0);
        g_assert_cmpint(polkit_new(fixture->private_bus.bus, fixture->callers, patience, &fixture->polkit),
                        >=, 0);
        g_assert_cmpint(sd_bus_add_fallback_vtable(fixture->private_bus.bus, &fixture->slot, PATH,
                                        MANAGER_INTERFACE, vtable, find, fixture),
                        >=, 0);
        if (data)
                return;
        fixture->authority_connection = private_bus_connect(&fixture->private_bus);
        scripted_polkit_init(&fixture->authority, fixture->authority_connection);
}

static void tear_down(Fixture *fixture, gconstpointer data)
{
        if (fixture->authority_connection) {
                scripted_polkit_done(&fixture->authority);
                g_object_unref(fixture->authority_connection);
        }
        sd_bus_slot_unref(fixture->slot);
        g_assert_null(polkit_free(fixture->polkit));
        g_assert_null(callers_free(fixture->callers));
        private_bus_done(&fixture->private_bus);
}

static const char *service_name(const Fixture *fixture)
{
        const char *name = NULL;

        g_assert_cmpint(sd_bus_get_unique_name(fixture->private_bus.bus, &name), >=, 0);
        return name;
}

/* CLIENT calls, and expects EXPECTED as the error's name, or NULL for success. */
static void call_as(Fixture *fixture, GDBusConnection *client, const char *method, const char *drivers,
                GDBusCallFlags flags, const char *expected)
{
        GError *error = NULL;
        char *name = NULL;
        GVariant *reply = private_bus_call(client, service_name(fixture), PATH, MANAGER_INTERFACE, method,
                        g_variant_new("(s)", drivers), flags, &error);

        if (error)
                name = private_bus_error_name(error);
        g_assert_cmpstr(name, ==, expected);
        g_free(name);
        g_clear_error(&error);
        if (reply)
                g_variant_unref(reply);
}

static void call(Fixture *fixture, const char *drivers, GDBusCallFlags flags, const char *expected)
{
        call_as(fixture, fixture->private_bus.client, "Select", drivers, flags, expected);
}

static void test_yes(Fixture *fixture, gconstpointer data)
{
        (void) strcpy(fixture->from, "1");
        call(fixture, "ice", 0, NULL);
        g_assert_cmpint(fixture->runs, ==, 2);
        g_assert_cmpint(fixture->changes, ==, 1);
        g_assert_cmpstr(scripted_polkit_question(&fixture->authority, 0), ==,
                        "org.hostdriver1.select driver=ice package=package version=2 from=1 0");
        g_assert_cmpstr(fixture->authority.last_subject, ==,
                        g_dbus_connection_get_unique_name(fixture->private_bus.client));
        /* Nothing is kept from one call to the next. */
        fixture->authority.mood = POLKIT_NO;
        call(fixture, "ice", 0, SD_BUS_ERROR_ACCESS_DENIED);
        g_assert_cmpint(fixture->changes, ==, 1);
}

static void test_no_kind_of_yes(Fixture *fixture, gconstpointer data)
{
        static const struct {
                PolkitMood mood;
                GDBusCallFlags flags;
                const char *error;
        } table[] = {
                { POLKIT_NO, 0, SD_BUS_ERROR_ACCESS_DENIED },
                { POLKIT_NO, G_DBUS_CALL_FLAGS_ALLOW_INTERACTIVE_AUTHORIZATION, SD_BUS_ERROR_ACCESS_DENIED },
                { POLKIT_CHALLENGE, 0, SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED },
                { POLKIT_CHALLENGE, G_DBUS_CALL_FLAGS_ALLOW_INTERACTIVE_AUTHORIZATION,
                                SD_BUS_ERROR_ACCESS_DENIED },
                { POLKIT_ERROR, 0, SD_BUS_ERROR_ACCESS_DENIED },
                { POLKIT_NONSENSE, 0, SD_BUS_ERROR_ACCESS_DENIED },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
                const char *question;

                fixture->authority.mood = table[i].mood;
                call(fixture, "ice", table[i].flags, table[i].error);
                question = scripted_polkit_question(&fixture->authority, (unsigned) i);
                /* The flag to ask the user is the caller's own. */
                g_assert_cmpstr(question + strlen(question) - 1, ==, table[i].flags ? "1" : "0");
        }
        g_assert_cmpint(fixture->changes, ==, 0);
}

static void test_absent(Fixture *fixture, gconstpointer data)
{
        call(fixture, "ice", 0, SD_BUS_ERROR_ACCESS_DENIED);
        g_assert_cmpint(fixture->changes, ==, 0);
}

static bool was_asked(void *userdata)
{
        return ((Fixture *) userdata)->authority.questions->len > 0;
}

static bool was_canceled(void *userdata)
{
        return ((Fixture *) userdata)->authority.canceled->len > 0;
}

/* Later than polkit's patience: no, the dialog is taken away, and a yes that comes then changes nothing. */
static void test_late(Fixture *fixture, gconstpointer data)
{
        fixture->authority.mood = POLKIT_SILENT;
        call(fixture, "ice", 0, SD_BUS_ERROR_ACCESS_DENIED);
        private_bus_run_until(was_canceled, fixture);
        g_assert_cmpstr(fixture->authority.canceled->pdata[0], ==, fixture->authority.last_cancellation);
        scripted_polkit_answer(&fixture->authority, POLKIT_YES);
        fixture->authority.mood = POLKIT_NO;
        call(fixture, "ice", 0, SD_BUS_ERROR_ACCESS_DENIED);
        g_assert_cmpint(fixture->changes, ==, 0);
        g_assert_cmpint(fixture->runs, ==, 4);
}

static void begin(Fixture *fixture, GDBusConnection *client, const char *drivers, GAsyncReadyCallback done,
                void *userdata)
{
        fixture->authority.mood = POLKIT_SILENT;
        g_dbus_connection_call(client, service_name(fixture), PATH, MANAGER_INTERFACE, "Select",
                        g_variant_new("(s)", drivers), NULL,
                        G_DBUS_CALL_FLAGS_ALLOW_INTERACTIVE_AUTHORIZATION, -1, NULL, done, userdata);
        private_bus_run_until(was_asked, fixture);
}

static void keep_error(GObject *source, GAsyncResult *result, void *userdata)
{
        GError *error = NULL;
        GVariant *reply = g_dbus_connection_call_finish(G_DBUS_CONNECTION(source), result, &error);

        char *name = error ? private_bus_error_name(error) : g_strdup("none");

        /* A connection that was closed has no error from the bus. */
        *(char **) userdata = name ?: g_strdup("closed");
        g_clear_error(&error);
        if (reply)
                g_variant_unref(reply);
}

static bool has_text(void *userdata)
{
        return *(char **) userdata;
}

/* polkit crashes while it thinks. */
static void test_vanishes(Fixture *fixture, gconstpointer data)
{
        char *error = NULL;

        begin(fixture, fixture->private_bus.client, "ice", keep_error, &error);
        scripted_polkit_vanish(&fixture->authority);
        private_bus_run_until(has_text, &error);
        g_assert_cmpstr(error, ==, SD_BUS_ERROR_ACCESS_DENIED);
        g_assert_cmpint(fixture->changes, ==, 0);
        g_free(error);
}

/* The caller leaves: the question is withdrawn, and a yes changes nothing. */
static void test_caller_leaves(Fixture *fixture, gconstpointer data)
{
        GDBusConnection *caller = private_bus_connect(&fixture->private_bus);
        char *error = NULL;

        begin(fixture, caller, "ice", keep_error, &error);
        g_assert_true(g_dbus_connection_close_sync(caller, NULL, NULL));
        private_bus_run_until(was_canceled, fixture);
        g_assert_cmpstr(fixture->authority.canceled->pdata[0], ==, fixture->authority.last_cancellation);
        scripted_polkit_answer(&fixture->authority, POLKIT_YES);
        private_bus_run_until(has_text, &error);
        fixture->authority.mood = POLKIT_NO;
        call(fixture, "ice", 0, SD_BUS_ERROR_ACCESS_DENIED);
        g_assert_cmpint(fixture->changes, ==, 0);
        g_assert_cmpint(fixture->runs, ==, 3);
        g_free(error);
        g_object_unref(caller);
}

/* The object goes while polkit thinks (CVE-2020-1712): the handler isn't run again, and nothing leaks. */
static void test_object_vanishes(Fixture *fixture, gconstpointer data)
{
        char *error = NULL;

        begin(fixture, fixture->private_bus.client, "ice", keep_error, &error);
        fixture->object_gone = true;
        scripted_polkit_answer(&fixture->authority, POLKIT_YES);
        private_bus_run_until(has_text, &error);
        g_assert_cmpstr(error, ==, SD_BUS_ERROR_UNKNOWN_OBJECT);
        g_assert_cmpint(fixture->runs, ==, 1);
        g_assert_cmpint(fixture->changes, ==, 0);
        g_free(error);
}

static bool was_asked_twice(void *userdata)
{
        return ((Fixture *) userdata)->authority.questions->len == 2;
}

/* What was asked about isn't what is to be done any more: the yes doesn't count, and polkit is asked anew.
 */
static void test_details_change(Fixture *fixture, gconstpointer data)
{
        char *error = NULL;

        (void) strcpy(fixture->from, "1");
        begin(fixture, fixture->private_bus.client, "ice", keep_error, &error);
        (void) strcpy(fixture->from, "3");
        scripted_polkit_answer(&fixture->authority, POLKIT_YES);
        private_bus_run_until(was_asked_twice, fixture);
        g_assert_cmpint(fixture->changes, ==, 0);
        g_assert_nonnull(strstr(scripted_polkit_question(&fixture->authority, 1), "from=3"));
        scripted_polkit_answer(&fixture->authority, POLKIT_NO);
        private_bus_run_until(has_text, &error);
        g_assert_cmpstr(error, ==, SD_BUS_ERROR_ACCESS_DENIED);
        g_assert_cmpint(fixture->changes, ==, 0);
        g_free(error);
}

/* Several questions in one call are asked one after another; one no is enough. */
static void test_several(Fixture *fixture, gconstpointer data)
{
        char *error = NULL;

        call(fixture, "ice,irdma,bnx2fc", 0, NULL);
        g_assert_cmpint(fixture->authority.questions->len, ==, 3);
        g_assert_cmpint(fixture->changes, ==, 1);
        g_ptr_array_set_size(fixture->authority.questions, 0);

        begin(fixture, fixture->private_bus.client, "ice,irdma", keep_error, &error);
        scripted_polkit_answer(&fixture->authority, POLKIT_YES);
        private_bus_run_until(was_asked_twice, fixture);
        scripted_polkit_answer(&fixture->authority, POLKIT_NO);
        private_bus_run_until(has_text, &error);
        g_assert_cmpstr(error, ==, SD_BUS_ERROR_ACCESS_DENIED);
        g_assert_cmpint(fixture->changes, ==, 1);
        g_free(error);
}

static void call_together(Fixture *fixture, const char *drivers, GDBusCallFlags flags, const char *expected)
{
        GError *error = NULL;
        char *name = NULL;
        GVariant *reply = private_bus_call(fixture->private_bus.client, service_name(fixture), PATH,
                        MANAGER_INTERFACE, "Adopt", g_variant_new("(s)", drivers), flags, &error);

        if (error)
                name = private_bus_error_name(error);
        g_assert_cmpstr(name, ==, expected);
        g_free(name);
        g_clear_error(&error);
        if (reply)
                g_variant_unref(reply);
}

#define INTERACTIVE G_DBUS_CALL_FLAGS_ALLOW_INTERACTIVE_AUTHORIZATION

static bool is_interactive(const char *question)
{
        return g_str_has_suffix(question, " 1");
}

static unsigned count_interactive(const Fixture *fixture)
{
        unsigned count = 0;

        for (unsigned i = 0; i < fixture->authority.questions->len; i++)
                count += is_interactive(scripted_polkit_question(&fixture->authority, i));
        return count;
}

/* As polkit does by default: whoever may be asked knows the password. */
static PolkitMood decide_with_password(const char *question)
{
        return is_interactive(question) ? POLKIT_YES : POLKIT_CHALLENGE;
}

/* Three drivers of two packages: each is asked about without a person, then a person twice. */
static void test_once_a_package(Fixture *fixture, gconstpointer data)
{
        fixture->authority.decide = decide_with_password;
        call_together(fixture, "ice/intel,bnx2fc/bnx,irdma/intel", INTERACTIVE, NULL);
        g_assert_cmpint(fixture->changes, ==, 1);
        g_assert_cmpint(fixture->runs, ==, 2);
        g_assert_cmpuint(fixture->authority.questions->len, ==, 5);
        g_assert_cmpstr(scripted_polkit_question(&fixture->authority, 3), ==,
                        "org.hostdriver1.manage-versions driver=bnx2fc package=bnx version=2 from= "
                        "ignore=vermagic-mismatch 1");
        g_assert_cmpstr(scripted_polkit_question(&fixture->authority, 4), ==,
                        "org.hostdriver1.manage-versions driver=ice irdma package=intel version=2 from= "
                        "ignore=vermagic-mismatch 1");
        g_assert_cmpuint(count_interactive(fixture), ==, 2);
        /* Who may not be asked is told so. */
        call_together(fixture, "ice/intel,irdma/intel", 0, SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED);
        g_assert_cmpuint(count_interactive(fixture), ==, 2);
        g_assert_cmpint(fixture->changes, ==, 1);
}

/* Like a rule that knows one driver and no other. */
static PolkitMood decide_for_ice(const char *question)
{
        return strstr(question, "driver=ice ") && !strstr(question, "driver=ice irdma")
                               ? POLKIT_YES
                               : (is_interactive(question) ? POLKIT_NO : POLKIT_CHALLENGE);
}

/* A rule for one driver permits neither its neighbour, nor what it would be asked about for both. */
static void test_rule_for_one(Fixture *fixture, gconstpointer data)
{
        fixture->authority.decide = decide_for_ice;
        call_together(fixture, "ice/intel", INTERACTIVE, NULL);
        g_assert_cmpint(fixture->changes, ==, 1);
        call_together(fixture, "ice/intel,irdma/intel", 0, SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED);
        g_ptr_array_set_size(fixture->authority.questions, 0);
        call_together(fixture, "ice/intel,irdma/intel,other/intel", INTERACTIVE, SD_BUS_ERROR_ACCESS_DENIED);
        g_assert_cmpuint(count_interactive(fixture), ==, 1);
        /* The one that has been permitted is left out. */
        g_assert_nonnull(strstr(scripted_polkit_question(&fixture->authority, 3), "driver=irdma other "));
        g_assert_cmpint(fixture->changes, ==, 1);
}

static PolkitMood decide_against_zfs(const char *question)
{
        return strstr(question, "driver=zfs ") ? POLKIT_NO : decide_with_password(question);
}

/* A rule that denies one refuses all, and nobody types a password for nothing. */
static void test_deny_first(Fixture *fixture, gconstpointer data)
{
        fixture->authority.decide = decide_against_zfs;
        call_together(fixture, "ice/intel,irdma/intel,zfs/zfs", INTERACTIVE, SD_BUS_ERROR_ACCESS_DENIED);
        g_assert_cmpuint(count_interactive(fixture), ==, 0);
        g_assert_cmpint(fixture->changes, ==, 0);
}

static bool window_is_full(void *userdata)
{
        return ((Fixture *) userdata)->authority.pending->len == 8;
}

/* Many questions are asked some at a time, all in one run of the handler. */
static void test_window(Fixture *fixture, gconstpointer data)
{
        g_autoptr(GString) drivers = g_string_new("driver_0/package_0");
        char *error = NULL;

        for (unsigned i = 1; i < 500; i++)
                g_string_append_printf(drivers, ",driver_%u/package_%u", i, i / 7);
        fixture->authority.mood = POLKIT_SILENT;
        g_dbus_connection_call(fixture->private_bus.client, service_name(fixture), PATH, MANAGER_INTERFACE,
                        "Adopt", g_variant_new("(s)", drivers->str), NULL, INTERACTIVE, -1, NULL, keep_error,
                        &error);
        private_bus_run_until(window_is_full, fixture);
        g_assert_cmpint(fixture->runs, ==, 1);
        fixture->authority.mood = POLKIT_YES;
        scripted_polkit_answer(&fixture->authority, POLKIT_YES);
        private_bus_run_until(has_text, &error);
        g_assert_cmpstr(error, ==, "none");
        g_assert_cmpuint(fixture->authority.pending_max, ==, 8);
        g_assert_cmpuint(fixture->authority.questions->len, ==, 500);
        g_assert_cmpint(fixture->runs, ==, 2);
        g_assert_cmpint(fixture->changes, ==, 1);
        g_free(error);
}

static bool all_are_canceled(void *userdata)
{
        return ((Fixture *) userdata)->authority.canceled->len == 8;
}

/* The caller leaves while several are open: all are withdrawn. */
static void test_leaves_several(Fixture *fixture, gconstpointer data)
{
        GDBusConnection *caller = private_bus_connect(&fixture->private_bus);
        char *error = NULL;

        fixture->authority.mood = POLKIT_SILENT;
        g_dbus_connection_call(caller, service_name(fixture), PATH, MANAGER_INTERFACE, "Adopt",
                        g_variant_new("(s)", "a/a,b/b,c/c,d/d,e/e,f/f,g/g,h/h,i/i"), NULL, INTERACTIVE, -1,
                        NULL, keep_error, &error);
        private_bus_run_until(window_is_full, fixture);
        g_assert_true(g_dbus_connection_close_sync(caller, NULL, NULL));
        private_bus_run_until(all_are_canceled, fixture);
        scripted_polkit_answer(&fixture->authority, POLKIT_YES);
        fixture->authority.mood = POLKIT_NO;
        call(fixture, "ice", 0, SD_BUS_ERROR_ACCESS_DENIED);
        g_assert_cmpint(fixture->changes, ==, 0);
        g_free(error);
        g_object_unref(caller);
}

/* A method that isn't in the table can't be authorized, whatever polkit would say. */
static void test_closed_table(Fixture *fixture, gconstpointer data)
{
        call_as(fixture, fixture->private_bus.client, "Forgotten", "ice", 0, SD_BUS_ERROR_ACCESS_DENIED);
        g_assert_cmpint(fixture->authority.questions->len, ==, 0);
}

/* Root isn't asked about, whether there is a polkit or not; what nobody may do, root may not. */
static void test_root(Fixture *fixture, gconstpointer data)
{
        g_autoptr(GDBusConnection) root = NULL;

        if (geteuid() != 0) {
                g_test_skip("only root can call as root");
                return;
        }
        root = private_bus_connect_as_self(&fixture->private_bus);
        fixture->authority.mood = POLKIT_NO;
        call_as(fixture, root, "Select", "ice,irdma", 0, NULL);
        call_as(fixture, root, "Forgotten", "ice", 0, SD_BUS_ERROR_ACCESS_DENIED);
        g_assert_cmpint(fixture->changes, ==, 1);
        if (fixture->authority_connection)
                g_assert_cmpint(fixture->authority.questions->len, ==, 0);
        call(fixture, "ice", 0, SD_BUS_ERROR_ACCESS_DENIED);
        g_assert_cmpint(fixture->changes, ==, 1);
}

/* The service ends while polkit thinks: what waits is forgotten. */
static void test_end(Fixture *fixture, gconstpointer data)
{
        char *error = NULL;

        begin(fixture, fixture->private_bus.client, "ice", keep_error, &error);
        fixture->polkit = polkit_free(fixture->polkit);
        fixture->slot = sd_bus_slot_unref(fixture->slot);
        sd_bus_close(fixture->private_bus.bus);
        private_bus_run_until(has_text, &error);
        g_assert_cmpstr(error, ==, SD_BUS_ERROR_NO_REPLY);
        g_free(error);
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
#define TEST(name, function, data) g_test_add("/polkit/" name, Fixture, data, set_up, function, tear_down)
        TEST("yes", test_yes, NULL);
        TEST("no-kind-of-yes", test_no_kind_of_yes, NULL);
        TEST("absent", test_absent, "no authority");
        TEST("late", test_late, NULL);
        TEST("vanishes", test_vanishes, NULL);
        TEST("caller-leaves", test_caller_leaves, NULL);
        TEST("object-vanishes", test_object_vanishes, NULL);
        TEST("details-change", test_details_change, NULL);
        TEST("several", test_several, NULL);
        TEST("once-a-package", test_once_a_package, NULL);
        TEST("rule-for-one", test_rule_for_one, NULL);
        TEST("deny-first", test_deny_first, NULL);
        TEST("window", test_window, NULL);
        TEST("leaves-several", test_leaves_several, NULL);
        TEST("closed-table", test_closed_table, NULL);
        TEST("root", test_root, NULL);
        TEST("root-alone", test_root, "no authority");
        TEST("end", test_end, NULL);
        return g_test_run();
}
