/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Plain module files that become versions, and go back. */

#include <errno.h>
#include <string.h>

#include "change/adopt/file-owner.h"
#include "change/checks/read-order.h"
#include "change/checks/same-index.h"
#include "change/checks/staged-tree.h"
#include "change/parts/describe.h"
#include "versions-fixture.h"

static void test_adopt(VersionsFixture *fixture, gconstpointer data)
{
        g_autofree char *before = NULL, *after = NULL, *link = NULL;
        g_autofree char *path =
                        g_build_filename(fixture->sample.dir.path, MODULES "/updates/tg3.ko.xz", NULL);
        struct stat old, new;

        sample_root_add_module(&fixture->sample, SAMPLE_KERNEL, "updates/tg3.ko.xz", "3.137");
        g_assert_cmpint(chmod(path, 0600), ==, 0);
        versions_start(fixture);
        before = versions_state_of(fixture);
        old = versions_stat_of(fixture, MODULES "/updates/tg3.ko.xz");
        versions_adopt(fixture, "tg3");
        new = versions_stat_of(fixture, TREE "/tg3/3.137/tg3.ko.xz");
        g_assert_cmpuint(new.st_ino, ==, old.st_ino);
        g_assert_cmpuint(new.st_mode, ==, old.st_mode);
        g_assert_cmpuint(new.st_nlink, ==, 1);
        link = g_file_read_link(path, NULL);
        g_assert_cmpstr(link, ==, "../xenserver/tg3/3.137/tg3.ko.xz");
        versions_assert_selected(fixture, "tg3", "3.137");
        versions_assert_history(fixture, "adopt tg3 " SAMPLE_KERNEL " '' '3.137' done");

        versions_unadopt(fixture, "tg3");
        after = versions_state_of(fixture);
        g_assert_cmpstr(before, ==, after);
        g_assert_cmpuint(versions_stat_of(fixture, MODULES "/updates/tg3.ko.xz").st_ino, ==, old.st_ino);
        g_assert_false(versions_is_there(fixture, TREE "/tg3"));
        versions_assert_history(fixture, "unadopt tg3 " SAMPLE_KERNEL " '3.137' '' done");
        g_assert_null(sample_changer_driver(&fixture->host, "tg3"));
}

/* The module's own file is gone from where it was, since a second file of that name would compete. */
static void test_adopt_below(VersionsFixture *fixture, gconstpointer data)
{
        struct stat old;

        sample_root_add_module(&fixture->sample, SAMPLE_KERNEL, "updates/net/tg3.ko", NULL);
        versions_start(fixture);
        old = versions_stat_of(fixture, MODULES "/updates/net/tg3.ko");
        fixture->request.package = "broadcom";
        fixture->request.version = "my own";
        versions_adopt(fixture, "tg3");
        g_assert_false(versions_is_there(fixture, MODULES "/updates/net/tg3.ko"));
        g_assert_cmpuint(versions_stat_of(fixture, TREE "/broadcom/my own/tg3.ko").st_ino, ==, old.st_ino);
        versions_assert_selected(fixture, "tg3", "my own");
        versions_unadopt(fixture, "tg3");
        g_assert_cmpuint(versions_stat_of(fixture, MODULES "/updates/net/tg3.ko").st_ino, ==, old.st_ino);
        g_assert_false(versions_is_there(fixture, MODULES "/updates/tg3.ko"));
}

/* DKMS copies into its file, so that must be another inode than the version's. */
static void test_adopt_dkms(VersionsFixture *fixture, gconstpointer data)
{
        g_autofree char *before = NULL, *after = NULL;

        sample_root_add_module(&fixture->sample, SAMPLE_KERNEL, "updates/dkms/tg3.ko", "3.137");
        temp_dir_write(&fixture->sample.dir,
                        "var/lib/dkms/tg3-dkms/1.0/" SAMPLE_KERNEL "/x86_64/module/tg3.ko", "");
        temp_dir_link(&fixture->sample.dir, "var/lib/dkms/tg3-dkms/kernel-" SAMPLE_KERNEL "-x86_64",
                        "1.0/" SAMPLE_KERNEL "/x86_64");
        versions_start(fixture);
        before = versions_state_of(fixture);
        versions_adopt(fixture, "tg3");
        g_assert_cmpuint(versions_stat_of(fixture, TREE "/tg3-dkms/3.137/tg3.ko").st_ino, !=,
                        versions_stat_of(fixture, MODULES "/updates/dkms/tg3.ko").st_ino);
        g_assert_true(S_ISREG(versions_stat_of(fixture, MODULES "/updates/dkms/tg3.ko").st_mode));
        versions_assert_selected(fixture, "tg3", "3.137");
        versions_unadopt(fixture, "tg3");
        after = versions_state_of(fixture);
        g_assert_cmpstr(before, ==, after);
        /* What DKMS builds anew isn't what was adopted, and that is the only copy then. */
        versions_adopt(fixture, "tg3");
        sample_root_add_module(&fixture->sample, SAMPLE_KERNEL, "updates/dkms/tg3.ko", "3.138");
        versions_refuse_unadopt(fixture, "tg3", "removed or built anew");
}

/* What DKMS has built since becomes a version beside the other, and for another kernel it is adopted anew.
 */
static void test_adopt_dkms_again(VersionsFixture *fixture, gconstpointer data)
{
        static const char path[] = MODULES "/updates/dkms/tg3.ko";
        const ModuleSpec spec = { .vermagic = VERSIONS_MAGIC, .version = "3.138" };
        Refusal refusal CLEANUP_REFUSAL = { 0 };

        sample_root_add_module(&fixture->sample, SAMPLE_KERNEL, "updates/dkms/tg3.ko", "3.137");
        versions_start(fixture);
        versions_adopt(fixture, "tg3");
        sample_root_add_module_spec(&fixture->sample, SAMPLE_KERNEL, "updates/dkms/tg3.ko", &spec);
        versions_refuse_change(fixture, versions_plan_adopt, "tg3", REFUSAL_CONFLICT,
                        "hostdriverctl import /lib/modules/" SAMPLE_KERNEL "/updates/dkms/tg3.ko");
        g_assert_cmpint(versions_import(fixture, (const char *[]){ path, NULL }, &refusal), ==, 0);
        g_assert_cmpint(fixture->host.last_result, ==, JOB_RESULT_DONE);
        versions_assert_selected(fixture, "tg3", "3.137");
        g_assert_nonnull(driver_version(sample_changer_driver(&fixture->host, "tg3"), "3.138"));
        sample_root_add_kernel(&fixture->sample, "5.10.0");
        sample_root_add_module(&fixture->sample, "5.10.0", "updates/dkms/tg3.ko", "3.139");
        sample_root_depmod(&fixture->sample, "5.10.0");
        sample_changer_refresh(&fixture->host);
        versions_adopt(fixture, "tg3");
        versions_assert_history(fixture, "adopt tg3 5.10.0 '' '3.139' done");
        g_assert_true(versions_is_there(fixture, "lib/modules/5.10.0/xenserver/tg3/3.139/tg3.ko"));
        g_assert_false(versions_is_there(fixture, TREE "/tg3/3.139"));
}

static void test_adopt_refusals(VersionsFixture *fixture, gconstpointer data)
{
        sample_root_add_module(&fixture->sample, SAMPLE_KERNEL, "updates/tg3.ko", "3.137");
        sample_root_add_module(&fixture->sample, SAMPLE_KERNEL, "updates/e1000.ko", NULL);
        sample_root_add_module(&fixture->sample, SAMPLE_KERNEL, "updates/e1000.ko.xz", NULL);
        temp_dir_write(&fixture->sample.dir, MODULES "/updates/broken.ko", "no module");
        versions_start(fixture);
        versions_refuse_change(fixture, versions_plan_adopt, "bnx2", REFUSAL_NO_SUCH_DRIVER, "bnx2");
        versions_refuse_change(fixture, versions_plan_adopt, "ice", REFUSAL_NO_SUCH_DRIVER, "ice");
        versions_refuse_change(fixture, versions_plan_adopt, "broken", REFUSAL_INCOMPATIBLE, "broken.ko");
        versions_refuse_change(fixture, versions_plan_adopt, "e1000", REFUSAL_CONFLICT, "e1000.ko");
        versions_refuse_change(fixture, versions_plan_unadopt, "ice", REFUSAL_CONFLICT, "not adopted");
        versions_refuse_change(fixture, versions_plan_unadopt, "tg3", REFUSAL_NO_SUCH_DRIVER, "tg3");
        fixture->request.version = "../../etc";
        versions_refuse_change(fixture, versions_plan_adopt, "tg3", REFUSAL_INVALID_ARGS, "etc");
        fixture->request.version = ".hidden";
        versions_refuse_change(fixture, versions_plan_adopt, "tg3", REFUSAL_INVALID_ARGS, ".hidden");
        fixture->request.version = NULL;
        fixture->request.kernels = &fixture->kernels;
        g_assert_cmpint(string_set_add(&fixture->kernels, "7.0"), ==, 1);
        versions_refuse_change(fixture, versions_plan_adopt, "tg3", REFUSAL_INVALID_ARGS, "7.0");
}

/* --- what counts ------------------------------------------------------------------------------------------
 */

static void write_depmod_line(const VersionsFixture *fixture, const char *line)
{
        temp_dir_write(&fixture->sample.dir, "etc/depmod.d/a.conf", line);
}

/* depmod's configuration makes another file the one that is loaded. */
static void test_loser(VersionsFixture *fixture, gconstpointer data)
{
        sample_root_add_module(&fixture->sample, SAMPLE_KERNEL, "updates/tg3.ko", "3.137");
        sample_root_add_module(&fixture->sample, SAMPLE_KERNEL, "override/tg3.ko", "3.138");
        sample_root_add_module(&fixture->sample, SAMPLE_KERNEL, "updates/e1000.ko", "1");
        sample_root_add_module(&fixture->sample, SAMPLE_KERNEL, "extra/e1000.ko", "2");
        sample_root_add_module(&fixture->sample, SAMPLE_KERNEL, "updates/bnx2.ko", "1");
        sample_root_add_module(&fixture->sample, SAMPLE_KERNEL, "kernel/drivers/net/bnx2.ko", "2");
        write_depmod_line(fixture, "search override updates\noverride e1000 * extra\n"
                                   "override bnx2 * kernel/drivers/net\n");
        versions_start(fixture);
        versions_refuse_adopt(
                        fixture, "tg3", "depmod takes /lib/modules/" SAMPLE_KERNEL "/override/tg3.ko, ");
        versions_refuse_adopt(
                        fixture, "e1000", "depmod takes /lib/modules/" SAMPLE_KERNEL "/extra/e1000.ko, ");
        versions_refuse_adopt(fixture, "bnx2", "/kernel/drivers/net/bnx2.ko, ");
        /* The index knows nothing of it. */
        sample_root_add_module(&fixture->sample, SAMPLE_KERNEL, "updates/qede.ko", "1");
        versions_refuse_adopt(fixture, "qede", "the module index has no file of qede");
}

/* A link that loses would be gone when the adoption is taken back. */
static void test_losing_link(VersionsFixture *fixture, gconstpointer data)
{
        sample_root_add_module(&fixture->sample, SAMPLE_KERNEL, "updates/dkms/tg3.ko", "3.137");
        temp_dir_link(&fixture->sample.dir, MODULES "/updates/tg3.ko", "../xenserver/tg3/1/tg3.ko");
        versions_start(fixture);
        versions_refuse_adopt(
                        fixture, "tg3", "updates/tg3.ko is a link to ../xenserver/tg3/1/tg3.ko, though ");
}

/* A later file's line wins over that of ours, and what it names remains there. */
static void test_later_line(VersionsFixture *fixture, gconstpointer data)
{
        sample_root_add_module(&fixture->sample, SAMPLE_KERNEL, "extra/tg3.ko", "3.137");
        temp_dir_write(&fixture->sample.dir, "etc/depmod.d/zzz.conf", "override tg3 * extra\n");
        versions_start(fixture);
        versions_refuse_adopt(fixture, "tg3", "extra/tg3.ko would still be loaded for tg3");
}

/* Another module would change, since depmod hasn't run. */
static void test_stale_index(VersionsFixture *fixture, gconstpointer data)
{
        sample_root_add_module(&fixture->sample, SAMPLE_KERNEL, "updates/tg3.ko", "3.137");
        sample_root_add_module(&fixture->sample, SAMPLE_KERNEL, "kernel/drivers/net/bnx2.ko", "1");
        versions_start(fixture);
        sample_root_add_module(&fixture->sample, SAMPLE_KERNEL, "updates/bnx2.ko", "2");
        versions_refuse_adopt(fixture, "tg3",
                        "it has kernel/drivers/net/bnx2.ko for bnx2, and the next depmod would make that "
                        "updates/bnx2.ko");
        sample_root_depmod(&fixture->sample, SAMPLE_KERNEL);
        versions_adopt(fixture, "tg3");
}

/* --- whose it is ------------------------------------------------------------------------------------------
 */

static void build_with_dkms(const VersionsFixture *fixture, const char *file)
{
        g_autofree char *built = g_strdup_printf(
                        "var/lib/dkms/tg3-dkms/1.0/" SAMPLE_KERNEL "/x86_64/module/%s", file);

        temp_dir_write(&fixture->sample.dir, built, "");
        temp_dir_link(&fixture->sample.dir, "var/lib/dkms/tg3-dkms/kernel-" SAMPLE_KERNEL "-x86_64",
                        "1.0/" SAMPLE_KERNEL "/x86_64");
}

/* openSUSE's DKMS installs in updates/ itself, compressed. */
static void test_dkms_in_updates(VersionsFixture *fixture, gconstpointer data)
{
        sample_root_add_module(&fixture->sample, SAMPLE_KERNEL, "updates/tg3.ko.xz", "3.137");
        build_with_dkms(fixture, "tg3.ko");
        versions_start(fixture);
        versions_refuse_adopt(fixture, "tg3", "updates/tg3.ko.xz belongs to the DKMS package tg3-dkms, ");
}

static void test_dpkg(VersionsFixture *fixture, gconstpointer data)
{
        sample_root_add_module(&fixture->sample, SAMPLE_KERNEL, "updates/tg3.ko", "3.137");
        sample_root_add_module(&fixture->sample, SAMPLE_KERNEL, "updates/bnx2.ko", "3.137");
        temp_dir_write(&fixture->sample.dir, "var/lib/dpkg/info/tg3-driver:amd64.list",
                        "/.\n/lib\n/usr/lib/modules/" SAMPLE_KERNEL "/updates/tg3.ko\n");
        versions_start(fixture);
        versions_refuse_adopt(fixture, "tg3", "belongs to the package tg3-driver:amd64, ");
        versions_adopt(fixture, "bnx2");
}

/* Another kernel's weak-updates/: it would load whatever is selected here. */
static void test_linked(VersionsFixture *fixture, gconstpointer data)
{
        sample_root_add_module(&fixture->sample, SAMPLE_KERNEL, "updates/tg3.ko", "3.137");
        sample_root_add_module(&fixture->sample, SAMPLE_KERNEL, "updates/net/bnx2.ko", "3.137");
        sample_root_add_kernel(&fixture->sample, "5.10.0");
        temp_dir_link(&fixture->sample.dir, "lib/modules/5.10.0/weak-updates/tg3.ko",
                        "../../" SAMPLE_KERNEL "/updates/tg3.ko");
        temp_dir_link(&fixture->sample.dir, "lib/modules/5.10.0/weak-updates/net",
                        "../../" SAMPLE_KERNEL "/updates/net");
        sample_root_depmod(&fixture->sample, "5.10.0");
        versions_start(fixture);
        fixture->request.kernels = &fixture->kernels;
        g_assert_cmpint(string_set_add(&fixture->kernels, SAMPLE_KERNEL), ==, 1);
        versions_refuse_adopt(fixture, "tg3", "The link /lib/modules/5.10.0/weak-updates/tg3.ko leads to ");
        versions_refuse_adopt(fixture, "bnx2", "The link /lib/modules/5.10.0/weak-updates/net leads to ");
}

/* --- from elsewhere ---------------------------------------------------------------------------------------
 */

/* Fedora's DKMS, akmods and kmod packages install there; what they own remains. */
static void test_extra(VersionsFixture *fixture, gconstpointer data)
{
        g_autofree char *before = NULL, *after = NULL, *link = NULL;
        g_autofree char *path =
                        g_build_filename(fixture->sample.dir.path, MODULES "/updates/tg3.ko.xz", NULL);

        sample_root_add_module(&fixture->sample, SAMPLE_KERNEL, "extra/kmod-tg3/tg3.ko.xz", "3.137");
        sample_root_add_module(&fixture->sample, SAMPLE_KERNEL, "kernel/drivers/net/tg3.ko", "1");
        build_with_dkms(fixture, "tg3.ko");
        write_depmod_line(fixture, "search updates extra built-in weak-updates\n");
        versions_start(fixture);
        before = versions_state_of(fixture);
        versions_adopt(fixture, "tg3");
        g_assert_true(S_ISREG(versions_stat_of(fixture, MODULES "/extra/kmod-tg3/tg3.ko.xz").st_mode));
        link = g_file_read_link(path, NULL);
        g_assert_cmpstr(link, ==, "../xenserver/tg3-dkms/3.137/tg3.ko.xz");
        versions_assert_selected(fixture, "tg3", "3.137");
        versions_unadopt(fixture, "tg3");
        after = versions_state_of(fixture);
        g_assert_cmpstr(before, ==, after);
}

/* Both kernels have the file of one; in the other it is a link. */
static void test_weak_updates(VersionsFixture *fixture, gconstpointer data)
{
        g_autofree char *before = NULL, *after = NULL;

        sample_root_add_module(&fixture->sample, SAMPLE_KERNEL, "extra/tg3.ko", "3.137");
        sample_root_add_kernel(&fixture->sample, "5.10.0");
        temp_dir_link(&fixture->sample.dir, "lib/modules/5.10.0/weak-updates/tg3.ko",
                        "../../" SAMPLE_KERNEL "/extra/tg3.ko");
        write_depmod_line(fixture, "search updates extra built-in weak-updates\n");
        sample_root_depmod(&fixture->sample, "5.10.0");
        versions_start(fixture);
        before = versions_state_of(fixture);
        versions_adopt(fixture, "tg3");
        g_assert_true(versions_is_there(fixture, "lib/modules/5.10.0/xenserver/tg3/3.137/tg3.ko"));
        g_assert_true(S_ISREG(
                        versions_stat_of(fixture, "lib/modules/5.10.0/xenserver/tg3/3.137/tg3.ko").st_mode));
        g_assert_true(S_ISLNK(versions_stat_of(fixture, "lib/modules/5.10.0/weak-updates/tg3.ko").st_mode));
        g_assert_true(versions_is_there(fixture, TREE "/tg3/3.137/tg3.ko"));
        versions_unadopt(fixture, "tg3");
        after = versions_state_of(fixture);
        g_assert_cmpstr(before, ==, after);
}

/* The file would go back to where another one wins by now. */
static void test_unadopt_changed(VersionsFixture *fixture, gconstpointer data)
{
        sample_root_add_module(&fixture->sample, SAMPLE_KERNEL, "updates/tg3.ko", "3.137");
        versions_start(fixture);
        versions_adopt(fixture, "tg3");
        sample_root_add_module(&fixture->sample, SAMPLE_KERNEL, "override/tg3.ko", "3.138");
        write_depmod_line(fixture, "search override updates\n");
        versions_refuse_unadopt(
                        fixture, "tg3", "override/tg3.ko would be loaded for tg3 instead of xenserver/");
}

/* A package of several modules is not the default of one file, and a version isn't made twice. */
static void test_adopt_names(VersionsFixture *fixture, gconstpointer data)
{
        Proposal plan CLEANUP_PROPOSAL = { 0 };
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        g_autofree char *path = g_build_filename(fixture->sample.dir.path, MODULES "/updates/ice.ko", NULL);

        g_assert_cmpint(unlink(path), ==, 0);
        sample_root_add_module(&fixture->sample, SAMPLE_KERNEL, "updates/ice.ko", NULL);
        versions_start(fixture);
        g_assert_cmpint(versions_plan_adopt(
                                        fixture->host.changer, "ice", &fixture->request, &plan, &refusal),
                        ==, 0);
        g_assert_cmpstr(plan.package, ==, "ice");
        g_assert_cmpuint(strlen(plan.version), ==, 12);
        g_assert_true(g_str_has_prefix(plan.plan->subjects[0].to, "ice/"));
        fixture->request.package = "intel-ice";
        fixture->request.version = "1.11";
        versions_refuse_change(fixture, versions_plan_adopt, "ice", REFUSAL_CONFLICT, "1.11");
}

/* What the enquiry's process does, one by one. */
static void test_checks(VersionsFixture *fixture, gconstpointer data)
{
        TempDir stage CLEANUP_TEMP_DIR, tree CLEANUP_TEMP_DIR;
        Proposal plan CLEANUP_PROPOSAL = { 0 };
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        HostRoot *staged CLEANUP(host_root_freep) = NULL;
        char *sentence CLEANUP_FREE = NULL;
        g_autofree char *link = NULL, *target = NULL;

        temp_dir_init(&stage, "stage");
        temp_dir_init(&tree, "tree");
        sample_root_add_module(&fixture->sample, SAMPLE_KERNEL, "updates/tg3.ko", "3.137");
        versions_start(fixture);
        g_assert_cmpint(versions_plan_adopt(
                                        fixture->host.changer, "tg3", &fixture->request, &plan, &refusal),
                        ==, 0);
        g_assert_true(plan.waits);
        g_assert_cmpint(file_owner_find(fixture->host.root, plan.plan, &sentence), ==, 0);
        g_assert_null(sentence);
        g_assert_cmpint(same_index_check(fixture->host.root, &fixture->host.facts->formats, plan.plan,
                                        stage.path, &sentence),
                        ==, 0);
        g_assert_null(sentence);
        g_assert_cmpint(staged_tree_make(fixture->host.root, SAMPLE_KERNEL, plan.plan, tree.path), ==, 0);
        link = g_build_filename(tree.path, MODULES "/updates/tg3.ko", NULL);
        target = g_file_read_link(link, NULL);
        g_assert_cmpstr(target, ==, "../xenserver/tg3/3.137/tg3.ko");
        g_assert_cmpint(host_root_new(tree.path, SAMPLE_KERNEL, &staged), ==, 0);
        g_assert_cmpint(read_order_decides(fixture->host.root, &fixture->host.facts->formats, plan.plan,
                                        SAMPLE_KERNEL, staged, &sentence),
                        ==, 0);
}

static void test_text(VersionsFixture *fixture, gconstpointer data)
{
        Proposal plan CLEANUP_PROPOSAL = { 0 };
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        const StringSet images = { .items = (char *[]){ (char *) "/boot/image" }, .count = 1 };
        PlanText text CLEANUP_PLAN_TEXT = { 0 };
        g_autofree char *lines = NULL;

        sample_root_add_module(&fixture->sample, SAMPLE_KERNEL, "updates/tg3.ko", "3.137");
        versions_start(fixture);
        g_assert_cmpint(versions_plan_adopt(
                                        fixture->host.changer, "tg3", &fixture->request, &plan, &refusal),
                        ==, 0);
        g_assert_cmpint(plan_describe(plan.plan, &images, &text), ==, 0);
        lines = g_strjoinv("\n", text.lines);
        g_assert_cmpstr(lines, ==,
                        "Move the module file /" MODULES "/updates/tg3.ko to xenserver/tg3/3.137/tg3.ko.\n"
                        "Make the link /" MODULES "/updates/tg3.ko to ../xenserver/tg3/3.137/tg3.ko.\n"
                        "Write the line for tg3 in kernel release " SAMPLE_KERNEL
                        " in /etc/depmod.d/zz-hostdriver.conf: xenserver/tg3/3.137.\n"
                        "Run depmod for kernel release " SAMPLE_KERNEL ".\n"
                        "Rebuild the initramfs /boot/image.");
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
#define ADD(name, function)                                                                  \
        g_test_add("/changer-adopt/" name, VersionsFixture, NULL, versions_set_up, function, \
                        versions_tear_down)
        ADD("adopt", test_adopt);
        ADD("adopt-below", test_adopt_below);
        ADD("adopt-dkms", test_adopt_dkms);
        ADD("adopt-dkms-again", test_adopt_dkms_again);
        ADD("adopt-refusals", test_adopt_refusals);
        ADD("loser", test_loser);
        ADD("losing-link", test_losing_link);
        ADD("later-line", test_later_line);
        ADD("stale-index", test_stale_index);
        ADD("dkms-in-updates", test_dkms_in_updates);
        ADD("dpkg", test_dpkg);
        ADD("linked", test_linked);
        ADD("extra", test_extra);
        ADD("weak-updates", test_weak_updates);
        ADD("unadopt-changed", test_unadopt_changed);
        ADD("checks", test_checks);
        ADD("adopt-names", test_adopt_names);
        ADD("text", test_text);
        return g_test_run();
}
