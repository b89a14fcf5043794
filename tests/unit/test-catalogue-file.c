/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* All versions of a sample host: order, sharing of metadata, files of every kind, changes while it is read.
 */

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "sample-catalogue.h"

static void test_kinds(SampleCatalogue *fixture, gconstpointer data)
{
        static const struct {
                const char *path;
                ModuleDefect defect;
                int error;
        } rows[] = {
                { "xenserver/p/1/sound.ko", MODULE_SOUND, 0 },
                { "xenserver/p/1/linked.ko", MODULE_SOUND, 0 },
                { "xenserver/p/1/linked_out_of_tree.ko", MODULE_SOUND, 0 },
                { "xenserver/p/1/linked_elsewhere.ko", MODULE_NOT_REGULAR, 0 },
                { "xenserver/p/1/linked_to_other_release.ko", MODULE_NOT_REGULAR, 0 },
                { "xenserver/p/1/linked_to_directory.ko", MODULE_NOT_REGULAR, 0 },
                { "xenserver/p/1/linked_to_fifo.ko", MODULE_NOT_REGULAR, 0 },
                { "xenserver/p/1/dangling.ko", MODULE_UNREADABLE, -ENOENT },
                { "xenserver/p/1/looping.ko", MODULE_UNREADABLE, -ELOOP },
                { "xenserver/p/1/fifo.ko", MODULE_NOT_REGULAR, 0 },
                { "xenserver/p/1/empty.ko", MODULE_NOT_A_MODULE, 0 },
                { "xenserver/p/1/text.ko", MODULE_NOT_A_MODULE, 0 },
        };
        const TempDir *dir = &fixture->sample.dir;
        const Catalogue *catalogue;

#define BELOW(path) "lib/modules/6.1.0/xenserver/p/1/" path
        sample_catalogue_add(fixture, "xenserver/p/1/sound.ko");
        sample_catalogue_add(fixture, "extra/foreign.ko");
        sample_root_add_module(&fixture->sample, "6.2.0", "extra/foreign.ko", "1");
        temp_dir_link(dir, BELOW("linked.ko"), "sound.ko");
        temp_dir_link(dir, BELOW("linked_out_of_tree.ko"), "../../../extra/foreign.ko");
        temp_dir_link(dir, BELOW("linked_elsewhere.ko"), "/etc/passwd");
        temp_dir_link(dir, BELOW("linked_to_other_release.ko"), "../../../../6.2.0/extra/foreign.ko");
        temp_dir_link(dir, BELOW("linked_to_directory.ko"), "..");
        temp_dir_link(dir, BELOW("linked_to_fifo.ko"), "fifo.ko");
        temp_dir_link(dir, BELOW("dangling.ko"), "nothing.ko");
        temp_dir_link(dir, BELOW("looping.ko"), "looping.ko");
        g_assert_cmpint(mkfifoat(dir->fd, BELOW("fifo.ko"), 0600), ==, 0);
        temp_dir_write(dir, BELOW("empty.ko"), "");
        temp_dir_write(dir, BELOW("text.ko"), "no module");
        catalogue = sample_catalogue_read(fixture);
        g_assert_cmpuint(catalogue->releases[0].count, ==, G_N_ELEMENTS(rows));
        for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
                const CatalogueFile *file = sample_catalogue_file(fixture, rows[i].path);

                g_test_message("%s", rows[i].path);
                g_assert_cmpint(file->file->defect, ==, rows[i].defect);
                g_assert_cmpint(file->file->error, ==, rows[i].error);
        }
}

/* root may read everything: a child gives that up. */
static void test_unreadable(SampleCatalogue *fixture, gconstpointer data)
{
        pid_t child;
        int status;

        sample_catalogue_add(fixture, "xenserver/p/1/ice.ko");
        sample_catalogue_add(fixture, "xenserver/p/2/ice.ko");
        g_assert_cmpint(fchmod(fixture->sample.dir.fd, 0755), ==, 0);
        g_assert_cmpint(fchmodat(fixture->sample.dir.fd, "lib/modules/6.1.0/xenserver/p/2/ice.ko", 0, 0), ==,
                        0);
        child = fork();
        g_assert_cmpint(child, >=, 0);
        if (child == 0) {
                const Catalogue *catalogue;

                if (getuid() == 0 && (setgid(65534) < 0 || setuid(65534) < 0))
                        _exit(2);
                catalogue = sample_catalogue_read(fixture);
                if (catalogue->releases[0].count != 2)
                        _exit(3);
                if (sample_catalogue_file(fixture, "xenserver/p/1/ice.ko")->file->defect != MODULE_SOUND)
                        _exit(4);
                _exit(sample_catalogue_file(fixture, "xenserver/p/2/ice.ko")->file->error != -EACCES);
        }
        g_assert_cmpint(waitpid(child, &status, 0), ==, child);
        g_assert_true(WIFEXITED(status));
        g_assert_cmpint(WEXITSTATUS(status), ==, 0);
}

/* What the other thread does until it is told to stop. */
static gpointer change_host(gpointer userdata)
{
        const TempDir *dir = ((gpointer *) userdata)[0];
        const int *stop = ((gpointer *) userdata)[1];

        while (!g_atomic_int_get(stop)) {
#define MODULES "lib/modules/6.1.0/"
                g_assert_cmpint(renameat(dir->fd, MODULES "xenserver/p/2", dir->fd, "aside"), ==, 0);
                g_assert_cmpint(renameat(dir->fd, "aside", dir->fd, MODULES "xenserver/p/2"), ==, 0);
                g_assert_cmpint(renameat(dir->fd, MODULES "xenserver/p/3/ice.ko", dir->fd, "aside"), ==, 0);
                g_assert_cmpint(mkfifoat(dir->fd, MODULES "xenserver/p/3/ice.ko", 0600), ==, 0);
                g_assert_cmpint(unlinkat(dir->fd, MODULES "xenserver/p/3/ice.ko", 0), ==, 0);
                g_assert_cmpint(symlinkat("/dev/zero", dir->fd, MODULES "xenserver/p/3/ice.ko"), ==, 0);
                g_assert_cmpint(renameat(dir->fd, "aside", dir->fd, MODULES "xenserver/p/3/ice.ko"), ==, 0);
                g_assert_cmpint(renameat(dir->fd, "lib/modules/other", dir->fd, "lib/modules/another"), ==,
                                0);
                g_assert_cmpint(renameat(dir->fd, "lib/modules/another", dir->fd, "lib/modules/other"), ==,
                                0);
        }
        return NULL;
}

static void test_changes_meanwhile(SampleCatalogue *fixture, gconstpointer data)
{
        int stop = 0;
        gpointer arguments[] = { &fixture->sample.dir, &stop };
        GThread *thread;

        for (unsigned i = 1; i <= 3; i++) {
                g_autofree char *path = g_strdup_printf("xenserver/p/%u/ice.ko", i);

                sample_catalogue_add(fixture, path);
        }
        sample_root_add_module(&fixture->sample, "other", "xenserver/q/1/other.ko", "1");
        thread = g_thread_new("change", change_host, arguments);
        for (unsigned i = 0; i < 200; i++) {
                const CatalogueRelease *release;
                size_t count;

                release = catalogue_release(sample_catalogue_read(fixture), "6.1.0");
                g_assert_nonnull(release);
                g_assert_nonnull(catalogue_find(release, "ice", &count));
                g_assert_cmpint(sample_catalogue_file(fixture, "xenserver/p/1/ice.ko")->file->defect, ==,
                                MODULE_SOUND);
        }
        g_atomic_int_set(&stop, 1);
        g_thread_join(thread);
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
#define TEST(name, function)                                                                          \
        g_test_add("/catalogue-file/" name, SampleCatalogue, NULL, sample_catalogue_set_up, function, \
                        sample_catalogue_tear_down)
        TEST("kinds", test_kinds);
        TEST("unreadable", test_unreadable);
        TEST("changes-meanwhile", test_changes_meanwhile);
        return g_test_run();
}
