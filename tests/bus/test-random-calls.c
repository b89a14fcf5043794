/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Anybody may call the service, which is root: calls made by chance from what it says of itself. Whatever
 * comes, each is answered with what is documented, nothing is kept, and the disk is as the service says.
 * GLib's test seed decides (--seed). */

#include <string.h>

#include "random-arguments.h"
#include "selection-check.h"
#include "service-fixture.h"

#define BATCHES 10
#define CALLS 40
#define SENTENCE_BYTES_MAX 8192
#define TIMEOUT_MS 120000
#define MODULES "lib/modules/" SAMPLE_KERNEL
#define MODULE_FILE MODULES "/extra/fresh.ko"

static const char *const documented_errors[] = { "org.hostdriver1.Error.NoSuchDriver",
        "org.hostdriver1.Error.NoSuchVersion", "org.hostdriver1.Error.Incompatible",
        "org.hostdriver1.Error.NoHardware", "org.hostdriver1.Error.Conflict", "org.hostdriver1.Error.Busy",
        "org.hostdriver1.Error.InUse", "org.hostdriver1.Error.NotSupported", "org.hostdriver1.Error.Failed",
        SD_BUS_ERROR_INVALID_ARGS, SD_BUS_ERROR_ACCESS_DENIED,
        SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED, SD_BUS_ERROR_UNKNOWN_METHOD,
        SD_BUS_ERROR_UNKNOWN_OBJECT, SD_BUS_ERROR_UNKNOWN_INTERFACE, SD_BUS_ERROR_UNKNOWN_PROPERTY,
        SD_BUS_ERROR_PROPERTY_READ_ONLY };

typedef struct Chance {
        ServiceFixture *fixture;
        RandomArguments arguments;
        unsigned waiting; /* calls without their reply */
        unsigned replies, errors;
} Chance;

/* --- replies --------------------------------------------------------------------------------------------
 */

typedef struct Expected {
        Chance *chance;
        char *call;      /* for people */
        char *signature; /* of the reply; NULL: it is not known */
} Expected;

/* Such sentences are libsystemd's, and quote the caller. */
static bool is_of_sd_bus(const char *name)
{
        return g_str_equal(name, SD_BUS_ERROR_UNKNOWN_INTERFACE) ||
               g_str_equal(name, SD_BUS_ERROR_UNKNOWN_PROPERTY);
}

static bool is_documented(const char *name)
{
        for (size_t i = 0; i < G_N_ELEMENTS(documented_errors); i++)
                if (g_str_equal(name, documented_errors[i]))
                        return true;
        return false;
}

static bool is_sentence(const char *text)
{
        for (const char *c = text; *c; c = g_utf8_next_char(c))
                if (g_unichar_iscntrl(g_utf8_get_char(c)))
                        return false;
        return strlen(text) > 10 && strlen(text) <= SENTENCE_BYTES_MAX;
}

static void check_error(const Expected *expected, GDBusMessage *reply)
{
        const char *name = g_dbus_message_get_error_name(reply);
        const char *sentence = g_dbus_message_get_arg0(reply);

        /* The bus itself refuses what is too much. */
        if (g_str_equal(g_dbus_message_get_sender(reply), "org.freedesktop.DBus") &&
                        g_str_equal(name, SD_BUS_ERROR_LIMITS_EXCEEDED))
                return;
        if (!is_documented(name) || !sentence || !(is_of_sd_bus(name) || is_sentence(sentence)))
                g_error("%s: %s: %.1000s", expected->call, name, sentence);
}

static bool is_job(GDBusMessage *reply)
{
        const char *path;

        if (!g_str_equal(g_dbus_message_get_signature(reply), "o"))
                return false;
        g_variant_get(g_dbus_message_get_body(reply), "(&o)", &path);
        return g_str_has_prefix(path, JOB_PREFIX "/");
}

/* What was cut may end within a character, and TAP is UTF-8. */
static void say(const char *format, ...) G_GNUC_PRINTF(1, 2);
static void say(const char *format, ...)
{
        g_autofree char *text = NULL, *escaped = NULL;
        va_list arguments;

        va_start(arguments, format);
        text = g_strdup_vprintf(format, arguments);
        va_end(arguments);
        escaped = g_strescape(text, NULL);
        g_test_message("%s", escaped);
}

static void on_reply(GObject *source, GAsyncResult *result, void *userdata)
{
        Expected *expected = userdata;
        Chance *chance = expected->chance;
        g_autoptr(GError) error = NULL;
        g_autoptr(GDBusMessage) reply = g_dbus_connection_send_message_with_reply_finish(
                        G_DBUS_CONNECTION(source), result, &error);
        const char *signature;

        if (error)
                g_error("%s: %s", expected->call, error->message);
        signature = g_dbus_message_get_signature(reply);
        say("%.100s: %.60s", expected->call,
                        g_dbus_message_get_error_name(reply) ?: g_dbus_message_get_arg0(reply) ?: signature);
        chance->waiting--;
        if (g_dbus_message_get_message_type(reply) == G_DBUS_MESSAGE_TYPE_ERROR) {
                check_error(expected, reply);
                chance->errors++;
        } else {
                if (expected->signature)
                        g_assert_cmpstr(signature, ==, expected->signature);
                chance->arguments.jobs += is_job(reply);
                chance->replies++;
        }
        g_free(expected->call);
        g_free(expected->signature);
        g_free(expected);
}

static bool has_all_replies(void *userdata)
{
        Chance *chance = userdata;

        scripted_polkit_answer(&chance->fixture->authority, POLKIT_YES);
        return chance->waiting == 0;
}

/* --- calls ----------------------------------------------------------------------------------------------
 */

static char *reply_signature(const GDBusMethodInfo *method)
{
        GString *signature = g_string_new(NULL);

        for (unsigned i = 0; method->out_args && method->out_args[i]; i++)
                g_string_append(signature, method->out_args[i]->signature);
        return g_string_free(signature, FALSE);
}

static void set_body(RandomArguments *arguments, GDBusMessage *message, const GDBusMethodInfo *method)
{
        bool is_wrong = random_one_in(15);
        g_autoptr(GPtrArray) items = g_ptr_array_new();
        g_autoptr(GUnixFDList) fds = g_unix_fd_list_new();

        arguments->fds = fds;
        arguments->has_many = false;
        for (unsigned i = 0; method->in_args && method->in_args[i]; i++)
                if (!is_wrong || !random_one_in(3))
                        g_ptr_array_add(items, random_value(arguments, method->in_args[i]->signature,
                                                               method->in_args[i]->name));
        if (is_wrong)
                g_ptr_array_add(items, random_value(arguments, random_type(), ""));
        if (items->len > 0)
                g_dbus_message_set_body(
                                message, g_variant_new_tuple((GVariant **) items->pdata, items->len));
        if (g_unix_fd_list_get_length(fds) > 0)
                g_dbus_message_set_unix_fd_list(message, fds);
}

/* Of an object that is there, or NULL. */
static const GDBusMethodInfo *choose(const GDBusNodeInfo *node, const GDBusInterfaceInfo **ret_interface)
{
        unsigned interfaces = 0, methods = 0;
        const GDBusMethodInfo *method;

        while (node->interfaces[interfaces])
                interfaces++;
        /* Rather ours than one of sd-bus's. */
        do
                *ret_interface = node->interfaces[g_test_rand_int_range(0, (int) interfaces)];
        while (!g_str_has_prefix((*ret_interface)->name, BUS_NAME) && !random_one_in(6));
        while ((*ret_interface)->methods && (*ret_interface)->methods[methods])
                methods++;
        if (methods == 0)
                return NULL;
        /* Where nothing is selected there is little to break. */
        do
                method = (*ret_interface)->methods[g_test_rand_int_range(0, (int) methods)];
        while (g_str_equal(method->name, "Deselect") && !random_one_in(6));
        return method;
}

static GDBusMessage *make_call(Chance *chance, char **ret_signature)
{
        const GDBusNodeInfo *node = RANDOM_ANY_OF(chance->arguments.nodes);
        const GDBusInterfaceInfo *interface;
        const GDBusMethodInfo *method = choose(node, &interface);
        g_autofree char *path = random_path(&chance->arguments, node->path);
        GDBusMessage *message;

        /* GetMachineId is answered by sd-bus, of the machine that this runs on. */
        if (!method || g_str_equal(method->name, "GetMachineId"))
                return NULL;
        message = g_dbus_message_new_method_call(
                        BUS_NAME, path, interface->name, random_one_in(60) ? "Explode" : method->name);
        set_body(&chance->arguments, message, method);
        if (random_one_in(3))
                g_dbus_message_set_flags(message, G_DBUS_MESSAGE_FLAGS_ALLOW_INTERACTIVE_AUTHORIZATION);
        *ret_signature = reply_signature(method);
        return message;
}

static char *describe(GDBusMessage *message)
{
        GVariant *body = g_dbus_message_get_body(message);
        g_autofree char *text = body ? g_variant_print(body, TRUE) : g_strdup("");

        return g_strdup_printf("%s %s.%s%.600s", g_dbus_message_get_path(message),
                        g_dbus_message_get_interface(message), g_dbus_message_get_member(message), text);
}

/* CALLER won't be there any more when the reply comes, unless it STAYS. */
static void call(Chance *chance, GDBusConnection *caller, bool stays)
{
        g_autofree char *signature = NULL;
        g_autoptr(GDBusMessage) message = make_call(chance, &signature);
        bool is_silent = random_one_in(12);
        Expected *expected;

        if (!message)
                return;
        if (is_silent)
                g_dbus_message_set_flags(message, G_DBUS_MESSAGE_FLAGS_NO_REPLY_EXPECTED);
        if (is_silent || !stays) {
                g_autofree char *sent = describe(message);

                say("%.100s", sent);
                g_assert_true(g_dbus_connection_send_message(
                                caller, message, G_DBUS_SEND_MESSAGE_FLAGS_NONE, NULL, NULL));
                return;
        }
        expected = g_new0(Expected, 1);
        *expected = (Expected){ chance, describe(message), g_steal_pointer(&signature) };
        chance->waiting++;
        g_dbus_connection_send_message_with_reply(caller, message, G_DBUS_SEND_MESSAGE_FLAGS_NONE,
                        TIMEOUT_MS, NULL, NULL, on_reply, expected);
}

/* --- what is there to call ------------------------------------------------------------------------------
 */

/* Takes the XML. */
static void add_node(Chance *chance, const char *path, char *xml)
{
        g_autoptr(GError) error = NULL;
        GDBusNodeInfo *node = g_dbus_node_info_new_for_xml(xml, &error);

        g_assert_no_error(error);
        g_free(xml);
        g_free(node->path);
        node->path = g_strdup(path);
        g_ptr_array_add(chance->arguments.nodes, node);
        for (unsigned i = 0; node->interfaces[i]; i++) {
                GDBusPropertyInfo **properties = node->interfaces[i]->properties;

                g_ptr_array_add(chance->arguments.words, node->interfaces[i]->name);
                for (unsigned j = 0; properties && properties[j]; j++)
                        g_ptr_array_add(chance->arguments.words, properties[j]->name);
        }
}

static void look_at(Chance *chance, const char *path)
{
        add_node(chance, path, service_fixture_introspect(chance->fixture, path));
}

static void look_around(Chance *chance)
{
        g_autoptr(GVariant) reply = service_fixture_call(chance->fixture, MANAGER_PATH,
                        "org.freedesktop.DBus.ObjectManager", "GetManagedObjects", NULL);
        g_autoptr(GVariantIter) objects = NULL;
        const char *path;

        look_at(chance, MANAGER_PATH);
        look_at(chance, MANAGER_PATH);
        g_variant_get(reply, "(a{oa{sa{sv}}})", &objects);
        while (g_variant_iter_next(objects, "{&oa{sa{sv}}}", &path, NULL))
                look_at(chance, path);
}

static void look_at_job(Chance *chance)
{
        g_autofree char *path = NULL;
        char *xml = service_fixture_introspect_job(chance->fixture, &path);

        add_node(chance, path, xml);
        chance->arguments.jobs = (unsigned) g_ascii_strtoull(path + strlen(JOB_PREFIX "/"), NULL, 10);
}

/* --- what it leaves -------------------------------------------------------------------------------------
 */

static unsigned open_files(void)
{
        GDir *dir = g_dir_open("/proc/self/fd", 0, NULL);
        unsigned count = 0;

        while (g_dir_read_name(dir))
                count++;
        g_dir_close(dir);
        return count;
}

static void ping(Chance *chance)
{
        g_variant_unref(service_fixture_call(
                        chance->fixture, MANAGER_PATH, "org.freedesktop.DBus.Peer", "Ping", NULL));
}

/* GDBus closes what it has sent and left in a thread of its own, which a few round trips outlast. */
static void check_open_files(Chance *chance, unsigned before)
{
        for (unsigned i = 0; i < 1000 && open_files() != before; i++)
                ping(chance);
        g_assert_cmpuint(open_files(), ==, before);
}

static bool is_at_rest(void *userdata)
{
        ServiceFixture *fixture = ((Chance *) userdata)->fixture;

        scripted_polkit_answer(&fixture->authority, POLKIT_NO);
        return fixture->service->jobs->count == 0 && !fixture->service->held;
}

static void check_rest(Chance *chance)
{
        ServiceFixture *fixture = chance->fixture;

        fixture->authority.mood = POLKIT_YES;
        private_bus_run_until(is_at_rest, chance);
        for (unsigned i = 0; i < 2; i++) {
                g_variant_unref(service_fixture_call(
                                fixture, MANAGER_PATH, MANAGER_INTERFACE, "Rescan", NULL));
                selection_check(fixture);
                /* By which nothing is to change. */
                sample_root_depmod(&fixture->sample, SAMPLE_KERNEL);
        }
        temporary_check(fixture);
}

/* --- the test -------------------------------------------------------------------------------------------
 */

static void send_batch(Chance *chance)
{
        static const PolkitMood moods[] = { POLKIT_YES, POLKIT_YES, POLKIT_YES, POLKIT_YES, POLKIT_YES,
                POLKIT_NO, POLKIT_CHALLENGE, POLKIT_ERROR, POLKIT_NONSENSE, POLKIT_SILENT };
        ServiceFixture *fixture = chance->fixture;
        g_autoptr(GDBusConnection) leaver = private_bus_connect(&fixture->private_bus);

        fixture->authority.mood = RANDOM_ANY(moods);
        for (unsigned i = 0; i < CALLS; i++) {
                bool stays = !random_one_in(8);

                call(chance, stays ? fixture->private_bus.client : leaver, stays);
        }
        g_assert_true(g_dbus_connection_flush_sync(leaver, NULL, NULL));
        g_assert_true(g_dbus_connection_close_sync(leaver, NULL, NULL));
        private_bus_run_until(has_all_replies, chance);
        ping(chance);
        if (random_one_in(3))
                check_rest(chance);
}

static void test_calls(ServiceFixture *fixture, gconstpointer data)
{
        Chance chance = { .fixture = fixture };
        char *module CLEANUP_FREE = temp_dir_path(&fixture->sample.dir, MODULE_FILE);
        unsigned before;

        sample_root_add_module(&fixture->sample, SAMPLE_KERNEL, "extra/fresh.ko", "3");
        chance.arguments.nodes = g_ptr_array_new_with_free_func((GDestroyNotify) g_dbus_node_info_unref);
        chance.arguments.words = g_ptr_array_new();
        chance.arguments.files = random_files_new(fixture->sample.dir.path, module);
        look_around(&chance);
        look_at_job(&chance);
        before = open_files();
        for (unsigned i = 0; i < BATCHES; i++)
                send_batch(&chance);
        check_rest(&chance);
        check_open_files(&chance, before);
        g_test_message("%u replies, %u errors, %u jobs", chance.replies, chance.errors,
                        chance.arguments.jobs);
        g_assert_cmpuint(chance.replies, >, 0);
        g_assert_cmpuint(chance.errors, >, 0);
        random_files_free(chance.arguments.files);
        g_ptr_array_unref(chance.arguments.words);
        g_ptr_array_unref(chance.arguments.nodes);
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add("/random-calls", ServiceFixture, NULL, service_fixture_set_up, test_calls,
                        service_fixture_tear_down);
        return g_test_run();
}
