/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The module directory of a kernel that Debian ships: real modules, dependencies and symbol versions,
 * selected through the service and read back with the real modinfo and modprobe. */

#include <glib.h>
#include <glib/gstdio.h>

#include "host.h"
#include "real-kernel.h"

#define KERNEL_DUMMY "kernel/drivers/net/dummy.ko"
#define KERNEL_VIRTIO "kernel/drivers/net/virtio_net.ko"
#define DUMMY DRIVER_PATH("dummy")
#define VIRTIO DRIVER_PATH("virtio_5fnet")

static RealKernel kernel;

static void copy(Harness *harness, const char *from, const char *to)
{
        char *source = host_module_path(harness, from);
        char *target = host_module_path(harness, to);
        char *directory = g_path_get_dirname(target);

        g_assert_cmpint(g_mkdir_with_parents(directory, 0755), ==, 0);
        g_free(real_kernel_run((const char *const[]){ "/bin/cp", source, target, NULL }, NULL));
        if (g_str_has_suffix(to, ".xz")) {
                g_assert_cmpint(g_unlink(target), ==, 0);
                target[strlen(target) - strlen(".xz")] = '\0';
                g_free(real_kernel_run((const char *const[]){ "/bin/cp", source, target, NULL }, NULL));
                g_free(real_kernel_run((const char *const[]){ "/usr/bin/xz", "--check=crc32",
                                                       "--lzma2=dict=1MiB", target, NULL },
                                NULL));
        }
        g_free(source);
        g_free(target);
        g_free(directory);
}

static void init_host(SampleRoot *sample)
{
        real_kernel_init_root(&kernel, sample);
}

static Harness *new_host(void)
{
        Harness *harness = harness_new(init_host);

        copy(harness, KERNEL_DUMMY, "xenserver/dummy/1.0/dummy.ko");
        copy(harness, KERNEL_DUMMY, "xenserver/dummy/2.0/dummy.ko.xz");
        copy(harness, KERNEL_VIRTIO, "xenserver/virtio/1.0/virtio_net.ko");
        copy(harness, KERNEL_VIRTIO, "xenserver/virtio/2.0/virtio_net.ko");
        sample_root_depmod(&harness->sample, kernel.release);
        harness_start_polkitd_with_example(harness);
        harness_start_daemon(harness);
        return harness;
}

/* The last "insmod" line of what modprobe would do must be of a file that ends with BELOW. */
static void assert_modprobe(Harness *harness, const char *module, const char *below)
{
        char *output = real_kernel_run(
                        (const char *const[]){ "/usr/sbin/modprobe", "--show-depends", "-d",
                                        harness->sample.dir.path, "-S", kernel.release, module, NULL },
                        NULL);
        char *text = g_strstrip(output), *last = g_strrstr(text, "insmod ");

        g_assert_nonnull(last);
        /* Options from the machine's modprobe.d may follow. */
        if (!strstr(last, below))
                g_error("modprobe would load \"%s\", not %s", last, below);
        g_free(output);
}

static void test_select(void)
{
        Harness *harness CLEANUP_HARNESS = NULL;

        harness = new_host();
        assert_property(harness->stranger, DUMMY, DRIVER, "Versions", "[kernel 1.0 2.0]");
        host_select(harness, harness->superuser, DUMMY, "1.0");
        host_assert_effective(harness, "dummy", "xenserver/dummy/1.0/dummy.ko");
        assert_modprobe(harness, "dummy", "xenserver/dummy/1.0/dummy.ko");

        /* Debian's kernel 6.1 can't load compressed modules itself, but kmod and depmod read them. */
        host_select(harness, harness->superuser, DUMMY, "2.0");
        host_assert_effective(harness, "dummy", "xenserver/dummy/2.0/dummy.ko.xz");
        host_assert_link(harness, "dummy.ko", "");
        host_assert_link(harness, "dummy.ko.xz", "../xenserver/dummy/2.0/dummy.ko.xz");

        host_select(harness, harness->superuser, DUMMY, "kernel");
        assert_modprobe(harness, "dummy", KERNEL_DUMMY);

        /* The other thousand modules are found as before. */
        assert_modprobe(harness, "virtio_blk", "kernel/drivers/block/virtio_blk.ko");
}

static void test_dependencies(void)
{
        Harness *harness CLEANUP_HARNESS = new_host();
        char *findings = call_text(harness->stranger, VIRTIO, DRIVER, "Check", "sa{sv}", "1.0", 0);

        if (strstr(findings, "(error "))
                g_error("The kernel's own module doesn't fit it? %s", findings);
        host_select(harness, harness->superuser, VIRTIO, "2.0");
        assert_modprobe(harness, "virtio_net", "xenserver/virtio/2.0/virtio_net.ko");
        g_free(findings);
}

/* A module of another kernel is refused before anything is touched. */
static void test_vermagic(void)
{
        Harness *harness CLEANUP_HARNESS = new_host();
        char *error, *sentence;

        sample_root_add_module_spec(&harness->sample, kernel.release, "xenserver/dummy/3.0/dummy.ko",
                        &(ModuleSpec){ .vermagic = "5.10.0 SMP mod_unload modversions ", .version = "3.0" });
        g_free(call_text(harness->superuser, MANAGER_PATH, MANAGER, "Rescan", NULL));
        error = call_error(harness->superuser, &sentence, DUMMY, DRIVER, "Select", "sa{sv}", "3.0", 0);
        g_assert_cmpstr(error, ==, "org.hostdriver1.Error.Incompatible");
        g_assert_nonnull(strstr(sentence, "5.10.0"));
        g_free(error);
        g_free(sentence);
}

static void add_tests(void)
{
        if (!real_kernel_fetch("/real-kernel/all", &kernel))
                return;
        g_test_add_func("/real-kernel/select", test_select);
        g_test_add_func("/real-kernel/dependencies", test_dependencies);
        g_test_add_func("/real-kernel/vermagic", test_vermagic);
}

int main(int argc, char *argv[])
{
        return harness_main(argc, argv, add_tests);
}
