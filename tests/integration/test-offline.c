/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* hostdriverctl and driver-tool without the service: what is done is what the service would do, it takes up
 * what was done, and nobody else's root is touched. */

#include <fcntl.h>
#include <glib.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "chroot-root.h"
#include "disk-state.h"
#include "host.h"
#include "lock-holder.h"
#include "snapshot.h"
#include "tool-gate.h"

#define NO_BUS "DBUS_SYSTEM_BUS_ADDRESS=unix:path=/nonexistent/bus"
#define SYSTEM_BUS "/run/dbus/system_bus_socket"
#define IN_USE "Another hostdriverd works on this root"
#define NO_SERVICE "No hostdriverd runs for the root of this chroot."

static void host_with_device(SampleRoot *sample)
{
        host_with_nics(sample);
        sample_root_add_device(sample, "pci", "0000:3b:00.0",
                        "pci:v00008086d00001592sv00008086sd00000002bc02sc00i00");
}

/* --- running programs ---------------------------------------------------------------------------------- */

/* How a program is run. */
typedef struct Run {
        const char *bus;    /* NULL: none; "" the system's own */
        const char *daemon; /* NULL: ours */
        const char *prefix; /* words before the program's name */
        const char *program;
        uid_t uid;
        bool has_no_proc;
} Run;

static Process *start_program(Harness *harness, const Run *run, const char *line)
{
        g_autofree char *address = g_strconcat("DBUS_SYSTEM_BUS_ADDRESS=", run->bus, NULL),
                        *daemon = g_strconcat("HOSTDRIVER_DAEMON=",
                                        run->daemon ? run->daemon : harness_setting("HOSTDRIVERD"), NULL),
                        *log = g_strdup_printf(
                                        "%s/client-%u.log", harness->work.path, ++harness->daemon_runs),
                        *whole = g_strdup_printf("%s%s%s %s", run->prefix ? run->prefix : "",
                                        run->prefix ? " " : "", run->program, line);
        g_auto(GStrv) argv = g_strsplit(whole, " ", -1);
        bool system = run->bus && !*run->bus;

        return process_start(harness->event, log, (const char *const *) argv,
                        (const char *const[]){ "NO_COLOR=1", "PAGER=cat", daemon,
                                        system     ? NULL
                                        : run->bus ? address
                                                   : NO_BUS,
                                        NULL },
                        run->uid);
}

/* Waits for its end, which must be EXPECTED. What it printed; g_free() it. */
static char *finish(Process *process, int expected)
{
        char *output;

        process_wait(process);
        output = process_output(process);
        if (process_status(process) != expected)
                g_error("%s: exit status %d, not %d:\n%s", process->log, process_status(process), expected,
                                output);
        (void) process_free(process);
        return output;
}

static char *run_program(Harness *harness, const Run *run, int expected, const char *line)
{
        Process *process = start_program(harness, run, line);

        process_wait(process);
        /* Without /proc, a sanitizer that looks for leaks complains of that. */
        if (!run->has_no_proc)
                process_check_output(process);
        return finish(process, expected);
}

/* hostdriverctl --root of the harness's sample, without a bus. */
static char *offline_line(const SampleRoot *sample, const char *line)
{
        return g_strdup_printf("--no-pager --root=%s %s", sample->dir.path, line);
}

static char *run_offline_on(Harness *harness, const SampleRoot *sample, int expected, const char *line)
{
        const Run run = { .program = harness_setting("HOSTDRIVERCTL") };
        g_autofree char *whole = offline_line(sample, line);

        return run_program(harness, &run, expected, whole);
}

static char *run_offline(Harness *harness, int expected, const char *line)
{
        return run_offline_on(harness, &harness->sample, expected, line);
}

static char *run_on_bus(Harness *harness, int expected, const char *line)
{
        const Run run = { .bus = harness->address, .program = harness_setting("HOSTDRIVERCTL") };
        g_autofree char *whole = g_strconcat("--no-pager ", line, NULL);

        return run_program(harness, &run, expected, whole);
}

static void assert_has(const char *text, const char *part)
{
        if (!strstr(text, part))
                g_error("There is no \"%s\" in:\n%s", part, text);
}

static void run_offline_has(Harness *harness, int expected, const char *line, const char *part)
{
        g_autofree char *output = run_offline(harness, expected, line);

        assert_has(output, part);
}

/* --- as on the bus ------------------------------------------------------------------------------------- */

/* Each process begins to count its jobs; the two roots are two, and the lines one after another. */
static char *without_numbers(const char *text)
{
        static const char *const patterns[][2] = {
                { "\"job\":\"[0-9]+\"", "\"job\":\"N\"" },
                { "Job [0-9]+", "Job N" },
                { "\"root_id\":\"[^\"]*\"", "\"root_id\":\"R\"" },
                { "\"time\":[0-9]+", "\"time\":T" },
                { "20[0-9]{2}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}", "TIME" },
        };
        char *result = g_strdup(text);

        for (size_t i = 0; i < G_N_ELEMENTS(patterns); i++) {
                g_autoptr(GRegex) regex = g_regex_new(patterns[i][0], 0, 0, NULL);
                char *next = g_regex_replace_literal(regex, result, -1, 0, patterns[i][1], 0, NULL);

                g_free(result);
                result = next;
        }
        return result;
}

static void compare_line(Harness *harness, const SampleRoot *other, int expected, const char *line)
{
        g_autofree char *bus = run_on_bus(harness, expected, line),
                        *offline = run_offline_on(harness, other, expected, line), *a = without_numbers(bus),
                        *b = without_numbers(offline);

        if (!g_str_equal(a, b))
                g_error("%s: with the bus\n%s\nand without\n%s", line, a, b);
}

static void test_same(void)
{
        static const struct {
                int status;
                const char *line;
        } table[] = {
                { 0, "list" },
                { 0, "show ice" },
                { 3, "show ice nothing" },
                { 0, "why ice" },
                { 0, "check ice 1.6.4" },
                { 3, "check ice 9.9" },
                { 0, "kernels" },
                { 0, "devices" },
                { 0, "initramfs" },
                { 0, "select ice 1.6.4 --dry-run" },
                { 0, "select ice 1.6.4" },
                { 0, "show ice ixgbe" },
                { 0, "why ice" },
                { 0, "select ice 1.11.17.1 ixgbe 5.3.5" },
                { 0, "select ice 1.11.17.1" },
                { 2, "deselect ixgbe" },
                { 0, "deselect ixgbe --force" },
                { 3, "select nothing 1" },
                { 3, "select ice 9.9" },
                { 2, "select ice 1.6.4 --ignore=nonsense" },
                { 2, "select ice 1.6.4 --kernel=1.2.3" },
                { 0, "import %s" },
                { 1, "import %s" },
                { 0, "select ice 2" },
                { 1, "remove ice 2" },
                { 0, "remove ice 1.6.4" },
                { 0, "adopt tg3" },
                { 0, "adopt tg3 --undo" },
                { 0, "policy ice newest" },
                { 0, "policy ice" },
                { 0, "kernel-added " SAMPLE_KERNEL },
                { 0, "kernels" },
                { 0, "history" },
                { 0, "compare-versions 1.6.4 1.11.17.1" },
                { 0, "list" },
        };
        const ModuleSpec spec = { .vermagic = SAMPLE_KERNEL " SMP mod_unload modversions ", .version = "2" };
        Harness *harness CLEANUP_HARNESS = harness_new(host_with_device);
        SampleRoot other CLEANUP_SAMPLE_ROOT = { 0 };
        char *file CLEANUP_FREE = temp_dir_path(&harness->work, "ice.ko");
        g_autofree char *disk = NULL, *other_disk = NULL;

        module_writer_write(&(ModuleSpec){ .name = "ice",
                                            .version = "2",
                                            .vermagic = spec.vermagic,
                                            .license = "GPL" },
                        file);
        host_with_device(&other);
        sample_root_add_module(&harness->sample, SAMPLE_KERNEL, "updates/tg3.ko", "3.137");
        sample_root_add_module(&other, SAMPLE_KERNEL, "updates/tg3.ko", "3.137");
        harness_start_daemon(harness);
        for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
                g_auto(GStrv) parts = g_strsplit(table[i].line, "%s", 2);
                g_autofree char *line = g_strjoinv(file, parts),
                                *json = g_strconcat("--json=short ", line, NULL);

                compare_line(harness, &other, table[i].status, i % 2 == 0 ? line : json);
                if (g_str_equal(line, "list"))
                        compare_line(harness, &other, 0, json);
        }
        disk = disk_state(harness->sample.dir.path);
        other_disk = disk_state(other.dir.path);
        g_assert_cmpstr(disk, ==, other_disk);
}

/* --- the service that comes later ---------------------------------------------------------------------- */

static void test_taken_up(void)
{
        static const char *const lines[] = { "--json=short list", "--json=short history",
                "--json=short kernels" };
        Harness *harness CLEANUP_HARNESS = harness_new(host_with_device);
        g_autofree char *link = host_module_path(harness, "updates/ice.ko");
        g_autofree char *told = NULL;

        g_free(run_offline(harness, 0, "select ice 1.6.4"));
        g_free(run_offline(harness, 0, "select ixgbe 5.3.5"));
        g_free(run_offline(harness, 0, "deselect ixgbe --force"));
        for (size_t i = 0; i < G_N_ELEMENTS(lines); i++) {
                g_autofree char *before = run_offline(harness, 0, lines[i]), *on_bus = NULL, *after = NULL;

                harness_start_daemon(harness);
                on_bus = run_on_bus(harness, 0, lines[i]);
                harness_stop_daemon(harness);
                after = run_offline(harness, 0, lines[i]);
                g_assert_cmpstr(before, ==, on_bus);
                g_assert_cmpstr(before, ==, after);
                g_assert_null(strstr(before, "drift"));
        }
        /* What was wanted is remembered: somebody else's change is seen as such. */
        g_assert_cmpint(unlink(link), ==, 0);
        harness_start_daemon(harness);
        told = run_on_bus(harness, 0, "show ice");
        assert_has(told, "drift");
        run_offline_has(harness, 1, "list", IN_USE);
}

/* --- interrupted --------------------------------------------------------------------------------------- */

static pid_t parent_of(pid_t pid)
{
        g_autofree char *path = g_strdup_printf("/proc/%d/stat", pid), *text = NULL;
        const char *end;
        int parent;

        if (!g_file_get_contents(path, &text, NULL, NULL))
                return 0;
        end = strrchr(text, ')');
        return end && sscanf(end, ") %*c %d", &parent) == 1 ? parent : 0;
}

/* The hostdriverd that the client has started. */
static pid_t daemon_of(const Process *client)
{
        g_autoptr(GDir) dir = g_dir_open("/proc", 0, NULL);
        const char *name;

        while ((name = g_dir_read_name(dir)))
                if (g_ascii_isdigit(*name) && parent_of(atoi(name)) == client->pid)
                        return atoi(name);
        g_error("the client has started nobody");
}

/* A selection that has come to depmod, which waits. */
static Process *begin_selection(Harness *harness)
{
        const Run run = { .program = harness_setting("HOSTDRIVERCTL") };
        g_autofree char *line = offline_line(&harness->sample, "select ice 1.6.4");
        Process *process;

        tool_gate_close(harness);
        process = start_program(harness, &run, line);
        tool_gate_meet(harness);
        return process;
}

static void assert_selected(Harness *harness)
{
        char *mark CLEANUP_FREE = temp_dir_path(&harness->sample.dir, "var/lib/hostdriver/pending");

        host_assert_link(harness, "ice.ko", "../xenserver/intel-ice/1.6.4/ice.ko");
        host_assert_effective(harness, "ice", "xenserver/intel-ice/1.6.4/ice.ko");
        g_assert_false(g_file_test(mark, G_FILE_TEST_EXISTS));
}

static void kill_daemon(Harness *harness)
{
        Process *client = begin_selection(harness);
        g_autofree char *output = NULL;

        g_assert_cmpint(kill(daemon_of(client), SIGKILL), ==, 0);
        output = finish(client, 1);
        assert_has(output, "Run the command again");
        tool_gate_open(harness);
}

static void test_killed(void)
{
        Harness *harness CLEANUP_HARNESS = harness_new(host_with_device);

        kill_daemon(harness);
        /* Reading is enough. */
        run_offline_has(harness, 0, "list", "1.6.4");
        assert_selected(harness);
        run_offline_has(harness, 0, "history ice", "done");
}

static void test_killed_service(void)
{
        Harness *harness CLEANUP_HARNESS = harness_new(host_with_device);

        kill_daemon(harness);
        harness_start_daemon(harness);
        recorder_wait(harness->recorder, MANAGER_PATH " JobRemoved * ice done");
        assert_selected(harness);
}

/* The service's change, which it could not end. */
static void test_service_killed(void)
{
        Harness *harness CLEANUP_HARNESS = harness_new(host_with_device);

        harness_start_daemon(harness);
        tool_gate_close(harness);
        g_free(call_text(harness->superuser, DRIVER_PATH("ice"), DRIVER, "Select", "sa{sv}", "1.6.4", 0));
        tool_gate_meet(harness);
        process_signal(harness->daemon, SIGKILL);
        process_wait(harness->daemon);
        harness->daemon = process_free(harness->daemon);
        tool_gate_open(harness);
        run_offline_has(harness, 0, "list", "1.6.4");
        assert_selected(harness);
}

/* Waits until nobody works on the root. */
static void wait_for_end(const Harness *harness)
{
        char *path CLEANUP_FREE = temp_dir_path(&harness->sample.dir, "var/lib/hostdriver/service");
        int fd CLEANUP_FD = open(path, O_RDWR | O_CLOEXEC);

        g_assert_cmpint(fd, >=, 0);
        g_assert_cmpint(flock(fd, LOCK_EX), ==, 0);
}

/* Whoever has asked is gone; the job goes on. */
static void test_client_killed(void)
{
        Harness *harness CLEANUP_HARNESS = harness_new(host_with_device);
        Process *client = begin_selection(harness);

        process_signal(client, SIGKILL);
        process_wait(client);
        (void) process_free(client);
        run_offline_has(harness, 1, "list", IN_USE);
        tool_gate_open(harness);
        wait_for_end(harness);
        assert_selected(harness);
        run_offline_has(harness, 0, "history ice", "done");
}

/* --- several at once ----------------------------------------------------------------------------------- */

static void test_two(void)
{
        Harness *harness CLEANUP_HARNESS = harness_new(host_with_device);
        Process *first = begin_selection(harness), *service;
        g_autofree char *output = NULL;

        run_offline_has(harness, 1, "list", IN_USE);
        run_offline_has(harness, 1, "select ice 1.11.17.1", IN_USE);
        /* Nor does a service begin. */
        service = harness_spawn_daemon(harness, NULL);
        process_wait(service);
        g_assert_cmpint(process_status(service), ==, 1);
        (void) process_free(service);
        tool_gate_open(harness);
        output = finish(first, 0);
        assert_has(output, "ice: 1.6.4 is selected.");
        assert_selected(harness);
}

static void test_failed_job(void)
{
        Harness *harness CLEANUP_HARNESS = harness_new(host_with_device);
        g_autofree char *before = disk_state(harness->sample.dir.path), *after = NULL, *output = NULL;

        tool_gate_break(harness);
        output = run_offline(harness, 1, "select ice 1.6.4");
        tool_gate_open(harness);
        assert_has(output, "the test says so");
        /* Told once. */
        g_assert_null(strstr(output, "hostdriverd:"));
        after = disk_state(harness->sample.dir.path);
        g_assert_cmpstr(before, ==, after);
}

/* --- who may, and what is missing ---------------------------------------------------------------------- */

static void test_nobody(void)
{
        Harness *harness CLEANUP_HARNESS = harness_new(host_with_device);
        char *client CLEANUP_FREE = host_copy_client(harness);
        const Run run = { .program = client, .uid = SANDBOX_STRANGER_UID };
        static const char *const lines[] = { "list", "select ice 1.6.4" };

        g_assert_cmpint(chmod(harness->sample.dir.path, 0755), ==, 0);
        for (size_t i = 0; i < G_N_ELEMENTS(lines); i++) {
                char *before = snapshot_take_exactly(harness->sample.dir.path), *after;
                g_autofree char *line = offline_line(&harness->sample, lines[i]),
                                *output = run_program(harness, &run, 4, line);

                assert_has(output, "only root");
                after = snapshot_take_exactly(harness->sample.dir.path);
                g_assert_cmpstr(before, ==, after);
                g_free(before);
                g_free(after);
        }
}

static void test_errors(void)
{
        static const struct {
                int status;
                const char *line, *part;
        } table[] = {
                { 1, "monitor", "monitor needs the service" },
                { 1, "jobs", "jobs needs the service" },
                { 1, "cancel 1", "cancel needs the service" },
                { 1, "rescan", "rescan needs the service" },
                { 2, "select ice 1.6.4 --no-block", "--no-block needs the service" },
                { 2, "-H somewhere list", "excludes --host" },
                { 1, "--root=/nonexistent list", "\"/nonexistent\" can't be used" },
        };
        Harness *harness CLEANUP_HARNESS = harness_new(host_with_device);
        const Run run = { .program = harness_setting("HOSTDRIVERCTL"),
                .daemon = "/nonexistent/hostdriverd" };
        g_autofree char *line = offline_line(&harness->sample, "list"), *output = NULL;

        for (size_t i = 0; i < G_N_ELEMENTS(table); i++)
                run_offline_has(harness, table[i].status, table[i].line, table[i].part);
        host_assert_link(harness, "ice.ko", "");
        output = run_program(harness, &run, 1, line);
        assert_has(output, "/nonexistent/hostdriverd, which does the work, can't be run");
}

/* What isn't known isn't what isn't there. */
static void test_no_sys(void)
{
        Harness *harness CLEANUP_HARNESS = harness_new(host_with_nics);

        run_offline_has(harness, 0, "select ice 1.6.4", "/sys shows no device.");
        assert_selected(harness);
}

static void test_read_only(void)
{
        Harness *harness CLEANUP_HARNESS = harness_new(host_with_device);
        const char *path = harness->sample.dir.path;
        char *before = snapshot_take(path);

        g_assert_cmpint(mount(path, path, NULL, MS_BIND, NULL), ==, 0);
        g_assert_cmpint(mount(NULL, path, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL), ==, 0);
        run_offline_has(harness, 0, "list", "1.11.17.1");
        run_offline_has(harness, 1, "select ice 1.6.4", "on a read-only file system");
        g_assert_cmpint(umount2(path, MNT_DETACH), ==, 0);
        snapshot_assert_same(path, before);
        g_free(before);
}

/* --- which service is asked ---------------------------------------------------------------------------- */

/* By another path to the same root. */
static void test_asked(void)
{
        Harness *harness CLEANUP_HARNESS = harness_new(host_with_device);
        const Run run = { .bus = harness->address, .program = harness_setting("HOSTDRIVERCTL") };
        char *path CLEANUP_FREE = temp_dir_path(&harness->work, "mnt");
        g_autofree char *line = g_strdup_printf("--root=%s select ice 1.6.4", path), *output = NULL;

        temp_dir_mkdir(&harness->work, "mnt");
        g_assert_cmpint(mount(harness->sample.dir.path, path, NULL, MS_BIND, NULL), ==, 0);
        harness_start_daemon(harness);
        output = run_program(harness, &run, 0, line);
        recorder_wait(harness->recorder, MANAGER_PATH " JobRemoved * ice done");
        assert_selected(harness);
        g_assert_cmpint(umount2(path, MNT_DETACH), ==, 0);
}

/* /run is the test's, and the bus of the harness is the system's. */
static void enter_run(const Harness *harness)
{
        char *bus CLEANUP_FREE = temp_dir_path(&harness->work, "bus");

        g_assert_cmpint(mount("tmpfs", "/run", "tmpfs", 0, "mode=755"), ==, 0);
        g_assert_cmpint(g_mkdir_with_parents("/run/dbus", 0755), ==, 0);
        g_assert_true(g_file_set_contents(SYSTEM_BUS, "", 0, NULL));
        g_assert_cmpint(mount(bus, SYSTEM_BUS, NULL, MS_BIND, NULL), ==, 0);
}

static void leave_run(void)
{
        g_assert_cmpint(umount2("/run", MNT_DETACH), ==, 0);
}

/* What a program in the chroot printed. */
static char *run_inside(Harness *harness, const SampleRoot *sample, const char *program, int expected,
                const char *line)
{
        g_autofree char *prefix = g_strconcat("/usr/sbin/chroot ", sample->dir.path, NULL),
                        *inside = chroot_root_path(harness_setting(program)),
                        *daemon = chroot_root_path(harness_setting("HOSTDRIVERD"));
        g_autofree char *proc = g_build_filename(sample->dir.path, "proc/self", NULL);
        bool has_proc = g_file_test(proc, G_FILE_TEST_EXISTS);
        const Run run = {
                .bus = "", .daemon = daemon, .prefix = prefix, .program = inside, .has_no_proc = !has_proc
        };

        return run_program(harness, &run, expected, line);
}

static void assert_inside(Harness *harness, const SampleRoot *sample, const char *program, int expected,
                const char *line, const char *part, bool without_service)
{
        g_autofree char *output = run_inside(harness, sample, program, expected, line);

        assert_has(output, part);
        g_assert_cmpint(strstr(output, NO_SERVICE) != NULL, ==, without_service);
}

static void assert_link_in(const SampleRoot *sample, const char *target)
{
        char *path CLEANUP_FREE =
                        temp_dir_path(&sample->dir, "lib/modules/" SAMPLE_KERNEL "/updates/ice.ko");
        g_autofree char *text = g_file_read_link(path, NULL);

        g_assert_cmpstr(text, ==, target);
}

/* A chroot that has the host's /run: the service of the host's root is on the bus there. */
static void test_other_root(void)
{
        Harness *harness CLEANUP_HARNESS = harness_new(host_with_device);
        SampleRoot target CLEANUP_SAMPLE_ROOT = { 0 };
        ChrootRoot inside CLEANUP_CHROOT_ROOT = { 0 };
        g_autofree char *before = NULL, *after = NULL, *list = NULL, *list_after = NULL;
        const char *obstacle;

        host_with_device(&target);
        enter_run(harness);
        obstacle = chroot_root_enter(&target, true, true, &inside);
        if (obstacle) {
                leave_run();
                g_test_skip(obstacle);
                return;
        }
        harness_start_daemon(harness);
        host_select(harness, harness->superuser, DRIVER_PATH("ice"), "1.11.17.1");
        list = run_on_bus(harness, 0, "--json=short list");
        before = snapshot_take_exactly(harness->sample.dir.path);
        recorder_clear(harness->recorder);
        assert_inside(harness, &target, "HOSTDRIVERCTL", 0, "list", "1.6.4", true);
        assert_inside(harness, &target, "HOSTDRIVERCTL", 0, "select ice 1.6.4", "1.6.4 is selected", true);
        assert_link_in(&target, "../xenserver/intel-ice/1.6.4/ice.ko");
        assert_inside(harness, &target, "HOSTDRIVERCTL", 3, "select ice 9.9", "no version 9.9", true);
        assert_inside(harness, &target, "HOSTDRIVERCTL", 0, "--root=/ deselect ice --force",
                        "no version is selected", false);
        assert_inside(harness, &target, "DRIVER_TOOL", 0, "-l", "intel-ice", true);
        assert_inside(harness, &target, "DRIVER_TOOL", 0, "-s -n intel-ice -v 1.6.4", NO_SERVICE, true);
        assert_link_in(&target, "../xenserver/intel-ice/1.6.4/ice.ko");
        after = snapshot_take_exactly(harness->sample.dir.path);
        list_after = run_on_bus(harness, 0, "--json=short list");
        g_assert_cmpstr(before, ==, after);
        g_assert_cmpstr(list, ==, list_after);
        g_assert_cmpuint(recorder_count(harness->recorder, "*"), ==, 0);
        g_assert_false(g_file_test("/run/hostdriver", G_FILE_TEST_EXISTS));
        g_assert_false(g_file_test("/run/reboot-required", G_FILE_TEST_EXISTS));
        chroot_root_leave(&inside);
        leave_run();
}

/* The same where the service is the chroot's: it runs outside, beneath that root. */
static void test_same_root(void)
{
        Harness *harness CLEANUP_HARNESS = harness_new(host_with_device);
        ChrootRoot inside CLEANUP_CHROOT_ROOT = { 0 };
        const char *obstacle;

        enter_run(harness);
        obstacle = chroot_root_enter(&harness->sample, true, true, &inside);
        if (obstacle) {
                leave_run();
                g_test_skip(obstacle);
                return;
        }
        harness_start_daemon(harness);
        assert_inside(harness, &harness->sample, "HOSTDRIVERCTL", 0, "select ice 1.6.4", "1.6.4 is selected",
                        false);
        recorder_wait(harness->recorder, MANAGER_PATH " JobRemoved * ice done");
        assert_inside(harness, &harness->sample, "DRIVER_TOOL", 0, "-s -n intel-ice -v 1.11.17.1", "",
                        false);
        recorder_wait(harness->recorder, MANAGER_PATH " JobRemoved * ice done");
        assert_link_in(&harness->sample, "../xenserver/intel-ice/1.11.17.1/ice.ko");
        harness_stop_daemon(harness);
        chroot_root_leave(&inside);
        leave_run();
}

/* An installer's chroot has no bus. */
static void test_driver_tool(void)
{
        Harness *harness CLEANUP_HARNESS = harness_new(host_with_device);
        ChrootRoot inside CLEANUP_CHROOT_ROOT = { 0 };
        const char *obstacle = chroot_root_enter(&harness->sample, true, false, &inside);
        SampleRoot *sample = &harness->sample;

        if (obstacle) {
                g_test_skip(obstacle);
                return;
        }
        assert_inside(harness, sample, "DRIVER_TOOL", 0, "-l", "intel-ice", true);
        assert_inside(harness, sample, "DRIVER_TOOL", 0, "-s -n intel-ice -v 1.6.4", "", true);
        assert_link_in(sample, "../xenserver/intel-ice/1.6.4/ice.ko");
        assert_inside(harness, sample, "DRIVER_TOOL", 0, "-d intel-ice", "", true);
        assert_link_in(sample, NULL);
        assert_inside(harness, sample, "DRIVER_TOOL", 0, "-s -n intel-ice -v 1.11.17.1", "", true);
        chroot_root_leave(&inside);
        harness_start_daemon(harness);
        assert_property(harness->stranger, DRIVER_PATH("ice"), DRIVER, "Selected", "1.11.17.1");
}

static void test_no_proc(void)
{
        Harness *harness CLEANUP_HARNESS = harness_new(host_with_device);
        ChrootRoot inside CLEANUP_CHROOT_ROOT = { 0 };
        const char *obstacle = chroot_root_enter(&harness->sample, false, false, &inside);
        g_autofree char *output = NULL;

        if (obstacle) {
                g_test_skip(obstacle);
                return;
        }
        output = run_inside(harness, &harness->sample, "HOSTDRIVERCTL", 1, "select ice 1.6.4");
        assert_has(output, "/proc isn't mounted");
        assert_link_in(&harness->sample, NULL);
        chroot_root_leave(&inside);
}

static void add_tests(void)
{
        g_test_add_func("/offline/same", test_same);
        g_test_add_func("/offline/taken-up", test_taken_up);
        g_test_add_func("/offline/killed", test_killed);
        g_test_add_func("/offline/killed-service", test_killed_service);
        g_test_add_func("/offline/service-killed", test_service_killed);
        g_test_add_func("/offline/client-killed", test_client_killed);
        g_test_add_func("/offline/two", test_two);
        g_test_add_func("/offline/failed-job", test_failed_job);
        g_test_add_func("/offline/nobody", test_nobody);
        g_test_add_func("/offline/errors", test_errors);
        g_test_add_func("/offline/no-sys", test_no_sys);
        g_test_add_func("/offline/read-only", test_read_only);
        g_test_add_func("/offline/asked", test_asked);
        g_test_add_func("/offline/other-root", test_other_root);
        g_test_add_func("/offline/same-root", test_same_root);
        g_test_add_func("/offline/driver-tool", test_driver_tool);
        g_test_add_func("/offline/no-proc", test_no_proc);
}

int main(int argc, char *argv[])
{
        return harness_main(argc, argv, add_tests);
}
