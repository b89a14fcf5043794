/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Drivers of several packages that need each other, on their way to a new kernel. */

#include <glib.h>
#include <string.h>

#include "service-fixture.h"

#define NEW "6.12.1"
#define DRIVER(name) "/org/hostdriver1/driver/" name

/* What `base` exports and others import; 0: doesn't. */
typedef struct Calls {
        uint32_t call;
        uint32_t probe;
} Calls;

static void fill(const Calls *calls, ModuleSymbol symbols[3])
{
        size_t count = 0;

        memset(symbols, 0, 3 * sizeof(*symbols));
        if (calls->call != 0)
                symbols[count++] = (ModuleSymbol){ "base_call", calls->call };
        if (calls->probe != 0)
                symbols[count++] = (ModuleSymbol){ "base_probe", calls->probe };
}

static void add_base(ServiceFixture *fixture, const char *release, const char *path, uint32_t call,
                uint32_t probe)
{
        ModuleSymbol symbols[3];

        fill(&(Calls){ call, probe }, symbols);
        sample_root_add_module_spec(&fixture->sample, release, path, &(ModuleSpec){ .exports = symbols });
}

static void add_user(ServiceFixture *fixture, const char *release, const char *path, uint32_t call,
                uint32_t probe)
{
        ModuleSymbol symbols[3];

        fill(&(Calls){ call, probe }, symbols);
        sample_root_add_module_spec(&fixture->sample, release, path,
                        &(ModuleSpec){ .depends = "base", .imports = symbols });
}

static void refresh(ServiceFixture *fixture, const char *release)
{
        sample_root_depmod(&fixture->sample, release);
        g_variant_unref(service_fixture_call(fixture, MANAGER_PATH, MANAGER_INTERFACE, "Rescan", NULL));
}

/* Version 2 of both is selected, and they fit each other alone. The new kernel has its own of both. */
static void set_up(ServiceFixture *fixture, gconstpointer data)
{
        service_fixture_set_up(fixture, data);
        add_base(fixture, SAMPLE_KERNEL, "xenserver/lower/2/base.ko", 2, 1);
        add_user(fixture, SAMPLE_KERNEL, "xenserver/upper/2/user.ko", 2, 0);
        sample_root_select(&fixture->sample, SAMPLE_KERNEL, "xenserver/lower/2/base.ko");
        sample_root_select(&fixture->sample, SAMPLE_KERNEL, "xenserver/upper/2/user.ko");
        refresh(fixture, SAMPLE_KERNEL);

        sample_root_add_kernel(&fixture->sample, NEW);
        add_base(fixture, NEW, "kernel/base.ko", 1, 1);
        add_user(fixture, NEW, "kernel/user.ko", 1, 0);
        sample_root_depmod(&fixture->sample, NEW);
}

static void newest_base(ServiceFixture *fixture)
{
        g_variant_unref(service_fixture_call(fixture, DRIVER("base"), DRIVER_INTERFACE, "SetPolicy",
                        g_variant_new("(sa{sv})", "newest", NULL)));
}

/* A module of the new kernel's own that isn't there in versions, and is loaded now. */
static void add_loaded(ServiceFixture *fixture)
{
        add_user(fixture, NEW, "kernel/vendor.ko", 0, 1);
        sample_root_depmod(&fixture->sample, NEW);
        sample_root_load(&fixture->sample, &(SampleLoaded){ .module = "vendor" });
}

static void carry_over(ServiceFixture *fixture)
{
        g_variant_unref(service_fixture_call(fixture, MANAGER_PATH, MANAGER_INTERFACE, "KernelAdded",
                        g_variant_new("(sa{sv})", NEW, NULL)));
        service_fixture_finish_jobs(fixture);
}

static void check_selected(ServiceFixture *fixture, const char *driver, const char *expected)
{
        g_autofree char *path = g_strconcat(DRIVER(""), driver, NULL);
        g_autofree char *part = g_strdup_printf("'" NEW "': '%s'", expected);
        char *selected = service_fixture_property(fixture, path, DRIVER_INTERFACE, "SelectedByKernel");

        g_test_message("%s: %s", driver, selected);
        g_assert_nonnull(strstr(selected, part));
        g_free(selected);
}

static void check_uncovered(ServiceFixture *fixture, const char *driver, const char *words)
{
        g_autofree char *path = g_strconcat(DRIVER(""), driver, NULL);
        char *problems = service_fixture_property(fixture, path, DRIVER_INTERFACE, "Problems");

        g_test_message("%s: %s", driver, problems);
        service_fixture_check_property(
                        fixture, path, DRIVER_INTERFACE, "KernelsNotCovered", words ? "['" NEW "']" : "[]");
        if (words)
                g_assert_nonnull(strstr(problems, words));
        else
                g_assert_null(strstr(problems, "kernel-not-covered"));
        g_free(problems);
}

/* Neither fits the new kernel's own of the other. */
static void test_together(ServiceFixture *fixture, gconstpointer data)
{
        add_base(fixture, NEW, "xenserver/lower/2/base.ko", 2, 1);
        add_user(fixture, NEW, "xenserver/upper/2/user.ko", 2, 0);
        carry_over(fixture);
        check_selected(fixture, "base", "2");
        check_selected(fixture, "user", "2");
        check_uncovered(fixture, "base", NULL);
        check_uncovered(fixture, "user", NULL);
}

/* The one that the other needs stays behind, and so both do. */
static void test_left_behind(ServiceFixture *fixture, gconstpointer data)
{
        add_user(fixture, NEW, "xenserver/upper/2/user.ko", 2, 0);
        carry_over(fixture);
        check_selected(fixture, "base", "kernel");
        check_selected(fixture, "user", "kernel");
        check_uncovered(fixture, "base", "has no version 2 of base");
        check_uncovered(fixture, "user",
                        "has version 2 of user, which is selected in the running kernel, but");

        /* It comes after all. */
        add_base(fixture, NEW, "xenserver/lower/2/base.ko", 2, 1);
        carry_over(fixture);
        check_selected(fixture, "base", "2");
        check_selected(fixture, "user", "2");
        check_uncovered(fixture, "user", NULL);
}

/* The newest of one package is another than the other package was built for. */
static void test_other_version(ServiceFixture *fixture, gconstpointer data)
{
        newest_base(fixture);
        add_base(fixture, NEW, "xenserver/lower/2/base.ko", 2, 1);
        add_base(fixture, NEW, "xenserver/lower/3/base.ko", 3, 1);
        add_user(fixture, NEW, "xenserver/upper/2/user.ko", 2, 0);
        carry_over(fixture);
        check_selected(fixture, "base", "3");
        check_selected(fixture, "user", "");
        check_uncovered(fixture, "user",
                        "has version 2 of user, which is selected in the running kernel, but");
}

/* What doesn't fit the kernel itself gives way before those who need it. */
static void test_needed_first(ServiceFixture *fixture, gconstpointer data)
{
        static const ModuleSymbol exports[] = { { "base_call", 3 }, { NULL } };

        newest_base(fixture);
        add_base(fixture, NEW, "xenserver/lower/2/base.ko", 2, 1);
        sample_root_add_module_spec(&fixture->sample, NEW, "xenserver/lower/3/base.ko",
                        &(ModuleSpec){ .vermagic = "5.0 SMP mod_unload ", .exports = exports });
        add_user(fixture, NEW, "xenserver/upper/2/user.ko", 2, 0);
        carry_over(fixture);
        check_selected(fixture, "base", "2");
        check_selected(fixture, "user", "2");
}

/* A module that runs here and stays as it is shall load there, too. */
static void test_dependent(ServiceFixture *fixture, gconstpointer data)
{
        add_loaded(fixture);
        add_base(fixture, NEW, "xenserver/lower/2/base.ko", 2, 2);
        sample_root_depmod(&fixture->sample, NEW);
        carry_over(fixture);
        check_selected(fixture, "base", "kernel");
        check_uncovered(fixture, "base",
                        "has version 2 of base, which is selected in the running kernel, but");
}

/* User 2 gives way to base 3, which then gives way itself. */
static void test_asked_anew(ServiceFixture *fixture, gconstpointer data)
{
        newest_base(fixture);
        add_loaded(fixture);
        add_base(fixture, NEW, "xenserver/lower/2/base.ko", 2, 1);
        add_base(fixture, NEW, "xenserver/lower/3/base.ko", 3, 3);
        add_user(fixture, NEW, "xenserver/upper/2/user.ko", 2, 0);
        carry_over(fixture);
        check_selected(fixture, "base", "2");
        check_selected(fixture, "user", "2");
}

/* Two packages ship one module, and only one of them can have it. */
static void test_conflict(ServiceFixture *fixture, gconstpointer data)
{
        static const char *const files[] = { "xenserver/p/1/first.ko", "xenserver/p/1/shared.ko",
                "xenserver/q/1/second.ko", "xenserver/q/1/shared.ko" };

        for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
                sample_root_add_module(&fixture->sample, SAMPLE_KERNEL, files[i], "1");
                sample_root_add_module(&fixture->sample, NEW, files[i], "1");
                if (i != 3)
                        sample_root_select(&fixture->sample, SAMPLE_KERNEL, files[i]);
        }
        refresh(fixture, SAMPLE_KERNEL);
        carry_over(fixture);
        check_selected(fixture, "first", "1");
        check_selected(fixture, "shared", "p/1");
        check_selected(fixture, "second", "");
        check_uncovered(fixture, "second",
                        "has version 1 of second, which is selected in the running kernel");
}

/* What is in the way of every change is no reason to leave a version behind. */
static void test_refused(ServiceFixture *fixture, gconstpointer data)
{
        add_base(fixture, NEW, "xenserver/lower/2/base.ko", 2, 1);
        add_user(fixture, NEW, "xenserver/upper/2/user.ko", 2, 0);
        temp_dir_write(&fixture->sample.dir, "etc/depmod.d/zz-hostdriver.conf", "search updates\n");
        g_free(service_fixture_call_fails(fixture, MANAGER_PATH, MANAGER_INTERFACE, "KernelAdded",
                        g_variant_new("(sa{sv})", NEW, NULL), ".Conflict"));
        temp_dir_write(&fixture->sample.dir, "etc/depmod.d/zz-hostdriver.conf", "");
        service_fixture_stop(fixture);
        service_fixture_start(fixture);
        service_fixture_finish_jobs(fixture);
        check_selected(fixture, "user", "2");
}

#define add(name, function)                                                         \
        g_test_add("/bus-carry-over/" name, ServiceFixture, NULL, set_up, function, \
                        service_fixture_tear_down)

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        add("together", test_together);
        add("left-behind", test_left_behind);
        add("other-version", test_other_version);
        add("needed-first", test_needed_first);
        add("dependent", test_dependent);
        add("asked-anew", test_asked_anew);
        add("conflict", test_conflict);
        add("refused", test_refused);
        return g_test_run();
}
