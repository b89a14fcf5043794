/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Builds a small host. It never touches the one that it runs on. */

#include "sample-root.h"

#include <glib/gstdio.h>
#include <string.h>

#include "host/module/module-file.h"
#include "host/name.h"

static char *module_path(const char *release, const char *path)
{
        return g_strdup_printf("lib/modules/%s/%s", release, path);
}

static void make_parent(const SampleRoot *sample, const char *path)
{
        g_autofree char *parent = g_path_get_dirname(path);

        temp_dir_mkdir(&sample->dir, parent);
}

void sample_root_init(SampleRoot *sample, const char *kernel)
{
        *sample = (SampleRoot){ 0 };
        temp_dir_init(&sample->dir, "sample");
        temp_dir_mkdir(&sample->dir, "usr/lib/modules");
        temp_dir_link(&sample->dir, "lib", "usr/lib");
        temp_dir_mkdir(&sample->dir, "etc/depmod.d");
        temp_dir_mkdir(&sample->dir, "etc/modprobe.d");
        temp_dir_mkdir(&sample->dir, "sys/module");
        temp_dir_write(&sample->dir, "etc/machine-id", "0123456789abcdef0123456789abcdef\n");
        sample_root_add_kernel(sample, kernel);
        g_assert_cmpint(host_root_new(sample->dir.path, kernel, &sample->root), ==, 0);
}

void sample_root_done(SampleRoot *sample)
{
        sample->root = host_root_free(sample->root);
        temp_dir_done(&sample->dir);
}

void sample_root_add_kernel(const SampleRoot *sample, const char *release)
{
        static const char *const files[] = { "modules.order", "modules.builtin" };

        for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
                g_autofree char *path = module_path(release, files[i]);

                temp_dir_write(&sample->dir, path, "");
        }
}

static ModuleCompression compression_of(const char *path)
{
        if (g_str_has_suffix(path, ".gz"))
                return MODULE_GZIP;
        if (g_str_has_suffix(path, ".xz"))
                return MODULE_XZ;
        return g_str_has_suffix(path, ".zst") ? MODULE_ZSTD : MODULE_PLAIN;
}

void sample_root_add_module_spec(
                const SampleRoot *sample, const char *release, const char *path, const ModuleSpec *spec)
{
        g_autofree char *below = module_path(release, path);
        g_autofree char *seed = g_strdup_printf("%s/%s/%s", release, path, spec->version);
        g_autofree char *build_id = g_compute_checksum_for_string(G_CHECKSUM_SHA1, seed, -1);
        g_autofree char *srcversion = g_strndup(build_id, 23);
        g_autofree char *vermagic = g_strdup_printf("%s SMP mod_unload modversions ", release);
        g_autofree char *base = g_path_get_basename(path);
        char *name CLEANUP_FREE = NULL, *absolute CLEANUP_FREE = temp_dir_path(&sample->dir, below);
        ModuleSpec whole = *spec;

        g_assert_cmpint(module_name_from_file(base, &name), ==, 0);
        whole.name = spec->name ? spec->name : name;
        whole.srcversion = spec->srcversion ? spec->srcversion : srcversion;
        whole.build_id = spec->build_id ? spec->build_id : build_id;
        whole.vermagic = spec->vermagic ? spec->vermagic : vermagic;
        whole.license = spec->license ? spec->license : "GPL";
        whole.compression = compression_of(path);
        make_parent(sample, below);
        (void) g_unlink(absolute);
        module_writer_write(&whole, absolute);
}

void sample_root_add_module(
                const SampleRoot *sample, const char *release, const char *path, const char *version)
{
        ModuleSpec spec = { .version = version, .note_version = version };

        sample_root_add_module_spec(sample, release, path, &spec);
}

void sample_root_select(const SampleRoot *sample, const char *release, const char *target)
{
        g_autofree char *base = g_path_get_basename(target);
        g_autofree char *text = g_strdup_printf("../%s", target);
        g_autofree char *link = g_strdup_printf("lib/modules/%s/updates/%s", release, base);
        char *absolute CLEANUP_FREE = temp_dir_path(&sample->dir, link);

        (void) g_unlink(absolute);
        temp_dir_link(&sample->dir, link, text);
}

void sample_root_depmod(const SampleRoot *sample, const char *release)
{
        char *config CLEANUP_FREE = temp_dir_path(&sample->dir, "etc/depmod.d");
        const char *argv[] = { "depmod", "-b", sample->dir.path, "-C", config, release, NULL };
        g_autofree char *errors = NULL;
        g_autoptr(GError) error = NULL;
        int status;

        /* sbin is not on everybody's PATH. GLib forks to close descriptors, which are closed on exec anyway:
         * with the address sanitizer that takes longer than depmod. */
        if (g_file_test("/usr/sbin/depmod", G_FILE_TEST_IS_EXECUTABLE))
                argv[0] = "/usr/sbin/depmod";
        g_assert_true(g_spawn_sync(NULL, (char **) argv, NULL,
                        G_SPAWN_LEAVE_DESCRIPTORS_OPEN | G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL,
                        NULL, NULL, NULL, &errors, &status, &error));
        g_assert_no_error(error);
        if (!g_spawn_check_wait_status(status, &error))
                g_error("depmod: %s: %s", error->message, errors);
}

void sample_note_append(
                GByteArray *notes, const char *owner, guint32 type, const void *desc, guint32 desc_size)
{
        static const guint8 zeros[4] = { 0 };
        guint32 header[3] = { (guint32) strlen(owner) + 1, desc_size, type };

        g_byte_array_append(notes, (const guint8 *) header, sizeof(header));
        g_byte_array_append(notes, (const guint8 *) owner, header[0]);
        g_byte_array_append(notes, zeros, -header[0] & 3);
        if (desc_size > 0)
                g_byte_array_append(notes, desc, desc_size);
        g_byte_array_append(notes, zeros, -desc_size & 3);
}

char **sample_root_depmod_complaints(const SampleRoot *sample, const char *release, const char *symvers)
{
        char *file CLEANUP_FREE = temp_dir_path(&sample->dir, symvers);
        char *config CLEANUP_FREE = temp_dir_path(&sample->dir, "etc/depmod.d");
        const char *argv[] = { "/usr/sbin/depmod", "-n", "-a", "-e", "-E", file, "-b", sample->dir.path,
                "-C", config, release, NULL };
        g_autofree char *errors = NULL;

        g_assert_true(g_spawn_sync(NULL, (char **) argv, NULL,
                        G_SPAWN_LEAVE_DESCRIPTORS_OPEN | G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL,
                        &errors, NULL, NULL));
        return g_strsplit(errors, "\n", -1);
}
