/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is said of the host as a whole. */

#include <errno.h>
#include <glib.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "facts-builder.h"
#include "registry/host-state.h"
#include "sample-root.h"

#define RELEASE "6.1.0"
#define MODULES "lib/modules/" RELEASE "/"

static const FactsSpec spec = {
        .releases = { "6.1", "6.2" },
        .files = { { "xenserver/p/1/ice.ko" } },
};

static HostState derive(const FactsSpec *of, const ProblemList *standing)
{
        Facts *facts CLEANUP(facts_freep) = facts_build(of);
        HostState state = { 0 };

        g_assert_cmpint(host_state_derive(facts, standing ?: &(ProblemList){ 0 }, &state), ==, 0);
        return state;
}

static void test_derive(void)
{
        ProblemList standing CLEANUP_PROBLEM_LIST = { 0 };
        FactsSpec edited = spec;
        HostState state CLEANUP(host_state_done) = { 0 };

        g_assert_cmpint(problem_list_add(&standing, SEVERITY_ERROR, "state-full", "It is full."), ==, 0);
        edited.edited_overrides[0] = "ice";
        state = derive(&edited, &standing);
        g_assert_cmpuint(state.kernels.count, ==, 2);
        g_assert_cmpuint(state.problems.count, ==, 2);
        g_assert_cmpstr(state.problems.items[0].code, ==, "state-full");
        g_assert_cmpstr(state.problems.items[1].code, ==, "override-file-foreign");
        g_assert_false(host_state_reboot_required(&state));
}

/* The remedy names our own, which lies elsewhere. */
static void test_mock(void)
{
        Facts *facts CLEANUP(facts_freep) = facts_build(&spec);
        const ProblemList standing = { 0 };
        HostState state CLEANUP(host_state_done) = { 0 };

        facts->driver_tool_mock = strdup("/usr/sbin/driver-tool.old");
        g_assert_cmpint(host_state_derive(facts, &standing, &state), ==, 0);
        g_assert_cmpuint(state.problems.count, ==, 1);
        g_assert_cmpstr(state.problems.items[0].code, ==, "driver-tool-mock");
        g_test_message("%s", state.problems.items[0].sentence);
        g_assert_nonnull(
                        strstr(state.problems.items[0].sentence, "/usr/sbin/driver-tool.old is a stand-in"));
        g_assert_nonnull(strstr(state.problems.items[0].sentence, "write `drivertool = /"));
}

static bool is_told(const Facts *facts, const char *words)
{
        HostState state CLEANUP(host_state_done) = { 0 };

        if (host_state_derive(facts, &(ProblemList){ 0 }, &state) < 0)
                return false;
        for (size_t i = 0; i < state.problems.count; i++)
                if (strcmp(state.problems.items[i].code, "directory-unreadable") == 0 &&
                                strstr(state.problems.items[i].sentence, words))
                        return true;
        return false;
}

static void host_with_directories(SampleRoot *sample)
{
        sample_root_init(sample, RELEASE);
        sample_root_add_kernel(sample, "6.2.0");
        sample_root_add_module(sample, RELEASE, "xenserver/p/1/ice.ko", "1");
        sample_root_add_module(sample, RELEASE, "xenserver/q/1/igb.ko", "1");
        sample_root_select(sample, RELEASE, "xenserver/p/1/ice.ko");
}

static void assert_child(pid_t child)
{
        int status;

        g_assert_cmpint(child, >, 0);
        g_assert_cmpint(waitpid(child, &status, 0), ==, child);
        g_assert_true(WIFEXITED(status));
        g_assert_cmpint(WEXITSTATUS(status), ==, 0);
}

/* root may read everything: a child gives that up. */
static void test_unreadable(void)
{
        static const char *const directories[] = { MODULES "xenserver/q", MODULES "updates",
                "lib/modules/6.2.0" };
        static const Config config = { 0 };
        SampleRoot sample CLEANUP_SAMPLE_ROOT = { 0 };
        pid_t child;

        host_with_directories(&sample);
        g_assert_cmpint(fchmod(sample.dir.fd, 0755), ==, 0);
        for (size_t i = 0; i < G_N_ELEMENTS(directories); i++)
                g_assert_cmpint(fchmodat(sample.dir.fd, directories[i], 0, 0), ==, 0);
        child = fork();
        if (child == 0) {
                Facts *facts = NULL;

                if ((getuid() == 0 && (setgid(65534) < 0 || setuid(65534) < 0)) ||
                                facts_read(sample.root, &config, NULL, NULL, &facts) < 0)
                        _exit(2);
                _exit(!is_told(facts, "/" MODULES "xenserver/q can't be opened: Permission denied") ||
                                !is_told(facts, "/" MODULES "updates can't be read: Permission denied") ||
                                !is_told(facts, "/lib/modules/6.2.0 can't be opened: Permission denied"));
        }
        assert_child(child);
}

/* From now on no directory can be read, as with a failing disk. */
static bool fail_directories(void)
{
        struct sock_filter code[] = {
                BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getdents64, 0, 1),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EIO),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        };
        const struct sock_fprog program = { .len = G_N_ELEMENTS(code), .filter = code };

        return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) >= 0 &&
               prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) >= 0;
}

static void test_damaged(void)
{
        static const Config config = { 0 };
        SampleRoot sample CLEANUP_SAMPLE_ROOT = { 0 };
        pid_t child;

        host_with_directories(&sample);
        child = fork();
        if (child == 0) {
                Facts *facts = NULL;
                Selection *selection = NULL;

                if (facts_read(sample.root, &config, NULL, NULL, &facts) < 0 || !fail_directories() ||
                                selection_read(sample.root, facts->catalogue, &selection) < 0)
                        _exit(2);
                (void) selection_free(facts->selection);
                facts->selection = selection;
                _exit(!is_told(facts, "/" MODULES "updates can't be read: Input/output error"));
        }
        assert_child(child);
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/host-state/derive", test_derive);
        g_test_add_func("/host-state/mock", test_mock);
        g_test_add_func("/host-state/unreadable", test_unreadable);
        g_test_add_func("/host-state/damaged", test_damaged);
        return g_test_run();
}
