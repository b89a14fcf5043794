/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a new start makes of each kind of journal entry. That no moment is left out, tests/integration's
 * test-crash shows. */

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "change/pending-mark.h"
#include "change/recovery.h"
#include "disk-state.h"
#include "host/index/module-index.h"
#include "sample-changer.h"
#include "sample-root.h"
#include "store/store-journal.h"

typedef struct Fixture {
        SampleRoot sample;
        SampleChanger host;
} Fixture;

static void set_up(Fixture *fixture, gconstpointer data)
{
        sample_root_init_xenserver(&fixture->sample);
        sample_changer_init(&fixture->host, fixture->sample.dir.path, SAMPLE_KERNEL);
}

static void tear_down(Fixture *fixture, gconstpointer data)
{
        sample_changer_done(&fixture->host);
        sample_root_done(&fixture->sample);
}

static void restart(Fixture *fixture)
{
        sample_changer_done(&fixture->host);
        sample_changer_init(&fixture->host, fixture->sample.dir.path, SAMPLE_KERNEL);
}

/* Selects, and stops right when the caller would have got its reply. */
static Job *begin(Fixture *fixture, const char *version)
{
        ChangeTarget target = { "ice", version };
        StringSet ignore CLEANUP_STRING_SET = { 0 };
        Request options = { .ignore = &ignore };
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        Job *job = NULL;

        g_assert_cmpint(string_set_add(&ignore, "no-hardware"), ==, 1);
        g_assert_cmpint(sample_changer_change(&fixture->host, &target, 1, &options, 42, &job, &refusal), ==,
                        0);
        return job;
}

static const char *selected(const Fixture *fixture)
{
        return sample_changer_driver(&fixture->host, "ice")->selected;
}

/* As if the daemon had died in each phase: a new one finishes or takes back. */
static void test_phases(Fixture *fixture, gconstpointer data)
{
        static const JournalPhase phases[] = { JOURNAL_INTENT, JOURNAL_DURABLE, JOURNAL_UNDOING };

        for (size_t i = 0; i < ELEMENTSOF(phases); i++) {
                bool finishes = phases[i] == JOURNAL_DURABLE;
                g_autofree char *before = g_strdup(selected(fixture));
                const char *after = strcmp(before, "1.6.4") == 0 ? "1.11.17.1" : "1.6.4";
                Job *job = begin(fixture, after);

                g_assert_cmpint(store_journal_phase(fixture->host.store, job->journal_id, phases[i]), ==, 0);
                restart(fixture);
                g_assert_cmpuint(sample_changer_open_entries(&fixture->host), ==, 1);
                g_assert_cmpint(recovery_run(fixture->host.changer), ==, 0);
                /* Before any tool has run. */
                g_assert_cmpstr(selected(fixture), ==, finishes ? after : before);
                sample_changer_run(&fixture->host);
                /* It is what it was, for the history and for whoever may cancel it. */
                g_assert_cmpstr(fixture->host.last_kind, ==, "select");
                g_assert_cmpint(fixture->host.last_result, ==,
                                finishes ? JOB_RESULT_DONE : JOB_RESULT_FAILED);
                g_assert_cmpuint(sample_changer_open_entries(&fixture->host), ==, 0);
        }
}

/* The selection of 1.6.4 in place of 1.11.17.1, as the first version wrote it. */
static char *stored_selection(void)
{
        g_autofree char *stored = NULL;
        g_auto(GStrv) lines = NULL;

        g_assert_true(g_file_get_contents(g_getenv("JOURNALS"), &stored, NULL, NULL));
        lines = g_strsplit(stored, "\n", -1);
        for (size_t i = 0; lines[i]; i++)
                if (strstr(lines[i], "\"kind\":\"select\"") && strstr(lines[i], SAMPLE_KERNEL) &&
                                strstr(lines[i], "\"from\":\"1.11.17.1\"") &&
                                strstr(lines[i], "\"to\":\"1.6.4\""))
                        return g_strdup(lines[i]);
        g_assert_not_reached();
}

/* An upgrade in the middle of a change: the new service finishes what the first version began, or takes it
 * back. */
static void test_stored(Fixture *fixture, gconstpointer data)
{
        static const JournalPhase phases[] = { JOURNAL_INTENT, JOURNAL_UNDOING, JOURNAL_DURABLE };
        g_autofree char *plan = stored_selection();

        g_assert_cmpstr(selected(fixture), ==, "1.11.17.1");
        for (size_t i = 0; i < ELEMENTSOF(phases); i++) {
                bool finishes = phases[i] == JOURNAL_DURABLE;
                int64_t id;

                g_assert_cmpint(store_journal_begin(fixture->host.store, plan, 42, 1, &id), ==, 0);
                g_assert_cmpint(store_journal_phase(fixture->host.store, id, phases[i]), ==, 0);
                restart(fixture);
                g_assert_cmpint(recovery_run(fixture->host.changer), ==, 0);
                g_assert_cmpstr(selected(fixture), ==, finishes ? "1.6.4" : "1.11.17.1");
                sample_changer_run(&fixture->host);
                g_assert_cmpint(fixture->host.last_result, ==,
                                finishes ? JOB_RESULT_DONE : JOB_RESULT_FAILED);
                g_assert_cmpuint(sample_changer_open_entries(&fixture->host), ==, 0);
        }
}

static bool is_blocked(const Fixture *fixture)
{
        g_autofree char *path = temp_dir_path(&fixture->sample.dir, "etc/modprobe.d/hostdriver-ice.conf");

        return g_file_test(path, G_FILE_TEST_EXISTS);
}

static void recover(Fixture *fixture, bool early)
{
        restart(fixture);
        g_assert_cmpint((early ? recovery_run_early : recovery_run)(fixture->host.changer), ==, 0);
}

/* What was deselected stays blocked until the index names what is selected, whoever finishes that: also
 * early in the boot. */
static void test_block(Fixture *fixture, gconstpointer data)
{
        for (unsigned early = 0; early < 2; early++) {
                (void) begin(fixture, "");
                g_assert_true(is_blocked(fixture));
                sample_changer_run(&fixture->host);
                (void) begin(fixture, "1.6.4");
                g_assert_true(is_blocked(fixture));
                recover(fixture, early);
                g_assert_true(is_blocked(fixture));
                sample_changer_run(&fixture->host);
                g_assert_false(is_blocked(fixture));
                if (early) {
                        recover(fixture, false);
                        sample_changer_run(&fixture->host);
                }
                g_assert_cmpint(fixture->host.last_result, ==, JOB_RESULT_DONE);
                g_assert_false(is_blocked(fixture));
                g_assert_cmpuint(sample_changer_open_entries(&fixture->host), ==, 0);
        }
}

/* Likewise for a selection that comes back. */
static void test_block_taken_back(Fixture *fixture, gconstpointer data)
{
        for (unsigned early = 0; early < 2; early++) {
                Job *job = begin(fixture, "");

                g_assert_cmpint(store_journal_phase(fixture->host.store, job->journal_id, JOURNAL_INTENT),
                                ==, 0);
                recover(fixture, early);
                g_assert_true(is_blocked(fixture));
                sample_changer_run(&fixture->host);
                g_assert_false(is_blocked(fixture));
                if (early) {
                        recover(fixture, false);
                        sample_changer_run(&fixture->host);
                }
                g_assert_cmpstr(selected(fixture), ==, "1.11.17.1");
                g_assert_cmpuint(sample_changer_open_entries(&fixture->host), ==, 0);
        }
}

/* The first version removed it together with the links. */
static void test_block_gone(Fixture *fixture, gconstpointer data)
{
        g_autofree char *path = temp_dir_path(&fixture->sample.dir, "etc/modprobe.d/hostdriver-ice.conf");

        (void) begin(fixture, "");
        sample_changer_run(&fixture->host);
        (void) begin(fixture, "1.6.4");
        g_assert_cmpint(unlink(path), ==, 0);
        recover(fixture, false);
        sample_changer_run(&fixture->host);
        g_assert_cmpint(fixture->host.last_result, ==, JOB_RESULT_DONE);
        g_assert_cmpstr(selected(fixture), ==, "1.6.4");
        g_assert_false(is_blocked(fixture));
}

/* A change that could not be taken back is, before the next one, and the index follows: by a job of its own,
 * which has the module meanwhile. */
static void test_settle_undoing(Fixture *fixture, gconstpointer data)
{
        const ChangeTarget target = { "ice", "1.6.4" };
        StringSet ignore CLEANUP_STRING_SET = { 0 };
        const Request options = { .ignore = &ignore };
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        Job *job = begin(fixture, "");

        g_assert_cmpint(string_set_add(&ignore, "no-hardware"), ==, 1);
        g_assert_cmpint(store_journal_phase(fixture->host.store, job->journal_id, JOURNAL_UNDOING), ==, 0);
        restart(fixture);
        g_assert_cmpint(sample_changer_change(&fixture->host, &target, 1, &options, 42, &job, &refusal), ==,
                        -ECANCELED);
        g_assert_cmpint(refusal.kind, ==, REFUSAL_BUSY);
        g_assert_true(is_blocked(fixture));
        sample_changer_run(&fixture->host);
        g_assert_false(is_blocked(fixture));
        g_assert_cmpuint(sample_changer_open_entries(&fixture->host), ==, 0);
        g_assert_cmpstr(selected(fixture), ==, "1.11.17.1");
        (void) begin(fixture, "1.6.4");
        sample_changer_run(&fixture->host);
        g_assert_cmpstr(selected(fixture), ==, "1.6.4");
}

static bool is_marked(const Fixture *fixture)
{
        g_autofree char *path = temp_dir_path(&fixture->sample.dir, &PENDING_MARK_PATH[1]);

        return g_file_test(path, G_FILE_TEST_EXISTS);
}

static void assert_resolves(const Fixture *fixture, const char *below)
{
        ModuleIndex *index CLEANUP(module_index_freep) = NULL;
        char *path CLEANUP_FREE = NULL;

        g_assert_cmpint(module_index_open(fixture->host.root, SAMPLE_KERNEL, &index), ==, 0);
        g_assert_cmpint(module_index_resolve(index, "ice", &path), >=, 0);
        g_assert_true(g_str_has_suffix(path, below));
}

/* Early in the boot: the index is what the journal says, and the entry waits for the service. */
static void test_index_only(Fixture *fixture, gconstpointer data)
{
        static const JournalPhase phases[] = { JOURNAL_DURABLE, JOURNAL_INTENT };

        (void) begin(fixture, "1.6.4");
        sample_changer_run(&fixture->host);
        assert_resolves(fixture, "/1.6.4/ice.ko");
        for (size_t i = 0; i < ELEMENTSOF(phases); i++) {
                const char *after = phases[i] == JOURNAL_DURABLE ? "1.11.17.1" : "1.6.4";
                Job *job = begin(fixture, after);

                g_assert_cmpint(store_journal_phase(fixture->host.store, job->journal_id, phases[i]), ==, 0);
                restart(fixture);
                assert_resolves(fixture, i == 0 ? "/1.6.4/ice.ko" : "/1.11.17.1/ice.ko");
                g_assert_cmpint(recovery_run_early(fixture->host.changer), ==, 0);
                sample_changer_run(&fixture->host);
                assert_resolves(fixture, "/1.11.17.1/ice.ko");
                g_assert_cmpstr(fixture->host.last_error, ==, i == 0 ? "" : RECOVERY_TAKEN_BACK);
                g_assert_cmpuint(sample_changer_open_entries(&fixture->host), ==, 1);
                g_assert_true(is_marked(fixture));

                restart(fixture);
                g_assert_cmpint(recovery_run(fixture->host.changer), ==, 0);
                sample_changer_run(&fixture->host);
                g_assert_cmpstr(selected(fixture), ==, "1.11.17.1");
                g_assert_cmpuint(sample_changer_open_entries(&fixture->host), ==, 0);
                g_assert_false(is_marked(fixture));
        }
}

/* What fails early in the boot may work once all file systems are there: a durable change isn't taken back.
 */
static void test_index_only_fails(Fixture *fixture, gconstpointer data)
{
        static const char version[] = "usr/lib/modules/" SAMPLE_KERNEL "/xenserver/intel-ice/1.6.4";
        g_autofree char *there = temp_dir_path(&fixture->sample.dir, version);
        g_autofree char *away = temp_dir_path(&fixture->sample.dir, "away");

        (void) begin(fixture, "1.6.4");
        restart(fixture);
        g_assert_cmpint(rename(there, away), ==, 0);
        g_assert_cmpint(recovery_run_early(fixture->host.changer), ==, 0);
        sample_changer_run(&fixture->host);
        g_assert_cmpint(fixture->host.last_result, ==, JOB_RESULT_FAILED);
        g_assert_cmpuint(sample_changer_open_entries(&fixture->host), ==, 1);

        g_assert_cmpint(rename(away, there), ==, 0);
        restart(fixture);
        g_assert_cmpstr(selected(fixture), ==, "1.6.4");
        g_assert_cmpint(recovery_run(fixture->host.changer), ==, 0);
        sample_changer_run(&fixture->host);
        g_assert_cmpint(fixture->host.last_result, ==, JOB_RESULT_DONE);
        assert_resolves(fixture, "/1.6.4/ice.ko");
}

/* The mark is there as long as something is under way, and a start removes one that was left over. */
static void test_mark(Fixture *fixture, gconstpointer data)
{
        g_assert_false(is_marked(fixture));
        (void) begin(fixture, "1.6.4");
        g_assert_true(is_marked(fixture));
        sample_changer_run(&fixture->host);
        g_assert_false(is_marked(fixture));

        g_assert_cmpint(pending_mark_set(fixture->host.root), ==, 0);
        g_assert_cmpint(pending_mark_set(fixture->host.root), ==, 0);
        g_assert_true(is_marked(fixture));
        g_assert_cmpint(recovery_run(fixture->host.changer), ==, 0);
        g_assert_false(is_marked(fixture));
        g_assert_cmpint(pending_mark_clear(fixture->host.root), ==, 0);
}

/* Neither acted upon nor kept for ever. */
static void test_garbage(Fixture *fixture, gconstpointer data)
{
        g_autofree char *before = disk_state(fixture->sample.dir.path);
        g_autofree char *after = NULL;
        int64_t id;

        g_assert_cmpint(store_journal_begin(fixture->host.store, "{\"format\":1}", 0, 1, &id), ==, 0);
        g_assert_cmpint(recovery_run(fixture->host.changer), ==, 0);
        g_assert_cmpuint(sample_changer_open_entries(&fixture->host), ==, 0);
        g_assert_cmpuint(changer_job_count(fixture->host.changer), ==, 0);
        after = disk_state(fixture->sample.dir.path);
        g_assert_cmpstr(before, ==, after);
}

/* The release that the plan was for has been removed meanwhile: nothing to finish, but the end is reached.
 */
static void test_release_gone(Fixture *fixture, gconstpointer data)
{
        g_autofree char *before = temp_dir_path(&fixture->sample.dir, "usr/lib/modules/" SAMPLE_KERNEL);
        g_autofree char *after = temp_dir_path(&fixture->sample.dir, "usr/lib/modules/other");

        (void) begin(fixture, "1.6.4");
        g_assert_cmpint(rename(before, after), ==, 0);
        restart(fixture);
        g_assert_cmpint(recovery_run(fixture->host.changer), ==, 0);
        sample_changer_run(&fixture->host);
        g_assert_cmpint(fixture->host.last_result, ==, JOB_RESULT_FAILED);
        g_assert_cmpuint(sample_changer_open_entries(&fixture->host), ==, 0);
}

/* Another program is at work: the entry may be its own, so it is let alone. */
static void test_locked(Fixture *fixture, gconstpointer data)
{
        g_autofree char *path = temp_dir_path(&fixture->sample.dir, "var/lib/hostdriver/lock");
        int fd CLEANUP_FD = -1;

        (void) begin(fixture, "1.6.4");
        restart(fixture);
        fd = open(path, O_RDWR | O_CLOEXEC);
        g_assert_cmpint(flock(fd, LOCK_EX | LOCK_NB), ==, 0);
        g_assert_cmpint(recovery_run(fixture->host.changer), ==, 0);
        g_assert_cmpuint(changer_job_count(fixture->host.changer), ==, 0);
        g_assert_cmpuint(sample_changer_open_entries(&fixture->host), ==, 1);
        fd = fd_close(fd);
        g_assert_cmpint(recovery_run(fixture->host.changer), ==, 0);
        sample_changer_run(&fixture->host);
        g_assert_cmpuint(sample_changer_open_entries(&fixture->host), ==, 0);
}

/* What could not be ended before is settled when the next change begins, without a restart. */
static void test_settle(Fixture *fixture, gconstpointer data)
{
        (void) begin(fixture, "1.6.4");
        restart(fixture);
        (void) begin(fixture, "1.11.17.1");
        sample_changer_run(&fixture->host);
        g_assert_cmpint(fixture->host.last_result, ==, JOB_RESULT_DONE);
        g_assert_cmpuint(sample_changer_open_entries(&fixture->host), ==, 0);
        g_assert_cmpstr(selected(fixture), ==, "1.11.17.1");
}

int main(int argc, char **argv)
{
        static const struct {
                const char *name;
                void (*function)(Fixture *fixture, gconstpointer data);
        } tests[] = {
                { "/recovery/phases", test_phases },
                { "/recovery/stored", test_stored },
                { "/recovery/index-only", test_index_only },
                { "/recovery/index-only-fails", test_index_only_fails },
                { "/recovery/mark", test_mark },
                { "/recovery/garbage", test_garbage },
                { "/recovery/release-gone", test_release_gone },
                { "/recovery/locked", test_locked },
                { "/recovery/settle", test_settle },
                { "/recovery/settle-undoing", test_settle_undoing },
                { "/recovery/block", test_block },
                { "/recovery/block-taken-back", test_block_taken_back },
                { "/recovery/block-gone", test_block_gone },
        };

        g_test_init(&argc, &argv, NULL);
        for (size_t i = 0; i < ELEMENTSOF(tests); i++)
                g_test_add(tests[i].name, Fixture, NULL, set_up, tests[i].function, tear_down);
        return g_test_run();
}
