/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decides what a new kernel release gets, and says where one would boot without the selected version. */

#include "model/kernel-policy.h"

#include <errno.h>
#include <string.h>

#include "model/version-order.h"
#include "util/text-format.h"

static const char *const texts[] = {
        [KERNEL_POLICY_PIN] = "pin",
        [KERNEL_POLICY_NEWEST] = "newest",
        [KERNEL_POLICY_PRIORITY] = "priority",
        [KERNEL_POLICY_KERNEL] = "kernel",
};

const char *kernel_policy_text(KernelPolicy policy)
{
        return texts[policy];
}

int kernel_policy_from_text(const char *text, KernelPolicy *ret)
{
        for (size_t i = 0; i < ELEMENTSOF(texts); i++) {
                if (strcmp(texts[i], text) != 0)
                        continue;
                *ret = (KernelPolicy) i;
                return 0;
        }
        return -EINVAL;
}

static bool is_selected_in(const DriverRelease *release)
{
        return release && release->chosen && *release->selected;
}

const char *kernel_policy_wanted(const Driver *driver, const char *running, const char *beyond)
{
        const DriverRelease *now = driver_release(driver, running);
        const DriverRelease *newest = NULL;

        if (is_selected_in(now) && strcmp(running, beyond) != 0)
                return now->selected;
        for (size_t i = 0; i < driver->release_count; i++) {
                const DriverRelease *release = &driver->releases[i];

                if (!is_selected_in(release) || strcmp(release->release, beyond) == 0)
                        continue;
                if (!newest || version_compare_total(release->release, newest->release) > 0)
                        newest = release;
        }
        return newest ? newest->selected : NULL;
}

static bool can_be_selected(const DriverVersion *version, const char *release, const StringSet *refused)
{
        return string_set_contains(&version->releases, release) &&
               !(refused && string_set_contains(refused, version->id));
}

/* Versions are in ascending order. The kernel's own is not one of those that compete. */
static const DriverVersion *newest_in(const Driver *driver, const char *release, const StringSet *refused)
{
        for (size_t i = driver->version_count; i > 0; i--) {
                const DriverVersion *version = &driver->versions[i - 1];

                if (!version->tree->is_fallback && can_be_selected(version, release, refused))
                        return version;
        }
        return NULL;
}

/* A version that competes by its priority. */
typedef struct Rival {
        const DriverVersion *version;
        const TreeInfo *info; /* NULL: it has none */
} Rival;

static Rival rival_of(const Driver *driver, const KernelQuestion *question, const DriverVersion *version)
{
        const CatalogueFile *file = question->facts ? driver_version_file(question->facts, driver, version,
                                                                      question->release)
                                                    : NULL;

        return (Rival){ version, file ? file->info : version->info };
}

/* What XenServer's tools know it by. */
static const char *variant_of(const Rival *rival)
{
        return rival->info && *rival->info->variant ? rival->info->variant : rival->version->directory;
}

/* As XenServer's installer chooses (dmvutil.py of its host-installer: of the variants by name the first one
 * that has the highest priority): below zero if A comes first. Versions without a priority come behind those
 * that have one, the newest first. B is the older one. */
static int compare_priority(const Rival *a, const Rival *b)
{
        bool has = a->info && a->info->has_priority, other_has = b->info && b->info->has_priority;

        /* Of the others it isn't known which hardware they are for. */
        if ((a->version->covered != 0) != (b->version->covered != 0))
                return a->version->covered != 0 ? -1 : 1;
        if (has != other_has)
                return has ? -1 : 1;
        if (!has)
                return -1;
        if (a->info->priority != b->info->priority)
                return a->info->priority > b->info->priority ? -1 : 1;
        return strcmp(variant_of(a), variant_of(b)) < 0 ? -1 : 1;
}

/* One whose hardware this host would show, and doesn't, is for another host. */
static const DriverVersion *first_in(const Driver *driver, const KernelQuestion *question)
{
        Rival first = { 0 };

        for (size_t i = 0; i < driver->version_count; i++) {
                const DriverVersion *version = &driver->versions[i];
                Rival rival;

                if (version->tree->is_fallback || version->hardware_missing ||
                                !can_be_selected(version, question->release, question->refused))
                        continue;
                rival = rival_of(driver, question, version);
                if (!first.version || compare_priority(&rival, &first) < 0)
                        first = rival;
        }
        return first.version;
}

static const DriverVersion *own_of(const Driver *driver, const char *release, const StringSet *refused)
{
        const DriverVersion *version = driver_version(driver, KERNEL_VERSION_ID);

        return version && can_be_selected(version, release, refused) ? version : NULL;
}

static const DriverVersion *asked_for(const Driver *driver, const KernelQuestion *question)
{
        const DriverVersion *version;

        if (question->policy == KERNEL_POLICY_NEWEST)
                return newest_in(driver, question->release, question->refused);
        if (question->policy == KERNEL_POLICY_PRIORITY)
                return first_in(driver, question);
        if (question->policy == KERNEL_POLICY_KERNEL)
                return own_of(driver, question->release, question->refused);
        version = driver_version(driver, question->wanted);
        return version && can_be_selected(version, question->release, question->refused) ? version : NULL;
}

KernelChoice kernel_policy_choose(const Driver *driver, const KernelQuestion *question)
{
        const DriverRelease *now = driver_release(driver, question->release);
        const DriverVersion *version;

        if (now && now->chosen && !question->stand_in)
                return (KernelChoice){ .coverage = KERNEL_CHOSEN };
        if (question->policy == KERNEL_POLICY_PIN && !question->wanted)
                return (KernelChoice){ .coverage = KERNEL_UNWANTED };
        if (now && now->builtin)
                return (KernelChoice){ .coverage = KERNEL_BUILTIN };
        version = asked_for(driver, question);
        if (version)
                return (KernelChoice){ .coverage = KERNEL_COVERED, .version = version };
        version = own_of(driver, question->release, question->refused);
        if (version)
                return (KernelChoice){ .coverage = KERNEL_SUBSTITUTED, .version = version };
        return (KernelChoice){ .coverage = KERNEL_UNCOVERED };
}

/* What booting the release would come to. */
static const char *consequence_of(const DriverRelease *release)
{
        if (release->chosen)
                return "the kernel's own module would be loaded";
        return *release->effective ? "nothing is selected, and depmod picks any file"
                                   : "no module of that name can be loaded";
}

/* The version is there, but didn't fit when the kernel came, or nobody said that it had come. */
static int add_unselected(Driver *driver, const DriverRelease *release, const char *wanted)
{
        return problem_list_add(&driver->problems, SEVERITY_WARNING, "kernel-not-covered",
                        "Kernel %s has version %s of %s, which is selected in the running kernel, but it "
                        "isn't selected there: %s. See `hostdriverctl check %s %s --kernel=%s`; once it "
                        "fits, run `hostdriverctl kernel-added %s` before booting that kernel.",
                        release->release, wanted, driver->name, consequence_of(release), driver->name,
                        wanted, release->release, release->release);
}

static int add_absent(Driver *driver, const DriverRelease *release, const char *wanted)
{
        const DriverVersion *other = newest_in(driver, release->release, NULL);
        char *choice CLEANUP_FREE = NULL;

        if (!other)
                other = own_of(driver, release->release, NULL);
        if (text_format(&choice, ", or run `hostdriverctl select %s %s --kernel=%s`", driver->name,
                            other ? other->id : "", release->release) < 0)
                return -ENOMEM;
        return problem_list_add(&driver->problems, SEVERITY_WARNING, "kernel-not-covered",
                        "Kernel %s has no version %s of %s, which is selected in the running kernel; there, "
                        "%s. Before booting it install that version for it%s.",
                        release->release, wanted, driver->name, consequence_of(release),
                        other ? choice : "");
}

/* Whatever is selected there. */
static int add_builtin(Driver *driver, const DriverRelease *release, const char *wanted)
{
        return problem_list_add(&driver->problems, SEVERITY_WARNING, "kernel-not-covered",
                        "Version %s of %s is selected in the running kernel, but %s is a part of the kernel "
                        "%s, which loads no file of it. Boot a kernel that has it as a module to have that "
                        "version.",
                        wanted, driver->name, driver->name, release->release);
}

/* Whether what stands in the release is no answer to the question which version it shall have. Who selects
 * the kernel's own module where WANTED is to be had, means it. */
static bool is_open(const DriverRelease *release, const DriverVersion *wanted, KernelPolicy policy)
{
        if (release->builtin)
                return policy != KERNEL_POLICY_KERNEL && strcmp(release->selected, KERNEL_VERSION_ID) != 0;
        if (!release->chosen)
                return true;
        return policy == KERNEL_POLICY_PIN && strcmp(release->selected, KERNEL_VERSION_ID) == 0 &&
               (release->stood_for || !string_set_contains(&wanted->releases, release->release));
}

int kernel_policy_add_problems(
                const char *running, KernelPolicy policy, const StringSet *coming, Driver *driver)
{
        const DriverRelease *now = driver_release(driver, running);
        const DriverVersion *wanted = is_selected_in(now) ? driver_version(driver, now->selected) : NULL;
        int r = 0;

        if (!wanted || wanted->tree->is_fallback)
                return 0;
        for (size_t i = 0; i < driver->release_count && r >= 0; i++) {
                const DriverRelease *release = &driver->releases[i];

                if (coming && string_set_contains(coming, release->release))
                        continue;
                if (release == now || !is_open(release, wanted, policy))
                        continue;
                r = string_set_add(&driver->uncovered, release->release);
                if (r >= 0 && release->builtin)
                        r = add_builtin(driver, release, wanted->id);
                else if (r >= 0)
                        r = string_set_contains(&wanted->releases, release->release)
                                            ? add_unselected(driver, release, wanted->id)
                                            : add_absent(driver, release, wanted->id);
        }
        return r;
}
