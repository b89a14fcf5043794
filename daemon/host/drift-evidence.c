/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Looks for the traces of DKMS and of Debian's package manager. It asks no program, and judges nothing. */

#include "host/drift-evidence.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "host/name.h"
#include "host/package-list.h"
#include "util/directory.h"
#include "util/exhausted.h"
#include "util/text-format.h"

#define DKMS_DIRECTORY "/var/lib/dkms"

void drift_evidence_done(DriftEvidence *evidence)
{
        free(evidence->dkms);
        free(evidence->package);
        depmod_config_done(&evidence->depmod);
        *evidence = (DriftEvidence){ 0 };
}

static bool is_file_of(const char *file, const char *module)
{
        char *found CLEANUP_FREE = NULL;

        return module_name_from_file(file, &found) >= 0 && strcmp(found, module) == 0;
}

/* The first entry of the module's name in DIRECTORY, or below down to DEPTH more levels. 0 with *ret NULL if
 * there is none, or -ENOMEM. */
static int find_file(
                const HostRoot *root, const char *directory, const char *module, unsigned depth, char **ret)
{
        DIR *dir CLEANUP_DIRECTORY = NULL;
        const struct dirent *entry;
        int r = directory_open(host_root_open(root, directory, O_RDONLY | O_DIRECTORY), &dir);

        if (r < 0)
                return exhausted(r) ? r : 0;
        while (r >= 0 && !*ret && (entry = readdir(dir))) {
                char *path CLEANUP_FREE = NULL;

                if (entry->d_name[0] == '.')
                        continue;
                if (text_format(&path, "%s/%s", directory, entry->d_name) < 0)
                        return -ENOMEM;
                if (entry->d_type != DT_DIR && is_file_of(entry->d_name, module))
                        *ret = STEAL(path);
                else if (depth > 0 && (entry->d_type == DT_DIR || entry->d_type == DT_UNKNOWN))
                        r = find_file(root, path, module, depth - 1, ret);
        }
        return r < 0 ? r : 0;
}

static int find_archived(const HostRoot *root, const char *release, const char *module, char **ret)
{
        DIR *dir CLEANUP_DIRECTORY = NULL;
        const struct dirent *entry;
        int r = directory_open(host_root_open(root, DKMS_DIRECTORY, O_RDONLY | O_DIRECTORY), &dir);

        if (r < 0)
                return exhausted(r) ? r : 0;
        while (r >= 0 && !*ret && (entry = readdir(dir))) {
                char *path CLEANUP_FREE = NULL;

                if (entry->d_name[0] == '.')
                        continue;
                if (text_format(&path, DKMS_DIRECTORY "/%s/original_module/%s", entry->d_name, release) < 0)
                        return -ENOMEM;
                /* ARCHITECTURE/ice.ko, or ARCHITECTURE/collisions/…/ice.ko. */
                r = find_file(root, path, module, 8, ret);
        }
        return r < 0 ? r : 0;
}

static int find_dkms(const HostRoot *root, const char *release, const char *module, char **ret)
{
        char *path CLEANUP_FREE = NULL;
        int r = find_archived(root, release, module, ret);

        if (r < 0 || *ret)
                return r;
        if (text_format(&path, "/lib/modules/%s/updates/dkms", release) < 0)
                return -ENOMEM;
        return find_file(root, path, module, 2, ret);
}

int drift_evidence_read(const HostRoot *root, const char *release, const char *module, const char *file,
                DriftEvidence *ret)
{
        DriftEvidence evidence CLEANUP_DRIFT_EVIDENCE = { 0 };
        char *path CLEANUP_FREE = NULL;
        int r = find_dkms(root, release, module, &evidence.dkms);

        if (r >= 0 && file) {
                if (text_format(&path, "/lib/modules/%s/updates/%s", release, file) < 0)
                        return -ENOMEM;
                r = package_list_find(root, path, &evidence.package, NULL);
        }
        if (r >= 0)
                r = depmod_config_read(root, release, &evidence.depmod);
        if (r < 0)
                return r;
        *ret = evidence;
        evidence = (DriftEvidence){ 0 };
        return 0;
}
