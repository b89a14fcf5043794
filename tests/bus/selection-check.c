/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Asks kmod's own program and the file system. */

#include "selection-check.h"

#include <ftw.h>
#include <stdlib.h>
#include <string.h>

#include "disk-state.h"

static int find_temporary(const char *path, const struct stat *st, int type, struct FTW *where)
{
        if (g_str_has_prefix(path + where->base, ".hostdriver"))
                g_error("%s was left behind.", path);
        return 0;
}

/* What the index resolves the driver to, "" for nothing. */
static char *effective(const ServiceFixture *fixture, const char *driver)
{
        const char *root = fixture->sample.dir.path;
        const char *argv[] = { "/usr/sbin/modinfo", "-b", root, "-k", SAMPLE_KERNEL, "-n", driver, NULL };
        g_autofree char *errors = NULL;
        char *output = NULL;
        int status;

        g_assert_true(g_spawn_sync(
                        NULL, (char **) argv, NULL, 0, NULL, NULL, &output, &errors, &status, NULL));
        if (!g_spawn_check_wait_status(status, NULL))
                *output = '\0';
        return g_strchomp(output);
}

static void check_driver(const ServiceFixture *fixture, const char *name, const char *selected)
{
        g_autofree char *file = effective(fixture, name), *part = g_strdup_printf("/%s/", selected);
        bool is_link = g_file_test(file, G_FILE_TEST_IS_SYMLINK);
        char *found CLEANUP_FREE = realpath(file, NULL);

        g_test_message("%s: %s", name, selected);
        if (*selected ? !found || !strstr(found, part) : is_link)
                g_error("%s: '%s' is selected, and modinfo finds %s, which is %s, with\n%s", name, selected,
                                file, found, disk_state(fixture->sample.dir.path));
}

void selection_check(const ServiceFixture *fixture)
{
        const Registry *registry = fixture->service->registry;

        for (size_t i = 0; i < registry->count; i++)
                check_driver(fixture, registry->entries[i]->name, registry->entries[i]->value->selected);
}

void temporary_check(const ServiceFixture *fixture)
{
        g_assert_cmpint(nftw(fixture->sample.dir.path, find_temporary, 16, FTW_PHYS), ==, 0);
}
