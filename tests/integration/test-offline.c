/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* hostdriverctl beneath another root without the service: what is done is what the service would do, and it
 * takes up what was done. */

#include <fcntl.h>
#include <glib.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "disk-state.h"
#include "host.h"
#include "lock-holder.h"
#include "program-run.h"
#include "sample-initramfs.h"
#include "snapshot.h"
#include "terminal-run.h"
#include "tool-gate.h"

#define IN_USE "Another hostdriverd works on this root"

static void host_with_device(SampleRoot *sample)
{
        host_with_nics(sample);
        sample_root_add_device(sample, "pci", "0000:3b:00.0",
                        "pci:v00008086d00001592sv00008086sd00000002bc02sc00i00");
}

/* hostdriverctl --root of the harness's sample, without a bus. */
static char *offline_line(const SampleRoot *sample, const char *line)
{
        return g_strdup_printf("--no-pager --root=%s %s", sample->dir.path, line);
}

static char *run_offline_on(Harness *harness, const SampleRoot *sample, int expected, const char *line)
{
        const ProgramRun run = { .program = harness_setting("HOSTDRIVERCTL") };
        g_autofree char *whole = offline_line(sample, line);

        return program_run(harness, &run, expected, whole);
}

static char *run_offline(Harness *harness, int expected, const char *line)
{
        return run_offline_on(harness, &harness->sample, expected, line);
}

static char *run_on_bus(Harness *harness, int expected, const char *line)
{
        const ProgramRun run = { .bus = harness->address, .program = harness_setting("HOSTDRIVERCTL") };
        g_autofree char *whole = g_strconcat("--no-pager ", line, NULL);

        return program_run(harness, &run, expected, whole);
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
                { "counts as the running one", "is running" }, /* this machine's has another name */
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

/* "%s" is a module file. */
static const struct {
        int status;
        const char *line;
} same_lines[] = {
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

static void test_same(void)
{
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
        for (size_t i = 0; i < G_N_ELEMENTS(same_lines); i++) {
                g_auto(GStrv) parts = g_strsplit(same_lines[i].line, "%s", 2);
                g_autofree char *line = g_strjoinv(file, parts),
                                *json = g_strconcat("--json=short ", line, NULL);

                compare_line(harness, &other, same_lines[i].status, i % 2 == 0 ? line : json);
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
        const ProgramRun run = { .program = harness_setting("HOSTDRIVERCTL") };
        g_autofree char *line = offline_line(&harness->sample, "select ice 1.6.4");
        Process *process;

        tool_gate_close(harness);
        process = program_start(harness, &run, line);
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
        output = program_finish(client, 1);
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

/* Somebody types Ctrl-C and goes, while depmod stands before its gate. */
static void leave_selection(Harness *harness)
{
        g_autofree char *root = g_strconcat("--root=", harness->sample.dir.path, NULL),
                        *daemon = g_strconcat("HOSTDRIVER_DAEMON=", harness_setting("HOSTDRIVERD"), NULL);
        char *argv[] = { (char *) harness_setting("HOSTDRIVERCTL"), root, (char *) "select", (char *) "ice",
                (char *) "1.6.4", NULL };
        char *environment[] = { (char *) "PATH=/usr/bin:/usr/sbin", (char *) "TERM=vt100", daemon, NULL };
        TerminalRun run;

        tool_gate_close(harness);
        run = terminal_run_begin(argv, environment, 0);
        tool_gate_meet(harness);
        /* Signals of the job are taken only where Ctrl-C is, too. */
        terminal_run_wait(&run, "updating the module index");
        terminal_run_type(&run, "\003");
        terminal_run_wait(&run, "wait on (Enter)? ");
        terminal_run_type(&run, "d\n");
        terminal_run_wait(&run, "Until it has ended, this root is in use.");
        g_assert_cmpint(terminal_run_end(&run), ==, 0);
}

static void test_detach(void)
{
        Harness *harness CLEANUP_HARNESS = harness_new(host_with_device);

        leave_selection(harness);
        run_offline_has(harness, 1, "list", IN_USE);
        tool_gate_open(harness);
        wait_for_end(harness);
        assert_selected(harness);
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
        output = program_finish(first, 0);
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

/* The image is read before anything is said of it, and rebuilt before the command ends. */
static void test_image(void)
{
        Harness *harness CLEANUP_HARNESS = harness_new(host_with_device);

        if (sample_initramfs_obstacle()) {
                g_test_skip(sample_initramfs_obstacle());
                return;
        }
        g_free(run_offline(harness, 0, "select ice 1.6.4"));
        sample_initramfs_init(&harness->sample, "ice\n");
        sample_initramfs_build(&harness->sample, SAMPLE_KERNEL);
        run_offline_has(harness, 0, "initramfs", "ice 1.6.4");
        run_offline_has(harness, 0, "select ice 1.11.17.1 --dry-run",
                        "Rebuild the initramfs /" SAMPLE_IMAGE ".");
        run_offline_has(harness, 0, "select ice 1.11.17.1", "1.11.17.1 is selected");
        sample_initramfs_assert_holds(&harness->sample, "ice", "xenserver/intel-ice/1.11.17.1/ice.ko");
        run_offline_has(harness, 0, "initramfs", "ice 1.11.17.1");
}

/* --- who may, and what is missing ---------------------------------------------------------------------- */

static void test_nobody(void)
{
        Harness *harness CLEANUP_HARNESS = harness_new(host_with_device);
        char *client CLEANUP_FREE = host_copy_client(harness);
        const ProgramRun run = { .program = client, .uid = SANDBOX_STRANGER_UID };
        static const char *const lines[] = { "list", "select ice 1.6.4" };

        g_assert_cmpint(chmod(harness->sample.dir.path, 0755), ==, 0);
        for (size_t i = 0; i < G_N_ELEMENTS(lines); i++) {
                char *before = snapshot_take_exactly(harness->sample.dir.path), *after;
                g_autofree char *line = offline_line(&harness->sample, lines[i]),
                                *output = program_run(harness, &run, 4, line);

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
        const ProgramRun run = { .program = harness_setting("HOSTDRIVERCTL"),
                .daemon = "/nonexistent/hostdriverd" };
        g_autofree char *line = offline_line(&harness->sample, "list"), *output = NULL;

        for (size_t i = 0; i < G_N_ELEMENTS(table); i++)
                run_offline_has(harness, table[i].status, table[i].line, table[i].part);
        host_assert_link(harness, "ice.ko", "");
        output = program_run(harness, &run, 1, line);
        assert_has(output, "/nonexistent/hostdriverd, which does the work, can't be run");
}

/* What isn't known isn't what isn't there. */
static void test_no_sys(void)
{
        Harness *harness CLEANUP_HARNESS = harness_new(host_with_nics);

        run_offline_has(harness, 0, "select ice 1.6.4", "/sys shows no device.");
        assert_selected(harness);
}

/* By a program that isn't ours. */
static void test_locked(void)
{
        Harness *harness CLEANUP_HARNESS = harness_new(host_with_device);
        char *path CLEANUP_FREE = temp_dir_path(&harness->sample.dir, "var/lib/hostdriver/hostdriver.db");
        g_autofree char *output = NULL;
        int end, status;
        pid_t holder;

        g_free(run_offline(harness, 0, "list"));
        holder = lock_holder_start(path, &end);
        output = run_offline(harness, 1, "select ice 1.6.4");
        g_assert_true(g_str_has_prefix(output, "hostdriverctl: " IN_USE));
        g_assert_cmpuint(strcspn(output, "\n"), ==, strlen(output) - 1);
        host_assert_link(harness, "ice.ko", "");
        g_assert_cmpint(close(end), ==, 0);
        g_assert_cmpint(waitpid(holder, &status, 0), ==, holder);
        g_free(run_offline(harness, 0, "select ice 1.6.4"));
        assert_selected(harness);
}

/* A mount point before the mount, say. */
static void test_no_root(void)
{
        Harness *harness CLEANUP_HARNESS = harness_new(host_with_device);
        const ProgramRun run = { .program = harness_setting("HOSTDRIVERCTL") };
        char *path CLEANUP_FREE = temp_dir_path(&harness->work, "empty");
        g_autofree char *line = g_strdup_printf("--root=%s select ice 1.6.4", path), *output = NULL,
                        *inside = NULL;

        temp_dir_mkdir(&harness->work, "empty");
        output = program_run(harness, &run, 1, line);
        assert_has(output, "Is it mounted?");
        inside = snapshot_take_exactly(path);
        g_assert_cmpstr(inside, ==, "");
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

static void add_tests(void)
{
        g_test_add_func("/offline/same", test_same);
        g_test_add_func("/offline/taken-up", test_taken_up);
        g_test_add_func("/offline/killed", test_killed);
        g_test_add_func("/offline/killed-service", test_killed_service);
        g_test_add_func("/offline/service-killed", test_service_killed);
        g_test_add_func("/offline/client-killed", test_client_killed);
        g_test_add_func("/offline/detach", test_detach);
        g_test_add_func("/offline/two", test_two);
        g_test_add_func("/offline/failed-job", test_failed_job);
        g_test_add_func("/offline/image", test_image);
        g_test_add_func("/offline/nobody", test_nobody);
        g_test_add_func("/offline/errors", test_errors);
        g_test_add_func("/offline/no-sys", test_no_sys);
        g_test_add_func("/offline/locked", test_locked);
        g_test_add_func("/offline/no-root", test_no_root);
        g_test_add_func("/offline/read-only", test_read_only);
}

int main(int argc, char *argv[])
{
        return harness_main(argc, argv, add_tests);
}
