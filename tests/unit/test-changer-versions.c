/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Versions that are imported and removed, and kernel releases that are forgotten. */

#include <errno.h>
#include <string.h>

#include "change/recovery.h"
#include "host/index/module-index.h"
#include "model/version-id.h"
#include "store/store-wanted.h"
#include "versions-fixture.h"

static void refuse_import(VersionsFixture *fixture, const char *path, RefusalKind kind, const char *words)
{
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        g_autofree char *before = versions_state_of(fixture), *after = NULL;

        g_assert_cmpint(versions_import(fixture, (const char *[]){ path, NULL }, &refusal), ==, -ECANCELED);
        g_test_message("%s", refusal.sentence);
        g_assert_cmpint(refusal.kind, ==, kind);
        g_assert_nonnull(strstr(refusal.sentence, words));
        after = versions_state_of(fixture);
        g_assert_cmpstr(before, ==, after);
}

static void test_import(VersionsFixture *fixture, gconstpointer data)
{
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        const Driver *driver;

        versions_add_incoming(fixture, "bnx2.ko", VERSIONS_MAGIC);
        versions_add_incoming(fixture, "cnic.ko.xz", VERSIONS_MAGIC);
        versions_start(fixture);
        g_assert_cmpint(versions_import(fixture,
                                        (const char *[]){ "lib/incoming/bnx2.ko", "lib/incoming/cnic.ko.xz",
                                                        NULL },
                                        &refusal),
                        ==, 0);
        g_assert_cmpint(fixture->host.last_result, ==, JOB_RESULT_DONE);
        g_assert_true(versions_is_there(fixture, TREE "/bnx2/5.7/bnx2.ko"));
        g_assert_true(versions_is_there(fixture, TREE "/bnx2/5.7/cnic.ko.xz"));
        g_assert_cmpuint(versions_stat_of(fixture, TREE "/bnx2/5.7/bnx2.ko").st_mode & 07777, ==, 0644);
        driver = sample_changer_driver(&fixture->host, "cnic");
        g_assert_nonnull(driver);
        g_assert_cmpstr(driver->package, ==, "bnx2");
        versions_assert_history(fixture, "import cnic " SAMPLE_KERNEL " '' '5.7' done");
        refuse_import(fixture, "lib/incoming/bnx2.ko", REFUSAL_CONFLICT, "5.7");
        /* The package that ships the module is the default. */
        versions_add_incoming(fixture, "ice.ko", VERSIONS_MAGIC);
        g_assert_cmpint(versions_import(fixture, (const char *[]){ "lib/incoming/ice.ko", NULL }, &refusal),
                        ==, 0);
        g_assert_true(versions_is_there(fixture, TREE "/intel-ice/5.7/ice.ko"));
        g_assert_cmpstr(sample_changer_driver(&fixture->host, "ice")->selected, ==, "1.6.4");
}

/* What is loaded stays what it was, as modprobe says, though depmod would take the file in the tree. */
static void test_import_kernels_own(VersionsFixture *fixture, gconstpointer data)
{
        static const char *const paths[] = { "lib/incoming/bnx2.ko", "lib/incoming/cnic.ko", NULL };
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        ModuleIndex *index CLEANUP(module_index_freep) = NULL;
        char *own CLEANUP_FREE = NULL, *other CLEANUP_FREE = NULL;
        g_autofree char *state = NULL;

        sample_root_add_module(&fixture->sample, SAMPLE_KERNEL, "kernel/drivers/net/bnx2.ko", "1");
        versions_add_incoming(fixture, "bnx2.ko", VERSIONS_MAGIC);
        versions_add_incoming(fixture, "cnic.ko", VERSIONS_MAGIC);
        sample_root_depmod(&fixture->sample, SAMPLE_KERNEL);
        versions_start(fixture);
        g_assert_cmpint(versions_import(fixture, paths, &refusal), ==, 0);
        g_assert_cmpint(fixture->host.last_result, ==, JOB_RESULT_DONE);
        versions_assert_selected(fixture, "bnx2", "kernel");
        state = versions_state_of(fixture);
        g_assert_nonnull(strstr(state, "override bnx2 ^4[.]19[.]0[+]1$ kernel/drivers/net"));
        g_assert_null(strstr(state, "override cnic"));
        g_assert_cmpint(module_index_open(fixture->sample.root, SAMPLE_KERNEL, &index), ==, 0);
        g_assert_cmpint(module_index_resolve(index, "bnx2", &own), ==, 0);
        g_assert_cmpstr(own, ==, "kernel/drivers/net/bnx2.ko");
        /* There is no other. */
        g_assert_cmpint(module_index_resolve(index, "cnic", &other), ==, 0);
        g_assert_true(g_str_has_prefix(other, "xenserver/"));
}

static void test_import_refusals(VersionsFixture *fixture, gconstpointer data)
{
        temp_dir_write(&fixture->sample.dir, "lib/incoming/text.ko", "no module");
        temp_dir_write(&fixture->sample.dir, "lib/incoming/text.c", "no module");
        temp_dir_mkdir(&fixture->sample.dir, "lib/incoming/directory.ko");
        versions_add_incoming(fixture, "tg3.ko", "6.1.0 SMP mod_unload ");
        versions_add_incoming(fixture, "other.ko", VERSIONS_MAGIC);
        versions_start(fixture);
        refuse_import(fixture, "lib/incoming/text.ko", REFUSAL_INCOMPATIBLE, "not-a-module");
        refuse_import(fixture, "lib/incoming/text.c", REFUSAL_INVALID_ARGS, "text.c");
        refuse_import(fixture, "lib/incoming/directory.ko", REFUSAL_INVALID_ARGS, "no regular file");
        refuse_import(fixture, "lib/incoming/tg3.ko", REFUSAL_INCOMPATIBLE, "6.1.0");
        /* For a kernel that it isn't built for; nobody but the caller can know better. */
        fixture->request.kernels = &fixture->kernels;
        g_assert_cmpint(string_set_add(&fixture->kernels, SAMPLE_KERNEL), ==, 1);
        refuse_import(fixture, "lib/incoming/tg3.ko", REFUSAL_INCOMPATIBLE, "vermagic-mismatch");
        g_assert_cmpint(string_set_add(&fixture->ignore, "not-a-module"), ==, 1);
        refuse_import(fixture, "lib/incoming/text.ko", REFUSAL_INVALID_ARGS, "no version");
        fixture->request.package = "a/b";
        refuse_import(fixture, "lib/incoming/other.ko", REFUSAL_INVALID_ARGS, "a/b");
        fixture->request.package = "build";
        refuse_import(fixture, "lib/incoming/other.ko", REFUSAL_INVALID_ARGS, "depmod passes over");
}

/* Names that nothing is called which is made here: by import, by adoption, as a package and as a version. */
static void test_unfit_names(VersionsFixture *fixture, gconstpointer data)
{
        static const struct {
                const char *name, *words;
        } cases[] = {
                { "kernel", "is what the kernel's own version is called" },
                { "", "is empty" },
                { ".", "is a reserved name" },
                { "..", "is a reserved name" },
                { ".1", "begins with a dot" },
                { "-1", "begins with a dash" },
                { "-", "begins with a dash" },
                { "a/b", "holds a slash" },
                { "a\nb", "holds a control character" },
                { "a\xff", "is not valid UTF-8" },
                { "build", "depmod passes over" },
                { "source", "depmod passes over" },
        };

        versions_add_incoming(fixture, "other.ko", VERSIONS_MAGIC);
        sample_root_add_module(&fixture->sample, SAMPLE_KERNEL, "updates/tg3.ko", "3.137");
        versions_start(fixture);
        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
                for (int as_package = 0; as_package < 2; as_package++) {
                        fixture->request.package = as_package ? cases[i].name : NULL;
                        fixture->request.version = as_package ? NULL : cases[i].name;
                        refuse_import(fixture, "lib/incoming/other.ko", REFUSAL_INVALID_ARGS,
                                        cases[i].words);
                        versions_refuse_change(fixture, versions_plan_adopt, "tg3", REFUSAL_INVALID_ARGS,
                                        cases[i].words);
                }
}

/* A package that has such a version all the same: it can be selected, and nothing else is called otherwise.
 */
static void test_reserved_version(VersionsFixture *fixture, gconstpointer data)
{
        const Driver *ice;

        sample_root_add_module(&fixture->sample, SAMPLE_KERNEL, "xenserver/intel-ice/kernel/ice.ko", "7");
        sample_root_add_module(&fixture->sample, SAMPLE_KERNEL, "kernel/ice.ko", NULL);
        versions_start(fixture);
        ice = sample_changer_driver(&fixture->host, "ice");
        g_assert_nonnull(driver_version(ice, "1.6.4"));
        g_assert_true(driver_version_is_reserved(driver_version(ice, "intel-ice/kernel")));
        g_assert_false(driver_version_is_reserved(driver_version(ice, "kernel")));
        g_assert_cmpuint(ice->problems.count, ==, 1);
        g_assert_cmpstr(ice->problems.items[0].code, ==, "reserved-version");
        versions_change(fixture, versions_plan_removal, "ice intel-ice/kernel");
        versions_assert_history(fixture, "remove ice " SAMPLE_KERNEL " 'intel-ice/kernel' '' done");
        ice = sample_changer_driver(&fixture->host, "ice");
        g_assert_null(driver_version(ice, "intel-ice/kernel"));
        g_assert_nonnull(driver_version(ice, "kernel"));
        g_assert_cmpuint(ice->problems.count, ==, 0);
}

static void test_import_dry_run(VersionsFixture *fixture, gconstpointer data)
{
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        g_autofree char *before = NULL, *after = NULL;

        versions_add_incoming(fixture, "bnx2.ko", VERSIONS_MAGIC);
        versions_start(fixture);
        before = versions_state_of(fixture);
        fixture->request.dry_run = true;
        g_assert_cmpint(versions_import(fixture, (const char *[]){ "lib/incoming/bnx2.ko", NULL }, &refusal),
                        ==, 0);
        g_assert_cmpstr(fixture->host.last_kind, ==, "import");
        after = versions_state_of(fixture);
        g_assert_cmpstr(before, ==, after);
}

/* --- remove ---------------------------------------------------------------------------------------------
 */

static void test_remove(VersionsFixture *fixture, gconstpointer data)
{
        versions_start(fixture);
        versions_change(fixture, versions_plan_removal, "ice 1.11");
        g_assert_false(versions_is_there(fixture, TREE "/intel-ice/1.11"));
        g_assert_null(driver_version(sample_changer_driver(&fixture->host, "irdma"), "1.11"));
        versions_assert_history(fixture, "remove irdma " SAMPLE_KERNEL " '1.11' '' done");
        versions_refuse_change(fixture, versions_plan_removal, "ice 1.11", REFUSAL_NO_SUCH_VERSION, "1.11");
        versions_refuse_change(
                        fixture, versions_plan_removal, "ice kernel", REFUSAL_NOT_SUPPORTED, "kernel");
        versions_refuse_change(fixture, versions_plan_removal, "bnx2 1", REFUSAL_NO_SUCH_DRIVER, "bnx2");
}

/* The last version takes the package's directory with it. */
static void test_remove_last(VersionsFixture *fixture, gconstpointer data)
{
        sample_root_add_module(&fixture->sample, SAMPLE_KERNEL, "xenserver/tg3/1/tg3.ko", "1");
        sample_root_add_module(&fixture->sample, SAMPLE_KERNEL, "kernel/drivers/net/tg3.ko", "0");
        sample_root_select(&fixture->sample, SAMPLE_KERNEL, "kernel/drivers/net/tg3.ko");
        versions_start(fixture);
        versions_change(fixture, versions_plan_removal, "tg3 1");
        g_assert_false(versions_is_there(fixture, TREE "/tg3"));
        g_assert_true(versions_is_there(fixture, TREE));
}

static void test_remove_in_use(VersionsFixture *fixture, gconstpointer data)
{
        const SampleLoaded loaded = { .module = "ice", .note_version = "1.11" };

        sample_root_add_module(&fixture->sample, SAMPLE_KERNEL, "xenserver/tg3/1/tg3.ko", "1");
        versions_start(fixture);
        versions_refuse_change(fixture, versions_plan_removal, "ice 1.6.4", REFUSAL_IN_USE, "selected");
        versions_refuse_change(fixture, versions_plan_removal, "irdma 1.6.4", REFUSAL_IN_USE, "selected");
        versions_refuse_change(fixture, versions_plan_removal, "tg3 1", REFUSAL_IN_USE, "would load");
        g_assert_cmpint(store_wanted_set(fixture->host.store, "irdma", SAMPLE_KERNEL, "1.11"), ==, 0);
        versions_refuse_change(fixture, versions_plan_removal, "ice 1.11", REFUSAL_IN_USE, "wanted");
        sample_root_load(&fixture->sample, &loaded);
        sample_changer_refresh(&fixture->host);
        versions_refuse_change(fixture, versions_plan_removal, "ice 1.11", REFUSAL_IN_USE, "active");
}

static void test_remove_owned(VersionsFixture *fixture, gconstpointer data)
{
        temp_dir_write(&fixture->sample.dir, "var/lib/dpkg/info/other.list", "/.\n/usr/bin/other\n");
        temp_dir_write(&fixture->sample.dir, "var/lib/dpkg/info/ice-driver:amd64.list",
                        "/.\n/usr/" MODULES "/xenserver/intel-ice/1.11/ice.ko\n");
        versions_start(fixture);
        versions_refuse_owned(fixture, "ice-driver:amd64");
        g_assert_cmpint(string_set_add(&fixture->ignore, "owned-by-package"), ==, 1);
        versions_change(fixture, versions_plan_removal, "ice 1.11");
}

/* depmod fails, and the version is where it was. */
static void test_remove_fails(VersionsFixture *fixture, gconstpointer data)
{
        versions_start(fixture);
        versions_fail_removal(fixture);
}

static void test_sweep(VersionsFixture *fixture, gconstpointer data)
{
        temp_dir_write(&fixture->sample.dir, "lib/modules/.hostdriver-0123456789abcdef-0/ice.ko", "left");
        versions_start(fixture);
        g_assert_null(catalogue_release(fixture->host.facts->catalogue, ".hostdriver-0123456789abcdef-0"));
        g_assert_cmpint(recovery_run(fixture->host.changer), ==, 0);
        g_assert_false(versions_is_there(fixture, "lib/modules/.hostdriver-0123456789abcdef-0"));
        g_assert_true(versions_is_there(fixture, MODULES));
}

static int forget(VersionsFixture *fixture, const char *release, Refusal *refusal)
{
        StringSet releases CLEANUP_STRING_SET = { 0 };
        const Request request = { .kernels = &releases, .leaving = true };

        g_assert_cmpint(string_set_add(&releases, release), ==, 1);
        return sample_changer_run_request(&fixture->host, OPERATION_FORGET, &request, 7, NULL, refusal);
}

static void test_forget(VersionsFixture *fixture, gconstpointer data)
{
        const ChangeTarget target = { "ice", "1.11" };
        const Request options = { .ignore = &fixture->ignore };
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        char *wanted CLEANUP_FREE = NULL;
        Job *job;

        g_assert_cmpint(string_set_add(&fixture->ignore, "no-hardware"), ==, 1);
        /* Another kernel runs: that one is never forgotten. */
        sample_root_depmod(&fixture->sample, SAMPLE_KERNEL);
        sample_changer_init(&fixture->host, fixture->sample.dir.path, "6.12.1");
        g_assert_cmpint(sample_changer_change(&fixture->host, &target, 1, &options, 42, &job, &refusal), ==,
                        0);
        sample_changer_run(&fixture->host);
        g_assert_cmpint(forget(fixture, "6.12.1", &refusal), ==, -ECANCELED);
        g_assert_cmpint(refusal.kind, ==, REFUSAL_IN_USE);
        g_assert_cmpint(forget(fixture, SAMPLE_KERNEL, &refusal), ==, 0);
        g_assert_false(versions_is_there(fixture, MODULES "/updates/ice.ko"));
        g_assert_false(versions_is_there(fixture, "etc/depmod.d/zz-hostdriver.conf"));
        g_assert_cmpint(store_wanted_get(fixture->host.store, "ice", SAMPLE_KERNEL, &wanted), ==, -ENOENT);
        g_assert_cmpuint(sample_changer_open_entries(&fixture->host), ==, 0);
        versions_assert_history(fixture, "forget irdma " SAMPLE_KERNEL " '1.11' '' done");
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
#define ADD(name, function)                                                                     \
        g_test_add("/changer-versions/" name, VersionsFixture, NULL, versions_set_up, function, \
                        versions_tear_down)
        ADD("import", test_import);
        ADD("import-kernels-own", test_import_kernels_own);
        ADD("import-refusals", test_import_refusals);
        ADD("unfit-names", test_unfit_names);
        ADD("reserved-version", test_reserved_version);
        ADD("import-dry-run", test_import_dry_run);
        ADD("remove", test_remove);
        ADD("remove-last", test_remove_last);
        ADD("remove-in-use", test_remove_in_use);
        ADD("remove-owned", test_remove_owned);
        ADD("remove-fails", test_remove_fails);
        ADD("sweep", test_sweep);
        ADD("forget", test_forget);
        return g_test_run();
}
