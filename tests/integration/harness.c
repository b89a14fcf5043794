/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A bus of its own, polkit and the real service, for one test. */

#include "harness.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "wait.h"

/* The rules of Debian's system bus; policy/org.hostdriver1.conf is included as it is. Nothing is started on
 * demand but what a test puts into "services". */
static const char bus_configuration[] =
                "<!DOCTYPE busconfig PUBLIC \"-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN\"\n"
                " \"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\">\n"
                "<busconfig>\n"
                "  <type>system</type>\n"
                "  <listen>unix:path=%s/bus</listen>\n"
                "  <servicedir>%s/services</servicedir>\n"
                "  <auth>EXTERNAL</auth>\n"
                "  <policy context=\"default\">\n"
                "    <allow user=\"*\"/>\n"
                "    <deny own=\"*\"/>\n"
                "    <deny send_type=\"method_call\"/>\n"
                "    <allow send_type=\"signal\"/>\n"
                "    <allow send_requested_reply=\"true\" send_type=\"method_return\"/>\n"
                "    <allow send_requested_reply=\"true\" send_type=\"error\"/>\n"
                "    <allow receive_type=\"method_call\"/>\n"
                "    <allow receive_type=\"method_return\"/>\n"
                "    <allow receive_type=\"error\"/>\n"
                "    <allow receive_type=\"signal\"/>\n"
                "    <allow send_destination=\"org.freedesktop.DBus\"/>\n"
                "    <allow send_destination=\"org.freedesktop.PolicyKit1\"/>\n"
                "  </policy>\n"
                "  <policy user=\"root\"><allow own=\"org.freedesktop.PolicyKit1\"/></policy>\n"
                "  <policy user=\"polkitd\">\n"
                "    <allow own=\"org.freedesktop.PolicyKit1\"/>\n"
                "    <allow send_interface=\"org.freedesktop.PolicyKit1.AuthenticationAgent\"/>\n"
                "  </policy>\n"
                "  <include>%s</include>\n"
                "</busconfig>\n";

const char *harness_setting(const char *name)
{
        const char *value = g_getenv(name);

        if (!value || !*value)
                g_error("%s isn't set: run this by meson test", name);
        return value;
}

sd_bus *harness_connect(const Harness *harness, uid_t uid)
{
        sd_bus *bus = NULL;

        g_assert_cmpint(sd_bus_new(&bus), >=, 0);
        g_assert_cmpint(sd_bus_set_address(bus, harness->address), >=, 0);
        g_assert_cmpint(sd_bus_set_bus_client(bus, true), >=, 0);
        /* Who a client is, the bus takes from its socket: it is whoever connected it. */
        g_assert_cmpint(seteuid(uid), ==, 0);
        g_assert_cmpint(sd_bus_start(bus), >=, 0);
        g_assert_cmpint(seteuid(0), ==, 0);
        g_assert_cmpint(sd_bus_attach_event(bus, harness->event, SD_EVENT_PRIORITY_NORMAL), >=, 0);
        return bus;
}

/* dbus-daemon prints its address when it listens. */
static void start_bus(Harness *harness)
{
        char *configuration = g_strdup_printf(bus_configuration, harness->work.path, harness->work.path,
                        harness_setting("HOSTDRIVER_BUS_POLICY"));
        char *file CLEANUP_FREE = NULL, *log CLEANUP_FREE = NULL;
        char *config_option, *print_option, line[256];
        int ends[2];

        temp_dir_mkdir(&harness->work, "services");
        temp_dir_write(&harness->work, "bus.conf", configuration);
        file = temp_dir_path(&harness->work, "bus.conf");
        log = temp_dir_path(&harness->work, "bus.log");
        g_assert_cmpint(pipe(ends), ==, 0);
        g_assert_cmpint(fcntl(ends[0], F_SETFD, FD_CLOEXEC), ==, 0);
        config_option = g_strdup_printf("--config-file=%s", file);
        print_option = g_strdup_printf("--print-address=%d", ends[1]);
        harness->bus_daemon = process_start(harness->event, log,
                        (const char *const[]){ "/usr/bin/dbus-daemon", config_option, "--nofork",
                                        "--nopidfile", print_option, NULL },
                        NULL, 0);
        (void) close(ends[1]);
        if (read(ends[0], line, sizeof(line)) <= 0)
                g_error("dbus-daemon doesn't start: %s", process_output(harness->bus_daemon));
        (void) close(ends[0]);
        harness->address = g_strdup_printf("unix:path=%s/bus", harness->work.path);
        g_free(configuration);
        g_free(config_option);
        g_free(print_option);
}

Harness *harness_new(void (*init)(SampleRoot *sample))
{
        Harness *harness = g_new0(Harness, 1);

        temp_dir_init(&harness->work, "integration");
        g_assert_cmpint(chmod(harness->work.path, 0711), ==, 0);
        harness->gate_fd = -1;
        init(&harness->sample);
        harness->kernel = host_root_kernel(harness->sample.root);
        g_assert_cmpint(sd_event_new(&harness->event), >=, 0);
        start_bus(harness);
        harness->superuser = harness_connect(harness, 0);
        harness->member = harness_connect(harness, SANDBOX_OPERATOR_UID);
        harness->stranger = harness_connect(harness, SANDBOX_STRANGER_UID);
        harness->recorder = recorder_new(harness->superuser);
        return harness;
}

typedef struct NameWait {
        sd_bus *bus;
        const char *name;
        bool owned;
        const Process *process;
} NameWait;

static bool name_is_so(void *userdata)
{
        NameWait *wait = userdata;

        if (wait->process && wait->process->ended)
                g_error("%s ended with status %d:\n%s", wait->process->name, process_status(wait->process),
                                process_output(wait->process));
        return (sd_bus_get_name_creds(wait->bus, wait->name, 0, NULL) >= 0) == wait->owned;
}

static int on_owner_changed(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
        return 0; /* it wakes the loop, which looks again */
}

void harness_wait_name(Harness *harness, const char *name, bool owned, const Process *process)
{
        char *match = g_strdup_printf("type='signal',sender='org.freedesktop.DBus',"
                                      "member='NameOwnerChanged',arg0='%s'",
                        name);
        NameWait wait = { harness->superuser, name, owned, process };
        sd_bus_slot *slot = NULL;

        g_assert_cmpint(sd_bus_add_match(harness->superuser, &slot, match, on_owner_changed, NULL), >=, 0);
        wait_until(harness->event, name_is_so, &wait, name);
        (void) sd_bus_slot_unref(slot);
        g_free(match);
}

/* Everything that isn't a bus speaks to the test's. */
static Process *start_on_bus(Harness *harness, const char *log_name, const char *const argv[])
{
        char *address = g_strconcat("DBUS_SYSTEM_BUS_ADDRESS=", harness->address, NULL);
        char *log CLEANUP_FREE = temp_dir_path(&harness->work, log_name);
        Process *process =
                        process_start(harness->event, log, argv, (const char *const[]){ address, NULL }, 0);

        g_free(address);
        return process;
}

void harness_start_polkitd(Harness *harness, const char *rules)
{
        sandbox_set_rules(rules);
        harness->polkitd = start_on_bus(harness, "polkitd.log",
                        (const char *const[]){ "/usr/lib/polkit-1/polkitd", "--no-debug", NULL });
        harness_wait_name(harness, "org.freedesktop.PolicyKit1", true, harness->polkitd);
}

void harness_start_polkitd_with_example(Harness *harness)
{
        char *rules = NULL;

        g_assert_true(g_file_get_contents(harness_setting("HOSTDRIVER_RULES"), &rules, NULL, NULL));
        harness_start_polkitd(harness, rules);
        g_free(rules);
}

void harness_start_script(Harness *harness, PolkitMode mode)
{
        harness->script = polkit_script_new(harness_connect(harness, 0), mode);
}

Process *harness_spawn_daemon(Harness *harness, const char *extra)
{
        char *root = g_strconcat("--root=", harness->sample.dir.path, NULL);
        char *kernel = g_strconcat("--kernel=", harness->kernel, NULL);
        char *log = g_strdup_printf("daemon-%u.log", ++harness->daemon_runs);
        char **argv = g_strsplit(g_getenv("HOSTDRIVER_WRAPPER") ?: "", " ", -1);
        GPtrArray *all = g_ptr_array_new();
        Process *process;

        for (size_t i = 0; argv[i]; i++)
                if (*argv[i])
                        g_ptr_array_add(all, argv[i]);
        g_ptr_array_add(all, (char *) harness_setting("HOSTDRIVERD"));
        g_ptr_array_add(all, root);
        g_ptr_array_add(all, kernel);
        g_ptr_array_add(all, (char *) extra);
        g_ptr_array_add(all, NULL);
        process = start_on_bus(harness, log, (const char *const *) all->pdata);
        g_ptr_array_unref(all);
        g_strfreev(argv);
        g_free(root);
        g_free(kernel);
        g_free(log);
        return process;
}

void harness_start_daemon(Harness *harness)
{
        g_assert_null(harness->daemon);
        harness->daemon = harness_spawn_daemon(harness, NULL);
        harness_wait_name(harness, SERVICE_NAME, true, harness->daemon);
}

void harness_stop_daemon(Harness *harness)
{
        process_signal(harness->daemon, SIGTERM);
        process_wait(harness->daemon);
        process_check_output(harness->daemon);
        if (process_status(harness->daemon) != 0)
                g_error("The service ended with status %d:\n%s", process_status(harness->daemon),
                                process_output(harness->daemon));
        harness->daemon = process_free(harness->daemon);
}

Harness *harness_free(Harness *harness)
{
        if (!harness)
                return NULL;
        if (harness->daemon)
                harness_stop_daemon(harness);
        harness->script = polkit_script_free(harness->script);
        harness->polkitd = process_free(harness->polkitd);
        harness->recorder = recorder_free(harness->recorder);
        harness->superuser = sd_bus_flush_close_unref(harness->superuser);
        harness->member = sd_bus_flush_close_unref(harness->member);
        harness->stranger = sd_bus_flush_close_unref(harness->stranger);
        harness->bus_daemon = process_free(harness->bus_daemon);
        (void) fd_close(harness->gate_fd);
        (void) sd_event_unref(harness->event);
        sample_root_done(&harness->sample);
        temp_dir_done(&harness->work);
        g_free(harness->address);
        g_free(harness);
        return NULL;
}

static const char *skip_reason;

static void test_skipped(void)
{
        g_test_skip(skip_reason);
}

int harness_main(int argc, char *argv[], void (*add)(void))
{
        sigset_t child;
        int status;

        /* sd_event_add_child() wants it. */
        (void) sigemptyset(&child);
        (void) sigaddset(&child, SIGCHLD);
        (void) sigprocmask(SIG_BLOCK, &child, NULL);
        (void) signal(SIGPIPE, SIG_IGN);

        skip_reason = sandbox_enter();
        g_test_init(&argc, &argv, NULL);
        if (skip_reason)
                g_test_add_func("/all", test_skipped);
        else
                add();
        status = g_test_run();
        sandbox_leave();
        return status;
}
