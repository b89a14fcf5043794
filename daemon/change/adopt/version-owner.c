/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Asks dpkg's lists about the version's directories, and rpm about its files. */

#include "change/adopt/version-owner.h"

#include <errno.h>
#include <string.h>

#include "change/adopt/package-owner.h"
#include "change/adopt/rpm-owner.h"
#include "util/text-format.h"

/* Each takes rpm some 30 ms. */
#define RPM_FILES_MAX 8

static int say_owner(const char *path, const char *owner, char **ret)
{
        return text_format(ret, "%s belongs to the package %s. Remove that with the package manager.", path,
                        owner);
}

static int ask_rpm(const HostRoot *root, const char *path, char **ret)
{
        char *words CLEANUP_FREE = NULL;
        int r = rpm_owner_find(root, path, &words);

        if (r == 1)
                return say_owner(path, words, ret);
        if (r == -EIO && words)
                return text_format(ret,
                                "Whether %s belongs to a package, rpm can't tell: %s. Try again when it can.",
                                path, words);
        return r;
}

/* A package owns all module files of a version or none; some more are asked for, since somebody may have
 * added the first ones by hand. */
static int find_rpm_owner(
                const HostRoot *root, const Facts *facts, const PlanDirectory *directory, char **ret)
{
        const CatalogueRelease *release = catalogue_release(facts->catalogue, directory->release);
        size_t size = strlen(directory->place);
        unsigned asked = 0;
        int r = 0;

        for (size_t i = 0; release && i < release->count && asked < RPM_FILES_MAX && !*ret && r >= 0; i++) {
                const char *file = release->files[i].path;
                char *path CLEANUP_FREE = NULL;

                if (strncmp(file, directory->place, size) != 0 || file[size] != '/')
                        continue;
                path = text_new("/lib/modules/%s/%s", directory->release, file);
                r = path ? ask_rpm(root, path, ret) : -ENOMEM;
                asked++;
        }
        return r < 0 ? r : 0;
}

int version_owner_find(const HostRoot *root, const Facts *facts, const Plan *plan, char **ret)
{
        char *sentence = NULL;
        int r = 0;

        /* The first answer is enough: others would have the same. */
        for (size_t i = 0; r >= 0 && i < plan->directory_count && !sentence; i++) {
                const PlanDirectory *directory = &plan->directories[i];
                char *path CLEANUP_FREE =
                                text_new("/lib/modules/%s/%s", directory->release, directory->place);
                char *owner CLEANUP_FREE = NULL;

                r = path ? package_owner_find(root, path, &owner) : -ENOMEM;
                if (r >= 0)
                        r = owner ? say_owner(path, owner, &sentence)
                                  : find_rpm_owner(root, facts, directory, &sentence);
        }
        if (r < 0)
                return r;
        *ret = sentence;
        return 0;
}
