/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The proof that a selection can't be lost: a program that selects is killed before each system call that
 * may change anything, and each call that writes is made to fail. Whatever then stands on disk, recovery by
 * another process makes it all old or all new: links, override file, blocks, database and what libkmod
 * resolves. */

#include <errno.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include "crash-loads.h"
#include "crash-root.h"
#include "crash-state.h"
#include "own-mounts.h"
#include "sample-initramfs.h"
#include "tracer.h"

#define WORKERS 2
#define ARGUMENTS_MAX 12

typedef struct Scenario {
        const char *name;
        const char *arguments[ARGUMENTS_MAX]; /* of select-once, behind ROOT and KERNEL */
        const char *plain;     /* a module file that no tree has lies there; NULL: none does */
        bool images;           /* with an initramfs that holds "ice" */
        bool one_kernel;       /* there is one kernel release, and not two: half the points */
        bool mounted;          /* its module directory is a mount of its own */
        const char *before;    /* a verb that is run for "tg3" first; NULL: none */
        bool deselected;       /* "ice" is deselected first */
        unsigned prepare_kill; /* the root is what such a kill of "reselect", or else "several", leaves, a
                                  share in percent; 0: sound */
        int error;             /* calls fail with it instead of a kill */
        bool error_stays;
        unsigned syncs; /* so many at most; 0: it is not looked at */
        bool undone; /* a call fails that has the job fail, so that most kills are in what takes it back */
} Scenario;

typedef struct Crash {
        const Scenario *scenario;
        SampleRoot sample;
        TempDir scratch;
        char *base;       /* never changed; each point has a copy */
        unsigned fail_at; /* at each point; 0: never */
        CrashState old;
        CrashState new;
} Crash;

static const char *select_once;
static bool own_mounts;

/* --- running things ------------------------------------------------------------------------------------ */

static int run_select_once(const char *root, const char *const arguments[], char **ret_output)
{
        const char *argv[ARGUMENTS_MAX + 4] = { select_once, root, SAMPLE_KERNEL };

        for (size_t i = 0; arguments[i]; i++)
                argv[3 + i] = arguments[i];
        return crash_run(argv, ret_output);
}

static void trace_select_once(const char *root, const char *const arguments[], const TraceOptions *options,
                TraceResult *ret)
{
        const char *argv[ARGUMENTS_MAX + 4] = { select_once, root, SAMPLE_KERNEL };

        for (size_t i = 0; arguments[i]; i++)
                argv[3 + i] = arguments[i];
        tracer_run(argv, options, ret);
}

static char *copy_base(const Crash *crash, const char *name)
{
        return crash_copy(crash->base, crash->scratch.path, name, crash->scenario->mounted);
}

static CrashState state_after(const char *root, const char *verb)
{
        CrashState state = { 0 };

        g_assert_cmpint(run_select_once(root, (const char *[]){ verb, NULL }, &state.rest), ==, 0);
        state.disk = crash_disk(root);
        state.index = crash_index(root);
        state.loads = crash_loads(root);
        return state;
}

/* --- one point -------------------------------------------------------------------------------------------
 */

static bool complain(const Crash *crash, const char *what, const TraceOptions *options, const char *root)
{
        g_autofree char *disk = crash_disk(root);
        g_autofree char *index = crash_index(root), *loads = crash_loads(root);

        g_printerr("%s: %s (kill at %u, failure at %u)\n%s\n%s\n%s\n-- old\n%s\n%s\n%s\n-- new\n%s\n%s\n%s\n",
                        crash->scenario->name, what, options->kill_at, options->fail_at, disk, index, loads,
                        crash->old.disk, crash->old.rest, crash->old.loads, crash->new.disk, crash->new.rest,
                        crash->new.loads);
        return false;
}

static bool check_interrupted(
                const Crash *crash, const char *root, const TraceOptions *options, const TraceResult *result)
{
        g_autofree char *disk = crash_disk(root);
        g_autofree char *index = crash_index(root), *loads = crash_loads(root);

        if (!crash_is_mix(&crash->old, &crash->new, disk))
                return complain(crash, "something is neither old nor new", options, root);
        if (!crash_keeps_content(&crash->old, &crash->new, disk))
                return complain(crash, "a module file is lost", options, root);
        if (!crash_resolves_either(&crash->old, &crash->new, index))
                return complain(crash, "a name resolves to a third file", options, root);
        if (!crash_loads_either(crash->old.loads, crash->new.loads, loads))
                return complain(crash, "modprobe would load what nobody chose", options, root);
        /* Who was told an end must find it so: without recovery, after a single failure. */
        if (!result->killed && result->exit_status == 0 && !crash_is_disk(&crash->new, disk))
                return complain(crash, "it said done, but it isn't", options, root);
        if (!result->killed && result->exit_status != 0 && !options->fail_from_then &&
                        !crash_is_disk(&crash->old, disk))
                return complain(crash, "it said no, but it isn't as before", options, root);
        return true;
}

static bool check_recovered(const Crash *crash, const char *root, const TraceOptions *options)
{
        CrashState state CLEANUP(crash_state_done) = state_after(root, "recover");

        if (crash_state_equal(&state, &crash->old) || crash_state_equal(&state, &crash->new))
                return true;
        g_printerr("%s\n", state.rest);
        return complain(crash, "recovery left a mix", options, root);
}

static bool try_point(const Crash *crash, unsigned point)
{
        bool fails = crash->scenario->error != 0;
        TraceOptions options = { .kill_at = fails ? 0 : point,
                .fail_at = fails ? point : crash->fail_at,
                .fail_from_then = crash->scenario->error_stays,
                .error = fails ? crash->scenario->error : EIO };
        g_autofree char *name = g_strdup_printf("point-%u", point);
        char *root = copy_base(crash, name);
        TraceResult result;
        bool fine;

        trace_select_once(root, crash->scenario->arguments, &options, &result);
        fine = check_interrupted(crash, root, &options, &result) && check_recovered(crash, root, &options);
        crash_discard(root);
        return fine;
}

/* Every WORKERS-th point, in a process of its own. */
static G_GNUC_NORETURN void work(const Crash *crash, unsigned first, unsigned count)
{
        bool fine = true;

        for (unsigned point = first; fine && point <= count; point += WORKERS)
                fine = try_point(crash, point);
        _exit(fine ? 0 : 1);
}

static void try_all_points(const Crash *crash, unsigned count)
{
        pid_t workers[WORKERS];

        for (unsigned i = 0; i < WORKERS; i++) {
                workers[i] = fork();
                g_assert_cmpint(workers[i], >=, 0);
                if (workers[i] == 0)
                        work(crash, i + 1, count);
        }
        for (unsigned i = 0; i < WORKERS; i++) {
                int status;

                g_assert_cmpint(waitpid(workers[i], &status, 0), ==, workers[i]);
                g_assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
        }
}

/* --- scenarios -------------------------------------------------------------------------------------------
 */

#define SEVERAL "select", "ice", "1.11", "dell_laptop", "2"
/* The other version is what depmod picks of a package that nothing is selected of. */
#define RESELECT "select", "ice", "1.6.4"
#define PLAIN .plain = "updates/tg3.ko", .one_kernel = true
#define RESELECTED .deselected = true, .one_kernel = true
#define IMAGE .images = true, .one_kernel = true
#define IMPORT "import", "5.7", "lib/incoming/bnx2.ko", "lib/incoming/cnic.ko.xz"

static const char *const several[] = { SEVERAL, NULL };
static const char *const reselect[] = { RESELECT, NULL };

static const char *const releases[] = { SAMPLE_KERNEL, "5.10.0" };

/* Two kernel releases; a package of two modules, whose files change their names; one of one module. */
static void fill_root(const SampleRoot *sample, const Scenario *scenario)
{
        static const char *const paths[] = { "kernel/drivers/net/ice.ko", "xenserver/intel-ice/1.6.4/ice.ko",
                "xenserver/intel-ice/1.6.4/irdma.ko", "xenserver/intel-ice/1.11/ice.ko.xz",
                "xenserver/intel-ice/1.11/irdma.ko", "xenserver/dell/1/dell_laptop.ko",
                "xenserver/dell/2/dell_laptop.ko" };
        size_t count = scenario->one_kernel ? 1 : ELEMENTSOF(releases);

        if (count > 1)
                sample_root_add_kernel(sample, releases[1]);
        for (size_t i = 0; i < count; i++) {
                for (size_t j = 0; j < ELEMENTSOF(paths); j++)
                        sample_root_add_module(sample, releases[i], paths[j], NULL);
                if (scenario->plain)
                        sample_root_add_module(sample, releases[i], scenario->plain, "3.137");
        }
        if (strcmp(scenario->arguments[0], "import") == 0) {
                const ModuleSpec spec = { .vermagic = SAMPLE_KERNEL " SMP mod_unload modversions " };

                /* Beside lib/modules, where depmod doesn't see them. */
                sample_root_add_module_spec(sample, "..", "incoming/bnx2.ko", &spec);
                sample_root_add_module_spec(sample, "..", "incoming/cnic.ko.xz", &spec);
        }
}

/* Of what is selected. */
static void build_images(const Crash *crash)
{
        sample_initramfs_init(&crash->sample, "ice\n");
        for (size_t i = 0; i < (crash->scenario->one_kernel ? 1 : ELEMENTSOF(releases)); i++)
                sample_initramfs_build(&crash->sample, releases[i]);
        if (strcmp(crash->scenario->arguments[0], "rebuild") == 0) /* to something else */
                temp_dir_write(&crash->sample.dir, "etc/modprobe.d/later.conf", "");
}

/* What is interrupted before the scenario begins. */
static const char *const *interrupted(const Scenario *scenario)
{
        return scenario->deselected ? reselect : several;
}

static void crash_init(Crash *crash, const Scenario *scenario)
{
        char *goal;

        *crash = (Crash){ .scenario = scenario };
        sample_root_init(&crash->sample, SAMPLE_KERNEL);
        temp_dir_init(&crash->scratch, "crash");
        fill_root(&crash->sample, scenario);
        crash->base = g_strdup(crash->sample.dir.path);
        g_assert_cmpint(run_select_once(crash->base,
                                        (const char *[]){
                                                        "select", "ice", "1.6.4", "dell_laptop", "1", NULL },
                                        NULL),
                        ==, 0);
        if (scenario->before)
                g_assert_cmpint(run_select_once(crash->base,
                                                (const char *[]){ scenario->before, "tg3", NULL }, NULL),
                                ==, 0);
        if (scenario->deselected)
                g_assert_cmpint(run_select_once(crash->base, (const char *[]){ "select", "ice", "", NULL },
                                                NULL),
                                ==, 0);
        if (scenario->images)
                build_images(crash);
        crash->old = state_after(crash->base, "state");
        goal = copy_base(crash, "goal");
        g_assert_cmpint(run_select_once(goal,
                                        scenario->prepare_kill ? interrupted(scenario) : scenario->arguments,
                                        NULL),
                        ==, 0);
        crash->new = state_after(goal, "state");
        crash_discard(goal);
        g_assert_false(crash_state_equal(&crash->old, &crash->new));
        g_assert_false(crash_shares_image(&crash->old, &crash->new));
}

static void crash_done(Crash *crash)
{
        crash_state_done(&crash->old);
        crash_state_done(&crash->new);
        g_free(crash->base);
        temp_dir_done(&crash->scratch);
        sample_root_done(&crash->sample);
}

/* How many points there are, told by a run that is let alone. */
static TraceResult count_points(const Crash *crash, const char *const arguments[])
{
        const TraceOptions counting = { .count_all = true };
        char *root = copy_base(crash, "count");
        TraceResult result;

        trace_select_once(root, arguments, &counting, &result);
        g_assert_cmpint(result.exit_status, ==, 0);
        g_assert_cmpuint(result.changing, >, 20);
        crash_discard(root);
        return result;
}

/* Finds the last call of which that is so: most is done then. How many points there are. */
static TraceResult find_failure(Crash *crash)
{
        TraceResult result = count_points(crash, crash->scenario->arguments);

        for (crash->fail_at = result.writing; crash->fail_at > 0; crash->fail_at--) {
                const TraceOptions options = { .fail_at = crash->fail_at, .error = EIO };
                char *root = copy_base(crash, "fail");

                trace_select_once(root, crash->scenario->arguments, &options, &result);
                crash_discard(root);
                if (result.exit_status == 1)
                        break;
        }
        g_assert_cmpuint(crash->fail_at, >, 0);
        return result;
}

/* The base becomes what a kill somewhere in the middle leaves. */
static void interrupt_base(Crash *crash)
{
        const char *const *arguments = interrupted(crash->scenario);
        TraceResult all = count_points(crash, arguments), result;
        TraceOptions options = { .kill_at = all.changing * crash->scenario->prepare_kill / 100 };

        trace_select_once(crash->base, arguments, &options, &result);
        g_assert_true(result.killed);
}

/* Why it can't be tried here, or NULL. */
static const char *obstacle_to(const Scenario *scenario)
{
        if ((scenario->error != 0 || scenario->undone) && !tracer_can_fail())
                return "making a system call fail is only known on x86-64";
        if (scenario->mounted && !own_mounts)
                return "mounting is not allowed here";
        return scenario->images ? sample_initramfs_obstacle() : NULL;
}

static void test_scenario(gconstpointer data)
{
        const Scenario *scenario = data;
        const char *obstacle = obstacle_to(scenario);
        Crash crash;
        TraceResult all;
        unsigned points;

        if (obstacle) {
                g_test_skip(obstacle);
                return;
        }
        crash_init(&crash, scenario);
        if (scenario->prepare_kill)
                interrupt_base(&crash);
        all = scenario->undone ? find_failure(&crash) : count_points(&crash, scenario->arguments);
        points = scenario->error ? all.writing : all.changing;
        if (scenario->syncs > 0)
                g_assert_cmpuint(all.syncs, <=, scenario->syncs);
        try_all_points(&crash, points);
        g_test_message("%u points tried (%u system calls, %u that may change something, %u that write, "
                       "%u that sync)",
                        points, all.calls, all.changing, all.writing, all.syncs);
        crash_done(&crash);
}

static void prepare_environment(void)
{
        /* A kill loses nothing of what was written, so memory serves as disk; syncing a real one for each of
         * the points would take minutes. What a power cut loses is for the tests in a VM. */
        if (g_access("/dev/shm", W_OK) == 0)
                (void) g_setenv("TMPDIR", "/dev/shm", TRUE);
        /* The leak checker itself needs ptrace. */
        (void) g_setenv("ASAN_OPTIONS", "detect_leaks=0", TRUE);
}

static const Scenario scenarios[] = {
        /* For each of two kernel releases the link's directory, the index (11 files with kmod 34)
         * and its directory; the override file and its directory; the mark's; the journal's begin,
         * its phase and its end; and, since it is a process of its own, the begin and the end of
         * SQLite's log, of two each. */
        { "/crash/select", { "select", "ice", "1.11" }, .syncs = 2 * (1 + 11 + 1) + 2 + 1 + 3 + 4 },
        { "/crash/deselect", { "select", "ice", "" } },
        { "/crash/deselect-io-error", { "select", "ice", "" }, .one_kernel = true, .error = EIO },
        { "/crash/deselect-undone", { "select", "ice", "" }, .one_kernel = true, .undone = true },
        { "/crash/reselect", { RESELECT }, .deselected = true },
        { "/crash/reselect-undone", { RESELECT }, RESELECTED, .undone = true },
        { "/crash/reselect-io-error", { RESELECT }, RESELECTED, .error = EIO },
        { "/crash/reselect-no-space", { RESELECT }, RESELECTED, .error = ENOSPC, .error_stays = true },
        { "/crash/reselect-read-only", { RESELECT }, RESELECTED, .error = EROFS, .error_stays = true },
        { "/crash/reselect-recover", { "recover" }, RESELECTED, .prepare_kill = 30 },
        { "/crash/reselect-before-udev", { "recover-early" }, RESELECTED, .prepare_kill = 30 },
        { "/crash/several", { SEVERAL } },
        { "/crash/recover-early", { "recover" }, .prepare_kill = 25 },
        { "/crash/recover-late", { "recover" }, .prepare_kill = 75 },
        { "/crash/io-error-once", { SEVERAL }, .error = EIO },
        { "/crash/no-space", { SEVERAL }, .error = ENOSPC, .error_stays = true },
        { "/crash/no-quota", { "select", "ice", "1.11" }, .error = EDQUOT, .error_stays = true },
        { "/crash/no-space-deselect", { "select", "ice", "" }, .error = ENOSPC, .error_stays = true },
        { "/crash/read-only", { "select", "ice", "1.11" }, .error = EROFS, .error_stays = true },
        { "/crash/forget", { "forget", "5.10.0" } },
        { "/crash/forget-io-error", { "forget", "5.10.0" }, .error = EIO },
        { "/crash-images/select", { "select", "ice", "1.11" }, .images = true },
        { "/crash-images/reselect", { RESELECT }, .deselected = true, IMAGE },
        { "/crash-images/reselect-io-error", { RESELECT }, .deselected = true, IMAGE, .error = EIO },
        { "/crash-images/rebuild", { "rebuild", SAMPLE_KERNEL }, IMAGE },
        { "/crash-images/rebuild-io-error", { "rebuild", SAMPLE_KERNEL }, IMAGE, .error = EIO },
        { "/crash-images/io-error-once", { "select", "ice", "1.11" }, IMAGE, .error = EIO },
        { "/crash-images/no-space", { "select", "ice", "" }, IMAGE, .error = ENOSPC, .error_stays = true },
        { "/crash-images/read-only", { "select", "ice", "1.11" }, IMAGE, .error = EROFS,
                        .error_stays = true },
        { "/crash-versions/adopt", { "adopt", "tg3" }, .plain = "updates/tg3.ko" },
        { "/crash-versions/adopt-below", { "adopt", "tg3" }, .plain = "updates/net/tg3.ko",
                        .one_kernel = true },
        { "/crash-versions/adopt-dkms", { "adopt", "tg3" }, .plain = "updates/dkms/tg3.ko",
                        .one_kernel = true },
        { "/crash-versions/adopt-io-error", { "adopt", "tg3" }, PLAIN, .error = EIO },
        { "/crash-versions/adopt-no-space", { "adopt", "tg3" }, PLAIN, .error = ENOSPC,
                        .error_stays = true },
        { "/crash-versions/unadopt", { "unadopt", "tg3" }, PLAIN, .before = "adopt" },
        { "/crash-versions/unadopt-io-error", { "unadopt", "tg3" }, PLAIN, .before = "adopt", .error = EIO },
        { "/crash-versions/unadopt-read-only", { "unadopt", "tg3" }, PLAIN, .before = "adopt",
                        .error = EROFS, .error_stays = true },
        { "/crash-versions/import", { IMPORT }, .one_kernel = true },
        { "/crash-versions/import-kernels-own", { IMPORT }, .one_kernel = true,
                        .plain = "kernel/drivers/net/bnx2.ko" },
        { "/crash-versions/import-io-error", { IMPORT }, .one_kernel = true, .error = EIO },
        { "/crash-versions/import-no-space", { IMPORT }, .one_kernel = true, .error = ENOSPC,
                        .error_stays = true },
        { "/crash-versions/import-mounted", { IMPORT }, .one_kernel = true, .mounted = true },
        { "/crash-versions/remove-mounted", { "remove", "ice", "1.11" }, .one_kernel = true,
                        .mounted = true },
        { "/crash-versions/remove", { "remove", "ice", "1.11" } },
        { "/crash-versions/remove-io-error", { "remove", "ice", "1.11" }, .one_kernel = true, .error = EIO },
        { "/crash-versions/remove-read-only", { "remove", "ice", "1.11" }, .one_kernel = true,
                        .error = EROFS, .error_stays = true },
};

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        select_once = argc > 1 ? argv[1] : g_getenv("SELECT_ONCE");
        g_assert_nonnull(select_once);
        own_mounts = own_mounts_enter();
        prepare_environment();
        for (size_t i = 0; i < ELEMENTSOF(scenarios); i++)
                g_test_add_data_func(scenarios[i].name, &scenarios[i], test_scenario);
        return g_test_run();
}
