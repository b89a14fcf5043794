/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is derived from the content of an image, from tables. */

#include <glib.h>
#include <string.h>

#include "facts-builder.h"
#include "model/driver-compare.h"
#include "model/driver-derive.h"
#include "model/driver.h"

#define ICE_1 "xenserver/intel-ice/1.6.4/ice.ko"
#define ICE_2 "xenserver/intel-ice/1.11.17.1/ice.ko"
#define ICE_3 "xenserver/intel-ice/1.11.17.1-again/ice.ko"

/* The image of the running kernel. INSIDE: the catalogue's file that it holds a copy of; NULL: none. */
static void add_image(Facts *facts, const char *inside, bool known, int error)
{
        InitramfsImage *image = g_new0(InitramfsImage, 1);
        const CatalogueFile *file =
                        inside ? catalogue_file_at(&facts->catalogue->releases[0], inside) : NULL;

        image->references = 1;
        image->release = g_strdup(FACTS_KERNEL);
        image->path = g_strdup("/boot/initrd.img-" FACTS_KERNEL);
        image->error = error;
        image->modules = g_new0(InitramfsModule, 1);
        if (file) {
                image->modules[image->count++] = (InitramfsModule){
                        .name = g_strdup("ice"),
                        .path = g_strdup("updates/ice.ko"),
                        .file = known ? module_file_ref(file->file) : NULL,
                };
        }
        facts->images = g_new0(InitramfsImage *, facts->catalogue->release_count + 1);
        facts_put_image(facts, image);
        (void) initramfs_image_unref(image);
}

static unsigned count_stale(const Driver *driver)
{
        unsigned count = 0;

        for (size_t i = 0; i < driver->problems.count; i++)
                count += strcmp(driver->problems.items[i].code, "initramfs-stale") == 0;
        return count;
}

typedef struct Row {
        const char *selected; /* NULL: nothing is */
        const char *inside;
        bool unknown; /* which file the name stands for can't be told */
        int error;
        const char *expected; /* version inside; NULL: it isn't told */
        bool stale;
} Row;

static void check_row(const Row *row)
{
        FactsSpec spec = {
                .files = { { ICE_1, .build_id = "aa" }, { ICE_2, .build_id = "bb" },
                                { ICE_3, .build_id = "bb" } },
                .effective = { { "ice", .path = "updates/ice.ko" } },
        };
        Facts *facts CLEANUP(facts_freep) = NULL;
        Driver *driver CLEANUP(driver_freep) = NULL;

        if (row->selected)
                spec.updates[0] = (FactsUpdate){ "ice.ko", .path = row->selected };
        facts = facts_build(&spec);
        add_image(facts, row->inside, !row->unknown, row->error);
        g_assert_cmpint(driver_derive(facts, facts_module(facts, "ice"), &driver), ==, 0);
        g_assert_cmpstr(driver->releases[0].in_initramfs, ==, row->expected);
        g_assert_cmpuint(count_stale(driver), ==, row->stale);
}

static void test_rows(void)
{
        static const Row rows[] = {
                { .selected = ICE_1, .inside = ICE_1, .expected = "1.6.4" },
                { .selected = ICE_2, .inside = ICE_1, .expected = "1.6.4", .stale = true },
                { .selected = ICE_2, .expected = "" },
                { .inside = ICE_1, .expected = "1.6.4" },
                /* One content under two names: it is the selected one, if that is one of them. */
                { .selected = ICE_2, .inside = ICE_3, .expected = "1.11.17.1" },
                { .selected = ICE_3, .inside = ICE_2, .expected = "1.11.17.1-again" },
                { .selected = ICE_1, .inside = ICE_2, .expected = "", .stale = true },
                { .selected = ICE_1, .inside = ICE_1, .unknown = true, .expected = "", .stale = true },
                { .selected = ICE_1, .inside = ICE_2, .error = -5 },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
                check_row(&rows[i]);
}

/* What is compared, if there is no build-id. */
static void test_identity(void)
{
        static const struct {
                FactsFile other;
                bool same;
        } rows[] = {
                { { ICE_2, .build_id = "aa", .srcversion = "S", .version = "1" }, true },
                { { ICE_2, .build_id = "cc", .srcversion = "S", .version = "1" }, false },
                { { ICE_2, .srcversion = "S", .version = "2" }, true },
                { { ICE_2, .srcversion = "T", .version = "1" }, false },
                { { ICE_2, .version = "1" }, true },
                { { ICE_2, .version = "2" }, false },
                { { ICE_2 }, false },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
                FactsSpec spec = {
                        .files = { { ICE_1, .build_id = "aa", .srcversion = "S", .version = "1" },
                                        rows[i].other },
                        .updates = { { "ice.ko", .path = ICE_2 } },
                };
                Facts *facts CLEANUP(facts_freep) = facts_build(&spec);
                Driver *driver CLEANUP(driver_freep) = NULL;

                add_image(facts, ICE_1, true, 0);
                g_assert_cmpint(driver_derive(facts, facts_module(facts, "ice"), &driver), ==, 0);
                g_assert_cmpuint(count_stale(driver), ==, !rows[i].same);
        }
}

static void test_compare(void)
{
        FactsSpec spec = { .files = { { ICE_1, .build_id = "aa" } },
                .updates = { { "ice.ko", .path = ICE_1 } } };
        Facts *before CLEANUP(facts_freep) = facts_build(&spec),
                      *after CLEANUP(facts_freep) = facts_build(&spec);
        Driver *a CLEANUP(driver_freep) = NULL, *b CLEANUP(driver_freep) = NULL;

        add_image(after, ICE_1, true, 0);
        g_assert_cmpint(driver_derive(before, facts_module(before, "ice"), &a), ==, 0);
        g_assert_cmpint(driver_derive(after, facts_module(after, "ice"), &b), ==, 0);
        g_assert_false(driver_same_initramfs(a, b));
        g_assert_true(driver_same_initramfs(b, b));
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/driver-initramfs/rows", test_rows);
        g_test_add_func("/driver-initramfs/identity", test_identity);
        g_test_add_func("/driver-initramfs/compare", test_compare);
        return g_test_run();
}
