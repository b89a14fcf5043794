/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One mount that holds this machine, and links into it. */

#include "chroot-root.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <sys/mount.h>
#include <unistd.h>

#define MACHINE "machine"

static void bind(const SampleRoot *sample, const char *source, const char *below)
{
        char *target CLEANUP_FREE = temp_dir_path(&sample->dir, below);

        temp_dir_mkdir(&sample->dir, below);
        if (mount(source, target, NULL, MS_BIND | MS_REC, NULL) < 0)
                g_error("Could not bind %s over %s: %s", source, target, g_strerror(errno));
}

static void unbind(const SampleRoot *sample, const char *below)
{
        char *target CLEANUP_FREE = temp_dir_path(&sample->dir, below);

        /* What stayed mounted would be removed with the sample. */
        if (umount2(target, MNT_DETACH) < 0)
                g_error("Could not unmount %s: %s", target, g_strerror(errno));
}

/* So that nothing of the machine can be written to, or removed. */
static bool protect(const SampleRoot *sample)
{
        char *target CLEANUP_FREE = temp_dir_path(&sample->dir, MACHINE);
        struct mount_attr attributes = { .attr_set = MOUNT_ATTR_RDONLY };

        return mount_setattr(AT_FDCWD, target, AT_RECURSIVE, &attributes, sizeof(attributes)) >= 0;
}

static void link_one(const SampleRoot *sample, const char *path)
{
        g_autofree char *target = chroot_root_path(path);

        temp_dir_link(&sample->dir, path + 1, target);
}

/* All of DIRECTORY but EXCEPT, which the sample has one of its own of. */
static void link_all(const SampleRoot *sample, const char *directory, const char *except)
{
        g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);
        const char *name;

        g_assert_nonnull(dir);
        while ((name = g_dir_read_name(dir))) {
                g_autofree char *path = g_build_filename(directory, name, NULL);

                if (!g_str_equal(name, except))
                        link_one(sample, path);
        }
}

const char *chroot_root_enter(const SampleRoot *sample, bool with_proc, bool with_run, ChrootRoot *ret)
{
        static const char *const links[] = { "/bin", "/sbin", "/lib64", "/dev", "/etc/ld.so.cache" };

        bind(sample, "/", MACHINE);
        if (!protect(sample)) {
                unbind(sample, MACHINE);
                return "this kernel can't mount a whole tree read-only";
        }
        link_all(sample, "/usr", "lib");
        link_all(sample, "/usr/lib", "modules");
        for (size_t i = 0; i < G_N_ELEMENTS(links); i++)
                if (g_file_test(links[i], G_FILE_TEST_EXISTS))
                        link_one(sample, links[i]);
        temp_dir_mkdir(&sample->dir, "tmp");
        if (with_proc)
                bind(sample, "/proc", "proc");
        if (with_run)
                bind(sample, "/run", "run");
        *ret = (ChrootRoot){ sample, with_proc, with_run };
        return NULL;
}

void chroot_root_leave(ChrootRoot *root)
{
        if (!root->sample)
                return;
        if (root->has_run)
                unbind(root->sample, "run");
        if (root->has_proc)
                unbind(root->sample, "proc");
        unbind(root->sample, MACHINE);
        root->sample = NULL;
}

char *chroot_root_path(const char *path)
{
        return g_strconcat("/" MACHINE, path, NULL);
}
