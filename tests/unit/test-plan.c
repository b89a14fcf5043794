/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What becomes of a wish: plans from the facts of real sample hosts, as text. */

#include <errno.h>
#include <glib.h>
#include <string.h>

#include "change/plan/plan-new.h"
#include "change/plan/plan.h"
#include "model/driver-derive.h"
#include "sample-root.h"

#define R1 SAMPLE_KERNEL
#define R2 "5.10.0"

typedef struct Fixture {
        SampleRoot sample;
        Facts *facts;
        GPtrArray *drivers;
} Fixture;

/* Two packages; intel-ice ships two modules, the newer version in one release only; r8169 is in the kernel
 * tree of one release. */
static void set_up(Fixture *fixture, gconstpointer data)
{
        const SampleRoot *sample = &fixture->sample;

        sample_root_init(&fixture->sample, R1);
        sample_root_add_kernel(sample, R2);
        sample_root_add_module(sample, R1, "kernel/drivers/net/ice.ko", "0.8");
        sample_root_add_module(sample, R1, "xenserver/intel-ice/1.6.4/ice.ko", "1.6.4");
        sample_root_add_module(sample, R2, "xenserver/intel-ice/1.6.4/ice.ko", "1.6.4");
        sample_root_add_module(sample, R1, "xenserver/intel-ice/1.11/sub/ice.ko.xz", "1.11");
        sample_root_add_module(sample, R1, "xenserver/intel-ice/1.11/irdma.ko", "1.11");
        sample_root_add_module(sample, R1, "xenserver/dell/my version/dell_laptop.ko", "1.2");
        sample_root_add_module(sample, R1, "kernel/drivers/platform/dell-laptop.ko", "0.9");
        fixture->drivers = g_ptr_array_new();
}

static void free_drivers(Fixture *fixture)
{
        for (guint i = 0; i < fixture->drivers->len; i++)
                (void) driver_free(g_ptr_array_index(fixture->drivers, i));
        g_ptr_array_set_size(fixture->drivers, 0);
        fixture->facts = facts_free(fixture->facts);
}

static void tear_down(Fixture *fixture, gconstpointer data)
{
        free_drivers(fixture);
        g_ptr_array_unref(fixture->drivers);
        sample_root_done(&fixture->sample);
}

static void read_facts(Fixture *fixture)
{
        char xenserver[] = "xenserver", dmv[] = "dmv";
        const Config config = { .tree_directories = { xenserver, dmv } };

        free_drivers(fixture);
        g_assert_cmpint(facts_read(fixture->sample.root, &config, NULL, NULL, &fixture->facts), ==, 0);
        for (size_t i = 0; i < fixture->facts->catalogue->modules.count; i++) {
                Driver *driver;

                g_assert_cmpint(driver_derive(fixture->facts, i, &driver), ==, 0);
                g_ptr_array_add(fixture->drivers, driver);
        }
}

static const Driver *find(const Fixture *fixture, const char *name)
{
        for (guint i = 0; i < fixture->drivers->len; i++) {
                const Driver *driver = g_ptr_array_index(fixture->drivers, i);

                if (strcmp(driver->name, name) == 0)
                        return driver;
        }
        g_assert_not_reached();
}

static void print_state(GString *text, const ModuleState *state)
{
        if (state->link)
                g_string_append_printf(text, " %s->%s", state->link, state->target);
        if (state->directory)
                g_string_append_printf(text, " [%s %s]", state->spelling, state->directory);
        if (!state->link && !state->directory)
                g_string_append(text, " nothing");
}

/* "RELEASE MODULE: BEFORE => AFTER (EXPECTED)", then the blocks, then the subjects. */
static char *print_plan(const Plan *plan)
{
        GString *text = g_string_new(NULL);

        for (size_t i = 0; i < plan->change_count; i++) {
                const PlanChange *change = &plan->changes[i];

                g_string_append_printf(text, "%s %s:", change->release, change->module);
                print_state(text, &change->before);
                g_string_append(text, " =>");
                print_state(text, &change->after);
                g_string_append_printf(text, " (%s)\n", change->expected ? change->expected : "none");
        }
        for (size_t i = 0; i < plan->block_count; i++)
                g_string_append_printf(text, "block %s: %d => %d\n", plan->blocks[i].module,
                                plan->blocks[i].before, plan->blocks[i].after);
        for (size_t i = 0; i < plan->subject_count; i++)
                g_string_append_printf(text, "%s in %s: '%s' => '%s'\n", plan->subjects[i].driver,
                                plan->subjects[i].release, plan->subjects[i].from, plan->subjects[i].to);
        return g_string_free(text, FALSE);
}

/* Plans up to two targets; expects either a plan or a refusal with these words. */
static void expect(
                Fixture *fixture, const char *const targets[static 4], const char *kernel, const char *text)
{
        PlanTarget looked_up[2];
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        Plan *plan CLEANUP(plan_freep) = NULL;
        StringSet kernels CLEANUP_STRING_SET = { 0 };
        size_t n = 0;
        int r;

        for (; n < 2 && targets[2 * n]; n++)
                looked_up[n] = (PlanTarget){ find(fixture, targets[2 * n]), targets[2 * n + 1] };
        if (kernel)
                g_assert_cmpint(string_set_add(&kernels, kernel), ==, 1);
        r = plan_new(fixture->facts, looked_up, n, kernel ? &kernels : NULL, &plan, &refusal);
        if (r == -ECANCELED) {
                if (!strstr(refusal.sentence, text))
                        g_test_message("refused: %s", refusal.sentence);
                g_assert_nonnull(strstr(refusal.sentence, text));
        } else {
                g_autofree char *printed = NULL;

                g_assert_cmpint(r, ==, 0);
                printed = print_plan(plan);
                g_assert_cmpstr(printed, ==, text);
        }
}

static void test_whole_package(Fixture *fixture, gconstpointer data)
{
        read_facts(fixture);
        /* irdma comes along, in the one release that has the version; the link's name is the file's own. */
        expect(fixture, (const char *[4]){ "ice", "1.11" }, NULL,
                        R1
                        " ice: nothing => ice.ko.xz->../xenserver/intel-ice/1.11/sub/ice.ko.xz"
                        " [ice xenserver/intel-ice/1.11/sub] (xenserver/intel-ice/1.11/sub/ice.ko.xz)\n" R1
                        " irdma: nothing => irdma.ko->../xenserver/intel-ice/1.11/irdma.ko"
                        " [irdma xenserver/intel-ice/1.11] (xenserver/intel-ice/1.11/irdma.ko)\n"
                        "ice in " R1 ": '' => '1.11'\n");
        /* irdma is neither in 1.6.4 nor in the kernel tree: deselected, in both releases. */
        expect(fixture, (const char *[4]){ "ice", "1.6.4" }, NULL,
                        R1 " ice: nothing => ice.ko->../xenserver/intel-ice/1.6.4/ice.ko"
                           " [ice xenserver/intel-ice/1.6.4] (xenserver/intel-ice/1.6.4/ice.ko)\n" R2
                           " ice: nothing => ice.ko->../xenserver/intel-ice/1.6.4/ice.ko"
                           " [ice xenserver/intel-ice/1.6.4] (xenserver/intel-ice/1.6.4/ice.ko)\n"
                           "block irdma: 0 => 1\n"
                           "ice in " R1 ": '' => '1.6.4'\nice in " R2 ": '' => '1.6.4'\n");
        expect(fixture, (const char *[4]){ "ice", "1.6.4" }, R2,
                        R2 " ice: nothing => ice.ko->../xenserver/intel-ice/1.6.4/ice.ko"
                           " [ice xenserver/intel-ice/1.6.4] (xenserver/intel-ice/1.6.4/ice.ko)\n"
                           "block irdma: 0 => 1\n"
                           "ice in " R2 ": '' => '1.6.4'\n");
        /* The kernel's file: no link, and only where it is. */
        expect(fixture, (const char *[4]){ "ice", "kernel" }, NULL,
                        R1 " ice: nothing => [ice kernel/drivers/net] (kernel/drivers/net/ice.ko)\n"
                           "block irdma: 0 => 1\n"
                           "ice in " R1 ": '' => 'kernel'\n");
}

/* A directory that depmod's configuration can't name; the kernel's file in the other spelling. */
static void test_odd_names(Fixture *fixture, gconstpointer data)
{
        read_facts(fixture);
        expect(fixture, (const char *[4]){ "dell_laptop", "my version" }, NULL,
                        R1 " dell_laptop: nothing"
                           " => dell_laptop.ko->../xenserver/dell/my version/dell_laptop.ko"
                           " [dell_laptop updates] (updates/dell_laptop.ko)\n"
                           "dell_laptop in " R1 ": '' => 'my version'\n");
        expect(fixture, (const char *[4]){ "dell_laptop", "kernel" }, NULL,
                        R1 " dell_laptop: nothing => [dell-laptop kernel/drivers/platform]"
                           " (kernel/drivers/platform/dell-laptop.ko)\n"
                           "dell_laptop in " R1 ": '' => 'kernel'\n");
}

static void test_what_stands(Fixture *fixture, gconstpointer data)
{
        /* Another tool's absolute link under another name, a second one, an override of ours, a block. */
        temp_dir_link(&fixture->sample.dir, "lib/modules/" R1 "/updates/ice.ko", "/elsewhere/ice.ko");
        temp_dir_link(&fixture->sample.dir, "lib/modules/" R1 "/updates/ice.ko.gz", "../nothing.ko.gz");
        temp_dir_write(&fixture->sample.dir, "etc/depmod.d/zz-hostdriver.conf",
                        "override irdma ^4[.]19[.]0[+]1$ xenserver/intel-ice/1.11\n");
        temp_dir_write(&fixture->sample.dir, "etc/modprobe.d/hostdriver-ice.conf", "blacklist ice\n");
        read_facts(fixture);
        expect(fixture, (const char *[4]){ "ice", "1.11" }, NULL,
                        R1
                        " ice: ice.ko->/elsewhere/ice.ko"
                        " => ice.ko.xz->../xenserver/intel-ice/1.11/sub/ice.ko.xz"
                        " [ice xenserver/intel-ice/1.11/sub] (xenserver/intel-ice/1.11/sub/ice.ko.xz)\n" R1
                        " ice: ice.ko.gz->../nothing.ko.gz"
                        " => [ice xenserver/intel-ice/1.11/sub]"
                        " (xenserver/intel-ice/1.11/sub/ice.ko.xz)\n" R1
                        " irdma: [irdma xenserver/intel-ice/1.11]"
                        " => irdma.ko->../xenserver/intel-ice/1.11/irdma.ko"
                        " [irdma xenserver/intel-ice/1.11] (xenserver/intel-ice/1.11/irdma.ko)\n"
                        "block ice: 1 => 0\n"
                        "ice in " R1 ": '' => '1.11'\n");
        expect(fixture, (const char *[4]){ "ice", "" }, NULL,
                        R1 " ice: ice.ko->/elsewhere/ice.ko => nothing (none)\n" R1
                           " ice: ice.ko.gz->../nothing.ko.gz => nothing (none)\n" R1
                           " irdma: [irdma xenserver/intel-ice/1.11] => nothing (none)\n"
                           "block ice: 1 => 1\nblock irdma: 0 => 1\n"
                           "ice in " R1 ": '' => ''\nice in " R2 ": '' => ''\n");
        /* irdma is deselected for R2 by the way, but it is selected in R1, which the plan leaves alone. */
        expect(fixture, (const char *[4]){ "ice", "1.6.4" }, R2,
                        R2 " ice: nothing => ice.ko->../xenserver/intel-ice/1.6.4/ice.ko"
                           " [ice xenserver/intel-ice/1.6.4] (xenserver/intel-ice/1.6.4/ice.ko)\n"
                           "block ice: 1 => 0\n"
                           "ice in " R2 ": '' => '1.6.4'\n");
}

static void test_several(Fixture *fixture, gconstpointer data)
{
        read_facts(fixture);
        /* Two drivers of one package that want the same: each module once. */
        expect(fixture, (const char *[4]){ "irdma", "1.11", "ice", "1.11" }, NULL,
                        R1
                        " ice: nothing => ice.ko.xz->../xenserver/intel-ice/1.11/sub/ice.ko.xz"
                        " [ice xenserver/intel-ice/1.11/sub] (xenserver/intel-ice/1.11/sub/ice.ko.xz)\n" R1
                        " irdma: nothing => irdma.ko->../xenserver/intel-ice/1.11/irdma.ko"
                        " [irdma xenserver/intel-ice/1.11] (xenserver/intel-ice/1.11/irdma.ko)\n"
                        "irdma in " R1 ": '' => '1.11'\nice in " R1 ": '' => '1.11'\n");
        expect(fixture, (const char *[4]){ "irdma", "1.11", "ice", "1.6.4" }, NULL, "switches as a whole");
        expect(fixture, (const char *[4]){ "irdma", "1.11", "ice", "" }, NULL, "switches as a whole");
}

static void test_refusals(Fixture *fixture, gconstpointer data)
{
        read_facts(fixture);
        expect(fixture, (const char *[4]){ NULL }, NULL, "No driver was named");
        expect(fixture, (const char *[4]){ "ice", "9" }, NULL,
                        "ice has no version 9. It has: kernel, 1.6.4, 1.11.");
        expect(fixture, (const char *[4]){ "irdma", "kernel" }, NULL, "irdma has no version kernel");
        expect(fixture, (const char *[4]){ "ice", "1.11" }, R2, "no version 1.11 for kernel release " R2);
        expect(fixture, (const char *[4]){ "ice", "1.11" }, "6.6.6", "6.6.6 is not installed");
        expect(fixture, (const char *[4]){ "ice", "" }, R1, "modprobe.d");
        temp_dir_write(&fixture->sample.dir, "lib/modules/" R1 "/updates/ice.ko.zst", "precious");
        read_facts(fixture);
        expect(fixture, (const char *[4]){ "ice", "1.11" }, NULL, "/lib/modules/" R1 "/updates/ice.ko.zst");
        temp_dir_write(&fixture->sample.dir, "etc/depmod.d/zz-hostdriver.conf", "search a b\n");
        read_facts(fixture);
        expect(fixture, (const char *[4]){ "ice", "" }, NULL,
                        "/etc/depmod.d/zz-hostdriver.conf holds lines");
}

/* What is selected already is an empty plan, and its inverse too. */
static void test_empty(Fixture *fixture, gconstpointer data)
{
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        Plan *plan CLEANUP(plan_freep) = NULL;
        Plan *inverse CLEANUP(plan_freep) = NULL;
        PlanTarget target = { .version = "1.11" };

        temp_dir_link(&fixture->sample.dir, "lib/modules/" R1 "/updates/ice.ko.xz",
                        "../xenserver/intel-ice/1.11/sub/ice.ko.xz");
        temp_dir_link(&fixture->sample.dir, "lib/modules/" R1 "/updates/irdma.ko",
                        "../xenserver/intel-ice/1.11/irdma.ko");
        temp_dir_write(&fixture->sample.dir, "etc/depmod.d/zz-hostdriver.conf",
                        "override ice ^4[.]19[.]0[+]1$ xenserver/intel-ice/1.11/sub\n"
                        "override irdma ^4[.]19[.]0[+]1$ xenserver/intel-ice/1.11\n");
        read_facts(fixture);
        target.driver = find(fixture, "ice");
        g_assert_cmpint(plan_new(fixture->facts, &target, 1, NULL, &plan, &refusal), ==, 0);
        g_assert_cmpuint(plan->change_count, ==, 2);
        g_assert_true(plan_is_empty(plan));
        g_assert_cmpint(plan_invert(plan, &inverse), ==, 0);
        g_assert_true(plan_is_empty(inverse));
}

int main(int argc, char **argv)
{
        static const struct {
                const char *name;
                void (*function)(Fixture *fixture, gconstpointer data);
        } tests[] = {
                { "/plan/whole-package", test_whole_package },
                { "/plan/odd-names", test_odd_names },
                { "/plan/what-stands", test_what_stands },
                { "/plan/several", test_several },
                { "/plan/refusals", test_refusals },
                { "/plan/empty", test_empty },
        };

        g_test_init(&argc, &argv, NULL);
        for (size_t i = 0; i < ELEMENTSOF(tests); i++)
                g_test_add(tests[i].name, Fixture, NULL, set_up, tests[i].function, tear_down);
        return g_test_run();
}
