/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Asks DKMS's directory, dpkg's lists, rpm, and all links in module directories. */

#include "change/adopt/file-owner.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "change/adopt/dkms.h"
#include "change/adopt/file-links.h"
#include "change/adopt/rpm-owner.h"
#include "host/name.h"
#include "host/package-list.h"
#include "util/text-format.h"

#define IMPORT_INSTEAD "`hostdriverctl import %s` makes a version of a copy of it."

static int say_owned(const char *path, const char *kind, const char *owner, char **ret)
{
        return text_format(ret,
                        "%s belongs to the %s %s, which would miss or replace it. Remove that first, or "
                        "leave the file to it; " IMPORT_INSTEAD,
                        path, kind, owner, path);
}

/* Debian's DKMS has its own directory below updates/: then the other file is somebody else's. */
static bool is_installed_below(const HostRoot *root, const PlanFile *file)
{
        char *path CLEANUP_FREE = NULL;
        int fd CLEANUP_FD = -1;

        (void) !text_format(
                        &path, "/lib/modules/%s/updates/dkms%s", file->release, strrchr(file->outside, '/'));
        fd = path ? host_root_open(root, path, O_PATH) : -ENOMEM;
        return fd >= 0;
}

/* openSUSE's installs in updates/ itself. */
static int ask_dkms(const HostRoot *root, const PlanFile *file, const char *path, char **ret)
{
        char *module CLEANUP_FREE = NULL, *package CLEANUP_FREE = NULL;
        int r = module_name_from_file(strrchr(file->outside, '/') + 1, &module);

        if (r >= 0 && !is_installed_below(root, file))
                r = dkms_find_package(root, file->release, module, &package);
        return r < 0 || !package ? r : say_owned(path, "DKMS package", package, ret);
}

static int ask_dpkg(const HostRoot *root, const char *path, char **ret)
{
        char *package CLEANUP_FREE = NULL;
        int r = package_list_find(root, path, &package, NULL);

        return r < 0 || !package ? r : say_owned(path, "package", package, ret);
}

static int ask_rpm(const HostRoot *root, const char *path, char **ret)
{
        char *words CLEANUP_FREE = NULL;
        int r = rpm_owner_find(root, path, &words);

        if (r == 1)
                return say_owned(path, "package", words, ret);
        if (r == -EIO && words)
                return text_format(ret,
                                "Whether %s belongs to a package, rpm can't tell: %s. Try again when it can.",
                                path, words);
        return r;
}

static const char *link_that_goes(const Plan *plan, const char *release)
{
        for (size_t i = 0; i < plan->change_count; i++)
                if (strcmp(plan->changes[i].release, release) == 0 && plan->changes[i].before.link)
                        return plan->changes[i].before.link;
        return NULL;
}

/* Another kernel's weak-updates/, say: that kernel would load whatever is selected here. */
static int ask_links(
                const HostRoot *root, const Plan *plan, const PlanFile *file, const char *path, char **ret)
{
        char *link CLEANUP_FREE = NULL;
        int r = file->after ? file_links_find(root, file->release, file->outside, NULL, NULL, &link)
                            : file_links_find(root, file->release, file->inside,
                                              link_that_goes(plan, file->release), file->outside, &link);

        if (r < 0 || !link)
                return r;
        return text_format(ret,
                        "The link %s leads to %s, and what is loaded by it would change with this one. "
                        "Put a copy in its place, or remove it; then try again.",
                        link, path);
}

static int ask(const HostRoot *root, const Plan *plan, const PlanFile *file, char **ret)
{
        char *path CLEANUP_FREE = NULL;
        int r = 0;

        if (text_format(&path, "/lib/modules/%s/%s", file->release,
                            file->after ? file->outside : file->inside) < 0)
                return -ENOMEM;
        if (file->after && !file->kept)
                r = ask_dkms(root, file, path, ret);
        if (r >= 0 && !*ret && file->after && !file->kept)
                r = ask_dpkg(root, path, ret);
        if (r >= 0 && !*ret && file->after && !file->kept)
                r = ask_rpm(root, path, ret);
        if (r >= 0 && !*ret && !(file->after && file->kept))
                r = ask_links(root, plan, file, path, ret);
        return r;
}

int file_owner_find(const HostRoot *root, const Plan *plan, char **ret)
{
        char *sentence CLEANUP_FREE = NULL;
        int r = 0;

        for (size_t i = 0; r >= 0 && i < plan->file_count && !sentence; i++)
                r = ask(root, plan, &plan->files[i], &sentence);
        if (r < 0)
                return r;
        *ret = STEAL(sentence);
        return 0;
}
