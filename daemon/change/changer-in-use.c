/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether a version may go: nobody may need it, and no package of the distribution own it. */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "change/changer-internal.h"
#include "model/version-id.h"
#include "store/store-wanted.h"

static const DriverVersion *find_version(
                const Driver *driver, const Tree *tree, const char *package, const char *directory)
{
        for (size_t i = 0; i < driver->version_count; i++) {
                const DriverVersion *version = &driver->versions[i];

                if (version->tree == tree && strcmp(version->package, package) == 0 &&
                                strcmp(version->directory, directory) == 0)
                        return version;
        }
        return NULL;
}

static int refuse_wanted(Changer *changer, const Driver *driver, const DriverVersion *version,
                const char *release, Refusal *refusal)
{
        char *wanted CLEANUP_FREE = NULL;
        int r = store_wanted_get(changer->store, driver->name, release, &wanted);

        if (r < 0)
                return r == -ENOENT ? 0 : r;
        if (driver_version_meant(driver, wanted) != version)
                return 0;
        return refuse(refusal, REFUSAL_IN_USE,
                        "%s %s is wanted in kernel release %s, though another version stands in for it. "
                        "Select another version there, then remove it.",
                        driver->name, version->id, release);
}

static int refuse_selected(const Driver *driver, const DriverVersion *version, const DriverRelease *now,
                const CatalogueFile *file, Refusal *refusal)
{
        const char *base = strrchr(now->effective, '/');

        if (strcmp(now->selected, version->id) == 0)
                return refuse(refusal, REFUSAL_IN_USE,
                                "%s %s is selected in kernel release %s. Select another version there, then "
                                "remove it.",
                                driver->name, version->id, now->release);
        /* depmod may have picked it though nobody selected it. */
        if (base && file && strlen(now->effective) > strlen(file->path) &&
                        strcmp(now->effective + strlen(now->effective) - strlen(file->path), file->path) ==
                                        0)
                return refuse(refusal, REFUSAL_IN_USE,
                                "%s %s is what kernel release %s would load now, though nobody selected it. "
                                "Select another version there, then remove it.",
                                driver->name, version->id, now->release);
        return 0;
}

static int refuse_in_image(const Changer *changer, const Driver *driver, const DriverVersion *version,
                const DriverRelease *now, Refusal *refusal)
{
        const Facts *facts = changer->host.facts(changer->host.userdata);
        char *path CLEANUP_FREE = NULL;
        size_t release = 0;
        int r;

        if (now->in_initramfs && strcmp(now->in_initramfs, version->id) == 0)
                return refuse(refusal, REFUSAL_IN_USE,
                                "%s %s is in the initramfs %s of kernel release %s. Rebuild that with another "
                                "version selected, then remove it.",
                                driver->name, version->id, now->initramfs ? now->initramfs : "",
                                now->release);
        while ((r = facts_unread_image(changer->root, facts, release, &release, &path)) > 0) {
                if (strcmp(facts->catalogue->releases[release].release, now->release) == 0)
                        return refuse(refusal, REFUSAL_BUSY,
                                        "What the initramfs %s holds isn't known yet. Try again in a "
                                        "moment.",
                                        path);
                free(STEAL(path));
                release++;
        }
        return r;
}

static int refuse_in_release(Changer *changer, const Driver *driver, const DriverVersion *version,
                const char *release, Refusal *refusal)
{
        const Facts *facts = changer->host.facts(changer->host.userdata);
        const DriverRelease *now = driver_release(driver, release);
        int r;

        if (strcmp(facts->kernel, release) == 0 && driver->loaded &&
                        strcmp(driver->active, version->id) == 0)
                return refuse(refusal, REFUSAL_IN_USE,
                                "%s %s is active: the kernel has loaded it. Select another version and "
                                "reboot, then remove it.",
                                driver->name, version->id);
        if (!now)
                return 0;
        r = refuse_selected(
                        driver, version, now, driver_version_file(facts, driver, version, release), refusal);
        if (r >= 0)
                r = refuse_in_image(changer, driver, version, now, refusal);
        return r < 0 ? r : refuse_wanted(changer, driver, version, release, refusal);
}

int changer_refuse_in_use(Changer *changer, const Plan *plan, const Tree *tree, const char *package,
                const char *version, Refusal *refusal)
{
        for (size_t i = 0; i < plan->subject_count; i++) {
                const PlanSubject *subject = &plan->subjects[i];
                const Driver *driver = changer->host.driver(changer->host.userdata, subject->driver);
                const DriverVersion *found = driver ? find_version(driver, tree, package, version) : NULL;
                int r = found ? refuse_in_release(changer, driver, found, subject->release, refusal) : 0;

                if (r < 0)
                        return r;
        }
        return 0;
}
