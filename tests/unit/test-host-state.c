/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is said of the host as a whole. */

#include <glib.h>
#include <string.h>

#include "facts-builder.h"
#include "registry/host-state.h"

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

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/host-state/derive", test_derive);
        g_test_add_func("/host-state/mock", test_mock);
        return g_test_run();
}
