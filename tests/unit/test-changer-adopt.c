/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Plain module files that become versions, and go back. */

#include <errno.h>
#include <string.h>

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
        versions_change(fixture, versions_plan_adopt, "tg3");
        new = versions_stat_of(fixture, TREE "/tg3/3.137/tg3.ko.xz");
        g_assert_cmpuint(new.st_ino, ==, old.st_ino);
        g_assert_cmpuint(new.st_mode, ==, old.st_mode);
        g_assert_cmpuint(new.st_nlink, ==, 1);
        link = g_file_read_link(path, NULL);
        g_assert_cmpstr(link, ==, "../xenserver/tg3/3.137/tg3.ko.xz");
        versions_assert_selected(fixture, "tg3", "3.137");
        versions_assert_history(fixture, "adopt tg3 " SAMPLE_KERNEL " '' '3.137' done");

        versions_change(fixture, versions_plan_unadopt, "tg3");
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
        versions_change(fixture, versions_plan_adopt, "tg3");
        g_assert_false(versions_is_there(fixture, MODULES "/updates/net/tg3.ko"));
        g_assert_cmpuint(versions_stat_of(fixture, TREE "/broadcom/my own/tg3.ko").st_ino, ==, old.st_ino);
        versions_assert_selected(fixture, "tg3", "my own");
        versions_change(fixture, versions_plan_unadopt, "tg3");
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
        versions_change(fixture, versions_plan_adopt, "tg3");
        g_assert_cmpuint(versions_stat_of(fixture, TREE "/tg3-dkms/3.137/tg3.ko").st_ino, !=,
                        versions_stat_of(fixture, MODULES "/updates/dkms/tg3.ko").st_ino);
        g_assert_true(S_ISREG(versions_stat_of(fixture, MODULES "/updates/dkms/tg3.ko").st_mode));
        versions_assert_selected(fixture, "tg3", "3.137");
        versions_change(fixture, versions_plan_unadopt, "tg3");
        after = versions_state_of(fixture);
        g_assert_cmpstr(before, ==, after);
        /* What DKMS builds anew isn't what was adopted, and that is the only copy then. */
        versions_change(fixture, versions_plan_adopt, "tg3");
        sample_root_add_module(&fixture->sample, SAMPLE_KERNEL, "updates/dkms/tg3.ko", "3.138");
        versions_refuse_change(fixture, versions_plan_unadopt, "tg3", REFUSAL_CONFLICT, "DKMS has built");
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
        versions_change(fixture, versions_plan_adopt, "tg3");
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
        versions_change(fixture, versions_plan_adopt, "tg3");
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
        ADD("adopt-names", test_adopt_names);
        ADD("text", test_text);
        return g_test_run();
}
