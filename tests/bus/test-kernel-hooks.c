/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The hooks of kernel packages, run as those run them, against the whole service and without one. */

#include <string.h>

#include "service-fixture.h"

#define ICE "/org/hostdriver1/driver/ice"
#define NEW "6.12.1"
#define HOOK_NAME "dkms-hostdriver"

typedef struct HookRun {
        bool done;
        char *error; /* what it wrote to standard error */
        int status;
} HookRun;

static void on_hook_done(GObject *source, GAsyncResult *result, void *userdata)
{
        HookRun *run = userdata;

        g_assert_true(g_subprocess_communicate_utf8_finish(
                        G_SUBPROCESS(source), result, NULL, &run->error, NULL));
        run->status = g_subprocess_get_exit_status(G_SUBPROCESS(source));
        run->done = true;
}

static bool is_done(void *userdata)
{
        return ((HookRun *) userdata)->done;
}

/* Runs it to its end, which must be a good one, and returns what it complained of; the caller frees it. */
static char *run_hook(const char *address, const char *parameters, const char *hook, const char *first,
                const char *second)
{
        GSubprocessLauncher *launcher = g_subprocess_launcher_new(
                        G_SUBPROCESS_FLAGS_STDERR_PIPE | G_SUBPROCESS_FLAGS_STDOUT_SILENCE);
        char *program = g_build_filename(HOOK_DIRECTORY, hook, NULL);
        char *kernel_hook = g_build_filename(HOOK_DIRECTORY, "kernel-hook", NULL);
        char *path = g_strconcat(CLIENT_DIRECTORY, ":", g_getenv("PATH"), NULL);
        GError *error = NULL;
        GSubprocess *process;
        HookRun run = { 0 };

        g_subprocess_launcher_setenv(launcher, "DBUS_SYSTEM_BUS_ADDRESS", address, TRUE);
        g_subprocess_launcher_setenv(launcher, "HOSTDRIVER_KERNEL_HOOK", kernel_hook, TRUE);
        g_subprocess_launcher_setenv(launcher, "PATH", path, TRUE);
        if (parameters)
                g_subprocess_launcher_setenv(launcher, "DEB_MAINT_PARAMS", parameters, TRUE);
        process = g_subprocess_launcher_spawn(launcher, &error, "sh", program, first, second, NULL);
        g_assert_no_error(error);
        g_subprocess_communicate_utf8_async(process, NULL, NULL, on_hook_done, &run);
        private_bus_run_until(is_done, &run);
        g_assert_cmpint(run.status, ==, 0);
        g_object_unref(process);
        g_object_unref(launcher);
        g_free(program);
        g_free(kernel_hook);
        g_free(path);
        return run.error;
}

/* As kernel-hook must have it: silent. */
static void run_well(ServiceFixture *fixture, const char *parameters, const char *hook, const char *first,
                const char *second)
{
        char *error = run_hook(fixture->private_bus.address, parameters, hook, first, second);

        g_assert_cmpstr(error, ==, "");
        g_free(error);
}

static void install(ServiceFixture *fixture)
{
        sample_root_add_kernel(&fixture->sample, NEW);
        sample_root_add_module(&fixture->sample, NEW, "kernel/drivers/net/ice.ko", NULL);
        sample_root_add_module(&fixture->sample, NEW, "xenserver/intel-ice/1.11.17.1/ice.ko", "1.11.17.1");
        sample_root_depmod(&fixture->sample, NEW);
}

static bool is_selected(ServiceFixture *fixture)
{
        char *selected = service_fixture_property(fixture, ICE, DRIVER_INTERFACE, "SelectedByKernel");
        bool found = strstr(selected, "'" NEW "': '1.11.17.1'") != NULL;

        g_free(selected);
        return found;
}

static void test_debian(ServiceFixture *fixture, gconstpointer data)
{
        install(fixture);
        run_well(fixture, NULL, "postinst", NEW, "/boot/vmlinuz-" NEW);
        g_assert_true(is_selected(fixture));
        run_well(fixture, "'upgrade' '6.13'", "postrm", NEW, "/boot/vmlinuz-" NEW);
        g_assert_true(is_selected(fixture));
        run_well(fixture, "'remove'", "postrm", NEW, "/boot/vmlinuz-" NEW);
        g_assert_false(is_selected(fixture));
}

static void test_kernel_install(ServiceFixture *fixture, gconstpointer data)
{
        install(fixture);
        run_well(fixture, NULL, "45-hostdriver.install", "add", NEW);
        g_assert_true(is_selected(fixture));
        run_well(fixture, NULL, "45-hostdriver.install", "remove", NEW);
        g_assert_false(is_selected(fixture));
}

/* In a chroot, or refused: a sentence, and never a failure. */
static void test_unreachable(ServiceFixture *fixture, gconstpointer data)
{
        const char *address = fixture->private_bus.address;
        char *error = run_hook("unix:path=/nonexistent/bus", NULL, "postinst", NEW, "image");

        g_test_message("%s", error);
        g_assert_nonnull(strstr(error, "not carried over to kernel " NEW "; the service does so when"));
        g_free(error);
        error = run_hook(address, NULL, "postinst", "9.9", "image");
        g_assert_nonnull(strstr(error, "The kernel release 9.9 is not installed"));
        g_free(error);
        error = run_hook(address, NULL, "postinst", NULL, NULL);
        g_assert_cmpstr(error, ==, "");
        g_free(error);
}

/* run-parts goes by name in the C locale. */
static void test_order(ServiceFixture *fixture, gconstpointer data)
{
        g_assert_cmpint(strcmp("dkms", HOOK_NAME), <, 0);
        g_assert_cmpint(strcmp(HOOK_NAME, "dracut"), <, 0);
        g_assert_cmpint(strcmp(HOOK_NAME, "initramfs-tools"), <, 0);
        g_assert_cmpint(strcmp("45-hostdriver.install", "50-depmod.install"), <, 0);
}

#define add(name, function)                                                                           \
        g_test_add("/bus-kernel-hooks/" name, ServiceFixture, NULL, service_fixture_set_up, function, \
                        service_fixture_tear_down)

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        add("debian", test_debian);
        add("kernel-install", test_kernel_install);
        add("unreachable", test_unreachable);
        add("order", test_order);
        return g_test_run();
}
