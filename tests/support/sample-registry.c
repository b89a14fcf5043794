/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Owns what a registry borrows, and answers what it asks. */

#include "sample-registry.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "bus/object.h"
#include "sample-store.h"

static void on_added(void *userdata, const DriverEntry *entry)
{
        SampleRegistry *fixture = userdata;

        g_assert_true(registry_find(fixture->registry, entry->name) == entry);
        g_string_append_printf(fixture->told, "+%s ", entry->name);
}

static void on_removed(void *userdata, const DriverEntry *entry)
{
        SampleRegistry *fixture = userdata;

        /* For the last time. */
        g_assert_true(registry_find(fixture->registry, entry->name) == entry);
        g_string_append_printf(fixture->told, "-%s ", entry->name);
}

/* As the bus tells it. */
static void tell(SampleRegistry *fixture, const char *name, const PropertyNames *names)
{
        g_autofree char *list = g_strjoinv(",", (char **) names->items);

        if (names->count > 0)
                g_string_append_printf(fixture->told, "%s:%s ", name, list);
}

static void on_changed(void *userdata, const DriverEntry *entry, const Driver *before)
{
        const PropertyNames names = property_differences(driver_object.properties, before, entry->value);

        tell(userdata, entry->name, &names);
}

static void on_policy_changed(void *userdata, const DriverEntry *entry)
{
        g_string_append_printf(((SampleRegistry *) userdata)->told, "%s:Policy ", entry->name);
}

static void on_host_changed(void *userdata, const HostState *before, const HostState *after)
{
        const PropertyNames names = property_differences(manager_object.properties, before, after);

        tell(userdata, "host", &names);
}

static void on_problem_added(void *userdata, const Problem *problem)
{
        g_string_append_printf(((SampleRegistry *) userdata)->told, "problem:%s ", problem->code);
}

static bool is_changing(void *userdata, const char *driver)
{
        return g_strcmp0(((SampleRegistry *) userdata)->changing, driver) == 0;
}

static const StringSet *get_coming(void *userdata)
{
        return &((SampleRegistry *) userdata)->coming;
}

static const char *get_note(void *userdata, const char *driver)
{
        return ((SampleRegistry *) userdata)->note;
}

static void start(SampleRegistry *fixture)
{
        const RegistryHost host = {
                .is_changing = is_changing,
                .coming = get_coming,
                .drift_note = get_note,
                .userdata = fixture,
        };
        const RegistryObserver observer = {
                .added = on_added,
                .removed = on_removed,
                .changed = on_changed,
                .policy_changed = on_policy_changed,
                .host_changed = on_host_changed,
                .problem_added = on_problem_added,
                .userdata = fixture,
        };
        ProblemList none = { 0 };

        g_assert_cmpint(registry_new(fixture->sample.root, &fixture->config, fixture->store, &host,
                                        &observer, &none, &fixture->registry),
                        ==, 0);
}

void sample_registry_set_up(SampleRegistry *fixture, gconstpointer data)
{
        sample_root_init_xenserver(&fixture->sample);
        temp_dir_mkdir(&fixture->sample.dir, "state");
        fixture->told = g_string_new(NULL);
        g_assert_cmpint(config_read(fixture->sample.root, &fixture->config), ==, 0);
        sample_registry_restart(fixture);
}

static void stop(SampleRegistry *fixture)
{
        fixture->registry = registry_free(fixture->registry);
        fixture->store = store_free(fixture->store);
}

void sample_registry_restart(SampleRegistry *fixture)
{
        char *state CLEANUP_FREE = temp_dir_path(&fixture->sample.dir, "state");
        bool first = !fixture->store;

        stop(fixture);
        fixture->store = sample_store_open(state, first ? STORE_CREATED : STORE_OPENED);
        start(fixture);
}

void sample_registry_tear_down(SampleRegistry *fixture, gconstpointer data)
{
        stop(fixture);
        string_set_done(&fixture->coming);
        config_done(&fixture->config);
        g_string_free(fixture->told, true);
        sample_root_done(&fixture->sample);
}

void sample_registry_refresh(SampleRegistry *fixture)
{
        g_assert_cmpint(registry_refresh(fixture->registry), ==, 0);
}

void sample_registry_assert_told(SampleRegistry *fixture, const char *expected)
{
        g_assert_cmpstr(g_strchomp(fixture->told->str), ==, expected);
        g_string_truncate(fixture->told, 0);
}

const DriverEntry *sample_registry_driver(const SampleRegistry *fixture, const char *name)
{
        const DriverEntry *entry = registry_find(fixture->registry, name);

        g_assert_nonnull(entry);
        return entry;
}

void sample_registry_remove(const SampleRegistry *fixture, const char *path)
{
        if (unlinkat(fixture->sample.dir.fd, path, 0) < 0)
                g_assert_cmpint(unlinkat(fixture->sample.dir.fd, path, AT_REMOVEDIR), ==, 0);
}

bool sample_registry_has_problem(const SampleRegistry *fixture, const char *name, const char *code)
{
        const ProblemList *problems = &sample_registry_driver(fixture, name)->value->problems;

        for (size_t i = 0; i < problems->count; i++)
                if (strcmp(problems->items[i].code, code) == 0)
                        return true;
        return false;
}
