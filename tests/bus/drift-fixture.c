/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Changes by somebody else. */

#include "drift-fixture.h"

#include <string.h>
#include <unistd.h>

void drift_rescan(ServiceFixture *fixture)
{
        g_variant_unref(service_fixture_call(fixture, MANAGER_PATH, MANAGER_INTERFACE, "Rescan", NULL));
}

void drift_select(ServiceFixture *fixture, const char *version)
{
        g_variant_unref(service_fixture_call(
                        fixture, ICE, DRIVER_INTERFACE, "Select", g_variant_new("(sa{sv})", version, NULL)));
        service_fixture_finish_jobs(fixture);
}

void drift_unlink(ServiceFixture *fixture, const char *path)
{
        g_assert_cmpint(unlinkat(fixture->sample.dir.fd, path, 0), ==, 0);
}

void drift_link(ServiceFixture *fixture, const char *target)
{
        drift_unlink(fixture, LINK);
        temp_dir_link(&fixture->sample.dir, LINK, target);
}

char *drift_problems(ServiceFixture *fixture)
{
        return service_fixture_property(fixture, ICE, DRIVER_INTERFACE, "Problems");
}

void drift_assert(ServiceFixture *fixture, const char *words)
{
        char *problems = drift_problems(fixture);

        g_test_message("%s", problems);
        g_assert_true(g_str_has_prefix(problems, "[('warning', 'drift', "));
        g_assert_null(strstr(problems, "), ("));
        g_assert_nonnull(strstr(problems, words));
        g_free(problems);
}

void drift_assert_link(ServiceFixture *fixture, const char *target)
{
        char text[256] = "";

        g_assert_cmpint(readlinkat(fixture->sample.dir.fd, LINK, text, sizeof(text) - 1), >, 0);
        g_assert_cmpstr(text, ==, target);
}

void drift_heal_from_now_on(ServiceFixture *fixture)
{
        temp_dir_write(&fixture->sample.dir, "etc/hostdriver/hostdriver.conf", "[Service]\nOnDrift=heal\n");
        service_fixture_stop(fixture);
        service_fixture_start(fixture);
}

typedef struct Expectation {
        ServiceFixture *fixture;
        const char *words; /* in the driver's problem; NULL: no problem and no job */
} Expectation;

static bool is_met(void *userdata)
{
        const Expectation *expectation = userdata;
        Service *service = expectation->fixture->service;
        const DriverEntry *entry = registry_find(service->registry, "ice");
        const ProblemList *problems = &entry->value->problems;

        if (!expectation->words)
                return problems->count == 0 && service->jobs->count == 0;
        return problems->count == 1 && strstr(problems->items[0].sentence, expectation->words);
}

void drift_wait_for(ServiceFixture *fixture, const char *words)
{
        Expectation expectation = { fixture, words };

        private_bus_run_until(is_met, &expectation);
}

void drift_assert_none(ServiceFixture *fixture)
{
        service_fixture_check_property(fixture, ICE, DRIVER_INTERFACE, "Problems", "[]");
}
