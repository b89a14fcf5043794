/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Selections from request to result, on the host of XenServer's design document: real loop, depmod, store.
 */

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "disk-state.h"
#include "sample-changer.h"
#include "sample-root.h"
#include "store/store-history.h"
#include "store/store-wanted.h"

#define UPDATES "lib/modules/" SAMPLE_KERNEL "/updates"

typedef struct Fixture {
        SampleRoot sample;
        SampleChanger host;
        StringSet ignore;
        Request options;
} Fixture;

static void set_up(Fixture *fixture, gconstpointer data)
{
        sample_root_init_xenserver(&fixture->sample);
        sample_changer_init(&fixture->host, fixture->sample.dir.path, SAMPLE_KERNEL);
        g_assert_cmpint(string_set_add(&fixture->ignore, "no-hardware"), ==, 1);
        fixture->options.ignore = &fixture->ignore;
}

static void tear_down(Fixture *fixture, gconstpointer data)
{
        g_assert_cmpuint(fixture->host.added, ==, fixture->host.removed);
        sample_changer_done(&fixture->host);
        string_set_done(&fixture->ignore);
        sample_root_done(&fixture->sample);
}

static int change(Fixture *fixture, const char *driver, const char *version, Job **ret, Refusal *refusal)
{
        ChangeTarget target = { driver, version };

        return sample_changer_change(&fixture->host, &target, 1, &fixture->options, 42, ret, refusal);
}

static Job *start(Fixture *fixture, const char *driver, const char *version)
{
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        Job *job = NULL;
        int r = change(fixture, driver, version, &job, &refusal);

        g_assert_cmpstr(refusal.sentence, ==, NULL);
        g_assert_cmpint(r, ==, 0);
        g_assert_nonnull(job);
        return job;
}

static void select_version(Fixture *fixture, const char *driver, const char *version)
{
        (void) start(fixture, driver, version);
        sample_changer_run(&fixture->host);
        g_assert_cmpstr(fixture->host.last_error, ==, "");
        g_assert_cmpint(fixture->host.last_result, ==, JOB_RESULT_DONE);
        g_assert_cmpuint(sample_changer_open_entries(&fixture->host), ==, 0);
}

static void expect_refusal(Fixture *fixture, const char *driver, const char *version, RefusalKind kind,
                const char *words)
{
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        g_autofree char *before = disk_state(fixture->sample.dir.path);
        g_autofree char *after = NULL;
        unsigned added = fixture->host.added;
        Job *job = NULL;

        g_assert_cmpint(change(fixture, driver, version, &job, &refusal), ==, -ECANCELED);
        g_test_message("%s", refusal.sentence);
        g_assert_cmpint(refusal.kind, ==, kind);
        g_assert_nonnull(strstr(refusal.sentence, words));
        after = disk_state(fixture->sample.dir.path);
        g_assert_cmpstr(before, ==, after);
        g_assert_cmpuint(fixture->host.added, ==, added);
}

static void assert_selected(
                const Fixture *fixture, const char *driver, const char *version, const char *effective)
{
        const Driver *found = sample_changer_driver(&fixture->host, driver);

        g_assert_cmpstr(found->selected, ==, version);
        g_assert_cmpstr(found->effective, ==, effective);
}

static void test_select(Fixture *fixture, gconstpointer data)
{
        char *wanted CLEANUP_FREE = NULL;
        HistoryList history CLEANUP(history_list_done) = { 0 };
        HistoryFilter all = { 0 };
        Job *job = start(fixture, "ice", "1.6.4");
        g_autofree char *link = NULL;
        g_autofree char *path = g_build_filename(fixture->sample.dir.path, UPDATES "/ice.ko", NULL);

        /* Durable when the reply is sent: the link is there and the journal knows; the tools come later. */
        link = g_file_read_link(path, NULL);
        g_assert_cmpstr(link, ==, "../xenserver/intel-ice/1.6.4/ice.ko");
        g_assert_cmpstr(sample_changer_driver(&fixture->host, "ice")->selected, ==, "1.6.4");
        g_assert_cmpuint(sample_changer_open_entries(&fixture->host), ==, 1);
        g_assert_cmpint(job->state, ==, JOB_WAITING);
        g_assert_true(changer_job_of(fixture->host.changer, "ice") == job);
        sample_changer_run(&fixture->host);
        g_assert_cmpint(fixture->host.last_result, ==, JOB_RESULT_DONE);
        assert_selected(fixture, "ice", "1.6.4",
                        "/lib/modules/" SAMPLE_KERNEL "/xenserver/intel-ice/1.6.4/ice.ko");
        g_assert_cmpuint(sample_changer_open_entries(&fixture->host), ==, 0);
        g_assert_cmpint(store_wanted_get(fixture->host.store, "ice", SAMPLE_KERNEL, &wanted), ==, 0);
        g_assert_cmpstr(wanted, ==, "xenserver/intel-ice/1.6.4");
        g_assert_cmpint(store_history(fixture->host.store, &all, &history), ==, 0);
        g_assert_cmpuint(history.count, ==, 1);
        g_assert_cmpstr(history.items[0].from, ==, "1.11.17.1");
        g_assert_cmpstr(history.items[0].to, ==, "1.6.4");
        g_assert_cmpstr(history.items[0].result, ==, "done");
        g_assert_cmpuint(history.items[0].uid, ==, 42);
        g_assert_cmpuint(strlen(history.items[0].boot_id), ==, 36);
}

static ino_t index_inode(const Fixture *fixture)
{
        struct stat st;

        g_assert_cmpint(fstatat(fixture->sample.dir.fd, "lib/modules/" SAMPLE_KERNEL "/modules.dep.bin", &st,
                                        0),
                        ==, 0);
        return st.st_ino;
}

/* Neither disk nor index nor history; but an index that doesn't follow is made to. */
static void test_nothing_to_do(Fixture *fixture, gconstpointer data)
{
        HistoryList history CLEANUP(history_list_done) = { 0 };
        HistoryFilter all = { 0 };
        ino_t inode;
        Job *job;

        select_version(fixture, "ice", "1.6.4");
        inode = index_inode(fixture);
        job = start(fixture, "ice", "1.6.4");
        g_assert_cmpint(job->state, ==, JOB_DONE);
        g_assert_cmpint(job->result, ==, JOB_RESULT_DONE);
        g_assert_cmpuint(changer_job_count(fixture->host.changer), ==, 1);
        sample_changer_run(&fixture->host);
        g_assert_cmpuint(index_inode(fixture), ==, inode);
        g_assert_cmpint(store_history(fixture->host.store, &all, &history), ==, 0);
        g_assert_cmpuint(history.count, ==, 1);

        g_assert_cmpint(unlinkat(fixture->sample.dir.fd, "lib/modules/" SAMPLE_KERNEL "/modules.dep.bin", 0),
                        ==, 0);
        select_version(fixture, "ice", "1.6.4");
        g_assert_cmpuint(index_inode(fixture), !=, 0);
}

static void test_kernel_and_deselect(Fixture *fixture, gconstpointer data)
{
        g_autofree char *state = NULL;

        select_version(fixture, "dell_laptop", "kernel");
        assert_selected(fixture, "dell_laptop", "kernel",
                        "/lib/modules/" SAMPLE_KERNEL "/kernel/drivers/platform/x86/dell-laptop.ko");
        select_version(fixture, "dell_laptop", "");
        state = disk_state(fixture->sample.dir.path);
        g_assert_null(strstr(state, "updates/dell_laptop"));
        g_assert_null(strstr(state, "override dell"));
        g_assert_nonnull(strstr(state, "install dell_laptop /bin/false"));
        select_version(fixture, "dell_laptop", "1.2.3");
        g_free(state);
        state = disk_state(fixture->sample.dir.path);
        g_assert_null(strstr(state, "hostdriver-dell_laptop.conf"));
        assert_selected(fixture, "dell_laptop", "1.2.3",
                        "/lib/modules/" SAMPLE_KERNEL "/xenserver/dell_laptop/1.2.3/dell_laptop.ko");
}

/* A version that wants a device that this host doesn't have. */
static void add_version_without_hardware(Fixture *fixture)
{
        const char *const aliases[] = { "pci:v0000BEEFd00000001sv*sd*bc*sc*i*", NULL };
        const ModuleSpec spec = { .aliases = aliases,
                .vermagic = SAMPLE_KERNEL " SMP mod_unload modversions " };

        sample_root_add_module_spec(
                        &fixture->sample, SAMPLE_KERNEL, "xenserver/bnx2fc/other/bnx2fc.ko", &spec);
        sample_changer_done(&fixture->host);
        sample_changer_init(&fixture->host, fixture->sample.dir.path, SAMPLE_KERNEL);
}

static void test_refusals(Fixture *fixture, gconstpointer data)
{
        StringSet none = { 0 };

        expect_refusal(fixture, "e1000", "1", REFUSAL_NO_SUCH_DRIVER, "e1000");
        expect_refusal(fixture, "ice", "9.9", REFUSAL_NO_SUCH_VERSION, "1.6.4");
        add_version_without_hardware(fixture);
        fixture->options.ignore = &none;
        expect_refusal(fixture, "bnx2fc", "other", REFUSAL_NO_HARDWARE, "no-hardware");
        fixture->options.ignore = &fixture->ignore;
        g_assert_cmpint(unlinkat(fixture->sample.dir.fd, UPDATES "/ice.ko", 0), ==, 0);
        temp_dir_write(&fixture->sample.dir, UPDATES "/ice.ko", "precious");
        /* The facts don't know it yet: the transaction itself stops. */
        expect_refusal(fixture, "ice", "1.6.4", REFUSAL_CONFLICT, UPDATES "/ice.ko");
        g_assert_cmpuint(sample_changer_open_entries(&fixture->host), ==, 0);
        /* By now they do. */
        expect_refusal(fixture, "ice", "1.6.4", REFUSAL_CONFLICT, UPDATES "/ice.ko");
}

static void test_incompatible(Fixture *fixture, gconstpointer data)
{
        temp_dir_write(&fixture->sample.dir, "lib/modules/" SAMPLE_KERNEL "/xenserver/intel-ice/bad/ice.ko",
                        "no ELF");
        sample_changer_done(&fixture->host);
        sample_changer_init(&fixture->host, fixture->sample.dir.path, SAMPLE_KERNEL);
        expect_refusal(fixture, "ice", "bad", REFUSAL_INCOMPATIBLE, "not-a-module");
}

/* Ignored by the caller, and depmod exits 0: only what the index says counts, and everything goes back. */
static void test_failed_goes_back(Fixture *fixture, gconstpointer data)
{
        g_autofree char *before = NULL, *after = NULL;
        HistoryList history CLEANUP(history_list_done) = { 0 };
        HistoryFilter all = { 0 };

        /* Nobody but an admin puts this there: depmod then follows it and not our line. */
        temp_dir_write(&fixture->sample.dir, "etc/depmod.d/zzz-local.conf",
                        "override ice * kernel/drivers/net/ethernet/intel/ice\n");
        expect_refusal(fixture, "ice", "1.6.4", REFUSAL_INCOMPATIBLE,
                        "line 1 of /etc/depmod.d/zzz-local.conf");
        g_assert_cmpint(string_set_add(&fixture->ignore, "not-effective"), ==, 1);
        before = disk_state(fixture->sample.dir.path);
        (void) start(fixture, "ice", "1.6.4");
        sample_changer_run(&fixture->host);
        g_assert_cmpint(fixture->host.last_result, ==, JOB_RESULT_FAILED);
        g_assert_nonnull(
                        strstr(fixture->host.last_error, "ice/ice.ko instead of xenserver/intel-ice/1.6.4"));
        g_assert_nonnull(strstr(fixture->host.last_error, "line 1 of /etc/depmod.d/zzz-local.conf"));
        after = disk_state(fixture->sample.dir.path);
        g_assert_cmpstr(before, ==, after);
        /* But for what depmod makes of the admin's line. */
        assert_selected(fixture, "ice", "1.11.17.1",
                        "/lib/modules/" SAMPLE_KERNEL "/kernel/drivers/net/ethernet/intel/ice/ice.ko");
        g_assert_cmpuint(sample_changer_open_entries(&fixture->host), ==, 0);
        g_assert_cmpint(store_history(fixture->host.store, &all, &history), ==, 0);
        g_assert_cmpstr(history.items[0].result, ==, "failed");
        g_assert_cmpstr(history.items[0].detail, ==, fixture->host.last_error);
}

static void test_busy(Fixture *fixture, gconstpointer data)
{
        g_autofree char *path = g_build_filename(fixture->sample.dir.path, "var/lib/hostdriver/lock", NULL);
        int fd CLEANUP_FD = -1;

        (void) start(fixture, "ice", "1.6.4");
        expect_refusal(fixture, "ice", "1.11.17.1", REFUSAL_BUSY, "job 1");
        (void) start(fixture, "dell_laptop", "kernel");
        sample_changer_run(&fixture->host);
        g_assert_cmpint(fixture->host.last_result, ==, JOB_RESULT_DONE);
        /* Another program, which has the lock. */
        fd = open(path, O_RDWR | O_CLOEXEC);
        g_assert_cmpint(flock(fd, LOCK_EX | LOCK_NB), ==, 0);
        expect_refusal(fixture, "ice", "1.11.17.1", REFUSAL_BUSY, "/var/lib/hostdriver/lock");
        fd = fd_close(fd);
        select_version(fixture, "ice", "1.11.17.1");
}

static void test_cancel(Fixture *fixture, gconstpointer data)
{
        g_autofree char *before = disk_state(fixture->sample.dir.path);
        g_autofree char *after = NULL;
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        Job *job = start(fixture, "ice", "1.6.4");

        g_assert_cmpint(changer_cancel(fixture->host.changer, job, &refusal), ==, 0);
        g_assert_cmpint(changer_cancel(fixture->host.changer, job, &refusal), ==, -ECANCELED);
        g_assert_cmpint(refusal.kind, ==, REFUSAL_IN_USE);
        sample_changer_run(&fixture->host);
        g_assert_cmpint(fixture->host.last_result, ==, JOB_RESULT_CANCELED);
        after = disk_state(fixture->sample.dir.path);
        g_assert_cmpstr(before, ==, after);
        assert_selected(fixture, "ice", "1.11.17.1", "/lib/modules/" SAMPLE_KERNEL "/updates/ice.ko");
}

static void test_dry_run(Fixture *fixture, gconstpointer data)
{
        g_autofree char *before = disk_state(fixture->sample.dir.path);
        g_autofree char *after = NULL;
        Job *job;

        fixture->options.dry_run = true;
        job = start(fixture, "ice", "1.6.4");
        g_assert_cmpint(job->result, ==, JOB_RESULT_DONE);
        g_assert_cmpuint(job->plan->change_count, ==, 1);
        sample_changer_run(&fixture->host);
        after = disk_state(fixture->sample.dir.path);
        g_assert_cmpstr(before, ==, after);
        g_assert_cmpuint(sample_changer_open_entries(&fixture->host), ==, 0);
}

static void on_stopped(void *userdata)
{
        SampleChanger *host = userdata;

        g_assert_cmpuint(changer_job_count(host->changer), ==, 0);
        g_assert_cmpint(sd_event_exit(host->event, 0), >=, 0);
}

static void test_stop(Fixture *fixture, gconstpointer data)
{
        if (GPOINTER_TO_INT(data))
                (void) start(fixture, "ice", "1.6.4");
        g_assert_cmpint(changer_stop(fixture->host.changer, on_stopped, &fixture->host), >=, 0);
        expect_refusal(fixture, "dell_laptop", "kernel", REFUSAL_FAILED, "about to end");
        g_assert_cmpint(sd_event_loop(fixture->host.event), ==, 0);
        g_assert_cmpuint(sample_changer_open_entries(&fixture->host), ==, 0);
        if (GPOINTER_TO_INT(data))
                g_assert_cmpstr(sample_changer_driver(&fixture->host, "ice")->selected, ==, "1.6.4");
}

static int check(Fixture *fixture, const char *driver, const char *version, ProblemList *ret,
                Refusal *refusal)
{
        const ChangeTarget target = { driver, version };
        const Request request = {
                .operation = &operation_table[OPERATION_SELECT], .targets = &target, .target_count = 1
        };

        return proposal_check(fixture->host.changer, &request, ret, refusal);
}

static void test_check(Fixture *fixture, gconstpointer data)
{
        ProblemList problems CLEANUP_PROBLEM_LIST = { 0 };
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        bool found = false;

        add_version_without_hardware(fixture);
        g_assert_cmpint(check(fixture, "bnx2fc", "other", &problems, &refusal), ==, 0);
        for (size_t i = 0; i < problems.count; i++)
                found = found || strcmp(problems.items[i].code, "no-hardware") == 0;
        g_assert_true(found);
        g_assert_cmpint(check(fixture, "ice", "9", &problems, &refusal), ==, -ECANCELED);
        g_assert_cmpint(refusal.kind, ==, REFUSAL_NO_SUCH_VERSION);
}

#define ADD(name, function, data) \
        g_test_add("/changer/" name, Fixture, GINT_TO_POINTER(data), set_up, function, tear_down)

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        ADD("select", test_select, 0);
        ADD("nothing-to-do", test_nothing_to_do, 0);
        ADD("kernel-and-deselect", test_kernel_and_deselect, 0);
        ADD("refusals", test_refusals, 0);
        ADD("incompatible", test_incompatible, 0);
        ADD("failed-goes-back", test_failed_goes_back, 0);
        ADD("busy", test_busy, 0);
        ADD("cancel", test_cancel, 0);
        ADD("dry-run", test_dry_run, 0);
        ADD("stop-idle", test_stop, 0);
        ADD("stop-busy", test_stop, 1);
        ADD("check", test_check, 0);
        return g_test_run();
}
