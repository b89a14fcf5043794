/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Imports while their files are read: several at once, given up, and when the service ends. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "store/store-wanted.h"
#include "versions-fixture.h"

/* As many as the changer takes. */
#define IMPORTS_MAX 16

typedef struct Waiter {
        ImportFile file;
        Request request;
        char name[16];
        Enquiry *import;
        unsigned verdicts;
        int result;
        Refusal refusal;
} Waiter;

static void on_verdict(int result, Job *job, const Refusal *refusal, void *userdata)
{
        Waiter *waiter = userdata;

        waiter->verdicts++;
        waiter->result = result;
        if (refusal->sentence)
                (void) refuse(&waiter->refusal, refusal->kind, "%s", refusal->sentence);
}

static void waiter_done(Waiter *waiter)
{
        (void) fd_close(waiter->file.fd);
        refusal_done(&waiter->refusal);
}

/* Of a module of its own, NUMBER. */
static int start(VersionsFixture *fixture, Waiter *waiter, unsigned number)
{
        Proposal proposal CLEANUP_PROPOSAL = { 0 };
        g_autofree char *path = NULL;
        int r;

        *waiter = (Waiter){ .request = fixture->request };
        waiter->request.operation = &operation_table[OPERATION_IMPORT];
        waiter->request.files = &waiter->file;
        waiter->request.file_count = 1;
        g_snprintf(waiter->name, sizeof(waiter->name), "new%u.ko", number);
        path = g_build_filename("lib/incoming", waiter->name, NULL);
        waiter->file.name = waiter->name;
        waiter->file.fd = openat(fixture->sample.dir.fd, path, O_RDONLY | O_CLOEXEC);
        g_assert_cmpint(waiter->file.fd, >=, 0);
        r = proposal_make(fixture->host.changer, &waiter->request, &proposal, &waiter->refusal);
        if (r >= 0)
                r = enquiry_begin(fixture->host.changer, &waiter->request, &proposal, 42, on_verdict, waiter,
                                &waiter->import, &waiter->refusal);
        g_assert_cmpuint(waiter->verdicts, ==, 0);
        return r;
}

static void wait_for(VersionsFixture *fixture, const Waiter *waiter)
{
        while (waiter->verdicts == 0)
                g_assert_cmpint(sd_event_run(fixture->host.event, UINT64_MAX), >=, 0);
}

static void set_up(VersionsFixture *fixture, gconstpointer data)
{
        versions_set_up(fixture, data);
        for (unsigned i = 0; i <= IMPORTS_MAX; i++) {
                g_autofree char *name = g_strdup_printf("new%u.ko", i);

                versions_add_incoming(fixture, name, VERSIONS_MAGIC);
        }
        versions_start(fixture);
}

static void test_many(VersionsFixture *fixture, gconstpointer data)
{
        Waiter waiters[IMPORTS_MAX + 1];

        fixture->request.dry_run = true;
        for (unsigned i = 0; i < IMPORTS_MAX; i++)
                g_assert_cmpint(start(fixture, &waiters[i], i), ==, 0);
        g_assert_cmpint(start(fixture, &waiters[IMPORTS_MAX], IMPORTS_MAX), ==, -ECANCELED);
        g_assert_cmpint(waiters[IMPORTS_MAX].refusal.kind, ==, REFUSAL_BUSY);
        for (unsigned i = 0; i < IMPORTS_MAX; i++) {
                wait_for(fixture, &waiters[i]);
                g_assert_cmpstr(waiters[i].refusal.sentence, ==, NULL);
                g_assert_cmpint(waiters[i].result, ==, 0);
        }
        waiter_done(&waiters[IMPORTS_MAX]);
        g_assert_cmpint(start(fixture, &waiters[IMPORTS_MAX], IMPORTS_MAX), ==, 0);
        wait_for(fixture, &waiters[IMPORTS_MAX]);
        for (unsigned i = 0; i <= IMPORTS_MAX; i++) {
                g_assert_cmpuint(waiters[i].verdicts, ==, 1);
                waiter_done(&waiters[i]);
        }
        sample_changer_run(&fixture->host);
}

/* Whether it is read or waits for that; and the request may go at once. */
static void test_cancel(VersionsFixture *fixture, gconstpointer data)
{
        Waiter waiters[4];
        Waiter *after = &waiters[3];

        for (unsigned i = 0; i < G_N_ELEMENTS(waiters); i++)
                g_assert_cmpint(start(fixture, &waiters[i], i), ==, 0);
        for (unsigned i = 0; i < 3; i++) {
                enquiry_cancel(waiters[i].import);
                waiter_done(&waiters[i]);
                waiters[i] = (Waiter){ 0 };
        }
        wait_for(fixture, after);
        g_assert_cmpint(after->result, ==, 0);
        sample_changer_run(&fixture->host);
        for (unsigned i = 0; i < 3; i++)
                g_assert_cmpuint(waiters[i].verdicts, ==, 0);
        g_assert_cmpuint(fixture->host.added, ==, 1);
        g_assert_true(versions_is_there(fixture, TREE "/new3"));
        g_assert_false(versions_is_there(fixture, TREE "/new0"));
        waiter_done(after);
}

static void on_stopped(void *userdata)
{
        SampleChanger *host = userdata;

        g_assert_cmpint(sd_event_exit(host->event, 0), >=, 0);
}

static void assert_ended(const Waiter *waiter)
{
        g_assert_cmpint(waiter->result, ==, -ECANCELED);
        g_assert_cmpint(waiter->refusal.kind, ==, REFUSAL_FAILED);
        g_assert_nonnull(strstr(waiter->refusal.sentence, "about to end"));
}

static void test_stop(VersionsFixture *fixture, gconstpointer data)
{
        Waiter waiters[3], late;

        for (unsigned i = 0; i < G_N_ELEMENTS(waiters); i++)
                g_assert_cmpint(start(fixture, &waiters[i], i), ==, 0);
        g_assert_cmpint(changer_stop(fixture->host.changer, on_stopped, &fixture->host), >=, 0);
        late.result = start(fixture, &late, IMPORTS_MAX);
        g_assert_nonnull(strstr(late.refusal.sentence, "about to end"));
        g_assert_cmpint(sd_event_loop(fixture->host.event), ==, 0);
        for (unsigned i = 0; i < G_N_ELEMENTS(waiters); i++) {
                g_assert_cmpuint(waiters[i].verdicts, ==, 1);
                assert_ended(&waiters[i]);
                waiter_done(&waiters[i]);
        }
        waiter_done(&late);
        g_assert_cmpuint(fixture->host.added, ==, 0);
}

/* What was read fits a kernel release that has gone meanwhile. */
static void test_release_goes(VersionsFixture *fixture, gconstpointer data)
{
        Waiter by_file, by_name;
        g_autofree char *modules = g_build_filename(fixture->sample.dir.path, MODULES, NULL);
        g_autofree char *away = g_build_filename(fixture->sample.dir.path, "lib/away", NULL);

        g_assert_cmpint(start(fixture, &by_file, 0), ==, 0);
        g_assert_cmpint(string_set_add(&fixture->kernels, SAMPLE_KERNEL), ==, 1);
        fixture->request.kernels = &fixture->kernels;
        g_assert_cmpint(start(fixture, &by_name, 1), ==, 0);
        g_assert_cmpint(rename(modules, away), ==, 0);
        sample_changer_refresh(&fixture->host);
        wait_for(fixture, &by_file);
        g_assert_cmpint(by_file.refusal.kind, ==, REFUSAL_INCOMPATIBLE);
        g_assert_nonnull(strstr(by_file.refusal.sentence, "not installed"));
        wait_for(fixture, &by_name);
        g_assert_cmpint(by_name.refusal.kind, ==, REFUSAL_INVALID_ARGS);
        g_assert_nonnull(strstr(by_name.refusal.sentence, "not installed"));
        waiter_done(&by_file);
        waiter_done(&by_name);
}

/* Nobody is told, and nothing is left. */
static void test_free(VersionsFixture *fixture, gconstpointer data)
{
        Waiter waiters[3];

        for (unsigned i = 0; i < G_N_ELEMENTS(waiters); i++)
                g_assert_cmpint(start(fixture, &waiters[i], i), ==, 0);
        fixture->host.changer = changer_free(fixture->host.changer);
        for (unsigned i = 0; i < G_N_ELEMENTS(waiters); i++) {
                g_assert_cmpuint(waiters[i].verdicts, ==, 0);
                waiter_done(&waiters[i]);
        }
}

static int take_build(void *userdata, const char *name, const char *release, const char *version,
                const char *build, const char *last_kind)
{
        g_string_append_printf(userdata, "%s '%s' ", name, build);
        return 0;
}

/* What is imported under the name that is wanted is what is wanted from then on; another version isn't. */
static void test_wanted_build(VersionsFixture *fixture, gconstpointer data)
{
        static const char *const paths[] = { "lib/incoming/bnx2.ko", "lib/incoming/cnic.ko", NULL };
        g_autoptr(GString) builds = g_string_new(NULL);
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        Store *store;

        versions_add_incoming(fixture, "bnx2.ko", VERSIONS_MAGIC);
        versions_add_incoming(fixture, "cnic.ko", VERSIONS_MAGIC);
        store = fixture->host.store;
        g_assert_cmpint(store_wanted_set(store, "bnx2", SAMPLE_KERNEL, "xenserver/bnx2/5.7"), ==, 0);
        g_assert_cmpint(store_wanted_set_build(store, "bnx2", SAMPLE_KERNEL, "old"), ==, 0);
        g_assert_cmpint(store_wanted_set(store, "cnic", SAMPLE_KERNEL, "xenserver/bnx2/15.7"), ==, 0);
        g_assert_cmpint(store_wanted_set_build(store, "cnic", SAMPLE_KERNEL, "old"), ==, 0);
        g_assert_cmpint(versions_import(fixture, paths, &refusal), ==, 0);
        g_assert_cmpint(fixture->host.last_result, ==, JOB_RESULT_DONE);
        g_assert_cmpint(store_wanted_load(store, take_build, builds), ==, 0);
        g_assert_cmpstr(builds->str, ==, "bnx2 '' cnic 'old' ");
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
#define ADD(name, function) \
        g_test_add("/changer-import/" name, VersionsFixture, NULL, set_up, function, versions_tear_down)
        ADD("many", test_many);
        ADD("wanted-build", test_wanted_build);
        ADD("cancel", test_cancel);
        ADD("stop", test_stop);
        ADD("release-goes", test_release_goes);
        ADD("free", test_free);
        return g_test_run();
}
