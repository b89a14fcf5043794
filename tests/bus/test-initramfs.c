/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* InInitramfs and its problem: images are read in the background, and anew when they change. */

#include <glib/gstdio.h>
#include <string.h>

#include "image-writer.h"
#include "sample-initramfs.h"
#include "service-fixture.h"
#include "store/store-history.h"

#define ICE "/org/hostdriver1/driver/ice"
#define MODULES "lib/modules/" SAMPLE_KERNEL "/"
#define IMAGE "boot/initrd.img-" SAMPLE_KERNEL

#define check_driver(property, value) \
        service_fixture_check_property(fixture, ICE, DRIVER_INTERFACE, property, value)

/* An image with the file of VERSION for ice. */
static void write_image(const ServiceFixture *fixture, const char *version)
{
        GByteArray *bytes = g_byte_array_new();
        ImageWriter *writer = image_writer_new();
        char *path = temp_dir_path(&fixture->sample.dir, IMAGE);
        char *name = g_strdup_printf(MODULES "xenserver/intel-ice/%s/ice.ko", version);
        char *module = temp_dir_path(&fixture->sample.dir, name), *data;
        gsize size;

        temp_dir_mkdir(&fixture->sample.dir, "boot");
        g_assert_true(g_file_get_contents(module, &data, &size, NULL));
        image_writer_add_file(writer, MODULES "updates/ice.ko", data, size);
        image_writer_add_text(writer, MODULES "modules.dep", "updates/ice.ko:\n");
        image_writer_append_to(writer, MODULE_ZSTD, bytes);
        g_assert_true(g_file_set_contents(path, (const char *) bytes->data, (gssize) bytes->len, NULL));
        g_byte_array_unref(bytes);
        g_free(data);
        free(module);
        g_free(name);
        free(path);
}

static void rescan(ServiceFixture *fixture)
{
        g_variant_unref(service_fixture_call(fixture, MANAGER_PATH, MANAGER_INTERFACE, "Rescan", NULL));
}

static bool images_are_read(void *userdata)
{
        const Registry *registry = ((ServiceFixture *) userdata)->service->registry;
        char *path CLEANUP_FREE = NULL;
        size_t release;

        return facts_unread_image(registry->root, registry->facts, 0, &release, &path) == 0 &&
               registry->facts->images[0] && registry->entries[0]->value->releases[0].initramfs;
}

static void test_image(ServiceFixture *fixture, gconstpointer data)
{
        char *problems, *events;

        check_driver("InInitramfs", "{}");
        write_image(fixture, "1.6.4");
        rescan(fixture);
        private_bus_run_until(images_are_read, fixture);
        check_driver("InInitramfs", "{'" SAMPLE_KERNEL "': '1.6.4'}");
        problems = service_fixture_property(fixture, ICE, DRIVER_INTERFACE, "Problems");
        g_assert_nonnull(strstr(problems, "'initramfs-stale'"));
        g_assert_nonnull(strstr(problems, "holds version 1.6.4 of ice, but version 1.11.17.1 is selected"));
        g_free(problems);
        events = service_fixture_take_events(fixture);
        g_assert_nonnull(strstr(events, ICE " PropertiesChanged InInitramfs Problems\n"));
        g_free(events);
        /* A driver that the image doesn't hold is not stale in it. */
        service_fixture_check_property(fixture, "/org/hostdriver1/driver/bnx2fc", DRIVER_INTERFACE,
                        "InInitramfs", "{'" SAMPLE_KERNEL "': ''}");
        service_fixture_check_property(
                        fixture, "/org/hostdriver1/driver/bnx2fc", DRIVER_INTERFACE, "Problems", "[]");

        write_image(fixture, "1.11.17.1");
        rescan(fixture);
        private_bus_run_until(images_are_read, fixture);
        check_driver("InInitramfs", "{'" SAMPLE_KERNEL "': '1.11.17.1'}");
        check_driver("Problems", "[]");
}

/* An image that is the same is read once. */
static void test_unchanged(ServiceFixture *fixture, gconstpointer data)
{
        const Registry *registry = fixture->service->registry;
        const InitramfsImage *image;

        write_image(fixture, "1.11.17.1");
        rescan(fixture);
        private_bus_run_until(images_are_read, fixture);
        image = registry->facts->images[0];
        g_free(service_fixture_take_events(fixture));
        rescan(fixture);
        g_assert_true(registry->facts->images[0] == image);
        service_fixture_check_events(fixture, "");
}

static bool image_is_bad(void *userdata)
{
        return ((ServiceFixture *) userdata)->service->registry->state.problems.count > 0;
}

static void test_damaged(ServiceFixture *fixture, gconstpointer data)
{
        char *problems;

        temp_dir_write(&fixture->sample.dir, IMAGE, "garbage");
        rescan(fixture);
        private_bus_run_until(image_is_bad, fixture);
        check_driver("InInitramfs", "{}");
        problems = service_fixture_property(fixture, MANAGER_PATH, MANAGER_INTERFACE, "Problems");
        g_assert_nonnull(strstr(problems, "'initramfs-unreadable'"));
        g_assert_nonnull(strstr(problems, "/" IMAGE));
        g_free(problems);
}

/* What is neither read nor rebuilt is told at least. */
static void test_unified(ServiceFixture *fixture, gconstpointer data)
{
        char *problems;

        temp_dir_write(&fixture->sample.dir, "boot/efi/EFI/Linux/host-" SAMPLE_KERNEL "0.efi", "");
        rescan(fixture);
        service_fixture_check_property(fixture, MANAGER_PATH, MANAGER_INTERFACE, "Problems", "[]");
        temp_dir_write(&fixture->sample.dir, "boot/efi/EFI/Linux/host-" SAMPLE_KERNEL ".efi", "");
        rescan(fixture);
        problems = service_fixture_property(fixture, MANAGER_PATH, MANAGER_INTERFACE, "Problems");
        g_assert_nonnull(strstr(problems, "'unified-kernel-image'"));
        g_assert_nonnull(strstr(problems, "The unified kernel image /boot/efi/EFI/Linux/host-" SAMPLE_KERNEL
                                          ".efi is neither read nor rebuilt by this service. If it holds a "
                                          "driver whose selection has changed, rebuild it before the next "
                                          "boot."));
        g_free(problems);
}

/* And so is the second image of a kernel. */
static void test_other(ServiceFixture *fixture, gconstpointer data)
{
        char *problems;

        temp_dir_write(&fixture->sample.dir, MODULES "pkgbase", "linux\n");
        temp_dir_write(&fixture->sample.dir, "etc/mkinitcpio.d/linux.preset",
                        "PRESETS=('fallback')\nfallback_image=/boot/fallback.img\n");
        temp_dir_write(&fixture->sample.dir, "boot/fallback.img", "");
        write_image(fixture, "1.11.17.1");
        rescan(fixture);
        problems = service_fixture_property(fixture, MANAGER_PATH, MANAGER_INTERFACE, "Problems");
        g_assert_nonnull(strstr(problems, "'initramfs-other'"));
        g_assert_nonnull(
                        strstr(problems, "The initramfs /boot/fallback.img is neither read nor rebuilt by "
                                         "this service, as the kernel has another one. If it holds a driver "
                                         "whose selection has changed, run `mkinitcpio -P` before"));
        g_free(problems);
}

/* --- rebuilding -------------------------------------------------------------------------------------- */

static GVariant *releases(const char *release)
{
        const char *const names[] = { release, NULL };

        return g_variant_new("(^asa{sv})", names, NULL);
}

static void refuse_rebuild(
                ServiceFixture *fixture, const char *release, const char *error, const char *words)
{
        char *text = service_fixture_call_fails(fixture, MANAGER_PATH, MANAGER_INTERFACE, "RebuildInitramfs",
                        releases(release), error);

        g_assert_nonnull(strstr(text, words));
        g_free(text);
}

static void check_images(ServiceFixture *fixture, const char *expected)
{
        GVariant *reply =
                        service_fixture_call(fixture, MANAGER_PATH, MANAGER_INTERFACE, "GetInitramfs", NULL);
        char *text = g_variant_print(reply, false);

        g_assert_cmpstr(text, ==, expected);
        g_free(text);
        g_variant_unref(reply);
}

static void test_refused(ServiceFixture *fixture, gconstpointer data)
{
        refuse_rebuild(fixture, NULL, "NotSupported", "No initramfs generator was found");
        temp_dir_write(&fixture->sample.dir, "usr/sbin/mkinitramfs", "");
        rescan(fixture);
        if (geteuid() == 0) {
                refuse_rebuild(fixture, "9.9.9", "InvalidArgs", "9.9.9 is not installed");
                refuse_rebuild(fixture, "..", "InvalidArgs", "is no kernel release");
                refuse_rebuild(fixture, SAMPLE_KERNEL, "NotSupported", "has no initramfs");
        }
        g_assert_cmpuint(fixture->authority.questions->len, ==, 1); /* of the rescan */
        check_images(fixture,
                        "([{'kernel': <'" SAMPLE_KERNEL
                        "'>, 'generator': <'initramfs-tools'>, 'image': <''>, 'read': <false>, 'drivers': <@a{ss} "
                        "{}>, 'stale': <@as []>}],)");
}

#define ENTRY                                                                                      \
        "([{'kernel': <'" SAMPLE_KERNEL "'>, 'generator': <'initramfs-tools'>, 'image': <'/" IMAGE \
        "'>, 'read': <true>, 'drivers': <{'ice': "

/* Newest first. */
static void check_history(ServiceFixture *fixture)
{
        static const char *const results[] = { "failed", "done", "done" };
        HistoryList list CLEANUP(history_list_done) = { 0 };
        const HistoryFilter all = { 0 };

        g_assert_cmpint(store_history(fixture->service->store, &all, &list), ==, 0);
        g_assert_cmpuint(list.count, ==, G_N_ELEMENTS(results));
        for (size_t i = 0; i < list.count; i++) {
                g_assert_cmpstr(list.items[i].kind, ==, "initramfs");
                g_assert_cmpstr(list.items[i].driver, ==, "");
                g_assert_cmpstr(list.items[i].release, ==, SAMPLE_KERNEL);
                g_assert_cmpstr(list.items[i].result, ==, results[i]);
        }
        g_assert_nonnull(strstr(list.items[0].detail, "There is no tape in the drive."));
}

static void test_rebuild(ServiceFixture *fixture, gconstpointer data)
{
        GVariant *reply;

        if (sample_initramfs_obstacle()) {
                g_test_skip(sample_initramfs_obstacle());
                return;
        }
        sample_initramfs_init(&fixture->sample, "ice\n");
        service_reload(fixture->service);
        write_image(fixture, "1.6.4");
        rescan(fixture);
        private_bus_run_until(images_are_read, fixture);
        check_images(fixture, ENTRY "'1.6.4'}>, 'stale': <['ice']>}],)");

        reply = service_fixture_call(
                        fixture, MANAGER_PATH, MANAGER_INTERFACE, "RebuildInitramfs", releases(NULL));
        g_variant_unref(reply);
        g_assert_cmpstr(scripted_polkit_question(&fixture->authority, 1), ==,
                        "org.hostdriver1.rebuild-initramfs 0");
        service_fixture_finish_jobs(fixture);
        g_assert_cmpuint(sample_initramfs_take_runs(&fixture->sample), ==, 1);
        check_images(fixture, ENTRY "'1.11.17.1'}>, 'stale': <@as []>}],)");
        check_driver("InInitramfs", "{'" SAMPLE_KERNEL "': '1.11.17.1'}");
        /* Without a name, what isn't stale stays; with its name it doesn't. */
        g_variant_unref(service_fixture_call(
                        fixture, MANAGER_PATH, MANAGER_INTERFACE, "RebuildInitramfs", releases(NULL)));
        service_fixture_finish_jobs(fixture);
        g_assert_cmpuint(sample_initramfs_take_runs(&fixture->sample), ==, 0);
        g_variant_unref(service_fixture_call(fixture, MANAGER_PATH, MANAGER_INTERFACE, "RebuildInitramfs",
                        releases(SAMPLE_KERNEL)));
        service_fixture_finish_jobs(fixture);
        g_assert_cmpuint(sample_initramfs_take_runs(&fixture->sample), ==, 1);
        /* One line for each that was rebuilt, also for one that could not be. */
        sample_initramfs_set_fault(&fixture->sample, "fail");
        g_variant_unref(service_fixture_call(fixture, MANAGER_PATH, MANAGER_INTERFACE, "RebuildInitramfs",
                        releases(SAMPLE_KERNEL)));
        service_fixture_finish_jobs(fixture);
        check_history(fixture);
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
#define TEST(name, function)                                                                   \
        g_test_add("/initramfs/" name, ServiceFixture, NULL, service_fixture_set_up, function, \
                        service_fixture_tear_down)
        TEST("image", test_image);
        TEST("unchanged", test_unchanged);
        TEST("damaged", test_damaged);
        TEST("unified", test_unified);
        TEST("other", test_other);
        TEST("refused", test_refused);
        TEST("rebuild", test_rebuild);
        return g_test_run();
}
