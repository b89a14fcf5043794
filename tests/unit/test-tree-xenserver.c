/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* XenServer's tree with everything that a directory can hold: names, kinds, permissions, changes. */

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "host/tree/tree-walk.h"
#include "tree-record.h"

typedef struct Fixture {
        TempDir dir;
        TreeRecord record;
} Fixture;

static void set_up(Fixture *fixture, gconstpointer data)
{
        temp_dir_init(&fixture->dir, "tree");
}

static void tear_down(Fixture *fixture, gconstpointer data)
{
        tree_record_done(&fixture->record);
        temp_dir_done(&fixture->dir);
}

static void scan(Fixture *fixture)
{
        tree_record_scan(&fixture->record, &tree_xenserver, &fixture->dir, "xenserver", NULL);
}

static void assert_lines(const GPtrArray *lines, const char *expected)
{
        g_autofree char *text = tree_record_lines(lines);

        g_assert_cmpstr(text, ==, expected);
}

static void test_finds(Fixture *fixture, gconstpointer data)
{
        static const char *const files[] = {
                "xenserver/intel-ice/1.11.17.1/ice.ko",
                "xenserver/intel-ice/1.6.4/ice.ko",
                "xenserver/intel-ice/1.6.4/README",
                "xenserver/intel-ice/1.6.4/ice.ko.tmp",
                "xenserver/intel-ice/1.6.4/kernel/drivers/irdma.ko.xz",
                "xenserver/mlx/5.9-0.5/a.ko.gz",
                "xenserver/mlx/5.9-0.5/b.ko.zst",
                "xenserver/mlx/kernel/c.ko",
                "xenserver/mlx/with space/d-e.ko",
                "xenserver/mlx/\xc3\xa4/d.ko",
                "xenserver/README",
                "dmv/other/1/ice.ko",
        };

        for (size_t i = 0; i < G_N_ELEMENTS(files); i++)
                temp_dir_write(&fixture->dir, files[i], "");
        temp_dir_mkdir(&fixture->dir, "xenserver/empty/1.0");
        temp_dir_mkdir(&fixture->dir, "xenserver/hollow");
        scan(fixture);
        assert_lines(fixture->record.found,
                        "intel-ice|1.11.17.1|xenserver/intel-ice/1.11.17.1/ice.ko\n"
                        "intel-ice|1.6.4|xenserver/intel-ice/1.6.4/ice.ko\n"
                        "intel-ice|1.6.4|xenserver/intel-ice/1.6.4/kernel/drivers/irdma.ko.xz\n"
                        "mlx|5.9-0.5|xenserver/mlx/5.9-0.5/a.ko.gz\n"
                        "mlx|5.9-0.5|xenserver/mlx/5.9-0.5/b.ko.zst\n"
                        "mlx|kernel|xenserver/mlx/kernel/c.ko\n"
                        "mlx|with space|xenserver/mlx/with space/d-e.ko\n"
                        "mlx|\xc3\xa4|xenserver/mlx/\xc3\xa4/d.ko\n");
        assert_lines(fixture->record.skipped, "");
        g_assert_cmpuint(fixture->record.infos->len, ==, 0);
}

static void test_no_tree(Fixture *fixture, gconstpointer data)
{
        scan(fixture);
        assert_lines(fixture->record.found, "");
        assert_lines(fixture->record.skipped, "");
}

static void test_names(Fixture *fixture, gconstpointer data)
{
        static const struct {
                const char *path;
                const char *skipped; /* NULL: it is found */
        } rows[] = {
                { "p/1/ice.ko", NULL },
                { "p/a\nb/ice.ko", "xenserver/p/a\nb holds a control character\n" },
                { "p/a\x1b[31m/ice.ko", "xenserver/p/a\x1b[31m holds a control character\n" },
                { "p/a\x7f/ice.ko", "xenserver/p/a\x7f holds a control character\n" },
                { "p/\xc2\x85/ice.ko", "xenserver/p/\xc2\x85 holds a control character\n" },
                { "p/\xff\xfe/ice.ko", "xenserver/p/\xff\xfe is not valid UTF-8\n" },
                { "p\t/1/ice.ko", "xenserver/p\t holds a control character\n" },
                { "\xc3/1/ice.ko", "xenserver/\xc3 is not valid UTF-8\n" },
                { "p/1/sub\n/ice.ko", "xenserver/p/1/sub\n holds a control character\n" },
                { "p/1/ice\n.ko", "xenserver/p/1/ice\n.ko holds a control character\n" },
                { "p/1/\xff.ko", "xenserver/p/1/\xff.ko is not valid UTF-8\n" },
                { "p/1/.ice.ko", "xenserver/p/1/.ice.ko has a name that no module can have\n" },
                { "p/1/i ce.ko", "xenserver/p/1/i ce.ko has a name that no module can have\n" },
                { "p/1/i.ce.ko", "xenserver/p/1/i.ce.ko has a name that no module can have\n" },
                { "p/ice.ko", "xenserver/p/ice.ko lies in no version's directory\n" },
                { "ice.ko", "xenserver/ice.ko lies in no version's directory\n" },
                { "p/1/junk\n", "" },
                { "p/1/.ko", "" },
                { "p/.../ice.ko", NULL },
                { "p/-rf/ice.ko", NULL },
                { "p/$(reboot)/ice.ko", NULL },
                { "p/'/ice.ko", NULL },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
                TempDir dir CLEANUP_TEMP_DIR = { 0 };
                g_autofree char *path = g_strdup_printf("xenserver/%s", rows[i].path);

                g_test_message("%zu", i);
                temp_dir_init(&dir, "tree");
                temp_dir_write(&dir, path, "");
                temp_dir_write(&dir, "xenserver/neighbour/1/n.ko", "");
                tree_record_scan(&fixture->record, &tree_xenserver, &dir, "xenserver", NULL);
                assert_lines(fixture->record.skipped, rows[i].skipped ? rows[i].skipped : "");
                g_assert_cmpuint(fixture->record.found->len, ==, rows[i].skipped ? 1 : 2);
        }
}

/* Names as long as the file system takes them are names. */
static void test_long_names(Fixture *fixture, gconstpointer data)
{
        g_autofree char *longest = g_strnfill(255, 'v');
        g_autofree char *path = g_strdup_printf("xenserver/%s/%s/ice.ko", longest, longest);
        g_autofree char *expected = g_strdup_printf("%s|%s|%s\n", longest, longest, path);

        temp_dir_write(&fixture->dir, path, "");
        scan(fixture);
        assert_lines(fixture->record.found, expected);
        assert_lines(fixture->record.skipped, "");
}

static void make_socket(const TempDir *dir, const char *path)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        int fd CLEANUP_FD = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        char *absolute CLEANUP_FREE = temp_dir_path(dir, path);

        g_assert_cmpuint(strlen(absolute), <, sizeof(address.sun_path));
        strcpy(address.sun_path, absolute);
        g_assert_cmpint(bind(fd, (struct sockaddr *) &address, sizeof(address)), ==, 0);
}

/* Whatever has a module file's name is told, without being opened; directories are never followed through
 * links. */
static void test_kinds(Fixture *fixture, gconstpointer data)
{
        const TempDir *dir = &fixture->dir;

        temp_dir_write(dir, "xenserver/p/1/regular.ko", "");
        temp_dir_link(dir, "xenserver/p/1/link.ko", "regular.ko");
        temp_dir_link(dir, "xenserver/p/1/dangling.ko", "nothing");
        g_assert_cmpint(mkfifoat(dir->fd, "xenserver/p/1/fifo.ko", 0600), ==, 0);
        make_socket(dir, "xenserver/p/1/socket.ko");
        temp_dir_write(dir, "xenserver/p/1/directory.ko/inner.ko", "");
        temp_dir_link(dir, "xenserver/p/1/to-directory", "directory.ko");
        temp_dir_link(dir, "xenserver/p/1/up", "..");
        temp_dir_link(dir, "xenserver/p/2", "1");
        temp_dir_link(dir, "xenserver/q", "p");
        temp_dir_link(dir, "xenserver/p/latest", "1");
        scan(fixture);
        assert_lines(fixture->record.found, "p|1|xenserver/p/1/dangling.ko\n"
                                            "p|1|xenserver/p/1/directory.ko/inner.ko\n"
                                            "p|1|xenserver/p/1/fifo.ko\n"
                                            "p|1|xenserver/p/1/link.ko\n"
                                            "p|1|xenserver/p/1/regular.ko\n"
                                            "p|1|xenserver/p/1/socket.ko\n");
        assert_lines(fixture->record.skipped, "");
}

static void test_tree_is_no_directory(Fixture *fixture, gconstpointer data)
{
        static const char expected[] =
                        "xenserver is not a directory; links to directories are not followed\n";

        temp_dir_write(&fixture->dir, "real/p/1/ice.ko", "");
        temp_dir_link(&fixture->dir, "xenserver", "real");
        scan(fixture);
        assert_lines(fixture->record.found, "");
        assert_lines(fixture->record.skipped, expected);
        g_assert_cmpint(unlinkat(fixture->dir.fd, "xenserver", 0), ==, 0);
        temp_dir_write(&fixture->dir, "xenserver", "a file");
        scan(fixture);
        assert_lines(fixture->record.skipped, expected);
}

static void test_too_deep(Fixture *fixture, gconstpointer data)
{
        g_autoptr(GString) path = g_string_new("xenserver/p/1");

        for (unsigned i = 2; i < TREE_DEPTH_MAX; i++)
                g_string_append(path, "/d");
        temp_dir_write(&fixture->dir, path->str, "");
        g_assert_cmpint(unlinkat(fixture->dir.fd, path->str, 0), ==, 0);
        g_string_append(path, "/deepest.ko");
        temp_dir_write(&fixture->dir, path->str, "");
        g_string_truncate(path, path->len - strlen("deepest.ko"));
        g_string_append(path, "d/deeper.ko");
        temp_dir_write(&fixture->dir, path->str, "");
        scan(fixture);
        g_assert_cmpuint(fixture->record.found->len, ==, 1);
        g_assert_true(g_str_has_suffix(fixture->record.found->pdata[0], "/d/deepest.ko"));
        g_assert_cmpuint(fixture->record.skipped->len, ==, 1);
        g_assert_true(g_str_has_suffix(fixture->record.skipped->pdata[0], "/d/d lies too deep"));
}

/* root may read everything: a child gives that up. */
static void test_unreadable(Fixture *fixture, gconstpointer data)
{
        pid_t child;
        int status;

        temp_dir_write(&fixture->dir, "xenserver/p/1/ice.ko", "");
        temp_dir_write(&fixture->dir, "xenserver/p/2/ice.ko", "");
        temp_dir_write(&fixture->dir, "xenserver/q/1/ice.ko", "");
        g_assert_cmpint(fchmod(fixture->dir.fd, 0755), ==, 0);
        g_assert_cmpint(fchmodat(fixture->dir.fd, "xenserver/p/2", 0, 0), ==, 0);
        g_assert_cmpint(fchmodat(fixture->dir.fd, "xenserver/q", 0, 0), ==, 0);
        child = fork();
        g_assert_cmpint(child, >=, 0);
        if (child == 0) {
                g_autofree char *found = NULL, *skipped = NULL;

                if (getuid() == 0 && (setgid(65534) < 0 || setuid(65534) < 0))
                        _exit(2);
                scan(fixture);
                found = tree_record_lines(fixture->record.found);
                skipped = tree_record_lines(fixture->record.skipped);
                _exit(strcmp(found, "p|1|xenserver/p/1/ice.ko\n") != 0 ||
                                strcmp(skipped, "xenserver/p/2 can't be opened: Permission denied\n"
                                                "xenserver/q can't be opened: Permission denied\n") != 0);
        }
        g_assert_cmpint(waitpid(child, &status, 0), ==, child);
        g_assert_true(WIFEXITED(status));
        g_assert_cmpint(WEXITSTATUS(status), ==, 0);
}

static int refuse(void *userdata, const TreeFile *file)
{
        ++*(unsigned *) userdata;
        return -ECANCELED;
}

static int ignore(void *userdata, const char *path, const char *reason, int error)
{
        return 0;
}

static void test_callback_ends_the_scan(Fixture *fixture, gconstpointer data)
{
        unsigned calls = 0;
        TreeScan tree_scan = {
                .modules_fd = fixture->dir.fd,
                .directory = "xenserver",
                .found = refuse,
                .skipped = ignore,
                .userdata = &calls,
        };

        temp_dir_write(&fixture->dir, "xenserver/p/1/ice.ko", "");
        temp_dir_write(&fixture->dir, "xenserver/p/2/ice.ko", "");
        g_assert_cmpint(tree_walk(&tree_xenserver, &tree_scan), ==, -ECANCELED);
        g_assert_cmpuint(calls, ==, 1);
}

/* What the other process does until it is told to stop: versions come, go and are renamed. */
static gpointer change_tree(gpointer userdata)
{
        const TempDir *dir = ((gpointer *) userdata)[0];
        const int *stop = ((gpointer *) userdata)[1];

        while (!g_atomic_int_get(stop)) {
                g_assert_cmpint(renameat(dir->fd, "xenserver/p/moving", dir->fd, "aside"), ==, 0);
                g_assert_cmpint(renameat(dir->fd, "aside", dir->fd, "xenserver/p/moving"), ==, 0);
                g_assert_cmpint(unlinkat(dir->fd, "xenserver/p/1/gone.ko", 0), ==, 0);
                temp_dir_write(dir, "xenserver/p/1/gone.ko", "");
                g_assert_cmpint(mkdirat(dir->fd, "xenserver/p/brief", 0755), ==, 0);
                g_assert_cmpint(unlinkat(dir->fd, "xenserver/p/brief", AT_REMOVEDIR), ==, 0);
        }
        return NULL;
}

static void test_changes_meanwhile(Fixture *fixture, gconstpointer data)
{
        int stop = 0;
        gpointer arguments[] = { &fixture->dir, &stop };
        GThread *thread;

        temp_dir_write(&fixture->dir, "xenserver/p/1/ice.ko", "");
        temp_dir_write(&fixture->dir, "xenserver/p/1/gone.ko", "");
        temp_dir_write(&fixture->dir, "xenserver/p/moving/ice.ko", "");
        temp_dir_write(&fixture->dir, "xenserver/q/1/ice.ko", "");
        thread = g_thread_new("change", change_tree, arguments);
        for (unsigned i = 0; i < 300; i++) {
                g_autofree char *found = NULL;

                scan(fixture);
                found = tree_record_lines(fixture->record.found);
                g_assert_nonnull(strstr(found, "p|1|xenserver/p/1/ice.ko\n"));
                g_assert_nonnull(strstr(found, "q|1|xenserver/q/1/ice.ko\n"));
                assert_lines(fixture->record.skipped, "");
        }
        g_atomic_int_set(&stop, 1);
        g_thread_join(thread);
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
#define TEST(name, function) g_test_add("/tree-xenserver/" name, Fixture, NULL, set_up, function, tear_down)
        TEST("finds", test_finds);
        TEST("no-tree", test_no_tree);
        TEST("names", test_names);
        TEST("long-names", test_long_names);
        TEST("kinds", test_kinds);
        TEST("tree-is-no-directory", test_tree_is_no_directory);
        TEST("too-deep", test_too_deep);
        TEST("unreadable", test_unreadable);
        TEST("callback-ends-the-scan", test_callback_ends_the_scan);
        TEST("changes-meanwhile", test_changes_meanwhile);
        return g_test_run();
}
