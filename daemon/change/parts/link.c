/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The links in updates/ of one kernel release. Nothing but links is ever replaced or removed here; a file
 * that is being adopted gives way to its link in version-file.c. */

#include "change/parts/link.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "change/parts/version-file.h"
#include "change/plan/plan-change.h"
#include "util/fs-tree.h"
#include "util/fs.h"

static int blame(Refusal *refusal, int error, const char *release)
{
        return refusal_blame(refusal, error, "/lib/modules/%s/updates", release);
}

static int refuse_entry(Refusal *refusal, const char *release, const char *name)
{
        return refuse(refusal, REFUSAL_CONFLICT,
                        "/lib/modules/%s/updates/%s is not a link that can be replaced: something else "
                        "stands there. Move it away, then try again.",
                        release, name);
}

static bool is_of_file(const PlanFile *file, const char *release)
{
        return strcmp(file->release, release) == 0;
}

static bool is_of(const PlanChange *change, const char *release)
{
        return strcmp(change->release, release) == 0;
}

/* The names that links of RELEASE have afterwards. */
static int wanted_links(const Plan *plan, const char *release, StringSet *ret)
{
        int r = 0;

        for (size_t i = 0; r >= 0 && i < plan->change_count; i++)
                if (is_of(&plan->changes[i], release) && plan->changes[i].after.link)
                        r = string_set_add(ret, plan->changes[i].after.link);
        return r;
}

/* Not through a link: relative links would lead elsewhere, and depmod loses its way (field notes: an empty
 * index, exit status 0). */
static int open_updates(const PartSite *site, bool make, Refusal *refusal)
{
        int fd = fs_open_directory_at(site->modules_fd, "updates", make);

        if (fd != -ENOTDIR && fd != -ELOOP)
                return fd;
        return refuse(refusal, REFUSAL_CONFLICT,
                        "/lib/modules/%s/updates is not a directory of its own, so links in it would lead "
                        "elsewhere. Make it a real directory.",
                        site->release);
}

/* The adopted file that stands, stood or shall stand at that name, or NULL. */
static const PlanFile *any_file_at(const Plan *plan, const char *release, const char *name)
{
        char outside[sizeof("updates/") + NAME_MAX];
        int n = snprintf(outside, sizeof(outside), "updates/%s", name);

        return n < 0 || (size_t) n >= sizeof(outside) ? NULL : plan_file_outside(plan, release, outside);
}

/* DKMS's own is not among these. */
static const PlanFile *file_at(const Plan *plan, const char *release, const char *name)
{
        const PlanFile *file = any_file_at(plan, release, name);

        return file && !file->kept ? file : NULL;
}

static int check_name(
                int updates_fd, const Plan *plan, const char *release, const char *name, Refusal *refusal)
{
        struct stat st;

        if (!name || fstatat(updates_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
                return !name || errno == ENOENT ? 0 : -errno;
        if (S_ISLNK(st.st_mode) || (S_ISREG(st.st_mode) && file_at(plan, release, name)))
                return 0;
        return refuse_entry(refusal, release, name);
}

static int check(const PartSite *site, Refusal *refusal)
{
        const Plan *plan = site->plan;
        int updates_fd CLEANUP_FD = open_updates(site, false, refusal);
        int r = updates_fd < 0 ? updates_fd : 0;

        if (updates_fd == -ENOENT)
                return 0;
        for (size_t i = 0; r >= 0 && i < plan->change_count; i++) {
                const PlanChange *change = &plan->changes[i];

                if (!is_of(change, site->release))
                        continue;
                r = check_name(updates_fd, plan, site->release, change->after.link, refusal);
                if (r >= 0)
                        r = check_name(updates_fd, plan, site->release, change->before.link, refusal);
        }
        return blame(refusal, r, site->release);
}

static int put_link(
                int modules_fd, int updates_fd, const Plan *plan, const PlanChange *change, Refusal *refusal)
{
        const PlanFile *file = file_at(plan, change->release, change->after.link);
        char *now CLEANUP_FREE = NULL;
        int r = fs_read_link_at(updates_fd, change->after.link, &now);

        if (r >= 0 && strcmp(now, change->after.target) == 0)
                return 0;
        if (r == -EINVAL && file && file->after)
                r = version_file_put_link(modules_fd, file, change->after.target);
        else
                r = fs_swap_link_at(updates_fd, change->after.link, change->after.target);
        return r == -EEXIST ? refuse_entry(refusal, change->release, change->after.link) : r;
}

static int remove_link(int updates_fd, const Plan *plan, const PlanChange *change, Refusal *refusal)
{
        const char *name = change->before.link;
        const PlanFile *file = file_at(plan, change->release, name);
        char *now CLEANUP_FREE = NULL;
        int r = check_name(updates_fd, plan, change->release, name, refusal);

        if (r < 0)
                return r;
        /* The file is back in the link's place. */
        if (file && !file->after && fs_read_link_at(updates_fd, name, &now) == -EINVAL)
                return 0;
        return fs_remove_at(updates_fd, name);
}

static int place_in(int updates_fd, const PartSite *site, const StringSet *wanted, Refusal *refusal)
{
        const Plan *plan = site->plan;
        int r = fs_sweep_temporaries(updates_fd, S_IFLNK);

        for (size_t i = 0; r >= 0 && i < plan->change_count; i++)
                if (is_of(&plan->changes[i], site->release) && plan->changes[i].after.link)
                        r = put_link(site->modules_fd, updates_fd, plan, &plan->changes[i], refusal);
        /* Only now, so that a driver whose file changes its name (ice.ko, ice.ko.xz) has a link at all
         * times. */
        for (size_t i = 0; r >= 0 && i < plan->change_count; i++) {
                const PlanChange *change = &plan->changes[i];

                if (is_of(change, site->release) && change->before.link &&
                                !string_set_contains(wanted, change->before.link))
                        r = remove_link(updates_fd, plan, change, refusal);
        }
        return r < 0 ? r : fs_sync(updates_fd);
}

static bool puts_back(const PartSite *site)
{
        for (size_t i = 0; i < site->plan->file_count; i++)
                if (is_of_file(&site->plan->files[i], site->release) && !site->plan->files[i].after)
                        return true;
        return false;
}

/* A file that was adopted from elsewhere may have had updates/ made for its link alone. */
static int remove_if_empty(const PartSite *site)
{
        if (!puts_back(site))
                return 0;
        if (unlinkat(site->modules_fd, "updates", AT_REMOVEDIR) >= 0)
                return fs_sync(site->modules_fd);
        return errno == ENOTEMPTY || errno == EEXIST || errno == ENOENT ? 0 : -errno;
}

static int place(const PartSite *site, Refusal *refusal)
{
        StringSet wanted CLEANUP_STRING_SET = { 0 };
        int updates_fd CLEANUP_FD = -1;
        int r = wanted_links(site->plan, site->release, &wanted);

        if (r < 0)
                return r;
        updates_fd = open_updates(site, wanted.count > 0, refusal);
        if (updates_fd == -ENOENT && wanted.count == 0)
                return 0;
        r = updates_fd < 0 ? updates_fd : place_in(updates_fd, site, &wanted, refusal);
        if (r >= 0)
                r = remove_if_empty(site);
        return blame(refusal, r, site->release);
}

static int describe(const Plan *plan, const void *item, PlanText *text)
{
        const PlanChange *change = item;
        const ModuleState *before = &change->before, *after = &change->after;
        const char *release = change->release;
        const PlanFile *file = before->link ? any_file_at(plan, release, before->link) : NULL;
        int r = 0;

        if (record_equal(&plan_link_record, before, after))
                return 0;
        if (before->link && after->link && strcmp(before->link, after->link) == 0)
                return plan_say(text, "Change the link /lib/modules/%s/updates/%s from %s to %s.", release,
                                after->link, before->target, after->target);
        if (after->link)
                r = plan_say(text, "Make the link /lib/modules/%s/updates/%s to %s.", release, after->link,
                                after->target);
        /* A name that a file takes back isn't told twice. */
        if (r >= 0 && before->link && (!file || file->after))
                r = plan_say(text, "Remove the link /lib/modules/%s/updates/%s to %s.", release,
                                before->link, before->target);
        return r;
}

const Part part_link = {
        .name = "link",
        .scope = PART_OF_RELEASE,
        PART_ITEMS(changes, change_count),
        .check = check,
        .steps = { [PART_PLACE] = place },
        .describe = { [PART_PLACE] = describe },
};
