/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* modprobe.d in an image and on the host: what is told, beside what libkmod does by the one and by the
 * other. */

#include <glib.h>
#include <string.h>

#include "host/initramfs/initramfs-reader.h"
#include "image-writer.h"
#include "model/driver-derive.h"
#include "modprobe-run.h"
#include "random-modprobe.h"
#include "sample-root.h"

#define SELF RANDOM_MODPROBE_SELF
#define MODALIAS RANDOM_MODPROBE_MODALIAS
#define VERSION "xenserver/p/1/" RANDOM_MODPROBE_FILE
#define IMAGE "boot/initrd.img-" SAMPLE_KERNEL
#define MODULES "lib/modules/" SAMPLE_KERNEL "/"
#define BLOCK "softdep " SELF " pre:\nblacklist " SELF "\ninstall " SELF " /bin/false\n"

/* The host, and one that is as the initramfs is, with the same modules. */
typedef struct Fixture {
        SampleRoot outside, inside;
} Fixture;

static void set_up(Fixture *fixture, gconstpointer data)
{
        static const char *const versions[] = { VERSION, NULL };
        SampleRoot *samples[] = { &fixture->outside, &fixture->inside };

        for (size_t i = 0; i < G_N_ELEMENTS(samples); i++) {
                sample_root_init(samples[i], SAMPLE_KERNEL);
                random_modprobe_add_modules(samples[i], SAMPLE_KERNEL, versions, "below", NULL);
                sample_root_add_device(samples[i], "pci", "0000:00:01.0", MODALIAS);
                sample_root_select(samples[i], SAMPLE_KERNEL, VERSION);
                sample_root_depmod(samples[i], SAMPLE_KERNEL);
        }
}

static void tear_down(Fixture *fixture, gconstpointer data)
{
        sample_root_done(&fixture->outside);
        sample_root_done(&fixture->inside);
}

/* An image with the version's file, unless HOLDS is false, and files of modprobe.d: NAME, unless TEXT is "",
 * and perhaps that of a deselection. */
static void write_image_of(
                const Fixture *fixture, bool holds, const char *name, const char *text, bool blocks)
{
        ImageWriter *writer = image_writer_new();
        g_autoptr(GByteArray) bytes = g_byte_array_new();
        char *source = temp_dir_path(&fixture->outside.dir, MODULES VERSION);
        char *image = temp_dir_path(&fixture->outside.dir, IMAGE);
        g_autofree char *content = NULL;
        gsize size;

        g_assert_true(g_file_get_contents(source, &content, &size, NULL));
        if (holds)
                image_writer_add_file(writer, MODULES "updates/" RANDOM_MODPROBE_FILE, content, size);
        image_writer_add_text(writer, "etc/fstab", "");
        if (*text)
                image_writer_add_text(writer, name, text);
        if (blocks)
                image_writer_add_text(writer, "etc/modprobe.d/hostdriver-" SELF ".conf", BLOCK);
        image_writer_append_to(writer, MODULE_PLAIN, bytes);
        temp_dir_mkdir(&fixture->outside.dir, "boot");
        g_assert_true(g_file_set_contents(image, (const char *) bytes->data, (gssize) bytes->len, NULL));
        free(source);
        free(image);
}

static void write_image(const Fixture *fixture, bool holds, const char *name, const char *text)
{
        write_image_of(fixture, holds, name, text, false);
}

static Driver *derive(const Fixture *fixture)
{
        static const Config config = { 0 };
        Facts *facts CLEANUP(facts_freep) = NULL;
        InitramfsImage *image CLEANUP(initramfs_image_unrefp) = NULL;
        Driver *driver = NULL;

        g_assert_cmpint(facts_read(fixture->outside.root, &config, NULL, NULL, &facts), ==, 0);
        g_assert_cmpint(initramfs_image_read(fixture->outside.root, SAMPLE_KERNEL, "/" IMAGE,
                                        &facts->catalogue->modules, &image),
                        ==, 0);
        g_assert_cmpint(image->error, ==, 0);
        facts_put_image(facts, image);
        g_assert_cmpint(driver_derive(facts, 0, &driver), ==, 0);
        return driver;
}

/* The sentence of the problem, or NULL. */
static const char *find_problem(const Driver *driver)
{
        const char *found = NULL;

        for (size_t i = 0; i < driver->problems.count; i++) {
                g_test_message("%s: %s", driver->problems.items[i].code, driver->problems.items[i].sentence);
                if (strcmp(driver->problems.items[i].code, "initramfs-modprobe") == 0) {
                        g_assert_null(found);
                        found = driver->problems.items[i].sentence;
                }
        }
        return found;
}

/* All that libkmod would do by the driver's name, and what udev would do for the device. */
static char *ask(const SampleRoot *sample)
{
        g_autofree char *named = modprobe_dry_run(sample, SAMPLE_KERNEL, SELF, false);
        g_autofree char *device = modprobe_dry_run(sample, SAMPLE_KERNEL, MODALIAS, true);

        return g_strdup_printf("%s | %s", named, device);
}

typedef struct Row {
        const char *outside, *inside;
        const char *said; /* NULL: no problem */
} Row;

static void test_rows(Fixture *fixture, gconstpointer data)
{
        static const Row rows[] = {
                { "", "", NULL },
                { "blacklist " SELF "\n", "blacklist dell-laptop # why\n", NULL },
                { "install dell-laptop :\n", "\n\ninstall " SELF " :\n", NULL },
                { "blacklist " SELF "\n", "",
                                "lacks the line `blacklist dell_laptop`, which the host has in "
                                "/etc/modprobe.d/a.conf: until the root" },
                { "", "blacklist " SELF "\n",
                                "has the line `blacklist dell_laptop` in its /etc/modprobe.d/a.conf, which the host "
                                "doesn't have" },
                { "", "install " SELF " /bin/false\n", "has the line `install dell_laptop /bin/false`" },
                { "install " SELF " /opt/load\n", "install " SELF " /bin/false\n",
                                "has the line `install dell_laptop /bin/false` in its /etc/modprobe.d/a.conf, and the "
                                "host has `install dell_laptop /opt/load` in /etc/modprobe.d/a.conf" },
                { "install " SELF " :\n", "install " SELF " :\nsoftdep " SELF " pre: first\n",
                                "has the line `softdep dell_laptop pre: first`" },
                { "alias " SELF " off\n", "", "lacks the line `alias dell_laptop off`" },
                { "", "alias dell* first\n", "has the line `alias dell* first`" },
                { "alias dell* first\n", "alias dell* first\nalias dell-laptop dell-laptop\n",
                                "has the line `alias dell_laptop dell_laptop`" },
                { "alias " MODALIAS " off\n", "", "lacks the line `alias pci:" },
                { "", "alias pci:* first\n", "has the line `alias pci:* first`" },
                { "", "install below /bin/false\n",
                                "has the line `install below /bin/false` in its /etc/modprobe.d/a.conf" },
                { "install below :\n", "", "lacks the line `install below :`" },
                { "blacklist below\n", "", NULL },
                { "alias eth0 " SELF "\nblacklist first\n", "alias usb:* first\ninstall first :\n", NULL },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
                Driver *driver CLEANUP(driver_freep) = NULL;
                g_autofree char *out = NULL, *in = NULL;
                const char *said;

                g_test_message("host: %s image: %s", rows[i].outside, rows[i].inside);
                temp_dir_write(&fixture->outside.dir, "etc/modprobe.d/a.conf", rows[i].outside);
                temp_dir_write(&fixture->inside.dir, "etc/modprobe.d/a.conf", rows[i].inside);
                write_image(fixture, true, "etc/modprobe.d/a.conf", rows[i].inside);
                out = ask(&fixture->outside);
                in = ask(&fixture->inside);
                g_test_message("%s\n%s", out, in);
                g_assert_cmpint(strcmp(out, in) != 0, ==, rows[i].said != NULL);
                driver = derive(fixture);
                said = find_problem(driver);
                g_assert_cmpint(said != NULL, ==, rows[i].said != NULL);
                if (said)
                        g_assert_nonnull(strstr(said, rows[i].said));
        }
}

/* Another directory is as good; what the image doesn't hold, it can't load; a deselection has a problem of
 * its own. */
static void test_none(Fixture *fixture, gconstpointer data)
{
        static const char *const ours = "etc/modprobe.d/hostdriver-" SELF ".conf";
        Driver *driver = NULL;

        temp_dir_write(&fixture->outside.dir, "etc/modprobe.d/a.conf", "blacklist " SELF "\n");
        write_image(fixture, true, "usr/lib/modprobe.d/z.conf", "blacklist " SELF "\n");
        driver = derive(fixture);
        g_assert_null(find_problem(driver));
        driver = driver_free(driver);
        write_image(fixture, false, "etc/modprobe.d/a.conf", "");
        driver = derive(fixture);
        g_assert_null(find_problem(driver));
        driver = driver_free(driver);
        /* The image still has the block, and the version was selected since. */
        temp_dir_write(&fixture->outside.dir, "etc/modprobe.d/a.conf", "");
        write_image(fixture, true, ours, BLOCK);
        driver = derive(fixture);
        g_assert_null(find_problem(driver));
        g_assert_cmpstr(driver->problems.items[0].code, ==, "initramfs-stale");
        driver = driver_free(driver);
        temp_dir_write(&fixture->outside.dir, ours, BLOCK);
        write_image(fixture, true, "etc/modprobe.d/a.conf", "");
        driver = derive(fixture);
        g_assert_null(find_problem(driver));
        driver = driver_free(driver);
}

/* The image has the block, and a line before it that is gone on the host. */
static void test_defeated(Fixture *fixture, gconstpointer data)
{
        static const char *const lines[] = { "install " SELF " /sbin/modprobe -i " SELF "\n",
                "softdep " SELF " pre: first\n" };
        static const char *const ours = "etc/modprobe.d/hostdriver-" SELF ".conf";

        temp_dir_write(&fixture->outside.dir, ours, BLOCK);
        temp_dir_write(&fixture->inside.dir, ours, BLOCK);
        for (size_t i = 0; i < G_N_ELEMENTS(lines); i++) {
                g_autofree char *in = NULL, *out = NULL;
                Driver *driver CLEANUP(driver_freep) = NULL;
                const char *said;

                temp_dir_write(&fixture->inside.dir, "etc/modprobe.d/a.conf", lines[i]);
                out = modprobe_dry_run(&fixture->outside, SAMPLE_KERNEL, SELF, false);
                in = modprobe_dry_run(&fixture->inside, SAMPLE_KERNEL, SELF, false);
                g_test_message("%s\n%s", out, in);
                g_assert_true(g_str_has_suffix(out, "</bin/false>"));
                g_assert_false(g_str_has_suffix(in, "</bin/false>"));
                write_image_of(fixture, true, "etc/modprobe.d/a.conf", lines[i], true);
                driver = derive(fixture);
                said = find_problem(driver);
                g_assert_nonnull(said);
                g_assert_nonnull(strstr(said, "in its /etc/modprobe.d/a.conf, which the host doesn't have"));
        }
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add("/image-modprobe/rows", Fixture, NULL, set_up, test_rows, tear_down);
        g_test_add("/image-modprobe/defeated", Fixture, NULL, set_up, test_defeated, tear_down);
        g_test_add("/image-modprobe/none", Fixture, NULL, set_up, test_none, tear_down);
        return g_test_run();
}
