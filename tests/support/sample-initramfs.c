/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Fills a root with what a generator needs. */

#include "sample-initramfs.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "host/initramfs/initramfs-image.h"
#include "host/initramfs/initramfs-reader.h"

#define RUNS "var/log/small-generator"

const char *sample_initramfs_obstacle(void)
{
        if (geteuid() != 0)
                return "chroot(2) needs root";
        if (access(SMALL_GENERATOR, X_OK) != 0)
                return "the generator could not be linked statically: install the C library's static archive";
        if (access("/bin/busybox", X_OK) != 0)
                return "busybox-static isn't installed";
        return NULL;
}

static void copy_program(const SampleRoot *sample, const char *from, const char *to)
{
        char *path = temp_dir_path(&sample->dir, to);
        g_autofree char *data = NULL;
        gsize size;

        temp_dir_write(&sample->dir, to, "");
        g_assert_true(g_file_get_contents(from, &data, &size, NULL));
        g_assert_true(g_file_set_contents_full(
                        path, data, (gssize) size, G_FILE_SET_CONTENTS_NONE, 0755, NULL));
        g_assert_cmpint(chmod(path, 0755), ==, 0);
        free(path);
}

void sample_initramfs_init(const SampleRoot *sample, const char *modules)
{
        copy_program(sample, SMALL_GENERATOR, "usr/sbin/mkinitramfs");
        temp_dir_write(&sample->dir, "etc/small-generator/modules", modules);
        temp_dir_write(&sample->dir, RUNS, "");
        temp_dir_mkdir(&sample->dir, "etc/modprobe.d");
        temp_dir_mkdir(&sample->dir, "boot");
        sample_initramfs_set_fault(sample, "");
        sample_initramfs_set_method(sample, "generator");
}

void sample_initramfs_set_method(const SampleRoot *sample, const char *method)
{
        g_autofree char *text = g_strdup_printf("[Apply]\nImageMethod=%s\n", method);

        temp_dir_write(&sample->dir, "etc/hostdriver/hostdriver.conf.d/sample-initramfs.conf", text);
}

bool sample_initramfs_exists(const SampleRoot *sample, const char *path)
{
        char *absolute = temp_dir_path(&sample->dir, path);
        bool exists = access(absolute, F_OK) == 0;

        free(absolute);
        return exists;
}

void sample_initramfs_remove(const SampleRoot *sample, const char *path)
{
        char *absolute = temp_dir_path(&sample->dir, path);

        g_assert_cmpint(g_unlink(absolute), ==, 0);
        free(absolute);
}

void sample_initramfs_set_fault(const SampleRoot *sample, const char *fault)
{
        temp_dir_write(&sample->dir, "etc/small-generator/fault", fault);
}

bool sample_initramfs_has_fault(const SampleRoot *sample)
{
        char *path = temp_dir_path(&sample->dir, "etc/small-generator/fault");
        struct stat st;

        g_assert_cmpint(stat(path, &st), ==, 0);
        free(path);
        return st.st_size > 0;
}

void sample_initramfs_build(const SampleRoot *sample, const char *release)
{
        g_autofree char *image = g_strdup_printf("/boot/initrd.img-%s", release);
        const char *argv[] = { "chroot", sample->dir.path, "/usr/sbin/mkinitramfs", "-o", image, release,
                NULL };
        int status;

        g_assert_true(g_spawn_sync(NULL, (char **) argv, NULL,
                        G_SPAWN_LEAVE_DESCRIPTORS_OPEN | G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL,
                        NULL, NULL, NULL, NULL, &status, NULL));
        g_assert_cmpint(status, ==, 0);
        (void) sample_initramfs_take_runs(sample);
}

unsigned sample_initramfs_take_runs(const SampleRoot *sample)
{
        char *path = temp_dir_path(&sample->dir, RUNS);
        g_autofree char *text = NULL;
        unsigned runs = 0;

        g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
        for (const char *p = text; (p = strchr(p, '\n')); p++)
                runs++;
        temp_dir_write(&sample->dir, RUNS, "");
        free(path);
        return runs;
}

static void write_script(const SampleRoot *sample, const char *path, const char *text)
{
        g_autofree char *script = g_strdup_printf("#!/bin/busybox sh\n%s\n", text);
        char *absolute = temp_dir_path(&sample->dir, path);

        temp_dir_write(&sample->dir, path, script);
        g_assert_cmpint(chmod(absolute, 0755), ==, 0);
        free(absolute);
}

void sample_initramfs_add_hook(const SampleRoot *sample, const char *text)
{
        copy_program(sample, "/bin/busybox", "bin/busybox");
        write_script(sample, "usr/bin/run-parts",
                        "for hook in \"$3\"/*; do \"$hook\" \"${1#--arg=}\" \"${2#--arg=}\"; done");
        write_script(sample, "etc/initramfs/post-update.d/loader", text);
}

static InitramfsImage *read_image(const SampleRoot *sample, const char *module)
{
        StringSet names CLEANUP_STRING_SET = { 0 };
        InitramfsImage *image;

        g_assert_cmpint(string_set_add(&names, module), ==, 1);
        g_assert_cmpint(initramfs_image_read(sample->root, SAMPLE_KERNEL, "/" SAMPLE_IMAGE, &names, &image),
                        ==, 0);
        g_assert_cmpint(image->error, ==, 0);
        return image;
}

void sample_initramfs_assert_holds(const SampleRoot *sample, const char *module, const char *path)
{
        InitramfsImage *image CLEANUP(initramfs_image_unrefp) = read_image(sample, module);
        const InitramfsModule *found = initramfs_image_module(image, module);

        g_assert_cmpstr(found ? found->path : NULL, ==, path);
        g_assert_false(string_set_contains(&image->blocked, module));
}

void sample_initramfs_assert_blocked(const SampleRoot *sample, const char *module)
{
        InitramfsImage *image CLEANUP(initramfs_image_unrefp) = read_image(sample, module);

        g_assert_true(string_set_contains(&image->blocked, module));
}

void sample_initramfs_assert_clean(const SampleRoot *sample)
{
        char *path = temp_dir_path(&sample->dir, "boot");
        GDir *dir = g_dir_open(path, 0, NULL);
        const char *name;

        while ((name = g_dir_read_name(dir)))
                g_assert_false(g_str_has_prefix(name, "."));
        g_dir_close(dir);
        free(path);
}
