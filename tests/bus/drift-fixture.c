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

/* The only one that is more than a piece of information; NULL: none is. */
static const Problem *find_problem(ServiceFixture *fixture)
{
        const DriverEntry *entry = registry_find(fixture->service->registry, "ice");
        const Problem *found = NULL;

        for (size_t i = 0; i < entry->value->problems.count; i++) {
                const Problem *problem = &entry->value->problems.items[i];

                if (problem->severity == SEVERITY_INFO)
                        continue;
                if (found)
                        g_error("Another problem: %s", problem->sentence);
                found = problem;
        }
        return found;
}

void drift_assert(ServiceFixture *fixture, const char *words)
{
        const Problem *problem = find_problem(fixture);

        g_assert_nonnull(problem);
        g_test_message("%s", problem->sentence);
        g_assert_cmpstr(problem->code, ==, "drift");
        g_assert_cmpint(problem->severity, ==, SEVERITY_WARNING);
        g_assert_nonnull(strstr(problem->sentence, words));
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
        const Problem *problem = find_problem(expectation->fixture);

        if (!expectation->words)
                return !problem && service->jobs->count == 0;
        return problem && strstr(problem->sentence, expectation->words);
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
