/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is read back as selected and effective, and what is said where links, override and index disagree. */

#include <glib.h>
#include <string.h>

#include "model/driver.h"
#include "sample-facts.h"

#define MODULES "/lib/modules/6.1/"

typedef struct Row {
        const char *name;
        FactsSpec spec;
        const char *selected, *effective;
        const char *problems; /* codes, with blanks between */
} Row;

static const Row table[] = {
        { "nothing, index to the kernel's", { .files = FILES, .effective = { { "ice", .path = IN_BOX } } },
                        "kernel", MODULES IN_BOX, "" },
        { "nothing, depmod picked a copy", { .files = FILES, .effective = { { "ice", .path = V1 } } }, "",
                        MODULES V1, "effective-differs" },
        { "nothing, not in the index", { .files = FILES }, "", "", "" },
        { "nothing, no index", { .files = FILES, .without_index = { "6.1" } }, "", "", "no-index" },
        { "link",
                        { .files = FILES,
                                        .updates = { { "ice.ko", .path = V2 } },
                                        .effective = { { "ice", .path = "updates/ice.ko" } } },
                        "2", MODULES "updates/ice.ko", "" },
        { "link and override",
                        { .files = FILES,
                                        .updates = { { "ice.ko", .path = V2 } },
                                        .overrides = { { "ice", NULL, "xenserver/p/2" } },
                                        .effective = { { "ice", .path = V2 } } },
                        "2", MODULES V2, "" },
        { "link and override of updates/",
                        { .files = FILES,
                                        .updates = { { "ice.ko", .path = V2 } },
                                        .overrides = { { "ice", NULL, "updates" } },
                                        .effective = { { "ice", .path = "updates/ice.ko" } } },
                        "2", MODULES "updates/ice.ko", "" },
        { "override of updates/, without a link",
                        { .files = FILES,
                                        .overrides = { { "ice", NULL, "updates" } },
                                        .effective = { { "ice", .path = IN_BOX } } },
                        "kernel", MODULES IN_BOX, "override-dangling" },
        { "override alone",
                        { .files = FILES,
                                        .overrides = { { "ice", NULL, "xenserver/p/1" } },
                                        .effective = { { "ice", .path = V1 } } },
                        "1", MODULES V1, "link-missing" },
        { "override to the kernel's",
                        { .files = FILES,
                                        .overrides = { { "ice", NULL, "kernel/net" } },
                                        .effective = { { "ice", .path = IN_BOX } } },
                        "kernel", MODULES IN_BOX, "" },
        { "override to the kernel's, a copy wins",
                        { .files = FILES,
                                        .overrides = { { "ice", NULL, "kernel/net" } },
                                        .effective = { { "ice", .path = "updates/dkms/ice.ko" } } },
                        "kernel", MODULES "updates/dkms/ice.ko", "effective-differs" },
        { "override of a parent directory",
                        { .files = FILES,
                                        .overrides = { { "ice", NULL, "xenserver" } },
                                        .effective = { { "ice", .path = IN_BOX } } },
                        "kernel", MODULES IN_BOX, "override-dangling" },
        { "override to what isn't there",
                        { .files = FILES,
                                        .overrides = { { "ice", NULL, "xenserver/p/3" } },
                                        .effective = { { "ice", .path = V1 } } },
                        "", MODULES V1, "override-dangling effective-differs" },
        { "override of another kernel",
                        { .releases = { "5.10", "6.1" },
                                        .files = FILES,
                                        .overrides = { { "ice", "5.10", "xenserver/p/1" } },
                                        .effective = { { "ice", .path = IN_BOX } } },
                        "kernel", MODULES IN_BOX, "override-dangling" },
        { "link and override disagree",
                        { .files = FILES,
                                        .updates = { { "ice.ko", .path = V2 } },
                                        .overrides = { { "ice", NULL, "xenserver/p/1" } },
                                        .effective = { { "ice", .path = V1 } } },
                        "2", MODULES V1, "link-override-disagree effective-differs" },
        { "link, DKMS wins",
                        { .files = FILES,
                                        .updates = { { "ice.ko", .path = V2 } },
                                        .effective = { { "ice", .path = "updates/dkms/ice.ko" } } },
                        "2", MODULES "updates/dkms/ice.ko", "effective-differs" },
        { "link, old index",
                        { .files = FILES,
                                        .updates = { { "ice.ko", .path = V2 } },
                                        .effective = { { "ice", .path = V1 } } },
                        "2", MODULES V1, "effective-differs" },
        { "link, not in the index", { .files = FILES, .updates = { { "ice.ko", .path = V2 } } }, "2", "",
                        "effective-differs" },
        { "link, no index",
                        { .files = FILES,
                                        .updates = { { "ice.ko", .path = V2 } },
                                        .without_index = { "6.1" } },
                        "2", "", "no-index" },
        { "absolute link",
                        { .files = FILES,
                                        .updates = { { "ice.ko", NULL, V2, UPDATE_VERSION, true } },
                                        .effective = { { "ice", .path = "updates/ice.ko" } } },
                        "2", MODULES "updates/ice.ko", "link-absolute" },
        { "dangling link",
                        { .files = FILES,
                                        .updates = { { "ice.ko", .kind = UPDATE_DANGLING } },
                                        .effective = { { "ice", .path = V1 } } },
                        "", MODULES V1, "link-dangling effective-differs" },
        { "dangling link, override",
                        { .files = FILES,
                                        .updates = { { "ice.ko", .kind = UPDATE_DANGLING } },
                                        .overrides = { { "ice", NULL, "xenserver/p/1" } },
                                        .effective = { { "ice", .path = V1 } } },
                        "1", MODULES V1, "link-dangling" },
        { "link out of the directory",
                        { .files = FILES,
                                        .updates = { { "ice.ko", .kind = UPDATE_OUTSIDE } },
                                        .effective = { { "ice", .path = IN_BOX } } },
                        "kernel", MODULES IN_BOX, "link-outside index-outdated" },
        { "foreign link",
                        { .files = FILES,
                                        .updates = { { "ice.ko", NULL, "extra/ice.ko", UPDATE_FOREIGN } },
                                        .effective = { { "ice", .path = "updates/ice.ko" } } },
                        "", MODULES "updates/ice.ko", "link-foreign effective-differs" },
        { "link to another module",
                        { .files = { { V1 }, { "xenserver/q/1/igb.ko" } },
                                        .updates = { { "ice.ko", .path = "xenserver/q/1/igb.ko" } },
                                        .effective = { { "ice", .path = "updates/ice.ko" } } },
                        "", MODULES "updates/ice.ko", "link-foreign effective-differs" },
        { "regular file",
                        { .files = FILES,
                                        .updates = { { "ice.ko", .kind = UPDATE_REGULAR } },
                                        .effective = { { "ice", .path = "updates/ice.ko" } } },
                        "", MODULES "updates/ice.ko", "regular-file effective-differs" },
        { "directory",
                        { .files = FILES,
                                        .updates = { { "ice.ko", .kind = UPDATE_OTHER } },
                                        .effective = { { "ice", .path = IN_BOX } } },
                        "kernel", MODULES IN_BOX, "not-regular" },
        { "two links, the index decides",
                        { .files = FILES,
                                        .updates = { { "ice.ko", .path = V1 }, { "ice.ko.xz", .path = V2 } },
                                        .effective = { { "ice", .path = "updates/ice.ko.xz" } } },
                        "2", MODULES "updates/ice.ko.xz", "" },
        { "deselected", { .files = FILES, .blocked = { "ice" }, .effective = { { "ice", .path = V1 } } }, "",
                        "", "" },
        { "deselected, but linked since",
                        { .files = FILES,
                                        .updates = { { "ice.ko", .path = V2 } },
                                        .blocked = { "ice" },
                                        .effective = { { "ice", .path = V1 } } },
                        "", "", "blocked" },
        { "built in", { .files = { { V1 } }, .effective = { { "ice", .builtin = true } } }, "", "",
                        "builtin" },
        { "no such kernel", { .kernel = "9.9", .files = FILES, .effective = { { "ice", .path = IN_BOX } } },
                        "", "", "" },
};

static void check_codes(const Driver *driver, const char *expected)
{
        char *codes = facts_codes(driver);

        g_assert_cmpstr(codes, ==, expected);
        g_free(codes);
}

static void test_table(void)
{
        for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
                Driver *driver CLEANUP(driver_freep) = facts_derive(&table[i].spec, "ice");
                char *codes = facts_codes(driver);

                if (strcmp(driver->selected, table[i].selected) != 0 ||
                                strcmp(driver->effective, table[i].effective) != 0 ||
                                strcmp(codes, table[i].problems) != 0)
                        g_error("%s: selected '%s', effective '%s', problems '%s'", table[i].name,
                                        driver->selected, driver->effective, codes);
                g_free(codes);
        }
}

/* What can be adopted is said to be; a link can't. */
static void test_adopt_is_said(void)
{
        static const struct {
                const char *path;
                const char *entry;
                UpdateKind kind;
                bool said;
        } rows[] = {
                { "updates/ice.ko", "ice.ko", UPDATE_REGULAR, true },
                { "updates/dkms/ice.ko", .said = true },
                { "extra/ice.ko", .said = true },
                { "weak-updates/ice.ko", .said = true },
                { "override/ice.ko", .said = false },
                { "updates/ice.ko", "ice.ko", UPDATE_FOREIGN, false },
                { "updates/dkms/ice.ko", "ice.ko", UPDATE_DANGLING, false },
                { "extra/ice.ko", "ice.ko", UPDATE_REGULAR, false },
                { "extra/ice.ko", "ice.ko", UPDATE_OTHER, false },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
                const FactsSpec spec = { .files = FILES,
                        .updates = { { rows[i].entry, .path = "extra/ice.ko", .kind = rows[i].kind } },
                        .effective = { { "ice", .path = rows[i].path } } };
                Driver *driver CLEANUP(driver_freep) = facts_derive(&spec, "ice");
                const Problem *last = &driver->problems.items[driver->problems.count - 1];

                g_test_message("%s", last->sentence);
                g_assert_cmpstr(last->code, ==, "effective-differs");
                g_assert_true(rows[i].said == !!strstr(last->sentence, "`hostdriverctl adopt ice`"));
        }
}

static void test_by_kernel(void)
{
        FactsSpec spec = {
                .releases = { "5.10", "6.1", "6.6" },
                .files = { { V1, "5.10" }, { V1 }, { V2 }, { IN_BOX, "6.6" } },
                .updates = { { "ice.ko", "5.10", V1 }, { "ice.ko", .path = V2 } },
                .effective = { { "ice", "5.10", "updates/ice.ko" }, { "ice", .path = "updates/ice.ko" },
                                { "ice", "6.6", IN_BOX } },
        };
        Driver *driver CLEANUP(driver_freep) = facts_derive(&spec, "ice");

        g_assert_cmpstr(driver_release(driver, "5.10")->selected, ==, "1");
        g_assert_cmpstr(driver_release(driver, "6.1")->selected, ==, "2");
        g_assert_cmpstr(driver_release(driver, "6.6")->selected, ==, "kernel");
        g_assert_cmpstr(driver_release(driver, "6.6")->effective, ==, "/lib/modules/6.6/" IN_BOX);
        g_assert_null(driver_release(driver, "7"));
        g_assert_cmpstr(driver->selected, ==, "2");
        check_codes(driver, "");
}

static void test_mixed_package(void)
{
        static const struct {
                const char *other; /* what irdma's link leads to; NULL: no link */
                const char *ice, *irdma;
        } rows[] = {
                { "xenserver/p/2/irdma.ko", "", "" },
                { "xenserver/p/1/irdma.ko", "mixed-package", "mixed-package" },
                { NULL, "mixed-package", "" },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
                FactsSpec spec = {
                        .files = { { V1 }, { V2 }, { "xenserver/p/1/irdma.ko" },
                                        { "xenserver/p/2/irdma.ko" }, { "kernel/rdma/irdma.ko" } },
                        .updates = { { "ice.ko", .path = V2 }, { "irdma.ko", .path = rows[i].other } },
                        .effective = { { "ice", .path = "updates/ice.ko" },
                                        { "irdma", .path = "updates/irdma.ko" } },
                };
                Driver *ice CLEANUP(driver_freep) = NULL, *irdma CLEANUP(driver_freep) = NULL;

                if (!rows[i].other) {
                        spec.updates[1] = (FactsUpdate){ 0 };
                        spec.effective[1].path = "kernel/rdma/irdma.ko";
                }
                ice = facts_derive(&spec, "ice");
                irdma = facts_derive(&spec, "irdma");
                check_codes(ice, rows[i].ice);
                check_codes(irdma, rows[i].irdma);
        }
}

static void test_files(void)
{
        static const TreeInfo info = { .problem = (char *) "it is no JSON." };
        FactsSpec spec = {
                .files = { { "xenserver/p/1/ice.ko", .defect = MODULE_UNREADABLE, .error = -13 },
                                { "xenserver/p/2/ice.ko", .defect = MODULE_NOT_A_MODULE },
                                { "xenserver/p/3/ice.ko", .defect = MODULE_TOO_LARGE },
                                { "xenserver/p/4/ice.ko", .defect = MODULE_NOT_REGULAR },
                                { "xenserver/p/5/ice.ko", .info = &info } },
        };
        Driver *driver CLEANUP(driver_freep) = facts_derive(&spec, "ice");

        check_codes(driver, "unreadable not-a-module too-large not-regular info-invalid");
        g_test_message("%s", driver->problems.items[0].sentence);
        g_assert_nonnull(
                        strstr(driver->problems.items[0].sentence, "/lib/modules/6.1/xenserver/p/1/ice.ko"));
        g_assert_nonnull(strstr(driver->problems.items[0].sentence, "Permission denied"));
        g_assert_nonnull(strstr(driver->problems.items[4].sentence, "it is no JSON."));
        g_assert_cmpuint(driver->version_count, ==, 5);
}

/* Each says whom it is about and what to run. */
static void test_sentences(void)
{
        FactsSpec spec = {
                .files = FILES,
                .updates = { { "ice.ko", .path = V2 } },
                .effective = { { "ice", .path = "updates/dkms/ice.ko" } },
        };
        Driver *driver CLEANUP(driver_freep) = facts_derive(&spec, "ice");

        g_assert_cmpuint(driver->problems.count, ==, 1);
        g_assert_cmpstr(driver->problems.items[0].sentence, ==,
                        "Version 2 of ice is selected for kernel 6.1, but /lib/modules/6.1/updates/"
                        "dkms/ice.ko would be loaded: nothing ranks it above updates/ice.ko, and depmod keeps the one "
                        "that it reads first. Run `hostdriverctl select ice 2`.");
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/driver-selected/table", test_table);
        g_test_add_func("/driver-selected/adopt-is-said", test_adopt_is_said);
        g_test_add_func("/driver-selected/by-kernel", test_by_kernel);
        g_test_add_func("/driver-selected/mixed-package", test_mixed_package);
        g_test_add_func("/driver-selected/files", test_files);
        g_test_add_func("/driver-selected/sentences", test_sentences);
        return g_test_run();
}
