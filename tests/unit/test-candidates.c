/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* All files of a name in a module directory, and what kind of thing each is. */

#include <glib.h>
#include <sys/stat.h>

#include "host/index/candidates.h"
#include "temp-dir.h"

#define MODULES "lib/modules/6.1/"

static void fill(const TempDir *dir)
{
        temp_dir_write(dir, MODULES "ice.ko", "");
        temp_dir_write(dir, MODULES "kernel/net/ice.ko", "");
        temp_dir_write(dir, MODULES "kernel/net/e1000e.ko", "");
        temp_dir_write(dir, MODULES "updates/dkms/ice.ko.xz", "");
        temp_dir_write(dir, MODULES "xenserver/p/1/ice.ko", "");
        temp_dir_link(dir, MODULES "updates/ice.ko", "../xenserver/p/1/ice.ko");
        temp_dir_link(dir, MODULES "linked", "kernel");
        temp_dir_link(dir, MODULES "build", "kernel");
        temp_dir_write(dir, MODULES "updates/ice.ko.gz", "");
        temp_dir_write(dir, "lib/modules/6.0/extra/ice.ko", "");
        temp_dir_link(dir, MODULES "weak-updates/ice.ko", "../../6.0/extra/ice.ko");
        temp_dir_link(dir, MODULES "extra/dangling/ice.ko", "nothing");
        temp_dir_link(dir, MODULES "extra/loop/ice.ko", "ice.ko");
        temp_dir_link(dir, MODULES "extra/to-directory/ice.ko", "..");
        temp_dir_mkdir(dir, MODULES "pipe");
        g_assert_cmpint(mkfifoat(dir->fd, MODULES "pipe/ice.ko", 0600), ==, 0);
        temp_dir_write(dir, "opt/modules/sub/ice.ko", "");
}

static void test_candidates(void)
{
        static const struct {
                const char *path;
                CandidateKind kind;
                const char *target;
        } rows[] = {
                { "/opt/modules/sub/ice.ko", CANDIDATE_FILE, "" },
                { "extra/dangling/ice.ko", CANDIDATE_DANGLING, "" },
                { "extra/loop/ice.ko", CANDIDATE_DANGLING, "" },
                { "extra/to-directory/ice.ko", CANDIDATE_OTHER, "" },
                { "ice.ko", CANDIDATE_FILE, "" },
                { "kernel/net/ice.ko", CANDIDATE_FILE, "" },
                { "linked/net/ice.ko", CANDIDATE_LINK, "kernel/net/ice.ko" },
                { "pipe/ice.ko", CANDIDATE_OTHER, "" },
                { "updates/dkms/ice.ko.xz", CANDIDATE_FILE, "" },
                { "updates/ice.ko", CANDIDATE_LINK, "xenserver/p/1/ice.ko" },
                { "updates/ice.ko.gz", CANDIDATE_COMPRESSED, "" },
                { "weak-updates/ice.ko", CANDIDATE_LINK, "" },
                { "xenserver/p/1/ice.ko", CANDIDATE_FILE, "" },
        };
        TempDir dir CLEANUP_TEMP_DIR = { 0 };
        HostRoot *root CLEANUP(host_root_freep) = NULL;
        DepmodConfig config CLEANUP_DEPMOD_CONFIG = { 0 };
        CandidateList list CLEANUP_CANDIDATE_LIST = { 0 };
        StringSet ice CLEANUP_STRING_SET = { 0 }, nothing CLEANUP_STRING_SET = { 0 };
        const KmodFormats formats = { .lacks_gzip = true };

        g_assert_cmpint(string_set_add(&ice, "ice"), ==, 1);
        g_assert_cmpint(string_set_add(&nothing, "nothing"), ==, 1);
        temp_dir_init(&dir, "candidates");
        fill(&dir);
        g_assert_cmpint(host_root_new(dir.path, "6.1", &root), ==, 0);
        g_assert_cmpint(depmod_config_parse(&config, "6.1", "/f",
                                        "external * /opt/modules\nexternal * /nothing\n"),
                        ==, 0);
        g_assert_cmpint(candidates_read(root, "6.1", &ice, &config, &formats, &list), ==, 0);
        for (size_t i = 0; i < list.count && i < G_N_ELEMENTS(rows); i++) {
                g_assert_cmpstr(list.items[i].path, ==, rows[i].path);
                g_assert_cmpint(list.items[i].kind, ==, rows[i].kind);
                g_assert_cmpstr(list.items[i].target, ==, rows[i].target);
        }
        g_assert_cmpuint(list.count, ==, G_N_ELEMENTS(rows));
        g_assert_cmpstr(list.loop, ==, "/lib/modules/6.1/extra/to-directory/ice.ko");
        candidate_list_done(&list);
        g_assert_cmpint(candidates_read(root, "6.1", &nothing, &config, &formats, &list), ==, 0);
        g_assert_cmpuint(list.count, ==, 0);
        candidate_list_done(&list);
        g_assert_cmpint(candidates_read(root, "6.2", &ice, &config, &formats, &list), ==, 0);
        g_assert_cmpuint(list.count, ==, 0);
}

/* A list of two modules' files, changed as a selection changes it. */
static void test_set_link(void)
{
        CandidateList list CLEANUP_CANDIDATE_LIST = { 0 };
        CandidateList own;

        g_assert_cmpint(candidates_set_link(&list, "irdma", "updates/irdma.ko", "x/irdma.ko"), ==, 0);
        g_assert_cmpint(candidates_set_link(&list, "ice", "updates/ice.ko", "x/1/ice.ko"), ==, 0);
        g_assert_cmpint(candidates_set_link(&list, "ice", "extra/ice.ko", "x/1/ice.ko"), ==, 0);
        g_assert_cmpint(candidates_set_link(&list, "ice", "updates/ice.ko", "x/2/ice.ko"), ==, 0);
        own = candidates_of(&list, "ice");
        g_assert_cmpuint(own.count, ==, 2);
        g_assert_cmpstr(own.items[0].path, ==, "extra/ice.ko");
        g_assert_cmpstr(own.items[1].target, ==, "x/2/ice.ko");
        g_assert_cmpint(candidates_set_link(&list, "ice", "updates/ice.ko", NULL), ==, 0);
        g_assert_cmpint(candidates_set_link(&list, "ice", "nothing/ice.ko", NULL), ==, 0);
        g_assert_cmpuint(candidates_of(&list, "ice").count, ==, 1);
        g_assert_cmpuint(candidates_of(&list, "irdma").count, ==, 1);
        g_assert_cmpuint(candidates_of(&list, "ixgbe").count, ==, 0);
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/candidates/candidates", test_candidates);
        g_test_add_func("/candidates/set-link", test_set_link);
        return g_test_run();
}
