/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a new kernel release gets under each policy, and where a driver is not covered. */

#include <errno.h>
#include <glib.h>
#include <string.h>

#include "facts-builder.h"
#include "model/kernel-policy.h"

#define OLD "5.10"
#define RUNNING FACTS_KERNEL
#define NEW "6.12"

/* In the running release version 2 is selected by an override, in the old one version 1. */
#define RELEASES .releases = { OLD, RUNNING, NEW }
#define HERE                                                                                     \
        { "xenserver/p/1/ice.ko", OLD }, { "xenserver/p/1/ice.ko" }, { "xenserver/p/2/ice.ko" }, \
                        { "xenserver/p/10/ice.ko" },                                             \
        {                                                                                        \
                "kernel/net/ice.ko"                                                              \
        }
#define KERNELS                          \
        {                                \
                "kernel/net/ice.ko", NEW \
        }
#define SELECTED                             \
        {                                    \
                "ice", NULL, "xenserver/p/2" \
        }

typedef struct Row {
        const char *name;
        FactsSpec spec;
        KernelPolicy policy;
        const char *refused; /* one id */
        KernelCoverage coverage;
        const char *version; /* NULL: none */
        bool stand_in;
        const char *covered,
                        *missing; /* ids of versions by what they say of this host, with blanks around */
} Row;

#define INFO(number, text) \
        (&(const TreeInfo){ .has_priority = true, .priority = number, .variant = (char *) text })
#define VARIANTS(one, two, three)                                 \
        {                                                         \
                RELEASES, .files = {                              \
                        { "dmv/p/1/ice.ko", NEW, .info = one },   \
                        { "dmv/p/2/ice.ko", NEW, .info = two },   \
                        { "dmv/p/3/ice.ko", NEW, .info = three }, \
                        KERNELS                                   \
                }                                                 \
        }

static const Row table[] = {
        { "pin, it is there",
                        { RELEASES, .files = { HERE, { "xenserver/p/2/ice.ko", NEW }, KERNELS },
                                        .overrides = { SELECTED } },
                        KERNEL_POLICY_PIN, NULL, KERNEL_COVERED, "2" },
        { "pin, a newer one is there",
                        { RELEASES, .files = { HERE, { "xenserver/p/10/ice.ko", NEW }, KERNELS },
                                        .overrides = { SELECTED } },
                        KERNEL_POLICY_PIN, NULL, KERNEL_SUBSTITUTED, "kernel" },
        { "pin, it doesn't fit",
                        { RELEASES, .files = { HERE, { "xenserver/p/2/ice.ko", NEW }, KERNELS },
                                        .overrides = { SELECTED } },
                        KERNEL_POLICY_PIN, "2", KERNEL_SUBSTITUTED, "kernel" },
        { "pin, neither is there",
                        { RELEASES, .files = { HERE, { "xenserver/p/10/ice.ko", NEW } },
                                        .overrides = { SELECTED } },
                        KERNEL_POLICY_PIN, NULL, KERNEL_UNCOVERED, NULL },
        { "pin to the kernel's",
                        { RELEASES, .files = { HERE, { "xenserver/p/2/ice.ko", NEW }, KERNELS },
                                        .overrides = { { "ice", NULL, "kernel/net" } } },
                        KERNEL_POLICY_PIN, NULL, KERNEL_COVERED, "kernel" },
        { "pin, nothing is wanted",
                        { RELEASES, .files = { HERE, { "xenserver/p/2/ice.ko", NEW }, KERNELS },
                                        .effective = { { "ice", .path = "kernel/net/ice.ko" } } },
                        KERNEL_POLICY_PIN, NULL, KERNEL_UNWANTED, NULL },
        { "pin, wanted in the old kernel",
                        { RELEASES, .files = { HERE, { "xenserver/p/1/ice.ko", NEW }, KERNELS },
                                        .overrides = { { "ice", OLD, "xenserver/p/1" } } },
                        KERNEL_POLICY_PIN, NULL, KERNEL_COVERED, "1" },
        { "newest",
                        { RELEASES,
                                        .files = { HERE, { "xenserver/p/2/ice.ko", NEW },
                                                        { "xenserver/p/10/ice.ko", NEW }, KERNELS },
                                        .overrides = { SELECTED } },
                        KERNEL_POLICY_NEWEST, NULL, KERNEL_COVERED, "10" },
        { "newest, the newest doesn't fit",
                        { RELEASES, .files = { HERE, { "xenserver/p/2/ice.ko", NEW },
                                                    { "xenserver/p/10/ice.ko", NEW }, KERNELS } },
                        KERNEL_POLICY_NEWEST, "10", KERNEL_COVERED, "2" },
        { "newest, there is none", { RELEASES, .files = { HERE, KERNELS }, .overrides = { SELECTED } },
                        KERNEL_POLICY_NEWEST, NULL, KERNEL_SUBSTITUTED, "kernel" },
        { "priority", VARIANTS(INFO(20, ""), INFO(30, ""), INFO(10, "")), KERNEL_POLICY_PRIORITY, NULL,
                        KERNEL_COVERED, "2", .covered = " 1 2 3 " },
        { "priority, of those whose hardware is here", VARIANTS(INFO(20, ""), INFO(30, ""), INFO(10, "")),
                        KERNEL_POLICY_PRIORITY, NULL, KERNEL_COVERED, "1", .covered = " 1 3 ",
                        .missing = " 2 " },
        { "priority, the highest doesn't fit", VARIANTS(INFO(20, ""), INFO(30, ""), INFO(10, "")),
                        KERNEL_POLICY_PRIORITY, "2", KERNEL_COVERED, "1", .covered = " 1 2 3 " },
        { "priority, one that covers nothing known", VARIANTS(INFO(20, ""), INFO(30, ""), INFO(10, "")),
                        KERNEL_POLICY_PRIORITY, NULL, KERNEL_COVERED, "3", .covered = " 3 " },
        { "priority, no hardware is known", VARIANTS(INFO(20, ""), INFO(30, ""), INFO(10, "")),
                        KERNEL_POLICY_PRIORITY, NULL, KERNEL_COVERED, "2" },
        { "priority, the hardware is absent", VARIANTS(INFO(20, ""), INFO(30, ""), INFO(10, "")),
                        KERNEL_POLICY_PRIORITY, NULL, KERNEL_SUBSTITUTED, "kernel", .missing = " 1 2 3 " },
        { "priority, a tie", VARIANTS(INFO(20, ""), INFO(30, ""), INFO(30, "")), KERNEL_POLICY_PRIORITY,
                        NULL, KERNEL_COVERED, "2", .covered = " 1 2 3 " },
        { "priority, a tie by the variant's name", VARIANTS(INFO(30, "c"), INFO(30, "b"), INFO(30, "a")),
                        KERNEL_POLICY_PRIORITY, NULL, KERNEL_COVERED, "3", .covered = " 1 2 3 " },
        { "priority, below zero is one", VARIANTS(INFO(-5, ""), NULL, NULL), KERNEL_POLICY_PRIORITY, NULL,
                        KERNEL_COVERED, "1", .covered = " 1 2 3 " },
        { "priority, none has one", VARIANTS(NULL, NULL, NULL), KERNEL_POLICY_PRIORITY, NULL, KERNEL_COVERED,
                        "3", .covered = " 1 2 3 " },
        { "priority, there is none", { RELEASES, .files = { HERE, KERNELS }, .overrides = { SELECTED } },
                        KERNEL_POLICY_PRIORITY, NULL, KERNEL_SUBSTITUTED, "kernel" },
        { "kernel",
                        { RELEASES, .files = { HERE, { "xenserver/p/2/ice.ko", NEW }, KERNELS },
                                        .overrides = { SELECTED } },
                        KERNEL_POLICY_KERNEL, NULL, KERNEL_COVERED, "kernel" },
        { "kernel, it has none",
                        { RELEASES, .files = { HERE, { "xenserver/p/2/ice.ko", NEW } },
                                        .overrides = { SELECTED } },
                        KERNEL_POLICY_KERNEL, NULL, KERNEL_UNCOVERED, NULL },
        { "chosen there",
                        { RELEASES,
                                        .files = { HERE, { "xenserver/p/1/ice.ko", NEW },
                                                        { "xenserver/p/2/ice.ko", NEW } },
                                        .overrides = { SELECTED, { "ice", NEW, "xenserver/p/1" } } },
                        KERNEL_POLICY_PIN, NULL, KERNEL_CHOSEN, NULL },
        { "a file of somebody else's there",
                        { RELEASES, .files = { HERE, { "xenserver/p/2/ice.ko", NEW } },
                                        .updates = { { "ice.ko", NEW, NULL, UPDATE_REGULAR } },
                                        .overrides = { SELECTED } },
                        KERNEL_POLICY_NEWEST, NULL, KERNEL_CHOSEN, NULL },
        { "a dangling link there",
                        { RELEASES, .files = { HERE, { "xenserver/p/2/ice.ko", NEW } },
                                        .updates = { { "ice.ko", NEW, NULL, UPDATE_DANGLING } },
                                        .overrides = { SELECTED } },
                        KERNEL_POLICY_PIN, NULL, KERNEL_COVERED, "2" },
        { "the kernel's stands in there, and now it has come",
                        { RELEASES, .files = { HERE, { "xenserver/p/2/ice.ko", NEW }, KERNELS },
                                        .overrides = { SELECTED, { "ice", NEW, "kernel/net" } } },
                        KERNEL_POLICY_PIN, NULL, KERNEL_COVERED, "2", true },
        { "built in there",
                        { RELEASES, .files = { HERE, { "xenserver/p/2/ice.ko", NEW } },
                                        .overrides = { SELECTED },
                                        .effective = { { "ice", NEW, .builtin = true } } },
                        KERNEL_POLICY_PIN, NULL, KERNEL_BUILTIN, NULL },
        { "built in there, any version will do",
                        { RELEASES, .files = { HERE, { "xenserver/p/2/ice.ko", NEW } },
                                        .effective = { { "ice", NEW, .builtin = true } } },
                        KERNEL_POLICY_NEWEST, NULL, KERNEL_BUILTIN, NULL },
        { "deselected",
                        { RELEASES, .files = { HERE, { "xenserver/p/2/ice.ko", NEW }, KERNELS },
                                        .blocked = { "ice" } },
                        KERNEL_POLICY_NEWEST, NULL, KERNEL_CHOSEN, NULL },
};

static void set_hardware(Driver *driver, const Row *row)
{
        for (size_t i = 0; i < driver->version_count; i++) {
                DriverVersion *version = &driver->versions[i];
                g_autofree char *word = g_strdup_printf(" %s ", version->directory);

                version->covered = row->covered && strstr(row->covered, word) ? 1 : 0;
                version->hardware_missing = row->missing && strstr(row->missing, word);
        }
}

static void test_choose(void)
{
        for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
                const Row *row = &table[i];
                Driver *driver CLEANUP(driver_freep) = facts_derive(&row->spec, "ice");
                const char *wanted = kernel_policy_wanted(driver, RUNNING, NEW);
                StringSet refused CLEANUP_STRING_SET = { 0 };
                KernelQuestion question = { NEW, wanted, row->policy, row->stand_in, &refused };
                KernelChoice choice;

                g_test_message("%s", row->name);
                set_hardware(driver, row);
                if (row->refused)
                        g_assert_cmpint(string_set_add(&refused, row->refused), ==, 1);
                choice = kernel_policy_choose(driver, &question);
                g_assert_cmpint(choice.coverage, ==, row->coverage);
                g_assert_cmpstr(choice.version ? choice.version->id : NULL, ==, row->version);
        }
}

/* The running release counts first, then the newest by version; the release in question never does. */
static void test_wanted(void)
{
        static const FactsSpec spec = {
                .releases = { "6.1", "6.12", "6.9" },
                .files = { { "xenserver/p/1/ice.ko" }, { "xenserver/p/2/ice.ko", "6.12" },
                                { "xenserver/p/3/ice.ko", "6.9" } },
                .overrides = { { "ice", NULL, "xenserver/p/1" }, { "ice", "6.12", "xenserver/p/2" },
                                { "ice", "6.9", "xenserver/p/3" } },
        };
        Driver *driver CLEANUP(driver_freep) = facts_derive(&spec, "ice");

        g_assert_cmpstr(kernel_policy_wanted(driver, "6.1", "6.12"), ==, "1");
        g_assert_cmpstr(kernel_policy_wanted(driver, "4.0", "6.1"), ==, "2");
        g_assert_cmpstr(kernel_policy_wanted(driver, "4.0", "6.12"), ==, "3");
        g_assert_cmpstr(kernel_policy_wanted(driver, "6.12", "6.12"), ==, "3");
}

static void check_problem(const FactsSpec *spec, KernelPolicy policy, const char *part)
{
        Driver *driver CLEANUP(driver_freep) = facts_derive(spec, "ice");
        const Problem *found = NULL;

        g_assert_cmpint(kernel_policy_add_problems(RUNNING, policy, NULL, driver), ==, 0);
        for (size_t i = 0; i < driver->problems.count; i++) {
                if (strcmp(driver->problems.items[i].code, "kernel-not-covered") != 0)
                        continue;
                g_assert_null(found);
                found = &driver->problems.items[i];
        }
        g_assert_cmpuint(driver->uncovered.count, ==, part ? 1 : 0);
        if (!part) {
                g_assert_null(found);
                return;
        }
        g_assert_nonnull(found);
        g_test_message("%s", found->sentence);
        g_assert_cmpint(found->severity, ==, SEVERITY_WARNING);
        g_assert_nonnull(strstr(found->sentence, part));
}

static void test_problems(void)
{
        static const FactsSpec nothing = { .releases = { RUNNING, NEW },
                .files = { { "xenserver/p/2/ice.ko" }, { "xenserver/p/10/ice.ko", NEW } },
                .overrides = { SELECTED },
                .effective = { { "ice", NEW, "xenserver/p/10/ice.ko" } } };
        static const FactsSpec absent = { .releases = { RUNNING, NEW },
                .files = { { "xenserver/p/2/ice.ko" } },
                .overrides = { SELECTED } };
        static const FactsSpec own_only = { .releases = { RUNNING, NEW },
                .files = { { "xenserver/p/2/ice.ko" }, KERNELS },
                .overrides = { SELECTED } };
        static const FactsSpec substituted = { .releases = { RUNNING, NEW },
                .files = { { "xenserver/p/2/ice.ko" }, KERNELS },
                .overrides = { SELECTED, { "ice", NEW, "kernel/net" } } };
        static const FactsSpec another = { .releases = { RUNNING, NEW },
                .files = { { "xenserver/p/2/ice.ko" }, { "xenserver/p/10/ice.ko", NEW } },
                .overrides = { SELECTED, { "ice", NEW, "xenserver/p/10" } } };
        static const FactsSpec unselected = { .releases = { RUNNING, NEW },
                .files = { { "xenserver/p/2/ice.ko" }, { "xenserver/p/2/ice.ko", NEW } },
                .overrides = { SELECTED } };
        static const FactsSpec on_purpose = { .releases = { RUNNING, NEW },
                .files = { { "xenserver/p/2/ice.ko" }, { "xenserver/p/2/ice.ko", NEW }, KERNELS },
                .overrides = { SELECTED, { "ice", NEW, "kernel/net" } } };
        static const FactsSpec unwanted = { .releases = { RUNNING, NEW },
                .files = { { "xenserver/p/2/ice.ko" }, { "kernel/net/ice.ko" } },
                .effective = { { "ice", .path = "kernel/net/ice.ko" } } };

        check_problem(&nothing, KERNEL_POLICY_PIN,
                        "Kernel 6.12 has no version 2 of ice, which is selected in the running kernel; "
                        "there, nothing is selected, and depmod picks any file. Before booting it install "
                        "that version for it, or run `hostdriverctl select ice 10 --kernel=6.12`.");
        check_problem(&nothing, KERNEL_POLICY_NEWEST, "nothing is selected");
        check_problem(&absent, KERNEL_POLICY_PIN,
                        "there, no module of that name can be loaded. Before booting it install that version "
                        "for it.");
        check_problem(&own_only, KERNEL_POLICY_PIN,
                        "or run `hostdriverctl select ice kernel --kernel=6.12`.");
        check_problem(&substituted, KERNEL_POLICY_PIN, "the kernel's own module would be loaded");
        check_problem(&substituted, KERNEL_POLICY_KERNEL, NULL);
        check_problem(&another, KERNEL_POLICY_PIN, NULL);
        check_problem(&unselected, KERNEL_POLICY_PIN,
                        "Kernel 6.12 has version 2 of ice, which is selected in the running kernel, but it "
                        "isn't selected there: no module of that name can be loaded. See `hostdriverctl "
                        "check ice 2 --kernel=6.12`; once it fits, run `hostdriverctl kernel-added 6.12` "
                        "before booting that kernel.");
        check_problem(&on_purpose, KERNEL_POLICY_PIN, NULL);
        check_problem(&unwanted, KERNEL_POLICY_PIN, NULL);
}

static void test_builtin(void)
{
        static const FactsSpec builtin = { .releases = { RUNNING, NEW },
                .files = { { "xenserver/p/2/ice.ko" } },
                .overrides = { SELECTED },
                .effective = { { "ice", NEW, .builtin = true } } };
        static const FactsSpec builtin_chosen = { .releases = { RUNNING, NEW },
                .files = { { "xenserver/p/2/ice.ko" }, { "xenserver/p/2/ice.ko", NEW } },
                .overrides = { SELECTED, { "ice", NEW, "xenserver/p/2" } },
                .effective = { { "ice", NEW, "xenserver/p/2/ice.ko", .builtin = true } } };

        check_problem(&builtin, KERNEL_POLICY_PIN,
                        "Version 2 of ice is selected in the running kernel, but ice is a part of the kernel "
                        "6.12, which loads no file of it. Boot a kernel that has it as a module to have that "
                        "version.");
        check_problem(&builtin_chosen, KERNEL_POLICY_NEWEST, "ice is a part of the kernel 6.12");
        check_problem(&builtin, KERNEL_POLICY_KERNEL, NULL);
}

static void test_text(void)
{
        static const char *const texts[] = { "pin", "newest", "priority", "kernel" };
        KernelPolicy policy = KERNEL_POLICY_NEWEST;

        for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
                g_assert_cmpint(kernel_policy_from_text(texts[i], &policy), ==, 0);
                g_assert_cmpstr(kernel_policy_text(policy), ==, texts[i]);
        }
        g_assert_cmpint(kernel_policy_from_text("Pin", &policy), ==, -EINVAL);
        g_assert_cmpint(kernel_policy_from_text("", &policy), ==, -EINVAL);
        g_assert_cmpint(policy, ==, KERNEL_POLICY_KERNEL);
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/kernel-policy/choose", test_choose);
        g_test_add_func("/kernel-policy/wanted", test_wanted);
        g_test_add_func("/kernel-policy/text", test_text);
        g_test_add_func("/kernel-policy/problems", test_problems);
        g_test_add_func("/kernel-policy/builtin", test_builtin);
        return g_test_run();
}
