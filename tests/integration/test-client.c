/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* hostdriverctl against the real service: what it does, prints, and exits with. */

#include <glib.h>

#include "host.h"
#include "sample-initramfs.h"
#include "tool-gate.h"

#define ICE DRIVER_PATH("ice")

/* Runs the client as UID with a line of arguments, and checks its exit status. Returns what it printed. */
static char *run_client(Harness *harness, uid_t uid, int expected, const char *line)
{
        char *address = g_strconcat("DBUS_SYSTEM_BUS_ADDRESS=", harness->address, NULL);
        char *log CLEANUP_FREE = temp_dir_path(&harness->work, "client.log");
        char *program CLEANUP_FREE = temp_dir_path(&harness->work, "hostdriverctl");
        char *whole = g_strconcat(program, " --no-ask-password --no-pager ", line, NULL);
        char **argv = g_strsplit(whole, " ", -1);
        char *output;
        Process *process;

        (void) unlink(log);
        process = process_start(harness->event, log, (const char *const *) argv,
                        (const char *const[]){ address, "NO_COLOR=1", NULL }, uid);
        process_wait(process);
        process_check_output(process);
        output = process_output(process);
        if (process_status(process) != expected)
                g_error("hostdriverctl %s: exit status %d, not %d:\n%s", line, process_status(process),
                                expected, output);
        (void) process_free(process);
        g_strfreev(argv);
        g_free(whole);
        g_free(address);
        return output;
}

static Harness *new_host(void)
{
        Harness *harness = harness_new(host_with_nics);

        g_free(host_copy_client(harness));
        harness_start_polkitd_with_example(harness);
        harness_start_daemon(harness);
        return harness;
}

static void test_read(void)
{
        static const struct {
                const char *line, *words; /* all of which must be printed */
        } table[] = {
                { "list", "NAME VERSIONS SELECTED ACTIVE REBOOT ice ixgbe" },
                { "--no-legend list", "ice ixgbe" },
                { "--json=short list", "\"schema\" \"ice\" \"ixgbe\"" },
                { "show ice", "ice intel-ice 1.6.4 1.11.17.1 kernel" },
                { "--json=pretty show ice", "\"schema\" 1.11.17.1" },
                { "why ice", "xenserver/intel-ice/1.6.4/ice.ko kernel/drivers/net" },
                { "check ice 1.6.4", "" },
                { "jobs", "" },
                { "history", "" },
                { "compare-versions 1.6.4 1.11.17.1", "<" },
        };
        Harness *harness CLEANUP_HARNESS = new_host();

        for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
                char *output = run_client(harness, SANDBOX_STRANGER_UID, 0, table[i].line);
                char **words = g_strsplit(table[i].words, " ", -1);

                for (size_t k = 0; words[k]; k++)
                        if (!strstr(output, words[k]))
                                g_error("hostdriverctl %s: no \"%s\" in:\n%s", table[i].line, words[k],
                                                output);
                g_strfreev(words);
                g_free(output);
        }
}

static void test_select(void)
{
        Harness *harness CLEANUP_HARNESS = new_host();

        g_free(run_client(harness, SANDBOX_OPERATOR_UID, 0, "select ice 1.6.4"));
        host_assert_effective(harness, "ice", "xenserver/intel-ice/1.6.4/ice.ko");
        g_free(run_client(harness, 0, 0, "select ice 1.11.17.1 ixgbe 5.3.5"));
        host_assert_effective(harness, "ice", "xenserver/intel-ice/1.11.17.1/ice.ko");
        host_assert_effective(harness, "ixgbe", "xenserver/intel-ixgbe/5.3.5/ixgbe.ko");
        g_free(run_client(harness, 0, 0, "rescan"));
        g_free(run_client(harness, 0, 0, "deselect ixgbe --force"));
        host_assert_link(harness, "ixgbe.ko", "");
}

/* One sentence on what is wrong, and the exit status that tells it apart. */
static void test_errors(void)
{
        static const struct {
                uid_t uid;
                int status;
                const char *line;
        } table[] = {
                { SANDBOX_STRANGER_UID, 2, "frobnicate" },
                { SANDBOX_STRANGER_UID, 2, "--frobnicate list" },
                { SANDBOX_STRANGER_UID, 2, "show" },
                { 0, 2, "select ice" },
                { 0, 2, "select ice 1.6.4 ixgbe" },
                { 0, 3, "show nothing" },
                { 0, 3, "select nothing 1.0" },
                { 0, 3, "select ice 9.9" },
                { 0, 3, "why nothing" },
                { 0, 3, "check ice 9.9" },
                { SANDBOX_STRANGER_UID, 4, "select ice 1.6.4" },
                { SANDBOX_STRANGER_UID, 4, "deselect ice --force" },
                { SANDBOX_STRANGER_UID, 4, "rescan" },
        };
        Harness *harness CLEANUP_HARNESS = new_host();

        for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
                char *output = run_client(harness, table[i].uid, table[i].status, table[i].line);

                g_assert_cmpuint(strlen(output), >, 10);
                g_free(output);
        }
}

/* deselect without --force changes nothing. */
static void test_force(void)
{
        Harness *harness CLEANUP_HARNESS = new_host();

        g_free(run_client(harness, 0, 0, "select ice 1.6.4"));
        g_free(run_client(harness, 0, 2, "deselect ice"));
        assert_property(harness->stranger, ICE, DRIVER, "Selected", "1.6.4");
}

static void test_failed_job(void)
{
        Harness *harness CLEANUP_HARNESS = new_host();
        char *output;

        tool_gate_break(harness);
        output = run_client(harness, 0, 1, "select ice 1.6.4");
        tool_gate_open(harness);
        g_assert_nonnull(strstr(output, "the test says so"));
        host_assert_link(harness, "ice.ko", "");
        g_free(output);
}

/* A file of a driver disk becomes a version and goes back. */
static void test_adopt(void)
{
        Harness *harness CLEANUP_HARNESS = new_host();
        char *output;

        sample_root_add_module(&harness->sample, SAMPLE_KERNEL, "updates/tg3.ko", "3.137");
        sample_root_depmod(&harness->sample, SAMPLE_KERNEL);
        output = run_client(harness, 0, 0, "adopt tg3 --dry-run");
        g_assert_nonnull(strstr(output, "updates/tg3.ko to xenserver/tg3/3.137/tg3.ko."));
        g_assert_nonnull(strstr(output, "Run depmod for kernel release " SAMPLE_KERNEL "."));
        g_free(output);
        g_free(run_client(harness, SANDBOX_OPERATOR_UID, 4, "adopt tg3"));
        host_assert_link(harness, "tg3.ko", "");
        output = run_client(harness, 0, 0, "adopt tg3");
        g_assert_nonnull(strstr(output, "3.137"));
        g_free(output);
        host_assert_effective(harness, "tg3", "xenserver/tg3/3.137/tg3.ko");
        host_assert_link(harness, "tg3.ko", "../xenserver/tg3/3.137/tg3.ko");
        g_free(run_client(harness, 0, 0, "adopt tg3 --undo"));
        host_assert_effective(harness, "tg3", "updates/tg3.ko");
        host_assert_link(harness, "tg3.ko", "");
}

/* The client opens the file, and the service copies it. */
static void test_import(void)
{
        const ModuleSpec spec = { .vermagic = SAMPLE_KERNEL " SMP mod_unload modversions ", .version = "2" };
        Harness *harness CLEANUP_HARNESS = new_host();
        char *file, *line;

        sample_root_add_module_spec(&harness->sample, "..", "incoming/ice.ko", &spec);
        file = g_build_filename(harness->sample.dir.path, "lib/incoming/ice.ko", NULL);
        line = g_strconcat("import ", file, NULL);
        g_free(run_client(harness, SANDBOX_STRANGER_UID, 1, line)); /* it may not read the file */
        g_free(run_client(harness, 0, 0, line));
        g_free(run_client(harness, 0, 1, line)); /* it is there now */
        g_free(run_client(harness, 0, 0, "select ice 2 --ignore=no-hardware"));
        host_assert_effective(harness, "ice", "xenserver/intel-ice/2/ice.ko");
        g_free(run_client(harness, 0, 1, "remove ice 2"));
        g_free(run_client(harness, 0, 0, "remove ice 1.6.4"));
        g_free(run_client(harness, 0, 3, "select ice 1.6.4"));
        g_free(line);
        g_free(file);
}

/* Asked of a service that hasn't read the image yet, which has to be waited for. */
static void test_dry_run(void)
{
        Harness *harness CLEANUP_HARNESS = new_host();
        char *output;

        if (sample_initramfs_obstacle()) {
                g_test_skip(sample_initramfs_obstacle());
                return;
        }
        g_free(run_client(harness, 0, 0, "select ice 1.6.4"));
        harness_stop_daemon(harness);
        sample_initramfs_init(&harness->sample, "ice\n");
        sample_initramfs_build(&harness->sample, SAMPLE_KERNEL);
        harness_start_daemon(harness);
        output = run_client(harness, 0, 0, "select ice 1.11.17.1 --dry-run");
        g_assert_nonnull(strstr(output, "\nRebuild the initramfs /" SAMPLE_IMAGE ".\n"
                                        "This is what would be done. Nothing was changed.\n"));
        g_free(output);
        output = run_client(harness, 0, 0, "--json=short select ice 1.11.17.1 --dry-run");
        g_assert_nonnull(strstr(output, "\"Rebuild the initramfs /" SAMPLE_IMAGE ".\"]"));
        g_free(output);
        output = run_client(harness, 0, 0, "select ice 1.6.4 --dry-run");
        g_assert_cmpstr(output, ==, "There is nothing to change.\n");
        g_free(output);
}

static void test_no_service(void)
{
        Harness *harness CLEANUP_HARNESS = new_host();
        char *output;

        harness_stop_daemon(harness);
        output = run_client(harness, 0, 1, "list");
        g_assert_cmpuint(strlen(output), >, 10);
        g_free(output);
}

static void add_tests(void)
{
        g_test_add_func("/client/read", test_read);
        g_test_add_func("/client/select", test_select);
        g_test_add_func("/client/errors", test_errors);
        g_test_add_func("/client/force", test_force);
        g_test_add_func("/client/failed-job", test_failed_job);
        g_test_add_func("/client/adopt", test_adopt);
        g_test_add_func("/client/import", test_import);
        g_test_add_func("/client/dry-run", test_dry_run);
        g_test_add_func("/client/no-service", test_no_service);
}

int main(int argc, char *argv[])
{
        return harness_main(argc, argv, add_tests);
}
