/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* In which properties two values of a driver differ, and that no difference is missed. */

#include <glib.h>
#include <string.h>

#include "bus/object.h"
#include "facts-builder.h"
#include "model/driver-compare.h"

#define ICE_1 "xenserver/intel-ice/1.6.4/ice.ko"
#define ICE_2 "xenserver/intel-ice/1.11.17.1/ice.ko"

static void check_differences(const Driver *a, const Driver *b, const char *expected)
{
        const PropertyNames names = property_differences(driver_object.properties, a, b);
        g_autofree char *list = g_strjoinv(",", (char **) names.items);

        g_assert_cmpstr(list, ==, expected);
        /* A refresh asks only that. */
        g_assert_true(names.count == 0 || !driver_equal(a, b));
}

static void test_compare(void)
{
        static const TreeInfo info = { .status = (char *) "beta" };
        static const FactsSpec base = {
                .files = { { ICE_1, .description = "d", .build_id = "aa" }, { ICE_2, .description = "d" } },
                .effective = { { "ice", .path = ICE_2 } },
        };
        static const struct {
                FactsSpec spec;
                const char *expected;
        } table[] = {
                { { .files = { { ICE_1, .description = "d", .build_id = "aa" },
                                    { ICE_2, .description = "d" } },
                                  .effective = { { "ice", .path = ICE_2 } } },
                                "" },
                { { .files = { { ICE_1, .description = "d", .build_id = "ab" },
                                    { ICE_2, .description = "d" } },
                                  .effective = { { "ice", .path = ICE_2 } } },
                                "VersionDetails" },
                { { .files = { { ICE_1, .description = "d", .build_id = "aa", .info = &info },
                                    { ICE_2, .description = "d" } },
                                  .effective = { { "ice", .path = ICE_2 } } },
                                "VersionDetails" },
                { { .files = { { ICE_1, .description = "d", .build_id = "aa" },
                                    { ICE_2, .description = "e" } },
                                  .effective = { { "ice", .path = ICE_2 } } },
                                "Description,VersionDetails" },
                /* The other file, which depmod could take as well, stands in a problem's sentence. */
                { { .files = { { ICE_2, .description = "d" } }, .effective = { { "ice", .path = ICE_2 } } },
                                "Versions,VersionDetails,Problems" },
                { { .files = { { ICE_1, .description = "d", .build_id = "aa" },
                                    { ICE_2, .description = "d" } },
                                  .effective = { { "ice", .path = ICE_1 } } },
                                "Effective,Problems" },
                { { .files = { { ICE_1, .description = "d", .build_id = "aa" },
                                    { ICE_2, .description = "d" } },
                                  .overrides = { { "ice", NULL, "xenserver/intel-ice/1.11.17.1" } },
                                  .effective = { { "ice", .path = ICE_2 } } },
                                "Selected,SelectedByKernel,Problems" },
                { { .files = { { ICE_1, .description = "d", .build_id = "aa" },
                                    { ICE_2, .description = "d" } },
                                  .effective = { { "ice", .path = ICE_2 } },
                                  .loaded = { { "ice", LOAD_LIVE, .build_id = "aa" } } },
                                "Active,ActiveBy,Loaded,RebootRequired,RebootReasons" },
                { { .files = { { ICE_1, .description = "d", .build_id = "aa" },
                                    { ICE_2, .description = "d" } },
                                  .effective = { { "ice", .path = ICE_2 } },
                                  .loaded = { { "ice", LOAD_BUILTIN } } },
                                "Effective,ActiveBy,Loaded,Problems" },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
                Driver *a CLEANUP(driver_freep) = facts_derive(&base, "ice");
                Driver *b CLEANUP(driver_freep) = facts_derive(&table[i].spec, "ice");

                check_differences(a, b, table[i].expected);
                check_differences(b, a, table[i].expected);
        }
}

/* Those that facts in memory can't reach: set by hand. */
static void test_compare_rest(void)
{
        FactsSpec spec = { .files = { { ICE_1 } } };
        Driver *a CLEANUP(driver_freep) = facts_derive(&spec, "ice");
        Driver *b CLEANUP(driver_freep) = facts_derive(&spec, "ice");

        b->hardware_present = true;
        check_differences(a, b, "HardwarePresent");
        b->hardware_present = false;
        g_assert_cmpint(string_set_add(&b->devices, "/sys/devices/pci0"), ==, 1);
        check_differences(a, b, "Devices");
        string_set_done(&b->devices);
        free(b->type);
        b->type = strdup("network");
        check_differences(a, b, "Type");
        free(b->package);
        b->package = strdup("other");
        check_differences(a, b, "Package,Type");
}

/* Each field that has a row of its own is looked at when a refresh asks whether anything has changed. */
static void test_every_field(void)
{
        FactsSpec spec = { .files = { { ICE_1 } } };
        const PropertyTable *table = driver_object.properties;
        unsigned checked = 0;

        for (size_t i = 0; i < table->count; i++) {
                const Property *row = &table->rows[i];
                Driver *a CLEANUP(driver_freep) = facts_derive(&spec, "ice");
                Driver *b CLEANUP(driver_freep) = facts_derive(&spec, "ice");
                void *field = (char *) b + row->offset;

                /* Else they are never the same. */
                (void) module_file_unref(b->versions[0].file);
                b->versions[0].file = module_file_ref(a->versions[0].file);
                g_assert_true(driver_equal(a, b));
                if (row->place != PROPERTY_IN_VALUE)
                        continue;
                if (row->type == &property_truth)
                        *(bool *) field = !*(bool *) field;
                else if (row->type == &property_set)
                        g_assert_cmpint(string_set_add(field, "/sys/devices/one-more"), ==, 1);
                else if (row->type == &property_problems)
                        g_assert_cmpint(problem_list_add(field, SEVERITY_INFO, "new", "It is new."), ==, 0);
                else if (row->type == &property_text && row->offset != offsetof(Driver, active_by)) {
                        free(*(char **) field);
                        *(char **) field = strdup("another");
                } else
                        continue;
                checked++;
                g_test_message("%s", row->name);
                g_assert_false(driver_equal(a, b));
        }
        g_assert_cmpuint(checked, >=, 12);
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/driver-object/differences", test_compare);
        g_test_add_func("/driver-object/differences-by-hand", test_compare_rest);
        g_test_add_func("/driver-object/every-field", test_every_field);
        return g_test_run();
}
