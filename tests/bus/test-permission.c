/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What polkit is asked about a change, and how often a change is proposed for that. */

#include <string.h>
#include <unistd.h>

#include "bus/object.h"
#include "change/proposal.h"
#include "service-fixture.h"

#define ICE DRIVER_PREFIX "/ice"
#define DRIVERS 60

static void set_up(ServiceFixture *fixture, gconstpointer data)
{
        service_fixture_set_up(fixture, data);
        service_fixture_stop(fixture);
        sample_root_add_module(
                        &fixture->sample, SAMPLE_KERNEL, "xenserver/intel-ice/1.6.4/irdma.ko", "1.6.4");
        sample_root_add_module(&fixture->sample, SAMPLE_KERNEL, "xenserver/intel-ice/1.11.17.1/irdma.ko",
                        "1.11.17.1");
        sample_root_select(&fixture->sample, SAMPLE_KERNEL, "xenserver/intel-ice/1.11.17.1/irdma.ko");
        for (unsigned i = 0; i < DRIVERS; i++)
                for (unsigned j = 0; j < 2; j++) {
                        g_autofree char *path = g_strdup_printf(
                                        "xenserver/many-%u/%u.0/many_%u.ko", i / 3, j + 1, i);

                        sample_root_add_module(&fixture->sample, SAMPLE_KERNEL, path, NULL);
                }
        sample_root_depmod(&fixture->sample, SAMPLE_KERNEL);
        service_fixture_start(fixture);
}

static void check_question(const ServiceFixture *fixture, unsigned position, const char *expected)
{
        g_assert_cmpstr(scripted_polkit_question(&fixture->authority, position), ==, expected);
}

static void select_ice(ServiceFixture *fixture, const char *options)
{
        g_autofree char *text = g_strdup_printf("([('ice', '1.6.4')], %s)", options);

        g_variant_unref(service_fixture_call(
                        fixture, MANAGER_PATH, MANAGER_INTERFACE, "Select", g_variant_new_parsed(text)));
        service_fixture_finish_jobs(fixture);
}

/* The package changes as a whole. */
static void test_neighbours(ServiceFixture *fixture, gconstpointer data)
{
        select_ice(fixture, "@a{sv} {}");
        g_assert_cmpuint(fixture->authority.questions->len, ==, 2);
        check_question(fixture, 0,
                        "org.hostdriver1.select driver=ice package=intel-ice version=1.6.4 from=1.11.17.1 0");
        check_question(fixture, 1,
                        "org.hostdriver1.select driver=irdma package=intel-ice version=1.6.4 "
                        "from=1.11.17.1 0");
        /* Nothing changes any more: only who was named is asked about. */
        select_ice(fixture, "@a{sv} {}");
        g_assert_cmpuint(fixture->authority.questions->len, ==, 3);
        check_question(fixture, 2,
                        "org.hostdriver1.select driver=ice package=intel-ice version=1.6.4 from=1.6.4 0");
}

static PolkitMood decide_for_ice(const char *question)
{
        return strstr(question, "driver=ice ") && !strstr(question, "ignore=") ? POLKIT_YES : POLKIT_NO;
}

/* A rule for one driver isn't one for its package. */
static void test_neighbour_denied(ServiceFixture *fixture, gconstpointer data)
{
        fixture->authority.decide = decide_for_ice;
        g_free(service_fixture_call_fails(fixture, ICE, DRIVER_INTERFACE, "Select",
                        g_variant_new("(sa{sv})", "1.6.4", NULL), ".AccessDenied"));
        service_fixture_check_property(fixture, ICE, DRIVER_INTERFACE, "Selected", "'1.11.17.1'");
}

/* What is passed over, and where, can be decided on. */
static void test_ignore_and_kernels(ServiceFixture *fixture, gconstpointer data)
{
        select_ice(fixture, "{'ignore': <['vermagic-mismatch', 'no-hardware']>, 'kernels': <['" SAMPLE_KERNEL
                            "']>, 'dry-run': <true>}");
        check_question(fixture, 0,
                        "org.hostdriver1.select driver=ice package=intel-ice version=1.6.4 from=1.11.17.1 "
                        "ignore=no-hardware,vermagic-mismatch kernels=" SAMPLE_KERNEL " 0");
        g_free(service_fixture_call_fails(fixture, MANAGER_PATH, MANAGER_INTERFACE, "Adopt",
                        g_variant_new_parsed("('igb', {'ignore': <['no-hardware']>, 'package': <'x'>, "
                                             "'version': <'1'>, 'kernels': <['none']>})"),
                        ""));
        fixture->authority.mood = POLKIT_NO;
        g_ptr_array_set_size(fixture->authority.questions, 0);
        g_free(service_fixture_call_fails(fixture, MANAGER_PATH, MANAGER_INTERFACE, "Adopt",
                        g_variant_new_parsed("('igb', {'ignore': <['vermagic-mismatch']>, "
                                             "'kernels': <['" SAMPLE_KERNEL "']>})"),
                        ".AccessDenied"));
        g_assert_nonnull(strstr(scripted_polkit_question(&fixture->authority, 0),
                        " ignore=vermagic-mismatch kernels=" SAMPLE_KERNEL " 0"));
        g_ptr_array_set_size(fixture->authority.questions, 0);
        g_free(service_fixture_call_fails(fixture, DRIVER_PREFIX "/many_5f0", DRIVER_INTERFACE, "Remove",
                        g_variant_new_parsed("('1.0', {'ignore': <['owned-by-package']>})"),
                        ".AccessDenied"));
        g_assert_cmpuint(fixture->authority.questions->len, >, 0);
        g_assert_nonnull(strstr(
                        scripted_polkit_question(&fixture->authority, 0), " ignore=owned-by-package 0"));
}

/* What the linker has put before these functions of the daemon, for counting. */
static struct {
        unsigned proposals, forgotten, copies, written, read;
} counts;

int __real_proposal_make(Changer *changer, const Request *request, Proposal *ret, Refusal *refusal);
int __wrap_proposal_make(Changer *changer, const Request *request, Proposal *ret, Refusal *refusal)
{
        counts.proposals++;
        return __real_proposal_make(changer, request, ret, refusal);
}

int __real_forget_plan(
                const ChangeContext *context, const Request *request, Proposal *proposal, Refusal *refusal);
int __wrap_forget_plan(
                const ChangeContext *context, const Request *request, Proposal *proposal, Refusal *refusal)
{
        counts.forgotten++;
        return __real_forget_plan(context, request, proposal, refusal);
}

int __real_plan_copy(const Plan *plan, Plan **ret);
int __wrap_plan_copy(const Plan *plan, Plan **ret)
{
        counts.copies++;
        return __real_plan_copy(plan, ret);
}

int __real_plan_to_json(const Plan *plan, char **ret);
int __wrap_plan_to_json(const Plan *plan, char **ret)
{
        counts.written++;
        return __real_plan_to_json(plan, ret);
}

int __real_plan_from_json(const char *json, Plan **ret);
int __wrap_plan_from_json(const char *json, Plan **ret)
{
        counts.read++;
        return __real_plan_from_json(json, ret);
}

static void select_many(ServiceFixture *fixture, unsigned count, const char *version)
{
        GVariantBuilder targets;

        memset(&counts, 0, sizeof(counts));
        g_variant_builder_init(&targets, G_VARIANT_TYPE("a(ss)"));
        for (unsigned i = 0; i < count; i++) {
                g_autofree char *name = g_strdup_printf("many_%u", i);

                g_variant_builder_add(&targets, "(ss)", name, version);
        }
        g_ptr_array_set_size(fixture->authority.questions, 0);
        g_variant_unref(service_fixture_call(fixture, MANAGER_PATH, MANAGER_INTERFACE, "Select",
                        g_variant_new("(a(ss)a{sv})", &targets, NULL)));
        service_fixture_finish_jobs(fixture);
        g_assert_cmpuint(fixture->authority.questions->len, ==, count);
}

/* A change is proposed once before polkit is asked and once after, however many drivers it is about; what
 * was proposed then is committed as it is, and written once, to the journal. */
static void test_proposals(ServiceFixture *fixture, gconstpointer data)
{
        static const struct {
                unsigned drivers;
                const char *version;
        } selections[] = { { 3, "1.0" }, { DRIVERS, "2.0" } };

        for (size_t i = 0; i < G_N_ELEMENTS(selections); i++) {
                select_many(fixture, selections[i].drivers, selections[i].version);
                g_assert_cmpuint(counts.proposals, ==, 2);
                g_assert_cmpuint(counts.written, ==, 1);
                g_assert_cmpuint(counts.read, ==, 0);
                g_assert_cmpuint(counts.copies, ==, 0);
        }
}

/* By CLIENT, as a dry run: polkit says yes. */
static unsigned count_proposals(ServiceFixture *fixture, GDBusConnection *client, const char *path,
                const char *interface, const char *method, const char *arguments)
{
        unsigned before = counts.proposals;
        g_autoptr(GError) error = NULL;
        g_autoptr(GVariant) reply = private_bus_call(client, BUS_NAME, path, interface, method,
                        g_variant_new_parsed(arguments), 0, &error);

        g_assert_no_error(error);
        g_assert_nonnull(reply);
        service_fixture_finish_jobs(fixture);
        return counts.proposals - before;
}

/* Whatever is changed: twice for somebody who has to be asked about, once for root. */
static void test_proposals_of_all(ServiceFixture *fixture, gconstpointer data)
{
        static const struct {
                const char *path, *interface, *method, *arguments;
        } table[] = {
                { ICE, DRIVER_INTERFACE, "Select", "('1.6.4', {'dry-run': <true>})" },
                { ICE, DRIVER_INTERFACE, "Deselect", "({'dry-run': <true>},)" },
                { DRIVER_PREFIX "/many_5f0", DRIVER_INTERFACE, "Remove",
                                "('1.0', {'dry-run': <true>, 'ignore': <['owned-by-package']>})" },
                { MANAGER_PATH, MANAGER_INTERFACE, "Adopt",
                                "('igb', {'dry-run': <true>, 'ignore': <['vermagic-mismatch']>})" },
        };
        g_autoptr(GDBusConnection) root =
                        geteuid() == 0 ? private_bus_connect_as_self(&fixture->private_bus) : NULL;

        for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
                g_test_message("%s", table[i].method);
                g_assert_cmpuint(count_proposals(fixture, fixture->private_bus.client, table[i].path,
                                                 table[i].interface, table[i].method, table[i].arguments),
                                ==, geteuid() == 0 ? 2 : 1);
                if (root)
                        g_assert_cmpuint(count_proposals(fixture, root, table[i].path, table[i].interface,
                                                         table[i].method, table[i].arguments),
                                        ==, 1);
        }
}

static void remove_kernel(GDBusConnection *client)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(GVariant) reply = private_bus_call(client, BUS_NAME, MANAGER_PATH, MANAGER_INTERFACE,
                        "KernelRemoved", g_variant_new_parsed("('9.9', @a{sv} {})"), 0, &error);

        g_assert_no_error(error);
        g_assert_nonnull(reply);
}

/* The host is read again once it may be done, and it is proposed for what there is then. */
static void test_kernel_removed(ServiceFixture *fixture, gconstpointer data)
{
        g_autoptr(GDBusConnection) root =
                        geteuid() == 0 ? private_bus_connect_as_self(&fixture->private_bus) : NULL;

        memset(&counts, 0, sizeof(counts));
        remove_kernel(fixture->private_bus.client);
        g_assert_cmpuint(counts.forgotten, ==, geteuid() == 0 ? 2 : 1);
        if (!root)
                return;
        counts.forgotten = 0;
        remove_kernel(root);
        g_assert_cmpuint(counts.forgotten, ==, 1);
}

typedef struct Cancel {
        bool answered;
        bool canceled;
} Cancel;

static void note_reply(GObject *source, GAsyncResult *result, void *userdata)
{
        Cancel *cancel = userdata;
        GVariant *reply = g_dbus_connection_call_finish(G_DBUS_CONNECTION(source), result, NULL);

        cancel->canceled = reply;
        cancel->answered = true;
        if (reply)
                g_variant_unref(reply);
}

static bool is_answered(void *userdata)
{
        return ((const Cancel *) userdata)->answered;
}

/* Selects a version and asks at once to cancel that. False if the job had ended before polkit answered. */
static bool cancel_in_time(ServiceFixture *fixture)
{
        g_autoptr(GVariant) reply = service_fixture_call(fixture, MANAGER_PATH, MANAGER_INTERFACE, "Select",
                        g_variant_new_parsed("([('ice', '1.6.4')], @a{sv} {})"));
        Cancel cancel = {};
        const char *job;

        g_variant_get(reply, "(&o)", &job);
        g_ptr_array_set_size(fixture->authority.questions, 0);
        g_dbus_connection_call(fixture->private_bus.client, BUS_NAME, job, JOB_INTERFACE, "Cancel", NULL,
                        NULL, 0, -1, NULL, note_reply, &cancel);
        private_bus_run_until(is_answered, &cancel);
        service_fixture_finish_jobs(fixture);
        return cancel.canceled;
}

/* To cancel is asked about the same drivers. */
static void test_cancel(ServiceFixture *fixture, gconstpointer data)
{
        /* depmod may be faster than two answers of polkit, on a machine that is busy otherwise. */
        while (!cancel_in_time(fixture)) {
                g_variant_unref(service_fixture_call(fixture, MANAGER_PATH, MANAGER_INTERFACE, "Select",
                                g_variant_new_parsed("([('ice', '1.11.17.1')], @a{sv} {})")));
                service_fixture_finish_jobs(fixture);
        }
        g_assert_cmpuint(fixture->authority.questions->len, ==, 2);
        check_question(fixture, 0,
                        "org.hostdriver1.select driver=ice package=intel-ice version=1.11.17.1 from=1.6.4 0");
        check_question(fixture, 1,
                        "org.hostdriver1.select driver=irdma package=intel-ice version=1.11.17.1 from=1.6.4 "
                        "0");
        service_fixture_check_property(fixture, ICE, DRIVER_INTERFACE, "Selected", "'1.11.17.1'");
}

#define TEST(name, function) \
        g_test_add("/permission/" name, ServiceFixture, NULL, set_up, function, service_fixture_tear_down)

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        TEST("neighbours", test_neighbours);
        TEST("neighbour-denied", test_neighbour_denied);
        TEST("ignore-and-kernels", test_ignore_and_kernels);
        TEST("cancel", test_cancel);
        TEST("proposals", test_proposals);
        TEST("proposals-of-all", test_proposals_of_all);
        TEST("kernel-removed", test_kernel_removed);
        return g_test_run();
}
