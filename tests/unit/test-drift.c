/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What somebody else changed, who it looks like and what is said of it. */

#include <glib.h>
#include <string.h>

#include "model/drift-text.h"
#include "model/driver-derive.h"
#include "model/driver.h"
#include "sample-facts.h"

#define V3 "dmv/q/3/ice.ko"
#define OUR_LINK                             \
        {                                    \
                {                            \
                        "ice.ko", .path = V2 \
                }                            \
        }
#define OUR_LINE                                     \
        {                                            \
                {                                    \
                        "ice", NULL, "xenserver/p/2" \
                }                                    \
        }
#define OUR_INDEX                         \
        {                                 \
                {                         \
                        "ice", .path = V2 \
                }                         \
        }

typedef struct Row {
        const char *name;
        FactsSpec spec;
        const char *wanted; /* NULL: "2" */
        unsigned changes;
        const char *problems; /* codes beside drift, which is the last one */
        bool stood_for;
} Row;

static const Row table[] = {
        { "as it was left",
                        { .files = FILES,
                                        .updates = OUR_LINK,
                                        .overrides = OUR_LINE,
                                        .effective = OUR_INDEX },
                        NULL, 0, "" },
        { "the link is gone", { .files = FILES, .overrides = OUR_LINE, .effective = OUR_INDEX }, NULL,
                        DRIFT_LINK_GONE, "" },
        { "link and line are gone", { .files = FILES, .effective = { { "ice", .path = IN_BOX } } }, NULL,
                        DRIFT_LINK_GONE | DRIFT_OVERRIDE_GONE, "" },
        { "another version's link",
                        { .files = FILES,
                                        .updates = { { "ice.ko", .path = V1 } },
                                        .overrides = OUR_LINE,
                                        .effective = OUR_INDEX },
                        NULL, DRIFT_LINK_CHANGED, "" },
        { "selected otherwise, consistently",
                        { .files = FILES,
                                        .updates = { { "ice.ko", .path = V1 } },
                                        .overrides = { { "ice", NULL, "xenserver/p/1" } },
                                        .effective = { { "ice", .path = V1 } } },
                        NULL, DRIFT_LINK_CHANGED | DRIFT_OVERRIDE_CHANGED, "" },
        { "a link to nothing",
                        { .files = FILES,
                                        .updates = { { "ice.ko", .kind = UPDATE_DANGLING } },
                                        .overrides = OUR_LINE,
                                        .effective = OUR_INDEX },
                        NULL, DRIFT_LINK_CHANGED, "" },
        { "a file in its place",
                        { .files = FILES,
                                        .updates = { { "ice.ko", .kind = UPDATE_REGULAR } },
                                        .overrides = OUR_LINE,
                                        .effective = OUR_INDEX },
                        NULL, DRIFT_LINK_REPLACED, "" },
        { "the line is gone",
                        { .files = FILES,
                                        .updates = OUR_LINK,
                                        .effective = { { "ice", .path = "updates/ice.ko" } } },
                        NULL, DRIFT_OVERRIDE_GONE, "" },
        { "the line names another directory",
                        { .files = FILES,
                                        .updates = OUR_LINK,
                                        .overrides = { { "ice", NULL, "xenserver/p/1" } },
                                        .effective = { { "ice", .path = V1 } } },
                        NULL, DRIFT_OVERRIDE_CHANGED, "" },
        { "the line follows the link",
                        { .files = FILES,
                                        .updates = OUR_LINK,
                                        .overrides = { { "ice", NULL, "updates" } },
                                        .effective = { { "ice", .path = "updates/ice.ko" } } },
                        NULL, 0, "" },
        { "the index has another file",
                        { .files = FILES,
                                        .updates = OUR_LINK,
                                        .overrides = OUR_LINE,
                                        .effective = { { "ice", .path = "updates/dkms/ice.ko" } } },
                        NULL, DRIFT_INDEX, "" },
        { "the index has none", { .files = FILES, .updates = OUR_LINK, .overrides = OUR_LINE }, NULL,
                        DRIFT_INDEX, "" },
        { "there is no index",
                        { .files = FILES,
                                        .updates = OUR_LINK,
                                        .overrides = OUR_LINE,
                                        .without_index = { "6.1" } },
                        NULL, 0, "no-index" },
        { "no index, and the link is gone",
                        { .files = FILES, .overrides = OUR_LINE, .without_index = { "6.1" } }, NULL,
                        DRIFT_LINK_GONE, "no-index " },
        { "blocked",
                        { .files = FILES,
                                        .updates = OUR_LINK,
                                        .overrides = OUR_LINE,
                                        .effective = OUR_INDEX,
                                        .blocked = { "ice" } },
                        NULL, DRIFT_BLOCK_ADDED, "" },
        { "the version was removed",
                        { .files = { { V1 }, { IN_BOX } },
                                        .updates = { { "ice.ko", .kind = UPDATE_DANGLING } } },
                        NULL, 0, "link-dangling" },
        { "kernel, as it was left",
                        { .files = FILES,
                                        .overrides = { { "ice", NULL, "kernel/net" } },
                                        .effective = { { "ice", .path = IN_BOX } } },
                        "kernel", 0, "" },
        { "kernel, with a link",
                        { .files = FILES,
                                        .updates = { { "ice.ko", .path = V1 } },
                                        .overrides = { { "ice", NULL, "kernel/net" } },
                                        .effective = { { "ice", .path = IN_BOX } } },
                        "kernel", DRIFT_LINK_ADDED, "" },
        { "kernel, with a file",
                        { .files = FILES,
                                        .updates = { { "ice.ko", .kind = UPDATE_REGULAR } },
                                        .overrides = { { "ice", NULL, "kernel/net" } },
                                        .effective = { { "ice", .path = IN_BOX } } },
                        "kernel", DRIFT_FILE_ADDED, "" },
        { "deselected, as it was left",
                        { .files = FILES, .blocked = { "ice" }, .effective = { { "ice", .path = V1 } } }, "",
                        0, "" },
        { "deselected, with a file, which may have been there before",
                        { .files = FILES,
                                        .updates = { { "ice.ko", .kind = UPDATE_REGULAR } },
                                        .blocked = { "ice" },
                                        .effective = { { "ice", .path = "updates/ice.ko" } } },
                        "", 0, "regular-file" },
        { "deselected, and the block is gone", { .files = FILES, .effective = { { "ice", .path = V1 } } },
                        "", DRIFT_BLOCK_GONE, "" },
        { "deselected, and the block blocks no more",
                        { .files = FILES,
                                        .edited_blocks = { "ice" },
                                        .effective = { { "ice", .path = V1 } } },
                        "", DRIFT_BLOCK_CHANGED, "" },
        { "deselected, and the block says more",
                        { .files = FILES, .blocked = { "ice" }, .edited_blocks = { "ice" } }, "",
                        DRIFT_BLOCK_CHANGED, "" },
        { "a file of the block's name that may say anything",
                        { .files = FILES,
                                        .updates = OUR_LINK,
                                        .overrides = OUR_LINE,
                                        .effective = OUR_INDEX,
                                        .edited_blocks = { "ice" } },
                        NULL, DRIFT_BLOCK_ADDED, "" },
        { "the line was edited",
                        { .files = FILES,
                                        .updates = OUR_LINK,
                                        .edited_overrides = { "ice" },
                                        .effective = { { "ice", .path = V1 } } },
                        NULL, DRIFT_OVERRIDE_CHANGED, "" },
        { "a line more",
                        { .files = FILES,
                                        .updates = OUR_LINK,
                                        .overrides = OUR_LINE,
                                        .edited_overrides = { "ice" },
                                        .effective = OUR_INDEX },
                        NULL, DRIFT_OVERRIDE_CHANGED, "" },
        { "deselected, and linked",
                        { .files = FILES,
                                        .updates = { { "ice.ko", .path = V1 } },
                                        .blocked = { "ice" },
                                        .effective = { { "ice", .path = V1 } } },
                        "", DRIFT_LINK_ADDED, "" },
        { "deselected, and a line", { .files = FILES, .overrides = OUR_LINE, .blocked = { "ice" } }, "",
                        DRIFT_OVERRIDE_ADDED, "" },
        { "the kernel's own stands in",
                        { .files = FILES,
                                        .overrides = { { "ice", NULL, "kernel/net" } },
                                        .effective = { { "ice", .path = IN_BOX } } },
                        NULL, 0, "", true },
        { "the kernel's own is wanted",
                        { .files = FILES,
                                        .overrides = { { "ice", NULL, "kernel/net" } },
                                        .effective = { { "ice", .path = IN_BOX } } },
                        "kernel", 0, "", true },
        { "the kernel's own does not stand in",
                        { .files = FILES,
                                        .overrides = { { "ice", NULL, "kernel/net" } },
                                        .effective = { { "ice", .path = IN_BOX } } },
                        NULL, DRIFT_LINK_GONE | DRIFT_OVERRIDE_CHANGED, "" },
};

static Driver *derive(const FactsSpec *spec, const WantedVersion *wanted, size_t count)
{
        Facts *facts = facts_build(spec);
        Driver *driver = NULL;

        g_assert_cmpint(driver_derive_wanted(
                                        facts, facts_module(facts, "ice"), wanted, count, NULL, &driver),
                        ==, 0);
        (void) facts_free(facts);
        return driver;
}

/* Where there is drift nothing else is said of it, whoever looks at the codes. */
static void test_changes(void)
{
        for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
                WantedVersion wanted = { FACTS_KERNEL, table[i].wanted ? table[i].wanted : "2",
                        table[i].stood_for };
                Driver *driver CLEANUP(driver_freep) = derive(&table[i].spec, &wanted, 1);
                g_autofree char *expected =
                                g_strconcat(table[i].problems, table[i].changes ? "drift" : "", NULL);
                g_autofree char *codes = NULL;

                g_test_message("%s", table[i].name);
                g_assert_cmpuint(driver->drifts.count, ==, table[i].changes ? 1 : 0);
                g_assert_cmpint(driver->releases[0].stood_for, ==, table[i].stood_for && !table[i].wanted);
                if (table[i].changes)
                        g_assert_cmpuint(driver->drifts.items[0].changes, ==, table[i].changes);
                g_assert_cmpint(drift_add_problems(&driver->drifts, "ice", NULL, &driver->problems), ==, 0);
                codes = facts_codes(driver);
                g_assert_cmpstr(codes, ==, expected);
                for (size_t j = 0; j < driver->problems.count; j++)
                        g_test_message("  %s", driver->problems.items[j].sentence);
        }
}

static char *sentence_of(const Driver *driver, const char *note)
{
        ProblemList problems CLEANUP_PROBLEM_LIST = { 0 };

        g_assert_cmpint(drift_add_problems(&driver->drifts, "ice", note, &problems), ==, 0);
        g_assert_cmpuint(problems.count, ==, 1);
        return g_strdup(problems.items[0].sentence);
}

static void check_who(const FactsSpec *spec, const DriftEvidence *evidence, DriftCulprit culprit,
                bool healable, const char *words)
{
        /* Ids of a module that two packages ship name the package. */
        bool shared = g_str_has_prefix(spec->files[2].path, "dmv/");
        WantedVersion wanted = { FACTS_KERNEL, shared ? "p/2" : "2", false };
        Driver *driver CLEANUP(driver_freep) = derive(spec, &wanted, 1);
        g_autofree char *sentence = NULL;

        g_assert_cmpuint(driver->drifts.count, ==, 1);
        g_assert_cmpint(drift_blame(&driver->drifts.items[0], evidence), ==, 0);
        sentence = sentence_of(driver, NULL);
        g_test_message("%s", sentence);
        g_assert_cmpint(driver->drifts.items[0].culprit, ==, culprit);
        g_assert_cmpint(drift_can_be_healed(&driver->drifts.items[0]), ==, healable);
        g_assert_nonnull(strstr(sentence, words));
}

static void test_link_culprits(void)
{
        const DriftEvidence none = { 0 }, dkms = { .dkms = (char *) "/var/lib/dkms/ice/x/ice.ko" },
                            package = { .package = (char *) "ice-vendor" };
        const FactsSpec gone = { .files = FILES, .overrides = OUR_LINE, .effective = OUR_INDEX };
        FactsSpec spec = {
                .files = { { V1 }, { V2 }, { V3 } }, .overrides = OUR_LINE, .effective = OUR_INDEX
        };

        check_who(&gone, &none, DRIFT_SOMEBODY, true, "somebody has removed the link updates/ice.ko since");
        check_who(&gone, &dkms, DRIFT_DKMS, true,
                        "DKMS seems to have removed the link updates/ice.ko since (see /var/lib/dkms/ice/x/ice.ko)");
        spec.updates[0] = (FactsUpdate){ "ice.ko", .kind = UPDATE_REGULAR };
        check_who(&spec, &package, DRIFT_PACKAGE, false,
                        "the package ice-vendor seems to have put something that is no link to updates/ice.ko");
        check_who(&spec, &dkms, DRIFT_DKMS, false, "DKMS");
        check_who(&spec, &none, DRIFT_SOMEBODY, false, "Move it away, then run");
        spec.updates[0] = (FactsUpdate){ "ice.ko", NULL, V1, UPDATE_VERSION, true };
        check_who(&spec, &none, DRIFT_DRIVER_TOOL, true,
                        "XenServer's driver-tool seems to have selected version p/1 by the link");
        spec.updates[0] = (FactsUpdate){ "ice.ko", .path = V3 };
        check_who(&spec, &none, DRIFT_DRIVER_TOOL, true, "selected version q/3 by the link");
        spec.updates[0] = (FactsUpdate){ "ice.ko", .path = V1 };
        check_who(&spec, &dkms, DRIFT_SOMEBODY, true, "somebody has selected version p/1");
        spec.updates[0] = (FactsUpdate){ "ice.ko", NULL, "../5.10/extra/ice.ko", UPDATE_OUTSIDE, false };
        check_who(&spec, &none, DRIFT_WEAK_MODULES, true,
                        "weak-modules seems to have made the link updates/ice.ko lead to ../../5.10/extra/ice.ko");
}

/* All that is ours stands; which line of depmod.d wins over it is for depmod's own rules. */
static void test_index_culprits(void)
{
        static const struct {
                const char *text, *effective;
                DriftCulprit culprit;
                const char *words;
        } rows[] = {
                { "override ice * updates/dkms\n", "updates/dkms/ice.ko", DRIFT_DEPMOD_CONFIG,
                                "line 1 of /etc/depmod.d/zzz.conf has made the module index name another file since; "
                                "now updates/dkms/ice.ko would be loaded. Remove that line, then run" },
                { "exclude xenserver\n", IN_BOX, DRIFT_DEPMOD_CONFIG, "line 1 of /etc/depmod.d/zzz.conf" },
                { "", "updates/dkms/ice.ko", DRIFT_DKMS, "DKMS seems to have made the module index name" },
                { "", IN_BOX, DRIFT_SOMEBODY, "somebody has made the module index name another file" },
                { "override igb * updates/dkms\n", IN_BOX, DRIFT_SOMEBODY, "somebody" },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
                DriftEvidence evidence CLEANUP_DRIFT_EVIDENCE = { 0 };
                const FactsSpec spec = { .files = FILES,
                        .updates = OUR_LINK,
                        .overrides = OUR_LINE,
                        .effective = { { "ice", .path = rows[i].effective } } };

                g_assert_cmpint(depmod_config_parse(&evidence.depmod, FACTS_KERNEL, OVERRIDE_FILE_PATH,
                                                "search updates\noverride ice ^6[.]1$ xenserver/p/2\n"),
                                ==, 0);
                g_assert_cmpint(depmod_config_parse(&evidence.depmod, FACTS_KERNEL, "/etc/depmod.d/zzz.conf",
                                                rows[i].text),
                                ==, 0);
                check_who(&spec, &evidence, rows[i].culprit, rows[i].culprit != DRIFT_DEPMOD_CONFIG,
                                rows[i].words);
        }
}

static void test_releases(void)
{
        FactsSpec spec = {
                .releases = { "5.10", "6.1", "6.6" },
                .files = { { V2, "5.10" }, { V1 }, { V2 }, { V2, "6.6" } },
                .overrides = { { "ice", "5.10", "xenserver/p/2" }, { "ice", NULL, "xenserver/p/2" } },
                .effective = { { "ice", "5.10", V2 }, { "ice", .path = V2 } },
        };
        const WantedVersion wanted[] = { { "5.10", "2", false }, { "6.1", "2", false },
                { "6.9", "2", false } };
        Driver *driver CLEANUP(driver_freep) = derive(&spec, wanted, G_N_ELEMENTS(wanted));
        g_autofree char *sentence = sentence_of(driver, "It is left alone.");

        g_assert_cmpuint(driver->drifts.count, ==, 2);
        g_assert_cmpstr(sentence, ==,
                        "In kernels 5.10, 6.1, version 2 of ice was selected, but somebody has removed the link "
                        "updates/ice.ko since; what would be loaded is still the same. Run `hostdriverctl select "
                        "ice 2 --kernel=5.10 --kernel=6.1` to take it back. It is left alone.");
}

/* modprobe.d knows no releases: who is deselected in one and selected in another isn't blocked. */
static void test_partly_deselected(void)
{
        FactsSpec spec = {
                .releases = { "5.10", "6.1" },
                .files = { { V2, "5.10" }, { V1 }, { V2 } },
                .updates = OUR_LINK,
                .overrides = OUR_LINE,
                .effective = OUR_INDEX,
        };
        const WantedVersion wanted[] = { { "5.10", "", false }, { "6.1", "2", false } };
        Driver *driver CLEANUP(driver_freep) = derive(&spec, wanted, G_N_ELEMENTS(wanted));

        g_assert_cmpuint(driver->drifts.count, ==, 0);
}

/* What was selected before anything was remembered, as by an administrator's link, isn't blocked either:
 * what was deselected elsewhere never had a block that somebody could have removed. */
static void test_selected_elsewhere(void)
{
        const FactsSpec specs[] = {
                { .releases = { "5.10", "6.1" },
                                .files = { { V2, "5.10" }, { V1 }, { V2 } },
                                .updates = OUR_LINK },
                { .releases = { "5.10", "6.1" },
                                .files = { { V2, "5.10" }, { V1 }, { V2 } },
                                .overrides = OUR_LINE },
                { .releases = { "5.10", "6.1" }, .files = { { V2, "5.10" }, { V1 }, { V2 } } },
        };
        const WantedVersion wanted[] = { { "5.10", "", false } };

        for (size_t i = 0; i < G_N_ELEMENTS(specs); i++) {
                Driver *driver CLEANUP(driver_freep) = derive(&specs[i], wanted, G_N_ELEMENTS(wanted));

                g_assert_cmpuint(driver->drifts.count, ==, i == 2 ? 1 : 0);
        }
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/drift/changes", test_changes);
        g_test_add_func("/drift/link-culprits", test_link_culprits);
        g_test_add_func("/drift/index-culprits", test_index_culprits);
        g_test_add_func("/drift/releases", test_releases);
        g_test_add_func("/drift/partly-deselected", test_partly_deselected);
        g_test_add_func("/drift/selected-elsewhere", test_selected_elsewhere);
        return g_test_run();
}
