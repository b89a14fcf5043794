/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Runs requests for versions and compares what they lead to. */

#include "versions-fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "disk-state.h"
#include "file-state.h"
#include "store/store-history.h"

void versions_set_up(VersionsFixture *fixture, gconstpointer data)
{
        SampleRoot *sample = &fixture->sample;

        sample_root_init(sample, SAMPLE_KERNEL);
        sample_root_add_module(sample, SAMPLE_KERNEL, "kernel/drivers/net/ice.ko", "0.8");
        sample_root_add_module(sample, SAMPLE_KERNEL, "xenserver/intel-ice/1.6.4/ice.ko", "1.6.4");
        sample_root_add_module(sample, SAMPLE_KERNEL, "xenserver/intel-ice/1.6.4/irdma.ko", "1.6.4");
        sample_root_add_module(sample, SAMPLE_KERNEL, "xenserver/intel-ice/1.11/ice.ko", "1.11");
        sample_root_add_module(sample, SAMPLE_KERNEL, "xenserver/intel-ice/1.11/irdma.ko", "1.11");
        sample_root_select(sample, SAMPLE_KERNEL, "xenserver/intel-ice/1.6.4/ice.ko");
        sample_root_select(sample, SAMPLE_KERNEL, "xenserver/intel-ice/1.6.4/irdma.ko");
        fixture->request = (Request){ .ignore = &fixture->ignore };
}

/* Once all files are there. */
void versions_start(VersionsFixture *fixture)
{
        sample_root_depmod(&fixture->sample, SAMPLE_KERNEL);
        sample_changer_init(&fixture->host, fixture->sample.dir.path, SAMPLE_KERNEL);
}

void versions_tear_down(VersionsFixture *fixture, gconstpointer data)
{
        g_assert_cmpuint(fixture->host.added, ==, fixture->host.removed);
        sample_changer_done(&fixture->host);
        string_set_done(&fixture->kernels);
        string_set_done(&fixture->ignore);
        sample_root_done(&fixture->sample);
}

static int propose(Changer *changer, OperationId operation, const ChangeTarget *target,
                const Request *request, Proposal *ret, Refusal *refusal)
{
        Request changed = *request;

        changed.operation = &operation_table[operation];
        changed.targets = target;
        changed.target_count = 1;
        return proposal_make(changer, &changed, ret, refusal);
}

int versions_plan_adopt(Changer *changer, const char *module, const Request *request, Proposal *ret,
                Refusal *refusal)
{
        return propose(changer, OPERATION_ADOPT, &(ChangeTarget){ module, NULL }, request, ret, refusal);
}

int versions_plan_unadopt(Changer *changer, const char *module, const Request *request, Proposal *ret,
                Refusal *refusal)
{
        return propose(changer, OPERATION_UNADOPT, &(ChangeTarget){ module, NULL }, request, ret, refusal);
}

int versions_plan_removal(
                Changer *changer, const char *text, const Request *request, Proposal *ret, Refusal *refusal)
{
        g_auto(GStrv) parts = g_strsplit(text, " ", 2);
        int r = propose(changer, OPERATION_REMOVE, &(ChangeTarget){ parts[0], parts[1] }, request, ret,
                        refusal);

        ret->waits = false;
        return r;
}

/* Not a proposal alone: what it leads to is found out by a process of its own. */
static int run_adoption(
                VersionsFixture *fixture, OperationId operation, const char *module, Refusal *refusal)
{
        const ChangeTarget target = { module, NULL };
        Request request = fixture->request;
        int r;

        request.targets = &target;
        request.target_count = 1;
        r = sample_changer_run_request(&fixture->host, operation, &request, 42, NULL, refusal);
        if (r >= 0)
                sample_changer_run(&fixture->host);
        return r;
}

static void change_adoption(VersionsFixture *fixture, OperationId operation, const char *module)
{
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        int r = run_adoption(fixture, operation, module, &refusal);

        g_assert_cmpstr(refusal.sentence, ==, NULL);
        g_assert_cmpint(r, ==, 0);
        g_assert_cmpstr(fixture->host.last_error, ==, "");
        g_assert_cmpint(fixture->host.last_result, ==, JOB_RESULT_DONE);
        g_assert_cmpuint(sample_changer_open_entries(&fixture->host), ==, 0);
}

void versions_adopt(VersionsFixture *fixture, const char *module)
{
        change_adoption(fixture, OPERATION_ADOPT, module);
}

void versions_unadopt(VersionsFixture *fixture, const char *module)
{
        change_adoption(fixture, OPERATION_UNADOPT, module);
}

static void refuse_adoption(
                VersionsFixture *fixture, OperationId operation, const char *module, const char *words)
{
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        g_autofree char *before = versions_state_of(fixture), *after = NULL;

        g_assert_cmpint(run_adoption(fixture, operation, module, &refusal), ==, -ECANCELED);
        g_test_message("%s", refusal.sentence);
        g_assert_cmpint(refusal.kind, ==, REFUSAL_CONFLICT);
        if (!strstr(refusal.sentence, words))
                g_error("\"%s\" is not in: %s", words, refusal.sentence);
        after = versions_state_of(fixture);
        g_assert_cmpstr(before, ==, after);
        g_assert_cmpuint(changer_job_count(fixture->host.changer), ==, 0);
}

void versions_refuse_adopt(VersionsFixture *fixture, const char *module, const char *words)
{
        refuse_adoption(fixture, OPERATION_ADOPT, module, words);
}

void versions_refuse_unadopt(VersionsFixture *fixture, const char *module, const char *words)
{
        refuse_adoption(fixture, OPERATION_UNADOPT, module, words);
}

void versions_add_incoming(const VersionsFixture *fixture, const char *file, const char *vermagic)
{
        const ModuleSpec spec = { .vermagic = vermagic, .version = "5.7" };
        g_autofree char *path = g_build_filename("incoming", file, NULL);

        /* Beside lib/modules. */
        sample_root_add_module_spec(&fixture->sample, "..", path, &spec);
}

static ImportFile open_file(const VersionsFixture *fixture, const char *path)
{
        int fd = openat(fixture->sample.dir.fd, path, O_RDONLY | O_CLOEXEC);

        g_assert_cmpint(fd, >=, 0);
        return (ImportFile){ .name = strrchr(path, '/') + 1, .fd = fd };
}

int versions_import(VersionsFixture *fixture, const char *const paths[], Refusal *refusal)
{
        ImportFile files[4];
        Request request = fixture->request;
        int r;

        request.files = files;
        for (; paths[request.file_count]; request.file_count++)
                files[request.file_count] = open_file(fixture, paths[request.file_count]);
        r = sample_changer_run_request(&fixture->host, OPERATION_IMPORT, &request, 42, NULL, refusal);
        /* The copy needs them no more. */
        for (size_t i = 0; i < request.file_count; i++)
                (void) fd_close(files[i].fd);
        if (r >= 0)
                sample_changer_run(&fixture->host);
        return r;
}

void versions_execute(VersionsFixture *fixture, Proposal *proposal, JobResult result)
{
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        Job *job = NULL;
        int r = proposal_commit(fixture->host.changer, proposal, 42, &job, &refusal);

        g_assert_cmpstr(refusal.sentence, ==, NULL);
        g_assert_cmpint(r, ==, 0);
        sample_changer_run(&fixture->host);
        if (result == JOB_RESULT_DONE)
                g_assert_cmpstr(fixture->host.last_error, ==, "");
        g_assert_cmpint(fixture->host.last_result, ==, result);
        g_assert_cmpuint(sample_changer_open_entries(&fixture->host), ==, 0);
}

void versions_change(VersionsFixture *fixture, VersionsPlanner planner, const char *what)
{
        Proposal plan CLEANUP_PROPOSAL = { 0 };
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        int r = planner(fixture->host.changer, what, &fixture->request, &plan, &refusal);

        g_assert_cmpstr(refusal.sentence, ==, NULL);
        g_assert_cmpint(r, ==, 0);
        versions_execute(fixture, &plan, JOB_RESULT_DONE);
}

void versions_refuse_change(VersionsFixture *fixture, VersionsPlanner planner, const char *what,
                RefusalKind kind, const char *words)
{
        Proposal plan CLEANUP_PROPOSAL = { 0 };
        Refusal refusal CLEANUP_REFUSAL = { 0 };

        g_assert_cmpint(planner(fixture->host.changer, what, &fixture->request, &plan, &refusal), ==,
                        -ECANCELED);
        g_test_message("%s", refusal.sentence);
        g_assert_cmpint(refusal.kind, ==, kind);
        g_assert_nonnull(strstr(refusal.sentence, words));
}

void versions_refuse_owned(VersionsFixture *fixture, const char *words)
{
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        const ChangeTarget target = { "ice", "1.11" };
        Request request = fixture->request;

        request.targets = &target;
        request.target_count = 1;
        g_assert_cmpint(sample_changer_run_request(
                                        &fixture->host, OPERATION_REMOVE, &request, 0, NULL, &refusal),
                        ==, -ECANCELED);
        g_test_message("%s", refusal.sentence);
        g_assert_cmpint(refusal.kind, ==, REFUSAL_IN_USE);
        g_assert_nonnull(strstr(refusal.sentence, words));
        g_assert_cmpuint(changer_job_count(fixture->host.changer), ==, 0);
}

void versions_fail_removal(VersionsFixture *fixture)
{
        Proposal plan CLEANUP_PROPOSAL = { 0 };
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        g_autofree char *before = file_state(fixture->sample.dir.path), *after = NULL;
        g_autofree char *index =
                        g_build_filename(fixture->sample.dir.path, MODULES "/modules.dep.bin", NULL);

        /* depmod can't rename its file onto a directory. */
        g_assert_cmpint(unlink(index), ==, 0);
        g_assert_cmpint(mkdir(index, 0755), ==, 0);
        g_assert_cmpint(versions_plan_removal(fixture->host.changer, "ice 1.11", &fixture->request, &plan,
                                        &refusal),
                        ==, 0);
        versions_execute(fixture, &plan, JOB_RESULT_FAILED);
        after = file_state(fixture->sample.dir.path);
        g_assert_cmpstr(before, ==, after);
        g_assert_cmpint(rmdir(index), ==, 0);
}

struct stat versions_stat_of(const VersionsFixture *fixture, const char *path)
{
        struct stat st = { 0 };

        g_assert_cmpint(fstatat(fixture->sample.dir.fd, path, &st, AT_SYMLINK_NOFOLLOW), ==, 0);
        return st;
}

bool versions_is_there(const VersionsFixture *fixture, const char *path)
{
        struct stat st;

        return fstatat(fixture->sample.dir.fd, path, &st, AT_SYMLINK_NOFOLLOW) >= 0;
}

char *versions_state_of(const VersionsFixture *fixture)
{
        g_autofree char *disk = disk_state(fixture->sample.dir.path);
        g_autofree char *files = file_state(fixture->sample.dir.path);

        return g_strjoin("\n", disk, files, NULL);
}

static char *last_history(VersionsFixture *fixture)
{
        HistoryList history CLEANUP(history_list_done) = { 0 };
        const HistoryFilter newest = { .limit = 1 };
        const HistoryEntry *entry;

        g_assert_cmpint(store_history(fixture->host.store, &newest, &history), ==, 0);
        g_assert_cmpuint(history.count, ==, 1);
        entry = &history.items[0];
        return g_strdup_printf("%s %s %s '%s' '%s' %s", entry->kind, entry->driver, entry->release,
                        entry->from, entry->to, entry->result);
}

void versions_assert_history(VersionsFixture *fixture, const char *line)
{
        g_autofree char *last = last_history(fixture);

        g_assert_cmpstr(last, ==, line);
}

void versions_assert_selected(const VersionsFixture *fixture, const char *driver, const char *version)
{
        const Driver *found = sample_changer_driver(&fixture->host, driver);

        g_assert_nonnull(found);
        g_assert_cmpstr(found->selected, ==, version);
        g_assert_cmpuint(found->problems.count, ==, 0);
}
